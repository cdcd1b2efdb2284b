"""Where some of several things are so and others are not: what the lint says, and which of them it names."""

import pytest

from tests.unit.rules.resources.build import (
    GLOBAL_AS,
    NO_MESH,
    RR_PEER,
    config,
    findings,
    node,
    nodes,
    of_rule,
    peer,
    pool,
    reflectors,
    rules,
    said,
)
from tests.unit.rules.resources.test_every_rule import CONTROL_PLANE, JOIN, rr_nodes, split_reflectors, tor

#: The reflectors' clients have them as peers; the reflectors do not have each other.
CLIENTS_ONLY = peer("rr", node_selector="!has(route-reflector)", peer_selector="has(route-reflector)")


def test_each_of_two_bgppeers_for_one_neighbour_lacks_the_as_number():
    parts = (nodes(2), tor("a", as_number=None), tor("b", as_number=None))
    told = [str(finding.subject) for finding in findings(*parts) if finding.rule == "peer-without-as"]
    assert told == ["BGPPeer a", "BGPPeer b"]


def test_an_as_number_that_one_of_two_nodes_with_an_address_has_is_right():
    owners = [node("a", "192.0.2.1"), node("b", "192.0.2.1", asn=65002)]
    there = peer("there", node="c", peer_ip="192.0.2.1", as_number=65002)
    assert "as-number-mismatch" not in rules(owners, node("c", "192.0.2.2"), NO_MESH, there)


@pytest.mark.parametrize(
    ("others", "step"),
    [
        ([], "write name: default under its metadata"),
        ([config()], "move its fields into BGPConfiguration default"),
    ],
)
def test_where_fields_of_an_ignored_bgpconfiguration_go(others, step):
    found = of_rule("configuration-ignored", nodes(1), config("other", as_number=1), others)
    assert found.next_step.startswith(step)


def test_a_hidden_pool_is_told_where_only_some_nodes_have_sessions_with_each_other():
    joined = peer(node="node1", peer_ip="192.0.2.2", as_number=GLOBAL_AS)
    hidden = pool("10.244.0.0/16", disable_bgp_export=True)
    assert "pool-not-exported-inside" in rules(nodes(3), NO_MESH, joined, hidden)
    assert "pool-not-exported-inside" not in rules(nodes(3), NO_MESH, hidden)


def test_of_nodes_without_a_peer_the_labels_of_the_first_are_shown():
    lonely = [node("node8", "192.0.2.8", labels={"rack": "b"}), node("node9", "192.0.2.9", labels={"rack": "c"})]
    found = of_rule(
        "node-without-peers", nodes(2, labels={"rack": "a"}), lonely, NO_MESH, tor(node_selector="rack == 'a'")
    )
    assert found.evidence[0] == "labels of node8: rack=b"


def test_of_clients_that_no_reflector_serves_the_labels_of_the_first_are_shown():
    apart = [node(f"node{n}", f"192.0.2.{n}", labels={"apart": str(n)}) for n in (8, 9)]
    served = peer("served", node_selector="!has(apart)", peer_selector="has(route-reflector)")
    among = peer("among", node_selector="has(apart)", peer_selector="has(apart)")
    found = of_rule("client-without-reflector", nodes(2), reflectors(2), apart, NO_MESH, served, among)
    assert found.evidence == ("labels of node8: apart=8",)


def test_a_client_of_which_one_session_is_one_sided_has_that_finding_only():
    """It has a session with a node that is no reflector as well."""
    served = peer("a", node="node1", peer_selector="has(route-reflector)")
    beside = peer("b", node="node2", peer_ip="192.0.2.1", as_number=GLOBAL_AS)
    one_sided = peer("c", node="node2", peer_ip="192.0.2.201", as_number=GLOBAL_AS, reverse_peering="Manual")
    found = rules(nodes(2), reflectors(2), NO_MESH, served, beside, one_sided)
    assert "one-sided-peering" in found
    assert "client-without-reflector" not in found


@pytest.mark.parametrize(("second", "is_told"), [(CONTROL_PLANE, True), ({}, False)])
def test_reflectors_are_all_on_the_control_plane_or_not(second, is_told):
    made = [
        node(f"rr{n}", f"192.0.2.20{n}", rr="244.0.0.1", labels={"route-reflector": "true"} | more)
        for n, more in ((1, CONTROL_PLANE), (2, second))
    ]
    parts = (nodes(2), made, NO_MESH, RR_PEER)
    assert ("reflectors-on-control-plane" in rules(*parts)) is is_told
    if is_told:
        assert "node1" in of_rule("reflectors-on-control-plane", *parts).next_step


def test_reflectors_of_which_some_have_a_session_lack_only_another_cluster_id():
    """rr1 and rr2 serve a, rr3 serves b; rr1 and rr3 are joined."""
    made = [node(f"rr{n}", f"192.0.2.20{n}", rr="244.0.0.1", labels={"rr": str(n)}) for n in (1, 2, 3, 4)]
    found = of_rule(
        "reflectors-not-joined",
        made,
        [node("a", "192.0.2.1"), node("b", "192.0.2.2")],
        NO_MESH,
        peer("a", node="a", peer_selector="rr == '1' || rr == '2'"),
        peer("b", node="b", peer_selector="rr == '3' || rr == '4'"),
        peer("join", node="rr1", peer_selector="rr == '3'"),
    )
    assert found.message == "a and b never learn each other's routes, for their reflectors have one cluster ID"
    assert "rr3" in found.next_step, "the first of one side gets another"


def test_reflectors_with_a_one_sided_session_have_that_finding_only():
    manual = peer("manual", node="rr1", peer_ip="192.0.2.202", as_number=GLOBAL_AS, reverse_peering="Manual")
    parts = (rr_nodes(), NO_MESH, CLIENTS_ONLY)
    assert "reflectors-not-joined" in rules(*parts)
    found = rules(*parts, manual)
    assert "one-sided-peering" in found
    assert "reflectors-not-joined" not in found


@pytest.mark.parametrize("written", ["eastt-rack", "east-rac"])
def test_a_letter_too_much_or_too_little_is_a_slip(written):
    rack = peer(peer_ip="192.0.2.254", as_number=65001, node_selector=f"rack == '{written}'")
    found = of_rule("selector-matches-nothing", nodes(2, labels={"rack": "east-rack"}), rack)
    assert found.next_step == "in BGPPeer peer write nodeSelector: \"rack == 'east-rack'\""


def test_of_a_node_that_is_labelled_as_a_reflector_only_that_label_is_shown():
    labelled = node("node1", "192.0.2.1", labels={"rack": "a", "route-reflector": "true"})
    found = of_rule("reflector-label-without-cluster-id", labelled, nodes(0), NO_MESH)
    assert found.evidence == ("label route-reflector=true",)


def test_how_many_sessions_a_mesh_of_101_nodes_has():
    many = [node(f"node{n}", f"192.0.2.{n}") for n in range(1, 102)]
    assert of_rule("mesh-over-100-nodes", many).evidence == ("100 sessions on every node, 5050 in all",)


@pytest.mark.parametrize(("number", "is_told"), [(1, False), (2, True)])
def test_two_nodes_are_the_least_that_a_mesh_beside_reflectors_joins(number, is_told):
    assert ("mesh-beside-reflectors" in rules(nodes(number), reflectors(1), RR_PEER)) is is_told


THIRD = node("rr3", "192.0.2.203", rr="3.3.3.3", labels={"between": ""})
BETWEEN = peer("between", node_selector="has(rr)", peer_selector="has(between)")


@pytest.mark.parametrize(
    ("ids", "more", "is_told"),
    [
        ("12", [], True),
        ("12", [JOIN], False),
        ("11", [JOIN], True),
        # What both have as a peer outside may pass everything on; what one has does not.
        ("12", [tor(node_selector="has(rr)")], False),
        ("12", [tor(node_selector="rr == '1'")], True),
        ("12", [tor(node_selector="rr == '2'")], True),
        # Another reflector stands between them.
        ("12", [THIRD, BETWEEN], False),
        ("12", [THIRD, peer("between", node_selector="rr == '1'", peer_selector="has(between)")], True),
        # One of its clients does not pass anything on.
        ("12", [peer("client", node="a", peer_selector="rr == '2'")], False),
        ("12", [node("c", "192.0.2.3"), peer("c", node="c", peer_selector="has(rr)")], True),
    ],
)
def test_whether_routes_pass_from_one_reflector_to_the_other(ids, more, is_told):
    parts = split_reflectors(["1.1.1.1", "2.2.2.2" if ids == "12" else "1.1.1.1"], *more)
    assert ("reflectors-not-joined" in said(*parts)) is is_told


@pytest.mark.parametrize(
    ("ids", "more", "is_told"),
    [
        # Every client has every reflector.
        (("1.1.1.1", "1.1.1.1"), [], True),
        (("1.1.1.1", "1.1.1.1"), [JOIN], False),
        # Another reflector stands between them, for which both are clients; and two of them.
        (("1.1.1.1", "1.1.1.1"), [THIRD, BETWEEN], False),
        (("1.1.1.1", "2.2.2.2"), [THIRD, BETWEEN], False),
        (("1.1.1.1", "3.3.3.3"), [THIRD, BETWEEN], True),
        (
            ("1.1.1.1", "2.2.2.2"),
            [
                THIRD,
                node("rr4", "192.0.2.204", rr="4.4.4.4", labels={"fourth": ""}),
                peer("x", node="rr1", peer_selector="has(between)"),
                peer("y", node="rr3", peer_selector="has(fourth)"),
                peer("z", node="rr4", peer_selector="rr == '2'"),
            ],
            False,
        ),
    ],
)
def test_reflectors_whose_own_routes_do_not_pass_are_apart(ids, more, is_told):
    both = [peer(f"also-{name}", node=name, peer_selector="has(rr)") for name in "ab"]
    found = [f for f in findings(*split_reflectors(ids, *both, *more)) if f.rule == "reflectors-not-joined"]
    assert [str(finding.severity) for finding in found] == ["info"] * is_told
