"""What the lint says fixes it, word for word: for each way in which a resource can be wrong another one."""

from functools import partial

import pytest

from calico_bgp.model.reports.report import Severity
from tests.unit.rules.resources.build import GLOBAL_AS, NO_MESH, config, findings, node, nodes, of_rule, peer, pool
from tests.unit.rules.resources.test_every_rule import tor

MESH_OFF = (
    """printf %s '{"apiVersion": "projectcalico.org/v3", "kind": "BGPConfiguration", """
    """"metadata": {"name": "default"}, "spec": {"nodeToNodeMeshEnabled": false}}' | calicoctl create -f -"""
)
KEEP_THE_FIRST = "keep one of them, for example calicoctl delete bgppeer b; and calicoctl delete bgppeer c"
ONE_ADDRESS = [node("a", "192.0.2.8"), node("b", "192.0.2.8")]
LONG = "2001:db8:0:0:0:0:0:1"
ZERO = node("zero", "192.0.2.9", asn=0, labels={"zero": ""})


def to_node2(name):
    return peer(name, node="node1", peer_ip="192.0.2.2", as_number=GLOBAL_AS)


#: Rule → parts and the next step.
CASES = [
    # Of three that make one session two go.
    ("same-session-twice", [tor(name, as_number=at) for at, name in enumerate("abc", 1)], KEEP_THE_FIRST),
    (
        "neighbour-twice",
        [tor("a"), tor("b", peer_ip="192.0.2.254:179"), tor("c")],
        KEEP_THE_FIRST,
    ),
    # The mesh makes it as well: all go, or the mesh.
    (
        "neighbour-twice",
        [to_node2("a")],
        f"calicoctl delete bgppeer a; or, to keep it and disable the mesh: {MESH_OFF}",
    ),
    (
        "neighbour-twice",
        [to_node2("a"), to_node2("b")],
        f"calicoctl delete bgppeer a; calicoctl delete bgppeer b; or, to keep them and disable the mesh: {MESH_OFF}",
    ),
    # One BGPPeer makes both: two nodes have one address, and listen on other ports.
    (
        "neighbour-twice",
        [*ONE_ADDRESS, config("node.b", listen_port=179), NO_MESH, peer("p", node="node1", peer_selector="all()")],
        "write the same port everywhere, or calicoctl delete bgppeer p",
    ),
    (
        "configuration-without-effect",
        [config("node.node1", as_number=65001)],
        """calicoctl patch node node1 -p '{"spec": {"bgp": {"asNumber": 65001}}}'""",
    ),
    (
        "configuration-without-effect",
        [config("node.node1", node_to_node_mesh_enabled=False)],
        "in BGPConfiguration node.node1 delete the line nodeToNodeMeshEnabled:",
    ),
    ("peer-skipped", [tor(peer_ip=None)], "in BGPPeer tor write a peerIP: or a peerSelector:"),
    ("peer-skipped", [tor(peer_ip="192.0.2.9/32")], "in BGPPeer tor write peerIP: 192.0.2.9"),
    ("peer-skipped", [tor(peer_ip="switch")], "in BGPPeer tor write an address as peerIP:"),
    ("peer-skipped", [tor(peer_ip=f"{LONG}:179")], f"in BGPPeer tor write peerIP: '[{LONG}]:179'"),
    ("peer-skipped", [tor(peer_ip=f"{LONG}:bgp")], "in BGPPeer tor write an address as peerIP:"),
    ("peer-skipped", [tor(reachable_by="192.0.2.1/24")], "in BGPPeer tor write reachableBy: 192.0.2.1"),
    ("peer-of-missing-node", [tor(node="nod1")], "in BGPPeer tor write node: node1"),
    ("peer-of-missing-node", [tor(node="gone")], "calicoctl delete bgppeer tor"),
    (
        "selector-syntax",
        [tor(node_selector="all(")],
        "in BGPPeer tor fix nodeSelector: at column 5 of the selector, which should have `)`",
    ),
    # Nodes have the first of two labels.
    (
        "selector-matches-nothing",
        [node("z", "192.0.2.99", labels={"role": "rr"}), tor(node_selector="role == 'rr' && spine == 'x'")],
        'label the nodes that are meant: kubectl label node "${NODE:?}" spine=x',
    ),
    (
        "selector-matches-nothing",
        [node("z", "192.0.2.99", labels={"role": "rr"}), tor(node_selector="has(role) && has(spine)")],
        'label the nodes that are meant: kubectl label node "${NODE:?}" spine=',
    ),
    (
        "selector-matches-nothing",
        [*(node(f"x{label}", labels={label: ""}) for label in "ab"), tor(node_selector="has(a) && has(b)")],
        'label the nodes that are meant: kubectl label node "${NODE:?}" a=',
    ),
]


@pytest.mark.parametrize(("rule", "parts", "next_step"), CASES)
def test_what_fixes_it(rule, parts, next_step):
    found = [finding.next_step for finding in findings(nodes(2), parts) if finding.rule == rule]
    assert next_step in found


def test_of_three_bgppeers_for_one_session_all_are_named_once():
    found = of_rule("same-session-twice", nodes(1), *(tor(name, as_number=at) for at, name in enumerate("abc", 1)))
    assert found.message.startswith("a, b and c define the same session and differ in AS number:")
    assert found.evidence == ("every node: neighbour 192.0.2.254 (AS number)",)


def test_all_that_two_of_three_differ_in_is_named():
    more = (tor("a"), tor("b", as_number=65002), tor("c", has_password=True))
    assert of_rule("same-session-twice", nodes(1), *more).evidence == (
        "every node: neighbour 192.0.2.254 (AS number, password)",
    )


def test_two_nodes_with_one_address_at_the_far_end_are_no_two_bgppeers():
    twice = (node("a", "192.0.2.8"), node("b", "192.0.2.8", asn=65001), peer("p", node="node1", peer_selector="all()"))
    assert "same-session-twice" not in {finding.rule for finding in findings(nodes(1), NO_MESH, *twice)}


@pytest.mark.parametrize(
    ("fields", "evidence"),
    [
        ({"peer_ip": None}, ()),
        ({"peer_ip": "switch"}, ("peerIP: switch",)),
        ({"reachable_by": "router"}, ("reachableBy: router",)),
    ],
)
def test_what_is_shown_of_a_bgppeer_that_calico_skips(fields, evidence):
    assert of_rule("peer-skipped", nodes(1), tor(**fields)).evidence == evidence


def test_where_a_selector_breaks_is_shown_without_saying_it_again():
    found = of_rule("selector-syntax", nodes(1), tor(node_selector="all("))
    assert found.evidence == ("    all(", "        ^", "  expected `)`")


@pytest.mark.parametrize(
    ("written", "severity"),
    [(tor, Severity.WARNING), (config, Severity.INFO), (partial(pool, "10.0.0.0/8"), Severity.INFO)],
)
def test_how_bad_an_object_written_by_hand_is(written, severity):
    by_hand = written(by_hand=True, api_version="crd.projectcalico.org/v1")
    assert of_rule("crd-v1-by-hand", nodes(1), by_hand).severity is severity


@pytest.mark.parametrize(
    ("parts", "rules"),
    [
        # Its asNumber is missing, which has a rule of its own.
        ((ZERO, peer("p", node="node1", peer_ip="192.0.2.254")), ["peer-without-as"]),
        # The AS number is that of the node.
        ((ZERO, peer("p", node="node1", peer_selector="has(zero)")), ["bird-refuses"]),
        ((ZERO, peer("p", node="node1", peer_selector="has(zero)", peer_ip="192.0.2.254")), ["bird-refuses"]),
    ],
)
def test_whose_as_number_bird_does_not_take(parts, rules):
    told = [f.rule for f in findings(nodes(1), NO_MESH, *parts) if f.rule in {"peer-without-as", "bird-refuses"}]
    assert told == rules
