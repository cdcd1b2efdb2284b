"""When the tables alone show that all is well, so that nothing is guessed."""

import pytest

from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import FamilyReachability, ObservedPairs
from calico_bgp.routes.observed.numbers import is_all_observed


@pytest.mark.parametrize(
    ("nodes", "pairs", "kernels", "is_all"),
    [
        (3, 6, 3, True),
        (2, 2, 2, True),
        (1, 0, 1, True),
        (3, 5, 3, False),
        (3, 6, 2, False),
        (2, 3, 2, False),
    ],
)
def test_every_pair_and_every_kernel(nodes, pairs, kernels, is_all):
    seen = ObservedPairs(pairs=pairs, pairs_missing=0, pairs_unknown=0, kernels=kernels)
    numbers = FamilyReachability(family=Family.IPV4, nodes=nodes, pairs=pairs, pairs_cut_off=0, pairs_unknown=0)
    assert is_all_observed(numbers.model_copy(update={"observed": seen})) is is_all
    assert not is_all_observed(numbers)
