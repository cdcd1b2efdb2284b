"""How many pairs lack routes at one node: what a fault of that node costs, by the tables."""

from __future__ import annotations

from collections.abc import Mapping

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.observed import ObservedRoutes


def pairs_missing_at(observed: Mapping[Family, ObservedRoutes], node: str, family: Family) -> int | None:
    """Pairs whose routes stop at a node, as owner or as learner; None where no table was read."""
    found = observed.get(family)
    return None if found is None else sum(node in {one.at, one.origin} for one in found.missing)
