"""A rule of the lint that has nothing to say about the first of several things still looks at those behind it."""

import pytest

from tests.unit.rules.resources.build import GLOBAL_AS, NO_MESH, bgp_filter, config, findings, node, nodes, peer, pool
from tests.unit.rules.resources.test_every_rule import side, tor

REMOVED = "node-role.kubernetes.io/master"
BOTH_FAMILIES = [
    node(f"n{at}", f"192.0.2.{at}", f"2001:db8::{at}", labels={"side": at[0]}) for at in ("11", "12", "21", "22")
]

#: Rule → parts, sorted by name, of which it has nothing to say about the first; the subjects of its findings.
CASES = {
    "one-sided-peering": (
        # The AS number of the first is wrong, which is another rule's.
        [
            *nodes(3),
            NO_MESH,
            peer("a", node="node1", peer_ip="192.0.2.2", as_number=65001),
            peer("b", node="node1", peer_ip="192.0.2.3", as_number=GLOBAL_AS, reverse_peering="Manual"),
        ],
        ["BGPPeer b"],
    ),
    "peer-port-mismatch": (
        [*nodes(2), NO_MESH, tor("a"), peer("b", node="node1", peer_ip="192.0.2.2:1790", as_number=GLOBAL_AS)],
        ["BGPPeer b"],
    ),
    "bird-refuses": (
        # The first has no asNumber, which is another rule's.
        [
            node("node1", "192.0.2.1"),
            node("node2", "192.0.2.2", asn=0),
            NO_MESH,
            peer("a", node="node1", peer_ip="192.0.2.254"),
            peer("b", node="node2", peer_ip="192.0.2.254", as_number=65001),
        ],
        ["BGPPeer b"],
    ),
    "peer-without-as": (
        # One has a number, one is for pods, one of a family that no node has.
        [
            *nodes(2),
            tor("a"),
            peer("b", peer_ip="192.0.2.250", local_workload_selector="all()"),
            peer("c", peer_ip="2001:db8::254"),
            peer("d", peer_ip="192.0.2.253"),
        ],
        ["BGPPeer d"],
    ),
    "filter-rule-never-matches": (
        [bgp_filter(import_v4=["Accept In 10.0.0.0/8", "Reject Equal 10.0.0.0/8 8-16"])],
        ["BGPFilter guard"],
    ),
    "nodes-not-joined": ([*BOTH_FAMILIES, NO_MESH, side("1"), side("2")], ["cluster (IPv4)", "cluster (IPv6)"]),
    "configuration-ignored": (
        [*nodes(1), config(as_number=1), config("other", as_number=1)],
        ["BGPConfiguration other"],
    ),
    "configuration-without-effect": (
        [*nodes(1), config(as_number=1), config("node.node1", listen_port=1790, program_cluster_routes="Enabled")],
        ["BGPConfiguration node.node1"],
    ),
    "same-session-twice": (
        [*nodes(2), tor("a"), tor("b", node="node1", ttl_security=1)],
        ["BGPPeer b"],
    ),
    "selector-matches-nothing": (
        [*nodes(2), peer("a", peer_selector="all()"), peer("b", peer_selector="has(x)")],
        ["BGPPeer b"],
    ),
    "selector-on-removed-label": (
        [
            *nodes(2, labels={REMOVED: ""}),
            peer("a", peer_selector="all()"),
            peer("b", peer_selector=f"has({REMOVED})"),
        ],
        ["BGPPeer b"],
    ),
    "reflector-label-without-cluster-id": (
        [
            node("node1", "192.0.2.1", labels={"route-reflector": "true"}),
            node("node2", "192.0.2.2", labels={"route-reflector": "true"}),
            node("node3", "192.0.2.3"),
            NO_MESH,
            peer("a", node="node1", peer_ip="192.0.2.3", as_number=GLOBAL_AS),
        ],
        ["Node node2"],
    ),
    "cluster-id-malformed": (
        [node("node1", "192.0.2.1", rr="244.0.0.1"), node("node2", "192.0.2.2", rr="one")],
        ["Node node2"],
    ),
    "peer-skipped": (
        # A YAML tag is why the first has no far end.
        [*nodes(2), peer("a", tags=(("peerSelector", "!has(x)", ""),)), peer("b", peer_ip="switch")],
        ["BGPPeer b"],
    ),
    "peer-ip-not-canonical": (
        [*nodes(2), peer("a", peer_selector="all()"), tor("b"), tor("c", peer_ip="2001:DB8::1")],
        ["BGPPeer c"],
    ),
    "peer-of-missing-node": ([*nodes(2), tor("a", node="node1"), tor("b", node="gone")], ["BGPPeer b"]),
    "node-address-in-pool": ([*nodes(1), pool("ten", "a"), pool("192.0.2.0/24", "b")], ["IPPool b"]),
}


@pytest.mark.parametrize("rule", CASES)
def test_what_stands_behind_a_thing_that_is_right_is_told(rule):
    parts, subjects = CASES[rule]
    assert [str(finding.subject) for finding in findings(parts) if finding.rule == rule] == subjects


def test_a_misspelt_label_beside_one_that_is_right_is_fixed():
    spelt = peer(peer_ip="192.0.2.254", as_number=65001, node_selector="has(aisle) && has(raack)")
    (found,) = findings(nodes(2, labels={"aisle": "1", "rack": "a"}), spelt)
    assert found.next_step == "in BGPPeer peer write nodeSelector: 'has(aisle) && has(rack)'"
