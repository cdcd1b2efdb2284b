"""What the lint says of a value, in words and in evidence: with it, without it, and how many of many it shows."""

import pytest

from calico_bgp.model.routes.bgp_filter import FilterAction, FilterRule, MatchOperator, PrefixLength
from calico_bgp.rules.resources.filters import words
from tests.unit.rules.resources.build import (
    GLOBAL_AS,
    NO_MESH,
    config,
    findings,
    node,
    nodes,
    of_rule,
    peer,
    reflectors,
    rules,
)
from tests.unit.rules.resources.test_every_rule import tor


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "Reject"),
        ({"cidr": "10.0.0.0/8", "operator": MatchOperator.IN}, "Reject In 10.0.0.0/8"),
        ({"prefix_length": PrefixLength(8, 16)}, "Reject of lengths from 8 to 16"),
        ({"prefix_length": PrefixLength(0, None)}, "Reject of lengths from 0"),
        ({"prefix_length": PrefixLength(None, 16)}, "Reject of lengths to 16"),
        ({"remote_peers_only": True}, "Reject from remote peers"),
        ({"interface": "eth*"}, "Reject interface eth*"),
        ({"peer_type": "iBGP"}, "Reject peerType iBGP"),
        ({"priority": 0}, "Reject priority 0"),
        ({"community": (65000, 1)}, "Reject community 65000:1"),
        ({"as_path_prefix": (65000, 65001)}, "Reject AS path 65000 65001"),
        ({"interface": "eth0", "community": (1, 2, 3)}, "Reject interface eth0 community 1:2:3"),
    ],
)
def test_a_rule_of_a_filter_in_words(fields, told):
    assert words(FilterRule(FilterAction.REJECT, **fields)) == told


def spoiled(selector, **fields):
    """A BGPPeer whose nodeSelector begins with `!`, without quotes."""
    return peer("p", tags=[("nodeSelector", selector, "")], **({"peer_selector": "has(rack)"} | fields))


RACK = [node(f"x{n}", f"192.0.2.{n}", labels={"rack": "a"} if n < 3 else {}) for n in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("parts", "evidence"),
    [
        ((RACK, spoiled("!has(rack)")), ["with quotes: 2 peers fewer, on x1, x2"]),
        ((RACK, spoiled("!has(a)")), ["with quotes: the same sessions, shown as `node specific` instead of `global`"]),
        (
            (nodes(2), reflectors(2), spoiled("!has(route-reflector)", peer_selector="has(route-reflector)")),
            ["with quotes: 2 peers fewer, on rr1, rr2, so reflectors would not peer with each other"],
        ),
        # Reflectors and others.
        (
            (nodes(1, labels={"a": ""}), reflectors(2, labels={"a": ""}), spoiled("!has(a)", peer_selector="has(a)")),
            ["with quotes: 6 peers fewer, on node1, rr1, rr2"],
        ),
        # What it comes to is not known: of no node, and of what does not parse.
        ((spoiled("!has(rack)"),), []),
        ((RACK, spoiled("!has(rack")), []),
    ],
)
def test_what_a_selector_without_its_quotes_comes_to(parts, evidence):
    found = of_rule("yaml-tag", NO_MESH, *parts)
    assert list(found.evidence[1:]) == evidence


def test_a_value_that_is_no_selector_and_has_no_quotes_says_no_more():
    told = of_rule("yaml-tag", nodes(2), tor(tags=[("password", "!x", "")])).message
    assert told.endswith("YAML reads !x as a tag and Calico receives an empty text")


@pytest.mark.parametrize("parts", [(), (nodes(2),)])
def test_a_bgppeer_for_pods_needs_no_as_number(parts):
    assert "peer-without-as" not in rules(*parts, peer("p", peer_ip="192.0.2.254", local_workload_selector="all()"))


@pytest.mark.parametrize(
    ("fields", "is_told"),
    [
        ({"as_number": 65001}, True),
        ({"as_number": GLOBAL_AS}, False),
        # Not the AS number is wrong, there is none.
        ({"as_number": None}, False),
        # It counts for a peerIP only.
        ({"as_number": 65001, "peer_selector": "all()"}, False),
        # No node has it.
        ({"as_number": 65001, "peer_ip": "192.0.2.254"}, False),
        ({"as_number": 65001, "peer_ip": "switch"}, False),
    ],
)
def test_an_as_number_that_is_not_the_nodes(fields, is_told):
    made = peer("p", node="node1", **({"peer_ip": "192.0.2.2"} | fields))
    assert ("as-number-mismatch" in rules(nodes(2), NO_MESH, made)) is is_told


def one_sided(number):
    """The last node does not know what the others have."""
    made = peer("p", node_selector="all()", peer_ip="192.0.2.99", as_number=GLOBAL_AS, reverse_peering="Manual")
    return nodes(number), node("z", "192.0.2.99"), NO_MESH, made


@pytest.mark.parametrize("number", [19, 20, 21])
@pytest.mark.parametrize(
    ("rule", "made"),
    [
        ("one-sided-peering", one_sided),
        ("neighbour-twice", lambda number: (nodes(number), tor("a"), tor("b", peer_ip="192.0.2.254:179"))),
        ("node-address-twice", lambda number: ([node(f"n{n:02}", "192.0.2.1") for n in range(number)],)),
        ("node-without-address", lambda number: (nodes(1), [node(f"n{n:02}") for n in range(number)])),
    ],
)
def test_of_many_twenty_are_shown(rule, made, number):
    assert len(of_rule(rule, *made(number)).evidence) == min(number, 20)


def test_a_label_that_will_go_is_left_alone_where_it_is_there():
    """Not for want of it does the selector match nothing."""
    label = "node-role.kubernetes.io/master"
    parts = (nodes(2, labels={label: ""}), NO_MESH, tor(node_selector=f"has({label}) && rack == 'a'"))
    step = of_rule("selector-matches-nothing", *parts).next_step
    assert step == 'label the nodes that are meant: kubectl label node "${NODE:?}" rack=a'


def test_a_label_with_several_slips_nearby_is_the_nearest():
    labelled = [node("a", "192.0.2.1", labels={"my-rackk": "x"}), node("b", "192.0.2.2", labels={"my-rackkk": "x"})]
    step = of_rule("selector-matches-nothing", labelled, NO_MESH, tor(node_selector="my-rack == 'x'")).next_step
    assert step == "in BGPPeer tor write nodeSelector: \"my-rackk == 'x'\""


def test_a_global_bgppeer_hides_only_what_another_says_else():
    hidden = [tor("all"), tor("same", node_selector="all()"), tor("else", node_selector="all()", as_number=65002)]
    found = [f for f in findings(nodes(2), hidden) if f.rule == "same-session-twice"]
    assert {str(f.subject): f.severity for f in found} == {"BGPPeer else": "warning"}
    assert found[0].evidence[0] == "on node1, node2"


def test_a_bgppeer_of_no_node_is_hidden_by_nothing():
    parts = (nodes(2), tor("all"), tor("none", node_selector="has(a)", as_number=65002))
    assert "same-session-twice" not in rules(*parts)


@pytest.mark.parametrize("port", [None, 0, 179])
def test_the_port_on_which_a_node_listens_unless_told(port):
    made = peer("p", node="node1", peer_ip="192.0.2.2:1790", as_number=GLOBAL_AS)
    found = of_rule("peer-port-mismatch", nodes(2), NO_MESH, config(listen_port=port), made)
    assert "BIRD listens there on 179" in found.message


@pytest.mark.parametrize(
    ("asn", "near"),
    [
        # The far end itself is no near end; nor is wrong who has that number anyway.
        (None, "node1, node3 in AS 64512"),
        (65009, "node1 in AS 64512"),
    ],
)
def test_whom_a_local_as_number_towards_a_node_hurts(asn, near):
    made = peer("p", peer_ip="192.0.2.2", as_number=GLOBAL_AS, local_as_number=65009)
    told = of_rule("as-number-mismatch", nodes(2), node("node3", "192.0.2.3", asn=asn), NO_MESH, made).message
    assert near in told


@pytest.mark.parametrize(
    ("listening", "peer_ip", "shown"),
    [
        (config("node.node1", listen_port=1790), "192.0.2.1:1791", "listenPort of node1: 1790"),
        (config("node.node2", listen_port=1790), "192.0.2.1:1791", "listenPort of node1: none (179)"),
    ],
)
def test_the_port_that_a_node_listens_on(listening, peer_ip, shown):
    found = of_rule(
        "peer-port-mismatch", nodes(2), NO_MESH, listening, peer(node="node2", peer_ip=peer_ip, as_number=64512)
    )
    assert found.evidence == (f"peerIP: {peer_ip}", shown)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (["nodeSelector"], True),
        (["localWorkloadSelector"], False),
        (["localWorkloadSelector", "nodeSelector"], False),
    ],
)
def test_a_selector_of_pods_that_a_tag_of_yaml_spoiled_has_a_finding_of_its_own(fields, told):
    tags = [(field, "!x", "") for field in fields]
    bad = peer("p", tags=tags, local_workload_selector="a == ", as_number=64512)
    assert ("selector-syntax" in rules(nodes(2), bad)) is told
