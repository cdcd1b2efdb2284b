"""What the tables show, in the numbers of a report beside those that are computed from sessions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from calico_bgp.model.peer import Family
from calico_bgp.model.report import FamilyReachability, ObservedPairs
from calico_bgp.model.routes.observed import ObservedRoutes
from calico_bgp.routes.consequences import FamilyRoutes


def beside_observed(
    numbers: Iterable[FamilyReachability],
    observed: Mapping[Family, ObservedRoutes],
    routes: Mapping[Family, FamilyRoutes],
) -> Iterator[FamilyReachability]:
    """Each family's numbers with what its tables show, where any was read."""
    for one in numbers:
        found = observed.get(one.family)
        if found is None:
            yield one
            continue
        pairs = ObservedPairs(
            pairs=found.arrive,
            pairs_missing=len(found.missing),
            pairs_unknown=found.unknown,
            pairs_cut_off=_cut_off(found, routes[one.family].now.isolated),
            kernels=found.kernels,
        )
        yield one.model_copy(update={"observed": pairs})


def _cut_off(found: ObservedRoutes, isolated: Collection[str]) -> int:
    """Pairs of which no table tells, and one end of which can have no route: no session joins it to anybody."""
    names = {node.node for node in found.nodes}
    unread = {node.node for node in found.nodes if node.missing is None}
    alone = names.intersection(isolated)
    learners = len(alone & unread) * (len(names) - 1)
    origins = len(alone) * len(unread - alone)
    told_nothing_of = sum(len(names - unread - {name}) for name in alone & found.untold)
    return learners + origins + told_nothing_of


def is_all_observed(numbers: FamilyReachability) -> bool:
    """Whether the tables of all nodes show that every route arrives: then nothing of it is a guess."""
    seen = numbers.observed
    total = numbers.nodes * (numbers.nodes - 1)
    return seen is not None and seen.pairs == total and seen.kernels == numbers.nodes
