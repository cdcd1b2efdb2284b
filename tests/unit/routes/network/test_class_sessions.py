"""Sessions between classes of nodes: as a sequence they are what they would be one by one."""

from itertools import combinations

import pytest

from calico_bgp.expect.engine import expect
from calico_bgp.expect.version import NEWEST
from calico_bgp.model.peer import Family
from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.routes.network.classes.equal_nodes import classes_of, expect_representatives, expect_without_nodes
from calico_bgp.routes.network.classes.sessions import ClassSessions, session_blocks
from calico_bgp.routes.network.from_expected import expected_network
from calico_bgp.routes.network.sessions import BGPSession, EndSettings, SessionEnd
from tests.clusters import cluster, config, node, peer
from tests.property.routes.networks import address_of

PLAIN = EndSettings(64512, 64512)
REFLECTS = EndSettings(64512, 64512, client=True, cluster_id="244.0.0.1")
NAMES = ("a", "b", "c", "r")
ADDRESSES = {name: address_of(number) for number, name in enumerate(NAMES, start=1)}


def session(one, other, near=PLAIN, far=PLAIN):
    return BGPSession(SessionEnd(one, ADDRESSES[one], near), SessionEnd(other, ADDRESSES[other], far))


@pytest.fixture
def sessions():
    """Three clients that peer with one another, too, and a reflector."""
    settings = {(0, 0): ((PLAIN, PLAIN),), (0, 1): ((PLAIN, REFLECTS),)}
    return ClassSessions((("a", "b", "c"), ("r",)), ADDRESSES, settings)


def test_as_a_sequence_it_holds_every_session_once_sorted_by_names(sessions):
    one_by_one = tuple(session(a, b, far=REFLECTS if b == "r" else PLAIN) for a, b in combinations(NAMES, 2))
    assert tuple(sessions) == one_by_one
    assert len(sessions) == 6
    assert sessions == one_by_one
    assert sessions != one_by_one[:5]
    assert (sessions[0], sessions[1:3]) == (one_by_one[0], one_by_one[1:3])


def test_the_ends_between_two_nodes_come_in_the_order_that_was_asked_for(sessions):
    assert list(sessions.between("r", "a")) == [tuple(session("r", "a", REFLECTS, PLAIN))]
    assert list(sessions.between("b", "a")) == [tuple(session("b", "a"))]
    assert list(sessions.between("a", "a")) == list(sessions.between("a", "nobody")) == []


def test_without_nodes_and_without_pairs(sessions):
    left = sessions.without(["b"], [frozenset(("a", "r"))])
    assert [(one.node, other.node) for one, other in left] == [("a", "c"), ("c", "r")]
    # Neither the order of the pair matters, nor a name that is not there.
    assert sessions.without([], [frozenset(("a", "nobody"))]) == sessions


def test_whatever_pairs_are_cut_all_other_sessions_are_left(sessions):
    every_pair = list(combinations(NAMES, 2))
    for number in range(2 ** len(every_pair)):
        cut = [frozenset(pair) for place, pair in enumerate(every_pair) if number >> place & 1]
        for gone in ((), ("a",), ("b", "r")):
            left = [(one.node, other.node) for one, other in sessions.without(gone, cut)]
            assert left == [
                pair for pair in every_pair if frozenset(pair) not in cut and not set(pair).intersection(gone)
            ]


def test_nodes_that_are_cut_off_from_the_same_ones_stay_one_class():
    names = tuple(f"n{number}" for number in range(9))
    mesh = ClassSessions((names,), dict.fromkeys(names, ADDRESSES["a"]), {(0, 0): ((PLAIN, PLAIN),)})
    from_one = mesh.without((), [frozenset(("n4", name)) for name in names if name != "n4"])
    assert sorted(map(len, from_one.classes)) == [1, 8]
    assert len(from_one) == 8 * 7 / 2
    among_some = mesh.without((), [frozenset(pair) for pair in combinations(names[:5], 2)])
    assert sorted(map(len, among_some.classes)) == [4, 5]
    assert len(among_some) == 5 * 4 + 4 * 3 / 2


def test_nodes_set_apart_keep_their_sessions(sessions):
    apart = sessions.apart(["b", "r"])
    assert apart == sessions
    assert apart.classes == (("a", "c"), ("r",), ("b",))


def test_blocks_hold_the_sessions_of_a_kind_at_once(sessions):
    assert [(block.a, block.b) for block in session_blocks(sessions)] == [
        (("a", "b", "c"), ("a", "b", "c")),
        (("a", "b", "c"), ("r",)),
    ]
    assert [(block.a, block.b) for block in session_blocks(tuple(sessions)[:1])] == [(("a",), ("b",))]


def mesh(size):
    return cluster(*(node(f"n{number:04}", f"10.0.{number // 250}.{number % 250 + 1}") for number in range(size)))


def test_a_mesh_is_one_class_and_the_work_grows_with_its_nodes():
    made = {}
    for size in (100, 200):
        found = expect_representatives(mesh(size), NEWEST)
        network = expected_network(found, Family.IPV4)
        assert len(network.sessions) == size * (size - 1) // 2
        assert len(network.sessions.classes) == 1
        assert reachability(network).count() == 0
        made[size] = sum(map(len, found.peers.values()))
    assert made == {100: 2 * 99, 200: 2 * 199}  # all peers of two nodes


def classes(*things):
    return classes_of(expect(cluster(*things)))


def test_what_tells_nodes_apart():
    a, b, c = node("a", "192.0.2.1"), node("b", "192.0.2.2"), node("c", "192.0.2.3", labels="rr")
    assert classes(a, b, c) == (("a", "b", "c"),)  # a label that nobody selects
    assert classes(a, b, c, peer("p", node_selector="all()", peer_selector="has(rr)")) == (("a", "b"), ("c",))
    assert classes(a, b, c, peer("p", node="a", peer_ip="203.0.113.1", as_number=65000)) == (("a",), ("b", "c"))
    assert classes(a, b, c, peer("p", peer_ip="192.0.2.2", as_number=64512)) == (("a", "c"), ("b",))
    assert classes(a, b, c, config("node.b", listen_port=1790)) == (("a", "c"), ("b",))
    assert classes(a, b, node("c", "192.0.2.3", as_number=64512)) == (("a", "b"), ("c",))
    assert classes(a, b, node("c", "192.0.2.3", "2001:db8::3")) == (("a", "b"), ("c",))
    assert classes(a, node("b", "192.0.2.1"), node("c", "192.0.2.1")) == (("a",), ("b",), ("c",))  # one address
    assert classes(a, b, c, node("d", "192.0.2.1")) == (("a",), ("b", "c"), ("d",))  # of two of four


def test_where_a_configuration_is_refused_everybody_is_looked_at():
    broken = [node(f"n{number}", f"192.0.2.{number}", as_number=0) for number in (1, 2, 3)]
    found = expect_representatives(cluster(*broken), NEWEST)
    assert {refusal.node for refusal in found.refusals} == {"n1", "n2", "n3"}
    assert found.peers == expect(cluster(*broken)).peers


def test_a_removal_from_a_mesh_looks_at_a_few_of_the_nodes_that_are_alike():
    made = {}
    for size in (100, 200):
        before, after = expect_without_nodes(mesh(size), {"n0007"}, NEWEST)
        made[size] = sum(len(peers) for found in (before, after) for peers in found.peers.values())
    assert made == {100: 2 * 99 + 2 * 98, 200: 2 * 199 + 2 * 198}  # of two nodes, before and after


def test_a_removal_that_changes_what_others_have_looks_at_everybody():
    a, b, c = (node(name, f"192.0.2.{number}") for number, name in enumerate("abc", start=1))
    by_address = peer("p", peer_ip="192.0.2.2", as_number=64512)  # goes on without the node
    assert expect_without_nodes(cluster(a, b, c, by_address), {"b"}, NEWEST) is None
