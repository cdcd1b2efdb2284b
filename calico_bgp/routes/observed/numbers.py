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
    for family_numbers in numbers:
        observed_routes = observed.get(family_numbers.family)
        if observed_routes is None:
            yield family_numbers
            continue
        pairs = ObservedPairs(
            pairs=observed_routes.arrive,
            pairs_missing=len(observed_routes.missing),
            pairs_unknown=observed_routes.unknown,
            pairs_cut_off=_cut_off(observed_routes, family_numbers, routes[family_numbers.family].now),
            kernels=observed_routes.kernels,
            by_hash=sum(node.same_as is not None for node in observed_routes.nodes),
            sent_whole=observed_routes.sent_whole,
        )
        yield family_numbers.model_copy(update={"observed": pairs})


def _cut_off(observed: ObservedRoutes, numbers: FamilyReachability, now: Reachability) -> int:
    """Pairs of which no table tells, and whose routes no session can bring."""
    names = frozenset(node.node for node in observed.nodes)
    unread = frozenset(node.node for node in observed.nodes if node.missing is None)
    alone = names.intersection(now.isolated)
    number = sum(_unseen(learners, names - {*learners}, unread, observed) for learners in ({name} for name in alone))
    number += sum(_unseen(names - alone, {name}, unread, observed) for name in alone)
    if numbers.pairs_cut_off < now.count(Answer.NO):
        return number  # who passes routes on is not known: only who has no session at all is surely cut off
    nodes = names.intersection(now.nodes)
    apart = (map(nodes.intersection, ends) for ends in now.classes_with(Answer.NO))
    return max(number, sum(_unseen(learners, origins, unread, observed) for learners, origins in apart))


def _unseen(
    learners: AbstractSet[str], origins: AbstractSet[str], unread: AbstractSet[str], observed: ObservedRoutes
) -> int:
    """Of these pairs those of which no table tells: the learner's was not read, or nobody tells the origin's blocks."""
    blind, sighted, untold = learners & unread, learners - unread, origins & observed.untold
    return len(blind) * len(origins) - len(blind & origins) + len(sighted) * len(untold) - len(sighted & untold)


def is_all_observed(numbers: FamilyReachability) -> bool:
    """Whether the tables of all nodes show that every route arrives: then nothing of it is a guess."""
    observed = numbers.observed
    total = numbers.nodes * (numbers.nodes - 1)
    return observed is not None and observed.pairs == total and observed.kernels == numbers.nodes
