"""Which nodes' whole configuration BIRD refuses, by what the resources ask for. Facts for other modules."""

from __future__ import annotations

from collections import defaultdict

from calico_bgp.causes.case import Case
from calico_bgp.expect.trouble import Refusal
from calico_bgp.once import once


@once
def refused_nodes(case: Case) -> dict[str, list[Refusal]]:
    """Member → what BIRD refuses of its configuration."""
    by_node: dict[str, list[Refusal]] = defaultdict(list)
    if case.cluster.expectation is not None:
        for refusal in case.cluster.expectation.refusals:
            by_node[case.cluster.name_of_node(refusal.node)].append(refusal)
    return dict(by_node)
