"""What a removal costs, in pairs: the same by classes, by alike nodes and pair by pair."""

from __future__ import annotations

import random
from itertools import permutations

import pytest

from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.compare import lost_pairs
from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.routes.network.sessions import BGPSession
from tests.hand_made_networks import network, reflected, session

NAMES = ("r", "s", "a", "b", "c", "d", "e", "f")
#: How sure a route is.
SURE = {Answer.NO: 0, Answer.PERHAPS: 1, Answer.YES: 2}


def by_chance(seed):
    """Two reflectors with clients; some sessions perhaps stand, and some nodes have one another."""
    chance = random.Random(seed)
    every = [session(one, name, cluster=f"id {one}") for one in "rs" for name in NAMES[2:] if chance.random() < 0.8]
    every += [session(one, other) for one, other in ("rs", "ab", "cd") if chance.random() < 0.5]
    sure = [one for one in every if chance.random() < 0.7]
    return network(NAMES, sure, possible=tuple(every))


def counted(before, after):
    """(lost, doubtful) pair by pair: the latter are those less sure than before, and not lost for certain."""
    steps = [(SURE[before.learns(*pair)], SURE[after.learns(*pair)]) for pair in permutations(after.nodes, 2)]
    return steps.count((2, 0)), steps.count((2, 1)) + steps.count((1, 0))


@pytest.mark.parametrize("seed", range(12))
def test_a_removal_costs_what_is_lost_or_less_sure_pair_by_pair(seed):
    net = by_chance(seed)
    before = reachability(net)
    for gone in (["r"], ["s", "a"], ["a", "b"]):
        by_class, anew = before.without(gone), reachability(net.without(nodes=gone))
        assert by_class.numbers_classes_like(before)
        assert not anew.numbers_classes_like(before)
        assert lost_pairs(before, by_class) == lost_pairs(before, anew) == counted(before, anew)


def plain(one):
    """The session without add-paths."""
    return BGPSession(*(end._replace(settings=end.settings._replace(add_paths=False)) for end in one))


def test_what_is_surer_afterwards_costs_nothing():
    """r offers y only its best path, the one over o, which may not go to a plain peer; without that the one over q."""
    by_q = session("q", "o", cluster="of q")
    rest = [session("r", "q", cluster="of r"), plain(session("r", "y"))]
    before = reachability(network("roqy", [by_q, *rest, session("r", "o")]))
    after = reachability(network("roqy", rest, possible=(by_q, *rest)))
    assert (before.learns("y", "o"), after.learns("y", "o")) == (Answer.NO, Answer.PERHAPS)
    assert lost_pairs(before, after) == counted(before, after)


def test_nodes_of_one_class_lose_one_another_too():
    before = reachability(reflected({"r": "a b c"}))
    assert lost_pairs(before, before.without(["r"])) == (6, 0)
