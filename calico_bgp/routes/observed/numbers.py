"""What the tables show, in the numbers of a report beside those that are computed from sessions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import FamilyReachability, ObservedPairs
from calico_bgp.model.routes.observed import ObservedRoutes
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import Reachability
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
            pairs_cut_off=_cut_off(found, one, routes[one.family].now),
            kernels=found.kernels,
            by_hash=sum(node.same_as is not None for node in found.nodes),
        )
        yield one.model_copy(update={"observed": pairs})


def _cut_off(found: ObservedRoutes, numbers: FamilyReachability, now: Reachability) -> int:
    """Pairs of which no table tells, and whose routes no session can bring."""
    names = frozenset(node.node for node in found.nodes)
    unread = frozenset(node.node for node in found.nodes if node.missing is None)
    alone = names.intersection(now.isolated)
    number = sum(_unseen(learners, names - {*learners}, unread, found) for learners in ({name} for name in alone))
    number += sum(_unseen(names - alone, {name}, unread, found) for name in alone)
    if numbers.pairs_cut_off < now.count(Answer.NO):
        return number  # who passes routes on is not known: only who has no session at all is surely cut off
    known = names.intersection(now.nodes)
    apart = (map(known.intersection, ends) for ends in now.classes_with(Answer.NO))
    return max(number, sum(_unseen(learners, origins, unread, found) for learners, origins in apart))


def _unseen(
    learners: AbstractSet[str], origins: AbstractSet[str], unread: AbstractSet[str], found: ObservedRoutes
) -> int:
    """Of these pairs those of which no table tells: the learner's was not read, or nobody tells the origin's blocks."""
    blind, sighted, untold = learners & unread, learners - unread, origins & found.untold
    return len(blind) * len(origins) - len(blind & origins) + len(sighted) * len(untold) - len(sighted & untold)


def is_all_observed(numbers: FamilyReachability) -> bool:
    """Whether the tables of all nodes show that every route arrives: then nothing of it is a guess."""
    seen = numbers.observed
    total = numbers.nodes * (numbers.nodes - 1)
    return seen is not None and seen.pairs == total and seen.kernels == numbers.nodes
