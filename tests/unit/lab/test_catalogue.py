"""Every fault of the catalogue, in each topology that it fits: seen, told alike at both ends, readable resources."""

from __future__ import annotations

from datetime import timedelta

import pytest

from calico_bgp.auditing.lint import lint
from calico_bgp.expect.engine import expected_peers
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.effects.routes import trouble_of
from calico_bgp.lab.faults.catalogue import CATALOGUE, ENTRIES
from calico_bgp.lab.faults.fault import FaultError, parse_fault
from calico_bgp.lab.faults.kinds import ALIASES, FaultKind, Scope
from calico_bgp.lab.faults.stage import stage_for
from calico_bgp.lab.printing.resources import lab_resources, resources_to_yaml
from calico_bgp.lab.printing.tables import Epoch, lab_tables
from calico_bgp.lab.routing.trouble import Trouble
from calico_bgp.model.peer import BGPState
from calico_bgp.parse.resources.reader import parse_resources
from tests.unit.auditing.conftest import BROKE, NOW, STARTED, snapshot_of

SHOWN = [(entry.kind, topology) for entry in CATALOGUE for topology in entry.topologies]
#: Faults of the way to a node: the node itself shows what it always did.
OUT_OF_SIGHT = {
    FaultKind.CALICOCTL_HUNG,
    FaultKind.CALICOCTL_MISSING,
    FaultKind.NO_SUDO,
    FaultKind.HOST_KEY_CHANGED,
}


#: What the lint says of faults of the configuration. A password, and a change that a BIRD does not follow, are none.
LINTED = {
    FaultKind.WRONG_ADDRESS: {"node-address-of-bridge"},
    FaultKind.DUPLICATE_ADDRESS: {"node-address-twice"},
    FaultKind.REINSTALLED: {"selector-matches-nothing"},
    FaultKind.LOST_LABEL: {"selector-matches-nothing"},
    FaultKind.LOST_CLUSTER_ID: {"reflector-label-without-cluster-id"},
    FaultKind.REFLECTOR_REMOVED: {"selector-matches-nothing"},
    FaultKind.REPLACED: {"selector-matches-nothing"},
    FaultKind.SELECTOR_STALE: {"selector-matches-nothing"},
    FaultKind.ONE_SIDED_CONFIG: {"one-sided-peering"},
    FaultKind.REFUSED_CONFIG: {"peer-without-as"},
    FaultKind.POOL_NOT_EXPORTED: {"pool-not-exported-inside"},
    FaultKind.FILTER_REJECTS: {"filter-rejects-pods"},
    FaultKind.PROGRAMMED_TWICE: {"cluster-routes-programmed-twice"},
    FaultKind.PROGRAMMED_BY_NOBODY: {"cluster-routes-programmed-by-nobody"},
}


@pytest.fixture(params=SHOWN, ids="-in-".join)
def shown(request):
    """(cluster, fault): the catalogue's default in each topology."""
    kind, topology = request.param
    cluster = stage_for(kind, topology)
    return cluster, parse_fault(str(kind), cluster)


def tables_of(cluster, *faults):
    return lab_tables(cluster, (Epoch(STARTED), Epoch(BROKE, faults)), NOW)


def test_something_is_to_be_seen(shown):
    cluster, fault = shown
    rows = [(t.felix_running, t.families) for t in tables_of(cluster, fault)]
    healthy = [(t.felix_running, t.families) for t in tables_of(cluster)]
    changed = rows != healthy or lab_resources(cluster, [fault]) != lab_resources(cluster)
    changed = changed or trouble_of(cluster, [fault]) != Trouble()
    assert changed is (fault.kind not in OUT_OF_SIGHT)


def test_both_ends_tell_one_story(shown):
    cluster, fault = shown
    owner = {str(a): n.name for n in cluster.nodes for a in (n.ipv4, n.ipv6) if a is not None}
    named = {table.node: node.name for node, table in zip(cluster.nodes, tables_of(cluster, fault), strict=True)}
    up = {
        (named[table.node], owner.get(protocol.peer(family.family).address_text), family.family)
        for table in tables_of(cluster, fault)
        for family in table.families
        for protocol in family.protocols
        if protocol.bgp_state is BGPState.ESTABLISHED
    }
    assert {(far, own, family) for own, far, family in up if far is not None} == {end for end in up if end[1]}


def test_its_resources_read_back_and_can_be_linted(shown):
    cluster, fault = shown
    resources = lab_resources(cluster, [fault])
    read = parse_resources([("resources.yaml", resources_to_yaml(resources))])
    assert expected_peers(read) == expected_peers(resources)
    assert [peer.has_password for peer in read.bgp_peers] == [peer.has_password for peer in resources.bgp_peers]
    assert LINTED.get(fault.kind, set()) <= rules_of(read)
    if resources == lab_resources(cluster):
        assert rules_of(read) == rules_of(lab_resources(stage_for(fault.kind, cluster.topology)))


def rules_of(resources):
    return {finding.rule for finding in lint(resources).findings}


def test_healing_it_leaves_nothing(shown):
    cluster, fault = shown
    history = (Epoch(STARTED), Epoch(BROKE, (fault,)), Epoch(BROKE + timedelta(minutes=5)))
    healed = [p.info for table in lab_tables(cluster, history, NOW) for p in table.peers]
    assert healed == ["Established"] * len(healed)
    assert len(healed) == sum(len(table.peers) for table in tables_of(cluster))


def test_a_stuck_bird_keeps_the_peers_it_had():
    cluster = stage_for(FaultKind.CONFD_STUCK)
    *_, stuck = tables_of(cluster, parse_fault("confd-stuck:node6", cluster))
    asked = expected_peers(lab_resources(cluster, [parse_fault("confd-stuck:node6", cluster)]))["node6"]
    assert [peer.address_text for peer in stuck.peers] == ["192.0.2.11", "192.0.2.12"]
    assert [str(peer.address) for peer in asked] == ["192.0.2.11", "192.0.2.12", "192.0.2.15"]


def test_a_refused_file_keeps_every_later_change_away():
    """`as 0` on every node: that a label is lost as well no BIRD learns of."""
    cluster = stage_for(FaultKind.REFUSED_CONFIG)
    faults = [parse_fault(text, cluster) for text in ("refused-config", "lost-label:node1")]
    assert [t.peers for t in tables_of(cluster, *faults)] == [t.peers for t in tables_of(cluster)]
    lost = tables_of(cluster, faults[1])
    assert [t.peers for t in lost] != [t.peers for t in tables_of(cluster)]


def test_two_protocols_of_one_name_are_refused_in_a_mesh():
    """With two nodes of one address the others keep their old file, so they still dial the second's old address."""
    cluster = stage_for(FaultKind.DUPLICATE_ADDRESS, Topology.MESH)
    fault = parse_fault("duplicate-address:node1,node5", cluster)
    node1, node2, *_ = tables_of(cluster, fault)
    assert "192.0.2.15" in [peer.address_text for peer in node2.peers]
    assert "192.0.2.15" not in [peer.address_text for peer in node1.peers]


def test_who_stands_in_a_reflectors_place_says_so():
    cluster = stage_for(FaultKind.REPLACED)
    first, *_ = tables_of(cluster, parse_fault("replaced:node1", cluster))
    assert first.node == "node1-new"
    assert "node1" not in [node.name for node in lab_resources(cluster, [parse_fault("replaced:node1", cluster)]).nodes]


def test_the_same_router_id_is_refused_by_both():
    cluster = stage_for(FaultKind.DUPLICATE_ROUTER_ID, Topology.MESH)
    fault = parse_fault("duplicate-router-id:node2,node4", cluster)
    said = {(t.node, p.address_text): p.info for t in tables_of(cluster, fault) for p in t.peers if p.error}
    assert said == {
        ("node2", "192.0.2.14"): "Idle BGP Error: Bad BGP identifier",
        ("node4", "192.0.2.12"): "Idle BGP Error: Bad BGP identifier",
    }


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("rack-down", ("node2", "node4", "node6")),
        ("partition:node1,node2", ("node1", "node2")),
        ("duplicate-address", ("node1", "node6")),
        ("one-sided-config", ("node5", "node6")),
        ("selector-stale", ()),
    ],
)
def test_what_a_fault_takes_by_default(text, nodes):
    assert parse_fault(text, build_cluster(6)).nodes == nodes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selector-stale:node1", "befalls the whole cluster"),
        ("duplicate-address:node1", "takes two nodes"),
        ("partition:node1,node2,node3,node4,node5,node6", "all nodes of the cluster"),
        ("tor-down", "lab up --switch"),
    ],
)
def test_nodes_that_do_not_fit_are_refused(text, message):
    with pytest.raises(FaultError, match=message):
        parse_fault(text, build_cluster(6))


def test_a_fault_has_one_meaning_under_either_of_its_names():
    assert {parse_fault(alias, build_cluster(6)).kind for alias in ALIASES} == set(ALIASES.values())


def test_a_fault_of_reflectors_is_refused_in_a_mesh():
    for kind, entry in ENTRIES.items():
        if entry.scope is Scope.REFLECTORS:
            with pytest.raises(FaultError, match="reflectors"):
                stage_for(kind, Topology.MESH)


def test_every_zone_has_a_reflector_and_the_resources_tell_it():
    labels = {node.name: dict(node.labels) for node in lab_resources(build_cluster(4)).nodes}
    assert labels["node1"] == {"route-reflector": "true", "topology.kubernetes.io/zone": "zone-1"}
    assert labels["node4"] == {"topology.kubernetes.io/zone": "zone-2"}


def test_the_switch_is_a_peer_of_every_node():
    cluster = build_cluster(4, switch=True)
    assert all("192.0.2.1" in [peer.address_text for peer in table.peers] for table in tables_of(cluster))


def test_a_fault_that_ends_all_has_a_snapshot_of_it():
    """What the tests of the audit go by reads as the lab is."""
    snapshot = snapshot_of(build_cluster(6), "reflector-removed:node1", "replaced:node2")
    assert [failure.node for failure in snapshot.failures] == ["node1"]
    assert snapshot.readings[0].node == "node2-new"
