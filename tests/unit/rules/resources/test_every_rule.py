"""Every rule of the lint: resources that it is about, and a near miss that it has nothing to say to."""

import pytest

from calico_bgp.expect.version import CalicoVersion
from calico_bgp.rules.resources import LINT_RULES
from tests.unit.rules.resources.build import (
    NO_MESH,
    RR_PEER,
    bgp_filter,
    config,
    felix,
    node,
    nodes,
    peer,
    pool,
    reflectors,
    rules,
)

ZONE = "topology.kubernetes.io/zone"
CONTROL_PLANE = {"node-role.kubernetes.io/control-plane": ""}
V3_30 = CalicoVersion(3, 30)
V3_31 = CalicoVersion(3, 31)
V3_32 = CalicoVersion(3, 32)
V3_33 = CalicoVersion(3, 33)

RACKS = [node("r1", "192.0.2.1", labels={"rack": "a"}), node("r2", "192.0.2.2", labels={"rack": "a"})]


def tor(name="tor", **fields):
    """A BGPPeer for a top-of-rack switch."""
    return peer(name, **({"peer_ip": "192.0.2.254", "as_number": 65001} | fields))


def rr_nodes(*, zones=(None, None, None, None), reflector_labels=None):
    """Two reflectors and two clients, in zones."""
    made = [*reflectors(2, labels=reflector_labels), *nodes(2)]
    return [
        node(n.name, str(n.ipv4), rr=n.cluster_id, labels=dict(n.labels) | ({ZONE: zone} if zone else {}))
        for n, zone in zip(made, zones, strict=True)
    ]


def split_reflectors(ids, *joins):
    """Two reflectors; client a has only rr1, client b only rr2."""
    return [
        node("rr1", "192.0.2.201", rr=ids[0], labels={"rr": "1"}),
        node("rr2", "192.0.2.202", rr=ids[1], labels={"rr": "2"}),
        node("a", "192.0.2.1", labels={"side": "1"}),
        node("b", "192.0.2.2", labels={"side": "2"}),
        peer("one", node_selector="side == '1'", peer_selector="rr == '1'"),
        peer("two", node_selector="side == '2'", peer_selector="rr == '2'"),
        NO_MESH,
        *joins,
    ]


SIDES = [node(f"{side}{i}", f"192.0.2.{side}{i}", labels={"side": side}) for side in "12" for i in "12"]


def side(number):
    """A BGPPeer that makes a mesh of one side."""
    return peer(f"side{number}", node_selector=f"side == '{number}'", peer_selector=f"side == '{number}'")


FILTERED_NODES = (
    *nodes(3),
    NO_MESH,
    peer("all", node_selector="all()", peer_selector="all()", filters=("guard",)),
)
#: Three nodes that peer with each other through BGPFilter guard.
FILTERED = [*FILTERED_NODES, pool("10.244.0.0/16")]
JOIN = peer("join", node_selector="has(rr)", peer_selector="has(rr)")

PLAIN = pool("10.244.0.0/16")
STAR = [
    node("hub", "192.0.2.9", labels={"hub": ""}),
    *nodes(3),
    peer("star", node_selector="!has(hub)", peer_selector="has(hub)"),
]


def services(*ranges, **fields):
    """A BGPConfiguration that announces Services."""
    return config(**({"service_cluster_ips": ranges} | fields))


BIRD_OFF = (config(program_cluster_routes="Disabled"),)

#: Rule → (parts that it is about, a near miss); where a version matters it stands third.
CASES = {
    "nodes-not-joined": [
        ((nodes(3), NO_MESH), (nodes(1), NO_MESH)),
        ((nodes(3), NO_MESH), (nodes(3), NO_MESH, tor())),
        ((nodes(3), NO_MESH), (nodes(3), config(node_to_node_mesh_enabled=True))),
        ((nodes(3), NO_MESH), (nodes(3),)),
        # No Node among the resources, but no BGPPeer either.
        ((NO_MESH,), (NO_MESH, RR_PEER)),
        # Two groups, each a small mesh of its own.
        ((SIDES, NO_MESH, side("1"), side("2")), (SIDES, NO_MESH, side("1"), side("2"), peer(peer_selector="all()"))),
        # Reflectors of IPv6 alone are no group of IPv4.
        (
            (SIDES, NO_MESH, side("1"), side("2")),
            (
                SIDES,
                NO_MESH,
                peer("v4", peer_selector="has(side)", node_selector="has(side)"),
                *(node(f"v6-{n}", None, f"2001:db8::{n}", rr=f"244.0.0.{n}", labels={"six": ""}) for n in (1, 2, 3)),
                peer("v6", peer_selector="has(six)", node_selector="has(six)"),
                node("v6-c", None, "2001:db8::9", labels={"client": ""}),
                peer("v6c", peer_selector="has(six)", node_selector="has(client)"),
            ),
        ),
        # What lies behind peers outside is not in the resources.
        ((SIDES, NO_MESH, side("1"), side("2")), (SIDES, NO_MESH, side("1"), side("2"), tor())),
    ],
    "node-without-peers": [
        (
            (RACKS, nodes(0), node("r9", "192.0.2.9"), NO_MESH, tor(node_selector="rack == 'a'")),
            (RACKS, NO_MESH, tor()),
        ),
        (
            (RACKS, node("r9", "192.0.2.9"), NO_MESH, tor(node_selector="has(rack)")),
            (
                RACKS,
                node("r9", "192.0.2.9"),
                NO_MESH,
                tor(node_selector="has(rack)"),
                peer("pods", node="r9", local_workload_selector="all()", as_number=65009),
            ),
        ),
    ],
    "selector-syntax": [
        ((nodes(2), peer(peer_selector="a = 'b'")), (nodes(2), peer(peer_selector="a == 'b'"))),
        ((peer(node_selector="has(", peer_ip="192.0.2.9", as_number=1),), (tor(node_selector="has(a)"),)),
        (
            (nodes(2), peer(local_workload_selector="x ==", as_number=1)),
            (nodes(2), peer(local_workload_selector="x == 'y'", as_number=1)),
        ),
    ],
    "selector-matches-nothing": [
        ((RACKS, tor(node_selector="rack == 'b'")), (RACKS, tor(node_selector="rack == 'a'"))),
        ((RACKS, peer(peer_selector="has(route-reflector)")), (RACKS, peer(peer_selector="!has(route-reflector)"))),
        # Without Nodes nothing can be said.
        ((RACKS, peer(peer_selector="has(x)")), (peer(peer_selector="has(x)"),)),
    ],
    "selector-on-removed-label": [
        (
            (
                node("m", "192.0.2.1", labels={"node-role.kubernetes.io/master": ""}),
                RACKS,
                peer(peer_selector="has(node-role.kubernetes.io/master)"),
            ),
            (
                node("m", "192.0.2.1", labels=CONTROL_PLANE),
                RACKS,
                peer(peer_selector="has(node-role.kubernetes.io/control-plane)"),
            ),
        ),
        (
            (RACKS, tor(node_selector="!has(node-role.kubernetes.io/master)")),
            (RACKS, tor(node_selector="!has(master)")),
        ),
        ((tor(node_selector="beta.kubernetes.io/os == 'linux'"),), (tor(node_selector="kubernetes.io/os == 'linux'"),)),
        (
            (tor(node_selector="failure-domain.beta.kubernetes.io/zone == 'a'"),),
            (tor(node_selector="topology.kubernetes.io/zone == 'a'"),),
        ),
    ],
    "yaml-tag": [
        (
            (RACKS, peer(peer_selector="has(rack)", tags=[("nodeSelector", "!has(rack)", "")])),
            (RACKS, peer(peer_selector="has(rack)", node_selector="!has(x)")),
        ),
        ((RACKS, peer(tags=[("peerSelector", "!has(rack)", "")])), (RACKS, peer(peer_selector="!has(x)"))),
    ],
    "client-without-reflector": [
        (
            (
                nodes(2),
                reflectors(2),
                node("c", "192.0.2.50", labels={"odd": "1"}),
                NO_MESH,
                peer("rr", node_selector="!has(odd)", peer_selector="has(route-reflector)"),
                peer("odd", node="c", peer_ip="192.0.2.1", as_number=64512),
            ),
            (
                nodes(2),
                reflectors(2),
                node("c", "192.0.2.50", labels={"odd": "1"}),
                NO_MESH,
                peer("rr", node_selector="!has(odd)", peer_selector="has(route-reflector)"),
                tor(node="c"),
            ),
        ),
    ],
    "reflectors-not-joined": [
        # Nobody joins the two; joined, but with one cluster ID.
        (
            (split_reflectors(["1.1.1.1", "1.1.1.1"], JOIN),),
            (split_reflectors(["1.1.1.1", "2.2.2.2"], JOIN),),
        ),
        (
            (
                nodes(2),
                reflectors(2),
                NO_MESH,
                peer("quoted", node_selector="!has(route-reflector)", peer_selector="has(route-reflector)"),
            ),
            (nodes(2), reflectors(2), NO_MESH, RR_PEER),
        ),
        (
            (split_reflectors(["1.1.1.1", "2.2.2.2"]),),
            (split_reflectors(["1.1.1.1", "1.1.1.1"], tor(peer_ip="192.0.2.254")),),
        ),
    ],
    "cluster-id-without-peers": [
        ((nodes(2), node("x", "192.0.2.9", rr="1.1.1.1")), (nodes(2), reflectors(2), RR_PEER)),
        ((nodes(2), node("x", "192.0.2.9", rr="1.1.1.1"), tor(node="x")), (node("x", "192.0.2.9", rr="1.1.1.1"),)),
    ],
    "reflector-label-without-cluster-id": [
        # A star whose hub no label calls a reflector; with a mesh, or behind a switch, it is none.
        ((STAR, NO_MESH), (STAR,)),
        ((STAR, NO_MESH), (STAR, NO_MESH, tor())),
        ((STAR, NO_MESH), (STAR, NO_MESH, peer("all", node_selector="!has(hub)", peer_selector="!has(hub)"))),
        (
            (nodes(2), reflectors(1), node("half", "192.0.2.9", labels={"route-reflector": "true"}), NO_MESH, RR_PEER),
            (nodes(2), reflectors(2), NO_MESH, RR_PEER),
        ),
        # A label that does not say reflector, but that others with a cluster ID have.
        (
            (
                nodes(2),
                node("a", "192.0.2.8", rr="1.1.1.1", labels={"x": "1"}),
                node("b", "192.0.2.9", labels={"x": "1"}),
                NO_MESH,
                peer(node_selector="!has(x)", peer_selector="has(x)"),
            ),
            (
                nodes(2),
                node("a", "192.0.2.8", labels={"x": "1"}),
                node("b", "192.0.2.9", labels={"x": "1"}),
                peer(node_selector="!has(x)", peer_selector="has(x)"),
            ),
        ),
        (
            (nodes(2), node("a", "192.0.2.8", labels={"route-reflector": "true"})),
            (nodes(2), node("a", "192.0.2.8", labels={"route-reflector": "false"})),
        ),
    ],
    "cluster-id-malformed": [
        ((nodes(1, rr="rack-1"),), (nodes(1, rr="244.0.0.1"),)),
        ((nodes(1, rr="244.0.0.256"),), (nodes(1, rr="0.0.0.1"),)),
        ((nodes(1, rr="17"),), (nodes(1),)),
        # Kubernetes' Node: Calico takes the annotation for absent.
        ((node("a", "192.0.2.1", api="v1", ignored=[("RouteReflectorClusterID", "rack")]),), (nodes(1, api="v1"),)),
    ],
    "peer-without-as": [
        ((nodes(2), peer(peer_ip="192.0.2.254")), (nodes(2), tor())),
        ((peer(peer_ip="192.0.2.254", as_number=0),), (peer(peer_selector="has(x)"),)),
        # A node that does not exist gets no file.
        ((nodes(2), peer(peer_ip="192.0.2.254")), (nodes(2), peer(peer_ip="192.0.2.254", node="gone"))),
    ],
    "as-number-mismatch": [
        (
            (nodes(2), NO_MESH, peer(peer_ip="192.0.2.1", as_number=65001)),
            (nodes(2), NO_MESH, peer(peer_ip="192.0.2.1", as_number=64512)),
        ),
        (
            (nodes(2), NO_MESH, peer(peer_ip="192.0.2.1", as_number=64512, local_as_number=65009)),
            (nodes(2), NO_MESH, peer(peer_ip="192.0.2.254", as_number=64512, local_as_number=65009)),
        ),
        # localASNumber that is the node's own anyway.
        (
            (nodes(2), NO_MESH, peer(peer_ip="192.0.2.1", as_number=64512, local_as_number=65009)),
            (nodes(2), NO_MESH, peer(peer_ip="192.0.2.1", as_number=64512, local_as_number=64512)),
        ),
    ],
    "own-as-in-mesh": [
        ((nodes(2), node("own", "192.0.2.9", asn=65001)), (nodes(2), node("same", "192.0.2.9", asn=64512))),
        ((nodes(2), node("own", "192.0.2.9", asn=65001)), (nodes(3, asn=65001),)),
        (
            (nodes(2), node("own", "192.0.2.9", asn=65001)),
            (nodes(2), node("own", "192.0.2.9", asn=65001), NO_MESH, tor()),
        ),
    ],
    "bird-refuses": [
        (
            (nodes(2), tor(peer_ip="fe80::1"), node("six", "192.0.2.9", "2001:db8::9")),
            (nodes(2), tor(peer_ip="2001:db8::1"), node("six", "192.0.2.9", "2001:db8::9")),
        ),
        ((nodes(2, asn=0),), (nodes(2, asn=1),)),
    ],
    "one-sided-peering": [
        (
            (nodes(2), NO_MESH, peer(node="node1", peer_ip="192.0.2.2", as_number=64512, reverse_peering="Manual")),
            (nodes(2), NO_MESH, peer(node="node1", peer_ip="192.0.2.2", as_number=64512)),
        ),
        (
            (nodes(3), NO_MESH, peer(peer_selector="all()", node="node1", reverse_peering="Manual")),
            (nodes(3), NO_MESH, peer(peer_selector="all()", node_selector="all()", reverse_peering="Manual")),
        ),
        # The other half is a BGPPeer of its own.
        (
            (nodes(2), NO_MESH, peer(node="node1", peer_ip="192.0.2.2", as_number=64512, reverse_peering="Manual")),
            (
                nodes(2),
                NO_MESH,
                peer(node="node1", peer_ip="192.0.2.2", as_number=64512, reverse_peering="Manual"),
                peer("back", node="node2", peer_ip="192.0.2.1", as_number=64512, reverse_peering="Manual"),
            ),
        ),
    ],
    "peer-port-mismatch": [
        (
            (
                nodes(2),
                NO_MESH,
                config("node.node1", listen_port=1790),
                peer(node="node2", peer_ip="192.0.2.1:1791", as_number=64512),
            ),
            (
                nodes(2),
                NO_MESH,
                config("node.node1", listen_port=1790),
                peer(node="node2", peer_ip="192.0.2.1:1790", as_number=64512),
            ),
        ),
        (
            (nodes(2), NO_MESH, peer(node="node2", peer_ip="192.0.2.1:500", as_number=64512)),
            (
                nodes(2),
                NO_MESH,
                peer(node="node2", peer_ip="192.0.2.1", as_number=64512),
                tor(peer_ip="192.0.2.254:500"),
            ),
        ),
    ],
    "same-session-twice": [
        ((nodes(2), tor("a"), tor("b", as_number=65002)), (nodes(2), tor("a"), tor("b", peer_ip="192.0.2.253"))),
        ((nodes(2), tor("a"), tor("b")), (nodes(2), tor("a", node="node1"), tor("b", node="node2"))),
        ((nodes(2), tor("a"), tor("b", node="node1", as_number=65002)), (nodes(2), tor("a"), tor("b", node="node1"))),
    ],
    "neighbour-twice": [
        (
            (nodes(3), peer(node_selector="all()", peer_selector="all()")),
            (nodes(3), NO_MESH, peer(node_selector="all()", peer_selector="all()")),
        ),
        (
            (nodes(2), tor("a"), tor("b", peer_ip="192.0.2.254:179")),
            (nodes(2), tor("a"), tor("b", peer_ip="192.0.2.254:1790")),
        ),
    ],
    "fields-exclude-each-other": [
        ((tor(node="n", node_selector="all()"),), (tor(node="n"),)),
        ((peer(peer_ip="192.0.2.1", peer_selector="all()"),), (peer(peer_selector="all()"),)),
        ((peer(peer_selector="all()", as_number=65001),), (tor(),)),
        ((tor(keep_original_next_hop=True, next_hop_mode="Self"),), (tor(keep_original_next_hop=True),)),
        (
            (peer(local_workload_selector="all()", peer_ip="192.0.2.1", as_number=1),),
            (peer(local_workload_selector="all()", as_number=1),),
        ),
    ],
    "peer-skipped": [
        ((tor(peer_ip="tor.example"),), (tor(),)),
        ((tor(peer_ip="192.0.2.254/24"),), (tor(peer_ip="192.0.2.254:179"),)),
        ((peer(node="node1"),), (peer(peer_selector="all()"),)),
        ((tor(reachable_by="gateway"),), (tor(reachable_by="192.0.2.253"),)),
    ],
    "peer-ip-not-canonical": [
        ((tor(peer_ip="2001:DB8::1"),), (tor(peer_ip="2001:db8::1"),)),
        ((tor(peer_ip="[2001:db8:0::1]:179"),), (tor(peer_ip="[2001:db8::1]:179"),)),
    ],
    "peer-of-missing-node": [
        ((nodes(2), tor(node="nod1")), (nodes(2), tor(node="node1"))),
        ((nodes(2), tor(node="nod1")), (tor(node="nod1"),)),
    ],
    "field-without-effect": [
        ((peer(peer_selector="all()", local_as_number=65001),), (tor(local_as_number=65002),)),
        ((tor(next_hop_mode="Self"),), (tor(keep_original_next_hop=True),), V3_30),
    ],
    "node-address-twice": [
        ((node("a", "192.0.2.1"), node("b", "192.0.2.1")), (node("a", "192.0.2.1"), node("b", "192.0.2.2"))),
    ],
    "node-without-address": [
        ((nodes(2), node("bare")), (nodes(2),)),
        ((nodes(2), node("bare")), (nodes(2), node("virtual", labels={"type": "virtual-kubelet"}))),
        ((nodes(2), node("bare")), (nodes(2), node("w", labels={"kubernetes.io/os": "windows"}))),
        ((nodes(1), node("bare"), node("bare2")), (nodes(2), node("six", None, "2001:db8::1"))),
        # Where none has one, Kubernetes' Nodes do not hold what Calico keeps in etcd.
        ((nodes(1), node("bare"), node("bare2")), (node("bare"), node("bare2"))),
    ],
    "node-address-of-bridge": [
        ((node("a", "172.17.0.1"), nodes(1)), (node("a", "172.17.0.2"), nodes(1))),
        ((node("a", "172.31.0.1"),), (node("a", "172.32.0.1"),)),
        ((node("a", "172.18.0.1", internal=["192.0.2.1"]),), (node("a", "172.18.0.1", internal=["172.18.0.1"]),)),
    ],
    "node-address-in-pool": [
        ((node("a", "10.244.0.9"), pool("10.244.0.0/16")), (node("a", "10.245.0.9"), pool("10.244.0.0/16"))),
        ((node("a", "10.244.0.9"), pool("10.244.0.0/16")), (node("a", "10.244.0.9"), pool("nonsense"))),
    ],
    "node-address-not-internal": [
        (
            (node("a", "10.0.0.1", internal=["192.0.2.1"]), node("b", "192.0.2.2", internal=["192.0.2.2"])),
            (node("a", "192.0.2.1", internal=["192.0.2.1"]), node("b", "192.0.2.2")),
        ),
    ],
    "annotation-ignored": [
        (
            (node("a", "192.0.2.1", api="v1", ignored=[("ASNumber", "many")]),),
            (node("a", "192.0.2.1", api="v1", ignored=[("RouteReflectorClusterID", "rack")]),),
        ),
    ],
    "family-on-some-nodes": [
        ((node("a", "192.0.2.1", "2001:db8::1"), nodes(1)), (node("a", "192.0.2.1", "2001:db8::1"),)),
    ],
    "single-reflector": [
        ((nodes(3), reflectors(1), NO_MESH, RR_PEER), (nodes(3), reflectors(2), NO_MESH, RR_PEER)),
        ((nodes(3), reflectors(1), NO_MESH, RR_PEER), (nodes(3), reflectors(1), RR_PEER)),
        ((split_reflectors(["1.1.1.1", "2.2.2.2"], JOIN),), (nodes(3), reflectors(2), NO_MESH, RR_PEER)),
    ],
    "reflectors-in-one-zone": [
        (
            (rr_nodes(zones=("a", "a", "a", "b")), NO_MESH, RR_PEER),
            (rr_nodes(zones=("a", "b", "a", "b")), NO_MESH, RR_PEER),
        ),
        (
            (rr_nodes(zones=("a", "a", "a", "b")), NO_MESH, RR_PEER),
            (rr_nodes(zones=("a", "a", "a", "a")), NO_MESH, RR_PEER),
        ),
        (
            (rr_nodes(zones=("a", "a", "a", "b")), NO_MESH, RR_PEER),
            (rr_nodes(zones=(None, None, "a", "b")), NO_MESH, RR_PEER),
        ),
    ],
    "reflectors-on-control-plane": [
        ((rr_nodes(reflector_labels=CONTROL_PLANE), NO_MESH, RR_PEER), (rr_nodes(), NO_MESH, RR_PEER)),
    ],
    "mesh-over-100-nodes": [
        ((nodes(101),), (nodes(100),)),
        ((nodes(101),), (nodes(101), NO_MESH, tor())),
    ],
    "mesh-beside-reflectors": [
        ((nodes(3), reflectors(2), RR_PEER), (nodes(3), reflectors(2), RR_PEER, NO_MESH)),
    ],
    "configuration-ignored": [
        ((nodes(2), config("Default", as_number=65001)), (nodes(2), config("default", as_number=65001))),
        ((nodes(2), config("node1", listen_port=1790)), (nodes(2), config("node.node1", listen_port=1790))),
    ],
    "configuration-of-missing-node": [
        ((nodes(2), config("node.nod1", listen_port=1790)), (nodes(2), config("node.node1", listen_port=1790))),
        ((nodes(2), config("node.nod1", listen_port=1790)), (config("node.nod1", listen_port=1790),)),
    ],
    "configuration-without-effect": [
        ((nodes(2), config("node.node1", as_number=65001)), (nodes(2), config("default", as_number=65001))),
        (
            (nodes(2), config("node.node1", node_to_node_mesh_enabled=False)),
            (nodes(2), config("node.node1", listen_port=179)),
        ),
    ],
    "crd-v1-by-hand": [
        ((tor(api_version="crd.projectcalico.org/v1", by_hand=True),), (tor(api_version="crd.projectcalico.org/v1"),)),
    ],
    "reflector-cluster-ids": [
        ((nodes(3), reflectors(2), NO_MESH, RR_PEER), (nodes(3), reflectors(1), NO_MESH, RR_PEER)),
    ],
    "filter-refused": [
        # Refused, used or not; one that BIRD can read is not.
        (
            (nodes(2), bgp_filter(import_v4=["Reject In 10.0.0.1/8"])),
            (nodes(2), bgp_filter(import_v4=["Reject In 10.0.0.0/8"])),
        ),
        (
            (nodes(2), bgp_filter(export_v4=["Reject In 10.0.0.0/16 8-12"])),
            (nodes(2), bgp_filter(export_v4=["Reject In 10.0.0.0/16 8-24"])),
        ),
        (
            (nodes(2), bgp_filter(import_v4=["Reject In fd00::/8"])),
            (nodes(2), bgp_filter(import_v6=["Reject In fd00::/8"])),
        ),
    ],
    "filter-rejects-pods": [
        (
            (FILTERED, bgp_filter(import_v4=["Reject In 10.244.0.0/16"])),
            (FILTERED, bgp_filter(import_v4=["Reject In 10.245.0.0/16"])),
        ),
        # A list of what is allowed ends in Reject, and forgets the pods.
        (
            (FILTERED, bgp_filter(export_v4=["Accept In 10.96.0.0/12", "Reject"])),
            (FILTERED, bgp_filter(export_v4=["Accept In 10.96.0.0/12", "Accept In 10.244.0.0/16", "Reject"])),
        ),
        # Where Felix programs the pods' routes, nobody needs them of BIRD.
        (
            (FILTERED, bgp_filter(import_v4=["Reject"])),
            ([*FILTERED_NODES], pool("10.244.0.0/16", vxlan_mode="Always"), bgp_filter(import_v4=["Reject"])),
        ),
        # What only the switch is not to hear.
        (
            (FILTERED, bgp_filter(export_v4=["Reject"])),
            (nodes(3), pool("10.244.0.0/16"), tor(filters=("guard",)), bgp_filter(export_v4=["Reject"])),
        ),
    ],
    "pool-not-exported-inside": [
        ((nodes(3), pool("10.244.0.0/16", disable_bgp_export=True)), (nodes(3), pool("10.244.0.0/16"))),
        (
            (nodes(3), pool("10.244.0.0/16", disable_bgp_export=True)),
            (nodes(3), pool("10.244.0.0/16", disable_bgp_export=True, vxlan_mode="Always")),
        ),
        (
            (nodes(3), pool("10.244.0.0/16", disable_bgp_export=True, ipip_mode="Always")),
            (nodes(3), pool("10.244.0.0/16", disable_bgp_export=True, allowed_uses=("LoadBalancer",))),
            V3_31,
        ),
        # Nobody has a session that could carry its routes.
        (
            (nodes(3), pool("10.244.0.0/16", disable_bgp_export=True)),
            (nodes(3), NO_MESH, tor(), pool("10.244.0.0/16", disable_bgp_export=True)),
        ),
    ],
    "cluster-routes-programmed-by-nobody": [
        (
            (nodes(3), PLAIN, config(program_cluster_routes="Disabled"), felix("Disabled")),
            (nodes(3), PLAIN, config(program_cluster_routes="Disabled"), felix("Enabled")),
        ),
        # After an upgrade: what was all of Felix's is IPIP's alone.
        (
            (nodes(3), PLAIN, config(program_cluster_routes="Disabled"), felix()),
            (nodes(3), PLAIN, config(program_cluster_routes="Disabled"), felix("EnabledNoEncapOnly")),
            V3_33,
        ),
        (
            (nodes(3), PLAIN, config(program_cluster_routes="Disabled"), felix()),
            (nodes(3), PLAIN, config(program_cluster_routes="Disabled"), felix("Enabled")),
            V3_32,
        ),
        (
            (nodes(3), pool("10.245.0.0/16", ipip_mode="Always"), felix("Disabled")),
            (nodes(3), pool("10.245.0.0/16", vxlan_mode="Always"), felix("Disabled")),
            V3_33,
        ),
        # Up to v3.32 Felix writes plain routes beside no tunnels.
        (
            (nodes(3), PLAIN, pool("10.245.0.0/16", "t", ipip_mode="Always"), *BIRD_OFF, felix("Enabled")),
            (nodes(3), PLAIN, *BIRD_OFF, felix("Enabled")),
            V3_32,
        ),
        # One node's own; and a pool that nobody has addresses of.
        (
            (nodes(3), PLAIN, *BIRD_OFF, felix("Enabled"), felix("Disabled", "node.node1")),
            (nodes(3), pool("10.244.0.0/16", disabled=True), *BIRD_OFF, felix("Disabled")),
        ),
        # Without a FelixConfiguration nobody knows; up to v3.31 BIRD cannot be told.
        (
            (nodes(3), PLAIN, *BIRD_OFF, felix("Disabled")),
            (nodes(3), PLAIN, *BIRD_OFF),
        ),
        (
            (nodes(3), PLAIN, *BIRD_OFF, felix("Disabled")),
            (nodes(3), PLAIN, config(), felix("Disabled")),
        ),
    ],
    "services-over-pool": [
        ((PLAIN, services("10.244.0.0/14")), (PLAIN, services("10.96.0.0/12"))),
        ((PLAIN, services("10.244.64.0/20")), (PLAIN, services("10.244.64.1/32"))),
        ((PLAIN, services("10.244.0.0/16")), (pool("10.244.0.0/16", vxlan_mode="Always"), services("10.244.0.0/16"))),
        (
            (PLAIN, services(service_load_balancer_ips=("10.244.0.0/16",))),
            (
                pool("10.244.0.0/16", allowed_uses=("LoadBalancer",)),
                services(service_load_balancer_ips=("10.244.0.0/16",)),
            ),
        ),
        ((pool("fd00:10::/64"), services("fd00::/8")), (pool("fd00:10::/64"), services("fd01::/16", "10.0.0.0/8"))),
    ],
    "cluster-routes-programmed-twice": [
        (
            (nodes(3), PLAIN, config(program_cluster_routes="Enabled"), felix("Enabled")),
            (nodes(3), PLAIN, config(program_cluster_routes="Enabled"), felix("EnabledIPIPOnly")),
            V3_33,
        ),
        ((nodes(3), PLAIN, felix("Enabled")), (nodes(3), PLAIN, felix("Disabled")), V3_31),
        ((nodes(3), PLAIN, felix("Enabled")), (nodes(3), PLAIN, *BIRD_OFF, felix("Enabled")), V3_32),
        (
            (nodes(3), pool("10.245.0.0/16", ipip_mode="Always"), config(program_cluster_routes="Enabled"), felix()),
            (nodes(3), pool("10.245.0.0/16", ipip_mode="Always"), config(), felix()),
            V3_33,
        ),
    ],
    "filter-missing": [
        ((tor(filters=("gard",)), bgp_filter()), (tor(filters=("guard",)), bgp_filter())),
        # Without any, filters were not given.
        ((tor(filters=("guard", "edge")), bgp_filter()), (tor(filters=("guard", "edge")),)),
    ],
    "filter-rule-never-matches": [
        (
            (bgp_filter(import_v4=["Accept", "Reject In 10.0.0.0/8"]),),
            (bgp_filter(import_v4=["Reject In 10.0.0.0/8", "Accept"]),),
        ),
        (
            (bgp_filter(import_v4=["Accept In 10.0.0.0/8", "Reject In 10.1.0.0/16 24-26"]),),
            (bgp_filter(import_v4=["Accept In 10.0.0.0/8 8-20", "Reject In 10.1.0.0/16 24-26"]),),
        ),
        (
            (bgp_filter(export_v6=["Reject In fd00::/8", "Accept Equal fd65::/48"]),),
            (bgp_filter(export_v6=["Reject In fd65::/48", "Accept Equal fd00::/8"]),),
        ),
        (
            (bgp_filter(import_v4=["Accept NotIn 10.0.0.0/8", "Reject In 192.168.0.0/16"]),),
            (bgp_filter(import_v4=["Accept NotIn 10.0.0.0/8", "Reject NotIn 192.168.0.0/16"]),),
        ),
        (
            (bgp_filter(import_v4=["Accept Equal 10.0.0.0/8 8-16"]),),
            (bgp_filter(import_v4=["Accept In 10.0.0.0/8 8-16"]),),
        ),
        (
            (bgp_filter(import_v4=["Accept NotEqual 10.0.0.0/8 8-16"]),),
            (bgp_filter(import_v4=["Accept NotEqual 10.0.0.0/8"]),),
        ),
    ],
    "filter-unused": [
        ((tor(), bgp_filter()), (tor(filters=("guard",)), bgp_filter())),
    ],
    "router-id-needed": [
        ((node("six", None, "2001:db8::1"),), (node("both", "192.0.2.1", "2001:db8::1"),)),
    ],
}


def test_no_rule_is_left_out():
    assert CASES.keys() == {rule.id for rule in LINT_RULES}


@pytest.mark.parametrize(
    ("rule", "case"),
    [pytest.param(rule, case, id=f"{rule}-{i}") for rule, cases in CASES.items() for i, case in enumerate(cases, 1)],
)
def test_what_it_is_about_and_a_near_miss(rule, case):
    about, near_miss, *version = case
    more = {"version": version[0]} if version else {}
    assert rule in rules(*about, **more)
    assert rule not in rules(*near_miss, **more)
