"""What hangs together is what a walk over the same pairs reaches."""

from __future__ import annotations

import random

import pytest

from calico_bgp.disjoint_sets import DisjointSets


def reached(start: int, pairs: list[tuple[int, int]]) -> set[int]:
    """All that a walk over the pairs comes to, in either direction."""
    there: set[int] = {start}
    while True:
        more = {end for pair in pairs if there.intersection(pair) for end in pair} - there
        if not more:
            return there
        there |= more


@pytest.mark.parametrize("seed", range(20))
def test_two_are_in_one_set_where_a_walk_leads_from_one_to_the_other(seed):
    rng = random.Random(seed)
    items = range(12)
    pairs = [(rng.choice(items), rng.choice(items)) for _ in range(rng.randrange(14))]
    sets = DisjointSets(items)
    for one, other in pairs:
        sets.join(one, other)
    for item in items:
        assert {other for other in items if sets.root(other) == sets.root(item)} == reached(item, pairs)
