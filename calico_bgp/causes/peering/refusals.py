"""Which nodes' whole configuration BIRD refuses, by what the resources ask for. Facts for other modules."""

from __future__ import annotations

from collections import defaultdict

from calico_bgp.causes.case import Case, once
from calico_bgp.expect.trouble import Refusal


@once
def refused_nodes(context: Case) -> dict[str, list[Refusal]]:
    """Member → what BIRD refuses of its configuration."""
    found: dict[str, list[Refusal]] = defaultdict(list)
    if context.view.expectation is not None:
        members = {m.resource.name: m.name for m in context.view.members if m.resource is not None}
        for refusal in context.view.expectation.refusals:
            found[members.get(refusal.node, refusal.node)].append(refusal)
    return dict(found)
