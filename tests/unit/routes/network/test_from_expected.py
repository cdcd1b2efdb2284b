"""Which sessions Calico's resources come to."""

import pytest

from calico_bgp.expect.engine import expect
from calico_bgp.model.peer import Family
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.routes.network.from_expected import expected_network
from tests.clusters import cluster, config, node, peer

OFF = config(mesh=False)
A, B, C = node("a", "192.0.2.1", "2001:db8::1"), node("b", "192.0.2.2", "2001:db8::2"), node("c", "192.0.2.3")


def networks(*things):
    expectation = expect(cluster(*things))
    return tuple(expected_network(expectation, family) for family in Family)


def ends(net):
    return [(a.node, b.node) for a, b in net.sessions]


def test_a_mesh_has_a_session_per_pair_in_the_families_that_both_have():
    ipv4, ipv6 = networks(A, B, C)
    assert ends(ipv4) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert ends(ipv6) == [("a", "b")]
    assert [s.name for s in ipv6.speakers] == ["a", "b"]
    # The router ID is the IPv4 address in both families.
    assert ipv6.speakers[0].router_id == A.ipv4
    assert ipv6.sessions[0].a.address == A.ipv6
    assert (ipv4.possible, ipv4.externals) == (None, ())
    assert ipv4.assumptions == ("every session that Calico's resources ask for at both ends is taken as Established",)


def test_no_session_where_the_as_numbers_do_not_agree():
    # From v3.32 a node with an AS of its own takes its mesh peers to have the same.
    alone = node("c", "192.0.2.3", as_number=65001)
    assert ends(networks(A, B, alone)[0]) == [("a", "b")]


def test_no_session_that_one_end_alone_has():
    manual = peer("p", node="a", peer_ip="192.0.2.2", as_number=64512, reverse_peering="Manual")
    assert ends(networks(A, B, OFF, manual)[0]) == []
    assert ends(networks(A, B, OFF, peer("p", node="a", peer_ip="192.0.2.2", as_number=64512))[0]) == [("a", "b")]


@pytest.mark.parametrize(("own_port", "there"), [(None, []), (1790, [("a", "b")])])
def test_no_session_where_nobody_dials_the_port_that_the_other_listens_on(own_port, there):
    ports = [config("node.b", listen_port=own_port)] if own_port else []
    there_and_back = [
        peer("there", node="a", peer_ip="192.0.2.2:1790", as_number=64512, reverse_peering="Manual"),
        peer("back", node="b", peer_ip="192.0.2.1:1800", as_number=64512, reverse_peering="Manual"),
    ]
    assert ends(networks(A, B, OFF, *ports, *there_and_back)[0]) == there


def test_no_session_between_equal_router_ids_over_ibgp():
    first, second = node("a", "192.0.2.1", "2001:db8::1"), node("b", "192.0.2.1", "2001:db8::2")
    assert ends(networks(first, second)[1]) == []


def test_a_neighbour_that_is_no_node_is_an_unknown():
    ipv4, ipv6 = networks(A, B, OFF, peer("tor", node="a", peer_ip="203.0.113.1", as_number=65000))
    assert [(x.near.node, x.far, x.near.settings.peer_as) for x in ipv4.externals] == [("a", "203.0.113.1", 65000)]
    assert ipv6.externals == ()


def test_a_peer_that_bird_refuses_is_none_and_the_answer_says_so():
    ipv4, _ = networks(A, B, peer("tor", node="a", peer_ip="203.0.113.1"))
    assert ipv4.externals == ()
    assert "BIRD refuses the configuration of a " in ipv4.assumptions[1]


def test_two_protocols_that_differ_are_perhaps_and_those_that_do_not_are_one_session():
    extra = peer("extra", node="a", peer_ip="192.0.2.2", as_number=64512, num_allowed_local_as_numbers=1)
    ipv4, _ = networks(A, B, extra)
    assert [end.settings.allowed_local_as for end in ipv4.sessions[0]] == [0, 0]
    assert reachability(ipv4).learns("a", "b") is Answer.YES
    kept = peer("extra", node="a", peer_ip="192.0.2.2", as_number=64512, next_hop_mode="Keep")
    ipv4, _ = networks(A, B, kept)
    assert ipv4.sessions == ()
    assert reachability(ipv4).learns("a", "b") is Answer.PERHAPS
    assert "two protocols that differ" in ipv4.assumptions[-1]


@pytest.mark.parametrize(("selector", "undecided"), [("all()", 6), ("has(rr)", 5), ("has(one)", 3)])
def test_sessions_that_may_be_one_of_several_are_counted_by_pairs_of_nodes(selector, undecided):
    # These nodes and all others have a protocol for each other by the mesh and one that differs by a BGPPeer.
    labels = {"a": "", "b": "", "c": "rr", "d": "rr one"}
    nodes = [node(name, f"192.0.2.{n}", labels=words) for n, (name, words) in enumerate(labels.items(), start=1)]
    ipv4, _ = networks(*nodes, peer("kept", node_selector="all()", peer_selector=selector, next_hop_mode="Keep"))
    assert len(ipv4.sessions) == 6 - undecided
    assert ipv4.assumptions[-1].startswith(f"{undecided} sessions have two protocols that differ")


def test_num_allowed_local_as_numbers_goes_to_the_near_end_of_a_peer_ip_only():
    own = {"peer_ip": "192.0.2.3", "as_number": 65000, "num_allowed_local_as_numbers": 1}
    switch = node("c", "192.0.2.3", as_number=65000)
    ipv4, _ = networks(A, B, switch, OFF, peer("p", node_selector="all()", **own))
    reach = reachability(ipv4)
    assert reach.learns("a", "b") is reach.learns("b", "a") is Answer.YES
    by_selector = peer("p", node_selector="all()", peer_selector="has(tor)", num_allowed_local_as_numbers=1)
    labelled = node("c", "192.0.2.3", labels="tor", as_number=65000)
    reach = reachability(networks(A, labelled, B, OFF, by_selector)[0])
    assert reach.learns("a", "c") is Answer.YES
    assert reach.learns("a", "b") is Answer.NO


def test_local_as_number_towards_a_node_is_no_session():
    wrong = peer("p", node="a", peer_ip="192.0.2.2", as_number=64512, local_as_number=65001)
    assert ends(networks(A, B, OFF, wrong)[0]) == []


STANDS = "every session that Calico's resources ask for at both ends is taken as Established"
REFUSES = " and goes on with an older one, which is not known; its other sessions are taken as if it did not"
UNDECIDED = " two protocols that differ, of which BIRD runs one; what only such a session brings counts as perhaps"
CONTRADICT = " contradict each other; which of them wins is not determined"


def switch(name, address="203.0.113.1", **fields):
    return peer(name, peer_ip=address, **fields)


@pytest.mark.parametrize(
    ("things", "said", "said_of_ipv6"),
    [
        ([], [], []),
        # A switch without an AS number, of one family, for one node and for all five.
        ([switch("p", node="b")], [f"BIRD refuses the configuration of b{REFUSES}"], []),
        ([switch("p")], [f"BIRD refuses the configuration of a, b, c and 2 more{REFUSES}"], []),
        ([switch("p", "2001:db8::9", node="a")], [], [f"BIRD refuses the configuration of a{REFUSES}"]),
        (
            [switch("q", node="a", as_number=65001), switch("p", node="a", as_number=65002)],
            [f"the BGPPeers p, q{CONTRADICT}"],
            [],
        ),
        (
            [
                switch(name, f"203.0.113.{n}", node="a", as_number=number)
                for n, names in enumerate(("ab", "cd"))
                for number, name in enumerate(names, 65001)
            ],
            [f"the BGPPeers a, b, c and 1 more{CONTRADICT}"],
            [],
        ),
        # Of a filter at a session with a switch nothing among nodes depends.
        ([switch("p", node="a", as_number=65001, filters=("gone",))], [], []),
        (
            [peer("p", node="a", peer_ip="192.0.2.2", as_number=64512, next_hop_mode="Keep")],
            [f"1 session has{UNDECIDED}"],
            [],
        ),
    ],
)
def test_what_an_answer_rests_on(things, said, said_of_ipv6):
    nodes = [node(name, f"192.0.2.{n}", f"2001:db8::{n}") for n, name in enumerate("abcde", 1)]
    ipv4, ipv6 = networks(*nodes, *things)
    assert list(ipv4.assumptions) == [STANDS, *said]
    assert list(ipv6.assumptions) == [STANDS, *said_of_ipv6]


def test_pods_on_the_nodes_are_no_peers_outside():
    workloads = peer("w", local_workload_selector="all()", as_number=65001)
    both = networks(A, B, C, workloads, switch("p", as_number=65002), switch("six", "2001:db8::9", as_number=65003))
    assert [[(one.near.node, one.far) for one in net.externals] for net in both] == [
        [(name, "203.0.113.1") for name in "abc"],
        [(name, "2001:db8::9") for name in "ab"],
    ]
    assert [one.near.address for one in both[1].externals] == [A.ipv6, B.ipv6]


def test_nodes_without_an_address_of_the_family_are_not_there():
    ipv4, ipv6 = networks(
        node("six", "2001:db8::6"), A, node("none"), peer("p", node_selector="all()", peer_selector="all()")
    )
    assert ([one.name for one in ipv4.speakers], [one.name for one in ipv6.speakers]) == (["a"], ["a", "six"])
    assert (ends(ipv4), ends(ipv6)) == ([], [("a", "six")])
    # Without an IPv4 address nothing is known of its router ID.
    assert [one.router_id for one in ipv6.speakers] == [A.ipv4, None]
