"""Resources for each message of a rule of the lint that the rule's cases in test_every_rule.py do not show.

The tests of it are in tests/unit/rules/test_messages.py.
"""

from __future__ import annotations

from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.place import YAMLTag
from tests.unit.rules.resources.build import NO_MESH, RR_PEER, bgp_filter, config, node, nodes, peer, pool, reflectors

NODE1 = "192.0.2.1"
VXLAN = pool("10.0.0.0/16", vxlan_mode="Always")


def tagged(field, tag, value="", **fields):
    """A BGPPeer with a YAML tag where a value should be."""
    return peer(tags=((field, tag, value),), **fields)


#: (rule, key) → parts, and the version where it matters.
MESSAGE_CASES = {
    ("nodes-not-joined", "peers-make-none"): (nodes(3), NO_MESH, peer(node="node1", peer_ip="192.0.2.1", as_number=1)),
    # Each of the two rejects the pods by itself.
    ("filter-rejects-pods", "together"): (
        nodes(2),
        NO_MESH,
        pool("10.244.0.0/16"),
        peer("all", node_selector="all()", peer_selector="all()", filters=("in", "out")),
        bgp_filter("in", import_v4=["Reject"]),
        bgp_filter("out", export_v4=["Reject"]),
    ),
    ("nodes-not-joined", "without-bgp"): (nodes(3), NO_MESH, VXLAN),
    ("node-without-peers", "alone-in-mesh"): (
        node("a", "192.0.2.9"),
        node("rr1", "192.0.2.201", rr="244.0.0.1"),
        node("rr2", "192.0.2.202", rr="244.0.0.1"),
        peer(node="rr1", peer_ip="192.0.2.202", as_number=64512),
    ),
    ("peer-of-missing-node", "no-node"): (nodes(2), peer(node="gone", peer_ip="192.0.2.254", as_number=65001)),
    ("node-address-twice", "refused"): (node("a", NODE1), node("b", NODE1), node("c", "192.0.2.3")),
    ("reflector-cluster-ids", "several-ids"): (
        nodes(3),
        reflectors(2, ids=("244.0.0.1", "244.0.0.2")),
        NO_MESH,
        RR_PEER,
    ),
    ("mesh-over-100-nodes", "without-bgp"): (nodes(101), VXLAN),
    ("selector-matches-nothing", "label-removed"): (
        nodes(2),
        peer(peer_selector="has(node-role.kubernetes.io/master)"),
    ),
    ("selector-matches-nothing", "left-without-peer"): (nodes(2), NO_MESH, peer(peer_selector="has(rr)")),
    ("yaml-tag", "configuration"): (nodes(2), config(tags=(YAMLTag("spec.listenPort", "!179", "", 30),))),
    ("yaml-tag", "rest"): (nodes(2), tagged("nodeSelector", "!has(a)", "x", node_selector="x", peer_selector="all()")),
    ("yaml-tag", "one-node"): (nodes(2), tagged("nodeSelector", "!has(a)", node="node1", peer_selector="all()")),
    ("yaml-tag", "not-parsed"): (nodes(2), tagged("peerSelector", "!(a", "== 'b')", peer_selector="== 'b')")),
    ("yaml-tag", "other-selector"): (nodes(2), tagged("peerSelector", "!a", "all()", peer_selector="all()")),
    ("yaml-tag", "as-if-not-there"): (
        nodes(2),
        tagged("peerSelector", "!has(a)", peer_ip="192.0.2.254", as_number=65001),
    ),
    ("cluster-id-without-peers", "only-outside"): (
        nodes(3),
        node("rr", "192.0.2.99", rr="244.0.0.1"),
        peer(peer_ip="192.0.2.254", as_number=65001),
    ),
    # Two nodes have one address; the AS number names the second, and the first has the reverse peer.
    ("as-number-mismatch", "ends-disagree"): (
        node("a", NODE1),
        node("b", NODE1, asn=65002),
        node("c", "192.0.2.2", labels={"x": "c"}),
        NO_MESH,
        peer("there", node="c", peer_ip=NODE1, as_number=65002),
        peer("back", node="a", peer_selector="x == 'c'"),
    ),
    ("own-as-in-mesh", "disagree-later"): (
        node("a", NODE1, asn=65001),
        node("b", "192.0.2.2"),
        CalicoVersion(3, 31),
    ),
    ("one-sided-peering", "nobody-dials"): (
        nodes(3),
        NO_MESH,
        peer(peer_ip="192.0.2.3", as_number=64512, reverse_peering="Manual"),
    ),
    ("peer-ip-not-canonical", "of-node"): (
        node("six", None, "2001:db8::1"),
        node("other", None, "2001:db8::2"),
        peer(node="other", peer_ip="2001:DB8::1", as_number=64512),
    ),
    ("node-without-address", "no-node"): (node("bare"), node("pc", NODE1, labels={"kubernetes.io/os": "windows"})),
    ("node-address-not-internal", "on-every-node"): (
        node("a", NODE1, internal=("10.0.0.1",)),
        node("b", "192.0.2.2", internal=("10.0.0.2",)),
    ),
    ("configuration-of-missing-node", "no-node"): (nodes(2), config("node.gone", listen_port=1790)),
}
