"""Laws of the tables, for any cluster and any faults: both ends tell one story, with no hidden clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calico_bgp.lab.cluster import SWITCH, LabCluster, LabNode, Topology, Variant, build_cluster
from calico_bgp.lab.effects.machines import DOCKER_BRIDGE
from calico_bgp.lab.faults.catalogue import ENTRIES
from calico_bgp.lab.faults.fault import Fault, parse_fault
from calico_bgp.lab.faults.kinds import FaultKind, Scope
from calico_bgp.lab.printing.protocols import NodeTable, Protocol
from calico_bgp.lab.printing.tables import Epoch, lab_tables
from calico_bgp.model.inventory import Role
from calico_bgp.model.peer import BGPState, Family, PeerType
from calico_bgp.model.reading import DaemonState
from tests.lab_faults import faults_of

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
START = NOW - timedelta(hours=5)


@st.composite
def clusters(draw) -> LabCluster:
    count = draw(st.integers(2, 6))
    reflectors = draw(st.integers(1, count))
    last = draw(st.lists(st.integers(1, 254), min_size=count, max_size=count, unique=True))
    topology = draw(st.sampled_from([Topology.MESH, Topology.REFLECTORS]))
    dual = [draw(st.booleans()) for _ in range(count)]
    return LabCluster(
        nodes=tuple(
            LabNode(
                f"node{i}",
                IPv4Address(f"10.0.0.{number}"),
                IPv6Address(f"fd00::{number:x}") if dual[i] else None,
                (Role.REFLECTOR if i < reflectors else Role.CLIENT) if topology is Topology.REFLECTORS else None,
            )
            for i, number in enumerate(last)
        ),
        topology=topology,
        variant=draw(st.sampled_from(list(Variant))),
        families=tuple(Family),
        listen_port=draw(st.sampled_from([None, 1790])),
        switch=draw(st.sampled_from([None, SWITCH])),
    )


@st.composite
def broken_clusters(draw) -> tuple[LabCluster, tuple[Fault, ...]]:
    cluster = draw(clusters())
    return cluster, draw(faults_of(cluster))


def by_ends(cluster: LabCluster, tables: tuple[NodeTable, ...]) -> dict[tuple[str, str, Family], Protocol]:
    """(own node, far node, family) -> protocol. A far end that no machine has is called by its address."""
    owner = {str(a): n.name for n in cluster.nodes for a in (n.ipv4, n.ipv6) if a is not None}
    found = {}
    for node, table in zip(cluster.nodes, tables, strict=True):
        for family_table in table.families:
            separator = "." if family_table.family is Family.IPV4 else ":"
            for protocol in family_table.protocols:
                address = protocol.name.partition("_")[2].partition("_port_")[0].replace("_", separator)
                key = (node.name, owner.get(address, address), family_table.family)
                if key in found:  # BIRD runs one of two protocols for one neighbour
                    assert protocol.info == "Idle"
                    continue
                found[key] = protocol
    return found


def of_nodes(ends):
    """Those between two nodes."""
    return {key: protocol for key, protocol in ends.items() if key[1].startswith("node")}


@given(broken_clusters())
def test_established_at_one_end_is_established_at_the_other(broken):
    cluster, faults = broken
    ends = by_ends(cluster, lab_tables(cluster, [Epoch(START), Epoch(NOW, faults)], NOW))
    for (own, far, family), protocol in of_nodes(ends).items():
        if protocol.bgp_state is BGPState.ESTABLISHED:
            assert ends[far, own, family].bgp_state is BGPState.ESTABLISHED


@given(clusters())
def test_without_faults_all_is_established_at_both_ends(cluster):
    ends = by_ends(cluster, lab_tables(cluster, [Epoch(START)], NOW))
    assert all(p.info == "Established" and p.state == "up" for p in ends.values())
    assert all((far, own, family) in ends for own, far, family in of_nodes(ends))


@given(clusters())
def test_a_mesh_waits_at_exactly_one_end(cluster):
    """With all passwords wrong, the end that waits shows a bare `Passive`, the end that dials shows a timeout."""
    faults = tuple(Fault(FaultKind.WRONG_PASSWORD, (node.name,)) for node in cluster.nodes)
    ends = by_ends(cluster, lab_tables(cluster, [Epoch(START), Epoch(NOW, faults)], NOW))
    for (own, far, family), protocol in of_nodes(ends).items():
        waiting = [protocol.info, ends[far, own, family].info].count("Passive")
        assert waiting == (1 if cluster.topology is Topology.MESH else 0)


def test_passive_goes_by_the_text_of_addresses():
    """`"10.0.0.9" > "10.0.0.10"`: the node with .10 waits, though its number is greater."""
    nodes = (LabNode("nine", IPv4Address("10.0.0.9")), LabNode("ten", IPv4Address("10.0.0.10")))
    cluster = LabCluster(nodes, families=(Family.IPV4,))
    fault = Fault(FaultKind.WRONG_PASSWORD, ("nine", "ten"))
    nine, ten = lab_tables(cluster, [Epoch(START), Epoch(NOW, (fault,))], NOW)
    assert [peer.info for peer in ten.peers] == ["Passive"]
    assert [peer.info for peer in nine.peers] == ["Active Socket: Operation timed out"]


@given(broken_clusters())
def test_the_blamed_node_stands_in_every_broken_session(broken):
    """No innocent session suffers: one end of each that is not Established is named by a fault."""
    cluster, faults = broken
    named = {node for fault in faults for node in fault.nodes}
    of_all = any(ENTRIES[fault.kind].scope is Scope.CLUSTER for fault in faults)
    ends = by_ends(cluster, lab_tables(cluster, [Epoch(START), Epoch(NOW, faults)], NOW))
    for (own, far, _), protocol in ends.items():
        assert protocol.info == "Established" or {own, far} & named or of_all or far == str(DOCKER_BRIDGE)


@given(broken_clusters())
def test_the_same_arguments_give_the_same_tables(broken):
    cluster, faults = broken
    history = [Epoch(START), Epoch(NOW, faults)]
    assert lab_tables(cluster, history, NOW) == lab_tables(cluster, history, NOW)


@given(broken_clusters())
def test_healing_brings_every_peer_back(broken):
    cluster, faults = broken
    healthy = by_ends(cluster, lab_tables(cluster, [Epoch(START)], NOW))
    healed = by_ends(cluster, lab_tables(cluster, [Epoch(START), Epoch(START, faults), Epoch(NOW)], NOW))
    assert {key: (p.name, p.info) for key, p in healed.items()} == {key: (p.name, p.info) for key, p in healthy.items()}


def test_losing_all_labels_leaves_no_peer_anywhere():
    """The outage this project began with: mesh off, and no reflectors any more."""
    for variant in Variant:
        cluster = build_cluster(5, reflectors=2, variant=variant)
        fault = parse_fault("reinstalled", cluster)
        tables = lab_tables(cluster, [Epoch(START), Epoch(NOW, (fault,))], NOW)
        assert [table.peers for table in tables] == [()] * 5
        assert {table.families[0].state for table in tables} == {DaemonState.RUNNING}


def test_a_reflector_that_lost_its_label_is_a_client_like_others():
    cluster = build_cluster(4, reflectors=2)
    fault = parse_fault("reinstalled:node1", cluster)
    node1, node2, node3, _ = lab_tables(cluster, [Epoch(START), Epoch(NOW, (fault,))], NOW)
    assert [(p.address_text, p.peer_type) for p in node1.peers] == [("192.0.2.12", PeerType.GLOBAL)]
    assert [(p.address_text, p.peer_type) for p in node3.peers] == [("192.0.2.12", PeerType.GLOBAL)]
    assert {p.peer_type for p in node2.peers} == {PeerType.NODE}
    # For node2 the peer has another name now: a new protocol, behind the others and as young as the fault.
    assert [(p.address_text, p.since) for p in node2.peers] == [
        ("192.0.2.13", "07:00:00"),
        ("192.0.2.14", "07:00:00"),
        ("192.0.2.11", "12:00:00"),
    ]


@pytest.mark.parametrize(
    ("age", "since"), [(timedelta(hours=19, minutes=59), "16:01:00"), (timedelta(hours=20), "2026-11-22")]
)
def test_since_is_a_date_from_twenty_hours_on(age, since):
    tables = lab_tables(build_cluster(2, reflectors=1), [Epoch(NOW - age)], NOW)
    assert {peer.since for table in tables for peer in table.peers} == {since}


def test_since_is_that_of_the_last_change():
    cluster = build_cluster(3, topology=Topology.MESH)
    down = parse_fault("bird-down:node3", cluster)
    history = [Epoch(START), Epoch(START + timedelta(hours=1), (down,)), Epoch(START + timedelta(hours=2))]
    node1, _, _ = lab_tables(cluster, history, NOW)
    assert [(p.address_text, p.since) for p in node1.peers] == [("192.0.2.12", "07:00:00"), ("192.0.2.13", "09:00:00")]


def test_without_bgp_no_bird_runs():
    for table in lab_tables(build_cluster(3, topology=Topology.NO_BGP), [Epoch(START)], NOW):
        assert [family.state for family in table.families] == [DaemonState.NOT_RUNNING] * 2


def test_a_restarting_node_waits_while_the_far_end_is_up():
    cluster = build_cluster(2, reflectors=1)
    faults = (parse_fault("restarting:node1", cluster),)
    node1, node2 = lab_tables(cluster, [Epoch(START), Epoch(NOW, faults)], NOW)
    assert [(p.protocol_state, p.info) for p in node1.peers] == [("wait", "Established")]
    assert [(p.protocol_state, p.info) for p in node2.peers] == [("up", "Established")]


def test_the_listen_port_is_in_the_names_of_explicit_peers_only():
    explicit = lab_tables(build_cluster(2, reflectors=1, listen_port=1790), [Epoch(START)], NOW)
    assert [(p.address_text, p.port) for p in explicit[0].peers] == [("192.0.2.12.port.1790", 1790)]
    mesh = lab_tables(build_cluster(2, topology=Topology.MESH, listen_port=1790), [Epoch(START)], NOW)
    assert [(p.address_text, p.port) for p in mesh[0].peers] == [("192.0.2.12", None)]


@pytest.mark.parametrize("count", [0, 100_001])
def test_a_cluster_has_a_sensible_size(count):
    with pytest.raises(ValueError, match="100,000"):
        build_cluster(count)


def test_large_clusters_have_distinct_addresses():
    cluster = build_cluster(600, families=tuple(Family))
    assert len({node.ipv4 for node in cluster.nodes}) == len({node.ipv6 for node in cluster.nodes}) == 600
