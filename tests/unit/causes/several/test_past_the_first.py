"""A family of causes that has nothing to say about the first of several things still looks at those behind it."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.addresses.duplicates import bridge_of_several, duplicate_address
from calico_bgp.causes.addresses.exchanged import exchanged_by_tables
from calico_bgp.causes.addresses.facts import nodes_with_doubtful_addresses
from calico_bgp.causes.addresses.nodes import wrong_address, wrong_by_tables
from calico_bgp.causes.addresses.sources import other_source_address
from calico_bgp.causes.case import Case
from calico_bgp.causes.external.down import external_peer_down
from calico_bgp.causes.external.sessions import external_session_down
from calico_bgp.causes.network.firewalls import dropped
from calico_bgp.causes.network.hosts import host_cut, link_cut
from calico_bgp.causes.network.out_of_sight import unseen_node
from calico_bgp.causes.network.partial_cuts import partial_partition, partly_cut
from calico_bgp.causes.nodes.daemons import bird_down, socket_gone
from calico_bgp.causes.nodes.disabled import disabled_everywhere, disabled_peer
from calico_bgp.causes.nodes.emptied import no_peers
from calico_bgp.causes.nodes.felix import felix_down
from calico_bgp.causes.nodes.pods import pod_down
from calico_bgp.causes.peering.as_groups import two_groups
from calico_bgp.causes.peering.configuration import confd_stuck, lacks_several, refused_configuration
from calico_bgp.causes.peering.mesh_left import mesh_not_followed
from calico_bgp.causes.peering.one_sided import one_sided
from calico_bgp.causes.peering.unfollowed import as_numbers_of_before
from calico_bgp.causes.peering.unlike_node import unlike_the_nodes_as, unlike_the_nodes_port
from calico_bgp.causes.reflectors.levels import equal_ids_on_the_way
from calico_bgp.causes.reflectors.roles import lost_by_tables
from calico_bgp.causes.reflectors.selectors import selects_no_reflector, stale_selector
from calico_bgp.cluster.cluster import observe
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.lab.cluster import build_cluster
from calico_bgp.model.inventory import Host
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BGPConfiguration, BGPPeer
from calico_bgp.upstream import CLUSTER_ID
from tests.running_birds import Birds
from tests.unit.auditing.conftest import snapshot_of
from tests.unit.auditing.tables import UP, cluster
from tests.unit.causes.reflectors.test_levels import hierarchy as levels
from tests.unit.causes.reflectors.test_wrong_far_ends import hierarchy
from tests.unit.causes.several.two_things import (
    CLIENTS,
    CLOSED,
    FORBIDDEN,
    HANGS,
    HELD,
    MESH,
    NAT,
    NO_FELIX,
    NO_SOCKET,
    OFF,
    OTHER,
    OTHERS,
    PEER,
    REFLECTED,
    REFLECTORS,
    REFUSED,
    STOPPED,
    SWITCH,
    TIMED_OUT,
    UNREACHABLE,
    as_asked,
    at_other_addresses,
    both,
    by_address,
    exchanged_and_wrong,
    exchanged_over_ipv6,
    lacks,
    mesh,
    nodes,
    numbered,
    one_way,
    printing,
    read_at_bgp_addresses,
    showing,
    waits_for,
    with_another_ipv6,
    with_peer,
    with_resources,
    without_session,
)
from tests.unit.rules.observed.rule_snapshots import pod, through_kubernetes

EIGHT = numbered(*range(1, 9))
TOLD_TO_CLIENTS = replace(PEER, node_selector="!has(rr)", peer_selector="!has(rr)")


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
                cluster(*REFLECTORS, *CLIENTS, TOLD_TO_CLIENTS, OFF),
                node_selector="!has(rr)",
                peer_selector="has(nobody)",
            )
        ),
        [("selector-matches-wrong-nodes", "BGPPeer rr")],
    ),
    "a node without calico-node, and one without Felix": (
        felix_down,
        printing(mesh(5, {(f"n{n}", "n1"): REFUSED for n in (2, 3, 4, 5)}), n1=NO_FELIX, n2=NO_FELIX),
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
        mesh(8, lacks("n1", "n2"), lacks("n5", "n6", "n7")).model_copy(update={"resources": EIGHT}),
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
    "a node that has heard of nobody over IPv6 so far, and one that reaches nobody over it": (
        host_cut,
        mesh(6, ipv6={**both("n1", *OTHERS, info="Active"), **both("n5", "n2", "n3", "n4", "n6", info=UNREACHABLE)}),
        [("host-network-cut", "n5 (IPv6)")],
    ),
    "a reflector that one client lacks, and one that all lack": (
        lost_by_tables,
        without_session(snapshot_of(build_cluster(8, reflectors=3), "lost-label:node2", roles=True), "node1", "node5"),
        [("reflector-lost-label", "node2")],
    ),
    "two groups of which a node lacks more, and two that are only cut apart": (
        partial_partition,
        mesh(
            10,
            both("n1", "n3", "n4"),
            both("n2", "n3", "n4"),
            lacks("n1", "n10"),
            both("n5", "n7", "n8"),
            both("n6", "n7", "n8"),
        ),
        [("partition", "n5 n6")],
    ),
    "a node that has rows, and one that has none": (
        no_peers,
        mesh(6, both("n1", *OTHERS), lacks("n5", "n1", "n2", "n3", "n4", "n6")),
        [("confd-stuck", "n5")],
    ),
    "two that have each other's addresses, and one with a wrong one": (
        wrong_address,
        exchanged_and_wrong("n2", "n4", wrong="n6").snapshot(),
        [("wrong-address", "n6")],
    ),
    "two with one address, and one with a wrong one": (
        wrong_address,
        at_other_addresses(MESH, n1="192.0.2.2", n5="198.51.100.9").snapshot(),
        [("wrong-address", "n5")],
    ),
    "two with the bridge's address, and two with another": (
        duplicate_address,
        at_other_addresses(
            MESH, n1="192.0.2.77", n2="192.0.2.77", n4="172.17.0.1", n5="172.17.0.1", on_hosts=True
        ).snapshot(),
        [("duplicate-address", "n1 n2")],
    ),
    "IPv4, and a node that is dialled at another address of IPv6": (
        wrong_by_tables,
        with_another_ipv6("n3").snapshot(resources=False),
        [("wrong-address", "n3")],
    ),
    "nodes that were read, and one that was not and refuses": (
        bird_down,
        mesh(4, {(f"n{n}", "n3"): REFUSED for n in (1, 2, 4)}, unread=["n3"]),
        [("bird-down", "n3")],
    ),
    "a node whose BIRD hangs, and one without its socket": (
        socket_gone,
        printing(mesh(4), n1=HANGS, n2=NO_SOCKET),
        [("socket-gone", "n2 (IPv4)")],
    ),
    "a node whose confd hangs, and one with a disabled peer": (
        disabled_peer,
        Birds(MESH, before=numbered(1), stuck=frozenset({"n1"}), disabled=frozenset({("n4", "n5")})).snapshot(),
        [("disabled-peer", "n4 <-> n5 (IPv4)")],
    ),
    "a peer that only one end is asked for, and one that somebody disabled": (
        disabled_peer,
        Birds(
            cluster(
                *REFLECTORS,
                *CLIENTS,
                PEER,
                BGPPeer(name="a", node="n3", peer_ip="192.0.2.4", as_number=64512, reverse_peering="Manual"),
                BGPPeer(name="z", node="n5", peer_ip="192.0.2.6", as_number=64512),
                OFF,
            ),
            disabled=frozenset({("n6", "n5")}),
        ).snapshot(),
        [("disabled-peer", "n5 <-> n6 (IPv4)")],
    ),
    "a link, and a node with the AS number of before": (
        as_numbers_of_before,
        Birds(
            MESH.model_copy(update={"bgp_configurations": (BGPConfiguration(name="default", as_number=65010),)}),
            MESH,
            stuck=frozenset({"n5"}),
            cut=lambda one, other: {one, other} == {"n1", "n2"},
        ).snapshot(),
        [("confd-stuck", "n5")],
    ),
    "an address that a node had, and a switch": (
        external_peer_down,
        with_resources(
            mesh(4, more={f"n{n}": (f"global= 192.0.2.250 {HELD}", f"{SWITCH} {TIMED_OUT}") for n in (1, 2, 3, 4)}),
            *nodes(1, 2, 3, 4),
            BGPPeer(name="old", peer_ip="192.0.2.250", as_number=64512),
            BGPPeer(name="tor", peer_ip="198.51.100.1", as_number=65001),
        ),
        [("external-peer-down", "198.51.100.1")],
    ),
    "a switch that nobody has, and one that one node lacks": (
        external_session_down,
        mesh(4, more={f"n{n}": (f"{SWITCH} {CLOSED}", f"{OTHER} {CLOSED if n == 3 else UP}") for n in (1, 2, 3, 4)}),
        [("external-session-down", "198.51.100.2 <-> n3 (IPv4)")],
    ),
    "a cluster ID of one rack, and one of a rack and the top": (
        equal_ids_on_the_way,
        Birds(levels("2.2.2.2", "1.1.1.1", "2.2.2.2")).snapshot(),
        [("reflectors-equal-ids", "n1 n2 n4")],
    ),
    "half a session because of an address of two, and half of one": (
        one_sided,
        Birds(
            cluster(
                *(
                    replace(each, ipv4=ip_address("192.0.2.3")) if each.name == "n4" else each
                    for each in REFLECTED.nodes
                ),
                PEER,
                BGPPeer(name="z", node="n5", peer_ip="192.0.2.6", as_number=64512, reverse_peering="Manual"),
                OFF,
            )
        ).snapshot(),
        [("one-sided-configuration", "BGPPeer z")],
    ),
    "a node that SSH reaches where BGP does not, and one without a way": (
        host_cut,
        read_at_bgp_addresses(mesh(6, both("n1", *OTHERS), both("n5", "n2", "n3", "n4", "n6", info=UNREACHABLE))),
        [("host-network-cut", "n5")],
    ),
    "two nodes that are cut off together, and one that is alone": (
        link_cut,
        mesh(
            7,
            both("n5", "n1", "n2", "n3", "n4"),
            both("n6", "n1", "n2", "n3", "n4"),
            both("n7", "n1", "n2", "n3", "n4", "n5", "n6"),
        ),
        [("link-cut", f"n{n} <-> n7 (IPv4)") for n in (1, 2, 3, 4, 5, 6)],
    ),
    "a malformed cluster ID that Calico ignores, and one that BIRD refuses": (
        refused_configuration,
        as_asked(
            cluster(
                *REFLECTORS,
                *nodes(3, ignored_annotations=((CLUSTER_ID, "x"),)),
                *nodes(4, cluster_id="bogus"),
                *nodes(5, 6),
                PEER,
                OFF,
            )
        ),
        [("refused-configuration", "Node n4")],
    ),
    "a BGPPeer of no node with the wrong AS, and one of all nodes": (
        unlike_the_nodes_as,
        Birds(
            cluster(
                *REFLECTORS,
                *CLIENTS,
                BGPPeer(name="a", node_selector="has(nobody)", peer_ip="192.0.2.1", as_number=64999),
                BGPPeer(name="b", peer_ip="192.0.2.1", as_number=64999),
                BGPPeer(name="c", peer_ip="192.0.2.2", as_number=64512),
                OFF,
            )
        ).snapshot(),
        [("as-mismatch", "BGPPeer b")],
    ),
    "a node that lacks one mesh peer, and one that has left the mesh": (
        mesh_not_followed,
        mesh(
            6,
            lacks("n1", "n2"),
            lacks("n5", "n2", "n3"),
            more={"n5": [f"node specific= 192.0.2.{n} {UP}" for n in (2, 3)]},
        ),
        [("confd-stuck", "n5")],
    ),
    "a node whose peers are all disabled, and one that has another": (
        disabled_everywhere,
        showing(
            n1={},
            n2={"n1": STOPPED, "n3": UP, "n4": UP, "n5": STOPPED},
            n3={"n1": STOPPED, "n2": UP, "n4": UP, "n5": STOPPED},
            n4={"n1": STOPPED, "n2": UP, "n3": UP, "n5": UP},
            n5={"n4": UP},
        ),
        [("disabled-peer", "n5")],
    ),
}


def found(candidates):
    return [(candidate.kind, " ".join(map(str, candidate.subjects))) for candidate in candidates]


@pytest.mark.parametrize("case", CASES)
def test_what_stands_behind_another_thing_is_told(case):
    family, snapshot, told = CASES[case]
    assert found(family(Case(observe(snapshot), audit(snapshot).findings))) == told


def test_a_host_that_is_no_node_before_a_node_with_a_wrong_address():
    made = at_other_addresses(MESH, n5="198.51.100.9").snapshot()
    made = made.model_copy(update={"hosts": (Host(name="a", node="a"), *made.hosts)})
    assert nodes_with_doubtful_addresses(Case(observe(made), audit(made).findings)) == {"n5"}


def test_a_pair_at_odds_before_two_groups_that_are():
    pairs = [("n1", "n2"), ("n3", "n5"), ("n3", "n6"), ("n4", "n5"), ("n4", "n6")]
    keys = [SessionKey.between(Family.IPV4, *pair) for pair in pairs]
    assert list(two_groups(keys)) == [(("n3", "n4"), ("n5", "n6"), frozenset(keys[1:]))]
