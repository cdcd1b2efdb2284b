"""Groups of sessions that share ends: the same as by joining any two that share one, again and again."""

from random import Random

import pytest

from calico_bgp.cluster.sessions.session import SessionKey, connected_groups
from calico_bgp.model.peer import Family


def joined(keys):
    groups = [({key.a, key.b}, {key}) for key in keys]
    while True:
        pair = next(((a, b) for a in groups for b in groups if a is not b and a[0] & b[0]), None)
        if pair is None:
            return sorted(((frozenset(a), frozenset(b)) for a, b in groups), key=lambda group: min(group[1]))
        groups = [group for group in groups if group not in pair]
        groups.append((pair[0][0] | pair[1][0], pair[0][1] | pair[1][1]))


@pytest.mark.parametrize("seed", range(20))
def test_groups_are_all_that_hangs_together(seed):
    chance = Random(seed)
    ends = [f"n{number}" for number in range(14)]
    keys = {SessionKey.between(Family.IPV4, *chance.sample(ends, 2)) for _ in range(chance.randrange(1, 14))}
    assert connected_groups(keys) == joined(keys)
