"""Resources without the Node of a machine that runs: are they not whole, or does confd follow nowhere? Nobody knows."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.auditing.pasted import snapshot_from_pasted
from calico_bgp.lab import Topology
from calico_bgp.model.peer import PeerType
from calico_bgp.model.reports.report import Severity, Verdict
from calico_bgp.model.settings.config import Config
from tests.unit.rules.observed.rule_snapshots import seen


def without(snapshot, *names):
    """The same readings, and resources without some Nodes."""
    nodes = tuple(node for node in snapshot.resources.nodes if node.name not in names)
    return snapshot.model_copy(update={"resources": snapshot.resources.model_copy(update={"nodes": nodes})})


def pasted(snapshot):
    statuses = [reading.status.model_copy(update={"node": reading.node}) for reading in snapshot.readings]
    return snapshot_from_pasted(statuses).model_copy(update={"resources": snapshot.resources})


@pytest.mark.parametrize("names", [("node6",), ("node1",), ("node2", "node3"), ("node2", "node3", "node4", "node5")])
@pytest.mark.parametrize("form", [lambda made: made, pasted], ids=["read", "pasted"])
def test_a_mesh_that_is_up_with_nodes_of_which_there_is_no_node(names, form):
    report = audit(form(without(seen(Topology.MESH, resources=True), *names)))
    assert report.verdict is Verdict.UNKNOWN
    assert report.exit_code() == 3
    assert not [finding for finding in report.findings if finding.severity is Severity.ERROR]
    what = "is a node" if len(names) == 1 else "are nodes"
    assert report.doubts == (f"whether {', '.join(names)} {what} of the cluster is not known",)


def test_a_reflector_of_which_there_is_no_node():
    report = audit(without(seen(Topology.REFLECTORS, resources=True), "node1"))
    assert report.verdict is Verdict.UNKNOWN
    assert "whether node1 is a node of the cluster is not known" in report.doubts


def test_a_machine_that_was_not_read():
    """Only its address is known; a peer of the mesh is a node."""
    made = without(seen(Topology.MESH, resources=True), "node6")
    kept = tuple(reading for reading in made.readings if reading.node != "node6")
    hosts = tuple(host for host in made.hosts if host.label != "node6")
    report = audit(made.model_copy(update={"readings": kept, "hosts": hosts}))
    assert report.verdict is Verdict.UNKNOWN
    assert not [finding for finding in report.findings if finding.severity is Severity.ERROR]


@pytest.mark.parametrize("fault", ["node-down:node6", "bird-down:node6", "link-cut:node1,node6"])
def test_sessions_with_it_that_are_down_are_a_fault(fault):
    """Its machine is gone, and nobody's confd took the peer away."""
    report = audit(without(seen(Topology.MESH, fault, resources=True), "node6"))
    assert report.verdict is Verdict.UNHEALTHY


def test_a_peer_that_is_no_node_is_no_lacking_node():
    made = seen(Topology.MESH, resources=True)
    switch = ip_address("203.0.113.1")
    readings = []
    for reading in made.readings:
        peers = reading.status.peers
        row = replace(peers[0], address=switch, address_text=str(switch), peer_type=PeerType.GLOBAL)
        status = reading.status.model_copy(update={"peers": (*peers, row)})
        readings.append(reading.model_copy(update={"status": status}))
    assert audit(made.model_copy(update={"readings": tuple(readings)})).verdict is Verdict.UNHEALTHY


def test_all_nodes_there_is_nothing_to_ask():
    report = audit(seen(Topology.MESH, resources=True))
    assert report.verdict is Verdict.HEALTHY
    assert audit(seen(Topology.MESH, resources=True), config=Config()).doubts == ()
