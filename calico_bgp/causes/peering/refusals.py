"""Which nodes' whole configuration BIRD refuses, by what the resources ask for. Facts for other modules."""

from __future__ import annotations

from collections import defaultdict

from calico_bgp.causes.case import Case
from calico_bgp.expect.trouble import Refusal
from calico_bgp.once import once


@once
def refused_nodes(case: Case) -> dict[str, list[Refusal]]:
    """Member → what BIRD refuses of its configuration."""
    found: dict[str, list[Refusal]] = defaultdict(list)
    if case.cluster.expectation is not None:
        members = {m.resource.name: m.name for m in case.cluster.members if m.resource is not None}
        for refusal in case.cluster.expectation.refusals:
            found[members.get(refusal.node, refusal.node)].append(refusal)
    return dict(found)
