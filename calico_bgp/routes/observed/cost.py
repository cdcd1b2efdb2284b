"""How many pairs lack routes at one node: what a fault of that node costs, by the tables."""

from __future__ import annotations

from collections.abc import Mapping

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.observed import ObservedRoutes


def pairs_missing_at(observed: Mapping[Family, ObservedRoutes], node: str, family: Family) -> int | None:
    """Pairs whose routes stop at a node, as owner or as learner; None where no table was read."""
    routes = observed.get(family)
    return None if routes is None else sum(node in {missing.at, missing.origin} for missing in routes.missing)
