"""Sessions by node: the same whether they were made one by one or are kept between classes, and who is alike."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from calico_bgp.model.peer import Family
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.compare import lost_pairs
from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.routes.network.classes.equivalence import indexed
from calico_bgp.routes.network.classes.sessions import ClassSessions
from calico_bgp.routes.network.index import SingleSessionIndex, indexes_of
from calico_bgp.routes.network.network import Network
from calico_bgp.routes.network.sessions import BGPSession, EndSettings, SessionEnd, Speaker
from tests.hand_made_networks import AS, mesh, network, reflected, session, switch
from tests.property.routes.bgp_reference import holders
from tests.property.routes.networks import address_of

PLAIN = EndSettings(AS, AS)
KINDS = (
    (PLAIN, PLAIN),
    (EndSettings(AS, AS, client=True, cluster_id="of one"), PLAIN),
    (PLAIN, EndSettings(AS, AS, client=True, cluster_id="of other")),
    (EndSettings(AS, AS, client=True, cluster_id="a"), EndSettings(AS, AS, client=True, cluster_id="b")),
)


def by_chance(seed: int, *, largest: int = 3) -> Network:
    """Some classes of nodes with sessions between some of them, now and then of two kinds; names in any order."""
    rng = random.Random(seed)
    sizes = [rng.randint(1, largest) for _ in range(rng.randint(2, 4))]
    names = [f"n{number:02}" for number in range(sum(sizes))]
    rng.shuffle(names)
    classes = []
    for size in sizes:
        classes.append(tuple(sorted(names[:size])))
        names = names[size:]
    settings = {}
    for one, other in [(a, b) for a in range(len(sizes)) for b in range(a, len(sizes))]:
        kinds = KINDS[:1] if one == other else rng.sample(KINDS, rng.choice((1, 1, 1, 2)))
        if rng.random() < 0.6:
            settings[one, other] = tuple(kinds)
    everyone = sorted(name for members in classes for name in members)
    addresses = {name: address_of(number) for number, name in enumerate(everyone, start=1)}
    return Network(
        Family.IPV4,
        tuple(Speaker(name, addresses[name]) for name in everyone),
        ClassSessions(classes, addresses, settings),
    )


def one_by_one(net: Network) -> SingleSessionIndex:
    return SingleSessionIndex(net.speakers, tuple(net.sessions))


@pytest.mark.parametrize("seed", range(12))
def test_both_indexes_tell_the_same_of_every_node(seed):
    net = by_chance(seed)
    (by_class,), plain = indexes_of(net.speakers, [net.sessions], ()), one_by_one(net)
    assert by_class.units == net.sessions.classes
    names = [speaker.name for speaker in net.speakers]
    for name in names:
        assert by_class.addresses(name) == plain.addresses(name)
        assert by_class.end_settings(name) == plain.end_settings(name)
        found = {}
        for unit, pairs in by_class.neighbours(by_class.unit_of[name]).items():
            found |= {far: pairs for far in by_class.units[unit] if far != name}
        alone = plain.neighbours(plain.unit_of[name])
        assert found == {plain.units[unit][0]: pairs for unit, pairs in alone.items()}
    for some in (names, names[1:], names[::2]):
        assert _unordered(by_class.among(some)) == _unordered(plain.among(some))


def _unordered(sessions):
    found = [frozenset(pair) for pair in sessions]
    assert len(found) >= len(set(found))
    return sorted(sorted(map(str, pair)) for pair in found)


@pytest.mark.parametrize("seed", range(9))
def test_classes_give_what_the_sessions_give_one_by_one_and_what_plain_bgp_gives(seed):
    net = by_chance(seed)
    names = [speaker.name for speaker in net.speakers]
    found = reachability(net)
    assert found.classes == reachability(network_one_by_one(net)).classes
    learned = {(one, origin) for origin in names for one in holders(net, origin) if one != origin}
    assert set(found.pairs(Answer.YES)) == learned
    assert found.count(Answer.YES) == len(learned)
    assert found.count(Answer.NO) == len(names) * (len(names) - 1) - len(learned)


def network_one_by_one(net: Network) -> Network:
    return Network(net.family, net.speakers, tuple(net.sessions))


@pytest.mark.parametrize("seed", range(8))
def test_a_removal_costs_what_plain_bgp_lacks(seed):
    net = by_chance(seed)
    names = [speaker.name for speaker in net.speakers]
    before = reachability(net)
    known = set(before.pairs(Answer.YES))
    gone = {names[seed % len(names)]}
    after = before.without(gone)
    left = [name for name in names if name not in gone]
    remaining = network_one_by_one(net.without(nodes=gone))
    plain = {(one, origin) for origin in left for one in holders(remaining, origin) if one != origin}
    assert set(after.pairs(Answer.YES)) == plain
    kept = {pair for pair in known if not gone.intersection(pair)}
    assert lost_pairs(before, after) == (len(kept - plain), 0)


@pytest.mark.parametrize("clients", [1, 2, 3])
def test_of_more_reflectors_alike_than_are_followed_the_others_carry_on(clients):
    names = [f"r{number}" for number in range(7)]
    of_each = " ".join(f"c{number}" for number in range(clients))
    before = reachability(reflected(dict.fromkeys(names, of_each), joined=True))
    assert before.count(Answer.NO) == 0
    left = before
    for number, name in enumerate(names, start=1):
        left = left.without([name])
        # The last one takes with it what the clients had of one another.
        lost = clients * (clients - 1) if number == len(names) else 0
        assert left.count(Answer.NO) == lost
        assert lost_pairs(before, left) == (lost, 0)


# What is left out


def test_sessions_with_strangers_and_with_oneself_are_left_out():
    net = network("ab", [session("a", "x"), session("x", "a"), session("a", "a"), session("a", "b")])
    index = SingleSessionIndex(net.speakers, net.sessions)
    assert [(near.node, far.node) for near, far in index.among("ab")] == [("a", "b")]
    assert index.neighbours(0) == {1: frozenset({(PLAIN, PLAIN)})}


def test_a_stranger_in_a_class_has_no_session():
    addresses = dict.fromkeys("abx")
    sessions = ClassSessions([("a", "x"), ("b",)], addresses, {(0, 0): KINDS[:1], (0, 1): KINDS[:1]})
    (index,) = indexes_of([Speaker("a", None), Speaker("b", None)], [sessions], ())
    assert [(near.node, far.node) for near, far in index.among("ab")] == [("a", "b")]
    assert index.units == (("a",), ("b",))


def test_one_without_add_paths_is_enough_for_more_to_be_less():
    sessions = [
        session("a", "b"),
        BGPSession(session("b", "c").a, SessionEnd("c", None, PLAIN._replace(add_paths=False))),
    ]
    net = network("abc", sessions)
    assert not one_by_one(net).monotone
    assert one_by_one(network("ab", sessions[:1])).monotone
    by_class = ClassSessions(
        [("a",), ("b",)], dict.fromkeys("ab"), {(0, 1): ((PLAIN, PLAIN._replace(add_paths=False)),)}
    )
    assert not indexes_of(net.speakers, [by_class], ())[0].monotone


# Who is alike


def test_nodes_of_a_class_are_one_unit_where_all_sets_have_the_same_classes_and_else_each_is_its_own():
    sure = ClassSessions([("a", "b"), ("r",)], dict.fromkeys("abr"), {(0, 1): KINDS[2:3]})
    more = sure.with_settings({(0, 0): KINDS[:1]})
    speakers = [Speaker(name, None) for name in "abr"]
    assert [index.units for index in indexes_of(speakers, [sure, more], ())] == [(("a", "b"), ("r",))] * 2
    for sets in ([sure, more.apart(["a"])], [sure, tuple(more)], [tuple(sure)]):
        assert [index.units for index in indexes_of(speakers, sets, ())] == [(("a",), ("b",), ("r",))] * len(sets)


def test_one_of_a_class_with_a_switch_is_a_unit_of_its_own_with_all_of_it():
    sessions = ClassSessions([("a", "b", "c"), ("d", "e")], dict.fromkeys("abcde"), {(0, 1): KINDS[:1]})
    speakers = tuple(Speaker(name, None) for name in "abcde")
    net = Network(Family.IPV4, speakers, sessions, externals=(switch("b"),))
    (index,), traits = indexed(net)
    assert sorted(index.units) == [("a",), ("b",), ("c",), ("d", "e")]
    assert not traits.is_plain
    assert reachability(net).classes == (("a", "c"), ("b",), ("d", "e"))


@pytest.mark.parametrize(
    ("net", "classes"),
    [
        (mesh("abcd"), ["abcd"]),
        (mesh("abcd", cut=[("a", "b")]), ["ab", "cd"]),
        (reflected({"r": "a b c"}), ["abc", "r"]),
        # Two pairs that peer among themselves: none of the one is a neighbour of the other.
        (network("abcd", [session("a", "b"), session("c", "d")]), ["ab", "cd"]),
        # Two triangles at one reflector.
        (
            network(
                "rabcdef",
                [session("r", name, cluster="1") for name in "abcdef"]
                + [session(*pair) for three in ("abc", "def") for pair in combinations(three, 2)],
            ),
            ["abc", "def", "r"],
        ),
        # A session that looks another from either end tells its two nodes apart.
        (network("ab", [session("a", "b", cluster="1")]), ["a", "b"]),
    ],
)
def test_who_is_alike(net, classes):
    assert reachability(net).classes == tuple(map(tuple, classes))


@pytest.mark.parametrize("address", [7, None])
def test_who_shares_an_address_is_like_nobody(address):
    """r reflects to four clients, of which b and c have one address; where none is known nobody shares one."""
    addresses = {"r": address_of(9), **{name: address_of(number) for number, name in enumerate("abcd", start=1)}}
    addresses |= dict.fromkeys("bc", None if address is None else address_of(address))
    sessions = [
        BGPSession(SessionEnd("r", addresses["r"], KINDS[1][0]), SessionEnd(name, addresses[name], PLAIN))
        for name in "abcd"
    ]
    classes = reachability(network("rabcd", sessions)).classes
    assert classes == ((("a", "b", "c", "d"), ("r",)) if address is None else (("a", "d"), ("b",), ("c",), ("r",)))
