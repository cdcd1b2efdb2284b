"""A family of causes that has nothing to say about the first of several things still looks at those behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from ipaddress import ip_address

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.addresses.duplicates import bridge_of_several
from calico_bgp.causes.addresses.exchanged import exchanged_by_tables
from calico_bgp.causes.addresses.nodes import wrong_address
from calico_bgp.causes.addresses.sources import other_source_address
from calico_bgp.causes.case import Case
from calico_bgp.causes.network.firewalls import dropped
from calico_bgp.causes.network.hosts import host_cut
from calico_bgp.causes.network.out_of_sight import unseen_node
from calico_bgp.causes.network.partial_cuts import partly_cut
from calico_bgp.causes.nodes.disabled import disabled_peer
from calico_bgp.causes.nodes.emptied import no_peers
from calico_bgp.causes.nodes.felix import felix_down
from calico_bgp.causes.nodes.pods import pod_down
from calico_bgp.causes.peering.configuration import confd_stuck, lacks_several
from calico_bgp.causes.peering.external_sessions import external_session_down
from calico_bgp.causes.peering.unlike_node import unlike_the_nodes_port
from calico_bgp.causes.reflectors.selectors import selects_no_reflector, stale_selector
from calico_bgp.cluster.cluster import observe
from calico_bgp.expect.engine import expect
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, CalicoNode, Resources
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.pasted.reader import parse_pasted
from tests.running_birds import Birds
from tests.unit.auditing.tables import UP, cluster, gathered, node, table
from tests.unit.causes.reflectors.test_wrong_far_ends import hierarchy
from tests.unit.rules.observed.rule_snapshots import pod, through_kubernetes

HELD, TIMED_OUT = "Active BGP Error: Hold timer expired", "Active Socket: Operation timed out"
UNREACHABLE, FORBIDDEN = "Active Socket: No route to host", "Active Socket: Permission denied"
REFUSED, CLOSED = "Active Socket: Connection refused", "Active Socket: Connection closed"
WAITS, STOPPED = "Passive", "Idle Received: Administrative shutdown"

Said = Mapping[tuple[str, str], str | None]


def mesh(size: int, *said: Said, more: Mapping[str, Iterable[str]] | None = None) -> Snapshot:
    """A mesh n1, n2, ... that was read.

    Args:
        size: How many.
        said: (node, far end) → what it shows there, None for no row; of all others that the session is up.
        more: Node → other rows.
    """
    names = [f"n{n}" for n in range(1, size + 1)]
    shows = {(one, far): UP for one in names for far in names if one != far} | {
        pair: info for part in said for pair, info in part.items()
    }
    tables = {
        one: table(
            one,
            *(f"192.0.2.{far[1:]} {info}" for (near, far), info in shows.items() if near == one and info is not None),
            *(more or {}).get(one, ()),
        )
        for one in names
    }
    return gathered(tables, addresses={name: f"192.0.2.{name[1:]}" for name in names})


def both(one: str, *others: str, info: str = HELD) -> Said:
    """Neither end has the session."""
    return {pair: info for other in others for pair in ((one, other), (other, one))}


def one_way(one: str, *others: str, info: str = TIMED_OUT, far: str | None = WAITS) -> Said:
    """The one dials the others in vain, who say another thing."""
    return {(one, other): info for other in others} | {(other, one): far for other in others}


def lacks(name: str, *others: str, info: str = CLOSED) -> Said:
    """The one shows no rows of the others, who say another thing."""
    return {(name, other): None for other in others} | {(other, name): info for other in others}


OTHERS = ("n2", "n3", "n4", "n5", "n6")


def waits_for(name: str, *others: str) -> Said:
    """The others dial the one in vain."""
    return {(other, name): TIMED_OUT for other in others} | {(name, other): WAITS for other in others}


OFF = BGPConfiguration(name="default", node_to_node_mesh_enabled=False)
PEER = BGPPeer(name="rr", node_selector="all()", peer_selector="has(rr)")


def nodes(*numbers: int, **fields: object) -> list[CalicoNode]:
    return [node(f"n{n}", f"192.0.2.{n}/24", internal=f"192.0.2.{n}", **fields) for n in numbers]


def numbered(*numbers: int) -> Resources:
    """A mesh."""
    return cluster(*nodes(*numbers))


MESH = numbered(1, 2, 3, 4, 5, 6)
REFLECTORS, CLIENTS = nodes(1, 2, labels="rr", cluster_id="1.1.1.1"), nodes(3, 4, 5, 6)
REFLECTED = cluster(*REFLECTORS, *CLIENTS, PEER, OFF)


def by_address(*peer_ips: str) -> Resources:
    """Reflectors that all have as peers by BGPPeers a, b, ... with these addresses."""
    peers = [BGPPeer(name=name, peer_ip=ip, as_number=64512) for name, ip in zip("ab", peer_ips, strict=True)]
    return cluster(*REFLECTORS, *CLIENTS, *peers, OFF)


def with_peer(resources: Resources, **fields: object) -> Resources:
    """With a BGPPeer more, that stands before all others."""
    return resources.model_copy(update={"bgp_peers": (BGPPeer(name="a", **fields), *resources.bgp_peers)})


def as_asked(resources: Resources) -> Snapshot:
    """Nodes that run what the resources ask for, all of it Established."""
    peers = expect(resources).peers
    tables = {name: table(name, *(f"{p.peer_type}= {p.address} {UP}" for p in own)) for name, own in peers.items()}
    return gathered(tables, resources=resources)


def at_other_addresses(resources: Resources, *, on_hosts: bool = False, **addresses: str) -> Birds:
    """Calico has these addresses of some nodes; their hosts have them as well, or what they had."""
    changed = {name: replace(resources.nodes_by_name[name], ipv4=ip_address(text)) for name, text in addresses.items()}
    made = resources.model_copy(update={"nodes": tuple(changed.get(each.name, each) for each in resources.nodes)})
    return Birds(made, hosts={} if on_hosts else {name: (f"192.0.2.{name[1:]}",) for name in addresses})


def exchanged_over_ipv6(one: str, other: str) -> Birds:
    """A mesh of both families."""
    made = [replace(each, ipv6=ip_address(f"2001:db8::{each.name[1:]}"), ipv6_prefix=64) for each in MESH.nodes]
    hosts = {each.name: (str(each.ipv4), str(each.ipv6)) for each in made}
    far = {one: other, other: one}
    swapped = [replace(each, ipv6=ip_address(hosts[far.get(each.name, each.name)][1])) for each in made]
    return Birds(cluster(*swapped), hosts=hosts)


def without_felix(made: Snapshot, *names: str) -> Snapshot:
    """calicoctl finds no Felix on these nodes."""
    text = "root@{}:~# calicoctl node status\nCalico process is not running.\n"
    readings = [
        reading.model_copy(update={"status": parse_pasted(text.format(reading.node))[0]})
        if reading.node in names
        else reading
        for reading in made.readings
    ]
    return made.model_copy(update={"readings": tuple(readings)})


SWITCH, OTHER, NAT = "global= 198.51.100.1", "global= 198.51.100.2", "198.51.100.3"

#: What stands first → the family of causes, the cluster, and what the family tells of what stands behind.
CASES = {
    "a link, and a node that reaches some": (
        partly_cut,
        mesh(6, both("n1", "n2"), both("n3", "n4", "n5")),
        [("host-network-cut", "n3 (IPv4)")],
    ),
    "a node whose peers lack more, and one that reaches some": (
        partly_cut,
        mesh(7, both("n1", "n2", "n3"), both("n2", "n4"), both("n5", "n6", "n7")),
        [("host-network-cut", "n5 (IPv4)")],
    ),
    "a node that dials in vain, and one that reaches some": (
        partly_cut,
        mesh(7, one_way("n1", "n2", "n3"), both("n5", "n6", "n7")),
        [("host-network-cut", "n5 (IPv4)")],
    ),
    "a link, and a peer that one end lacks": (
        disabled_peer,
        mesh(5, both("n1", "n2"), lacks("n3", "n4")),
        [("disabled-peer", "n3 <-> n4 (IPv4)")],
    ),
    "a peer of which the network tells, and one that one end lacks": (
        disabled_peer,
        mesh(5, lacks("n1", "n2", info=UNREACHABLE), lacks("n3", "n4")),
        [("disabled-peer", "n3 <-> n4 (IPv4)")],
    ),
    "a node that lacks several, and one that lacks one": (
        disabled_peer,
        mesh(6, lacks("n1", "n2", "n3", info=HELD), lacks("n5", "n4")),
        [("disabled-peer", "n4 <-> n5 (IPv4)")],
    ),
    "a node of the mesh that has a session, and one that refuses": (
        unseen_node,
        mesh(3, more={f"n{n}": (f"192.0.2.90 {UP}", f"192.0.2.91 {REFUSED}") for n in (1, 2, 3)}),
        [("bird-down", "192.0.2.91")],
    ),
    "a switch whose nodes have other trouble, and one that one node lacks": (
        external_session_down,
        mesh(
            4,
            both("n1", "n2"),
            more={
                f"n{n}": (f"{SWITCH} {UP if n > 2 else CLOSED}", f"{OTHER} {CLOSED if n == 3 else UP}")
                for n in (1, 2, 3, 4)
            },
        ),
        [("external-session-down", "198.51.100.2 <-> n3 (IPv4)")],
    ),
    "a node whose way a firewall forbids, and one that reaches nobody": (
        host_cut,
        mesh(
            6,
            {(name, "n1"): HELD for name in OTHERS} | {("n1", name): FORBIDDEN for name in OTHERS},
            both("n1", "n5"),
            both("n5", "n2", "n3", "n4", "n6", info=UNREACHABLE),
        ),
        [("host-network-cut", "n5")],
    ),
    "a link, and a node of which one direction is silent": (
        dropped,
        mesh(7, both("n1", "n2"), waits_for("n4", "n5", "n6", "n7")),
        [("port-dropped", "n4")],
    ),
    "a node to which there is no way, and one of which one direction is silent": (
        dropped,
        mesh(7, both("n1", "n2", "n3", info=UNREACHABLE), waits_for("n4", "n5", "n6", "n7")),
        [("port-dropped", "n4")],
    ),
    "a node of which both directions are silent, and one of which one is": (
        dropped,
        mesh(7, both("n1", "n2", "n3"), waits_for("n4", "n5", "n6", "n7")),
        [("port-dropped", "n4")],
    ),
    "a node that nobody has as a peer, and one that has none": (
        no_peers,
        mesh(6, dict.fromkeys(both("n1", *OTHERS)), lacks("n5", "n2", "n3", "n4", "n6")),
        [("confd-stuck", "n5")],
    ),
    "a node that another link spoils, and one whose connections are turned away": (
        other_source_address,
        Birds(
            MESH,
            seen_from={"n4": NAT, "n6": NAT},
            cut=lambda one, other: {one, other} == {"n2", "n4"},
        ).snapshot(),
        [("other-source-address", "n6")],
    ),
    "a node without trouble, and one with a wrong address": (
        wrong_address,
        at_other_addresses(REFLECTED, n5="198.51.100.9").snapshot(),
        [("wrong-address", "n5")],
    ),
    "two with one address, and two with the bridge's": (
        bridge_of_several,
        at_other_addresses(
            MESH, n1="192.0.2.77", n2="192.0.2.77", n4="172.17.0.1", n5="172.17.0.1", on_hosts=True
        ).snapshot(),
        [("wrong-address", "n4 n5")],
    ),
    "a BGPPeer without a port, and one with another than the node has": (
        unlike_the_nodes_port,
        Birds(by_address("192.0.2.2", "192.0.2.1:1790")).snapshot(),
        [("port-refused", "BGPPeer b")],
    ),
    "a BGPPeer with the node's port, and one with another": (
        unlike_the_nodes_port,
        Birds(by_address("192.0.2.2:179", "192.0.2.1:1790")).snapshot(),
        [("port-refused", "BGPPeer b")],
    ),
    "a BGPPeer of no node at all, and one whose peerSelector has a slip": (
        stale_selector,
        as_asked(with_peer(hierarchy("tier == 'Top'"), node_selector="has(none)", peer_selector="has(nobody)")),
        [("selector-matches-nothing", "BGPPeer tops")],
    ),
    "a peerSelector of nobody, and one of the clients": (
        selects_no_reflector,
        as_asked(
            with_peer(
                cluster(*REFLECTORS, *CLIENTS, replace(PEER, node_selector="!has(rr)", peer_selector="!has(rr)"), OFF),
                node_selector="!has(rr)",
                peer_selector="has(nobody)",
            )
        ),
        [("selector-matches-wrong-nodes", "BGPPeer rr")],
    ),
    "a node without calico-node, and one without Felix": (
        felix_down,
        without_felix(mesh(5, {(f"n{n}", "n1"): REFUSED for n in (2, 3, 4, 5)}), "n1", "n2"),
        [("calico-node-down", "n1"), ("felix-down", "n2")],
    ),
    "a node without a pod, and one whose pod does not run": (
        pod_down,
        through_kubernetes(None, replace(pod(running=False), name="calico-node-b", node="node2"), failed=2),
        [("pod-crash-looping", "node2")],
    ),
    "a node that lacks one peer, and one whose confd hangs": (
        confd_stuck,
        Birds(MESH, before=numbered(1, 2, 3), stuck=frozenset({"n5"}), disabled=frozenset({("n1", "n2")})).snapshot(),
        [("confd-stuck", "n5")],
    ),
    "a node that lacks one peer, and one that lacks two": (
        lacks_several,
        mesh(8, lacks("n1", "n2"), lacks("n5", "n6", "n7")).model_copy(update={"resources": numbered(*range(1, 9))}),
        [("confd-stuck", "n5")],
    ),
    "a node whose peers somebody disabled, and one that lacks two": (
        lacks_several,
        mesh(8, lacks("n1", "n2", "n3", info=STOPPED), lacks("n5", "n6", "n7")).model_copy(
            update={"resources": numbered(*range(1, 9))}
        ),
        [("confd-stuck", "n5")],
    ),
    "IPv4, and two that have each other's address of IPv6": (
        exchanged_by_tables,
        exchanged_over_ipv6("n2", "n4").snapshot(resources=False),
        [("wrong-address", "n2 n4")],
    ),
    "a node that has rows, and one that has none": (
        no_peers,
        mesh(6, both("n1", *OTHERS), lacks("n5", "n1", "n2", "n3", "n4", "n6")),
        [("confd-stuck", "n5")],
    ),
}


def found(candidates):
    return [(candidate.kind, " ".join(map(str, candidate.subjects))) for candidate in candidates]


@pytest.mark.parametrize("case", CASES)
def test_what_stands_behind_another_thing_is_told(case):
    family, snapshot, told = CASES[case]
    assert found(family(Case(observe(snapshot), audit(snapshot).findings))) == told
