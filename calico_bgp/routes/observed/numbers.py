"""What the tables show, in the numbers of a report beside those that are computed from sessions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from calico_bgp.model.peer import Family
from calico_bgp.model.report import FamilyReachability, ObservedPairs
from calico_bgp.model.routes.observed import ObservedRoutes


def beside_observed(
    numbers: Iterable[FamilyReachability], observed: Mapping[Family, ObservedRoutes]
) -> Iterator[FamilyReachability]:
    """Each family's numbers with what its tables show, where any was read."""
    for one in numbers:
        found = observed.get(one.family)
        if found is None:
            yield one
            continue
        pairs = ObservedPairs(
            pairs=found.arrive, pairs_missing=len(found.missing), pairs_unknown=found.unknown, kernels=found.kernels
        )
        yield one.model_copy(update={"observed": pairs})


def is_all_observed(numbers: FamilyReachability) -> bool:
    """Whether the tables of all nodes show that every route arrives: then nothing of it is a guess."""
    seen = numbers.observed
    total = numbers.nodes * (numbers.nodes - 1)
    return seen is not None and seen.pairs == total and seen.kernels == numbers.nodes
