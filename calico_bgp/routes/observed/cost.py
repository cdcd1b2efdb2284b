"""How many pairs lack routes at one node: what a fault of that node costs, by the tables."""

from __future__ import annotations

from collections.abc import Mapping

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.observed import ObservedRoutes


def pairs_missing_at(observed: Mapping[Family, ObservedRoutes], node: str, *families: Family) -> int | None:
    """Pairs whose routes stop at a node, as owner or as learner, in some families; None where no table was read."""
    read = [observed[family] for family in families if family in observed]
    return sum(node in {missing.at, missing.origin} for routes in read for missing in routes.missing) if read else None
