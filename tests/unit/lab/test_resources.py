"""The lab's resources: what it writes reads back, and its tables are what the resources ask for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calico_bgp import audit
from calico_bgp.errors import CommandFailed
from calico_bgp.expect.engine import expected_peers
from calico_bgp.lab.cluster import Topology, Variant, build_cluster
from calico_bgp.lab.faults.fault import FaultKind
from calico_bgp.lab.lab import Lab
from calico_bgp.lab.printing.answers import NodeState, answer_command
from calico_bgp.lab.printing.go_table import Layout
from calico_bgp.lab.printing.resources import lab_resources, resources_to_yaml
from calico_bgp.lab.printing.tables import Epoch, lab_tables
from calico_bgp.model.peer import Family
from calico_bgp.parse.answer.frame import new_marker
from calico_bgp.parse.resources.reader import parse_resources
from calico_bgp.sources.resources.answer import fetched_from
from calico_bgp.sources.resources.command import KINDS, ROUTE_KINDS, resources_command
from tests.unit.auditing.conftest import NOW, STARTED, snapshot_of

BOTH = (Family.IPV4, Family.IPV6)
CLUSTERS = [
    build_cluster(5, topology=Topology.MESH, families=BOTH),
    build_cluster(6, families=BOTH),
    build_cluster(6, variant=Variant.ALL),
    build_cluster(6, variant=Variant.CLIENTS, reflectors=3),
    build_cluster(5, listen_port=1790, families=BOTH),
]
#: Whether all routes of a client also come by the other reflector: two that peer with each other.
REDUNDANT = [False, True, True, False, True]
#: What is said of a healthy cluster: the lint's warnings, and a family that runs nowhere.
REMARKS = {"resources-questionable", "family-not-running", "routes-missing"}


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_the_yaml_reads_back(cluster):
    resources = lab_resources(cluster)
    read = parse_resources([("resources.yaml", resources_to_yaml(resources))])
    assert [(n.name, n.labels, n.ipv4, n.ipv6, n.cluster_id) for n in read.nodes] == sorted(
        (n.name, n.labels, n.ipv4, n.ipv6, n.cluster_id) for n in resources.nodes
    )
    peers = [(p.name, p.node_selector, p.peer_selector) for p in resources.bgp_peers]
    assert [(p.name, p.node_selector, p.peer_selector) for p in read.bgp_peers] == peers
    assert read.mesh_enabled is resources.mesh_enabled
    assert read.global_config is not None
    assert read.global_config.listen_port == cluster.listen_port


@pytest.mark.parametrize("cluster", CLUSTERS)
@pytest.mark.parametrize(
    "fault", [None, "node-down:node5", "link-cut:node1,node4", "bird-down:node2", "wrong-as:node3"]
)
def test_tables_are_what_the_resources_ask_for(cluster, fault):
    """Told by the resources or not, the same is wrong: a fault is no lag of the configuration."""
    snapshot = snapshot_of(cluster, *([fault] if fault else []))
    by_shape = audit(snapshot)
    report = audit(snapshot.model_copy(update={"resources": lab_resources(cluster)}))
    rules = {finding.rule for finding in report.findings}
    assert not rules & {"configuration-behind", "unexpected-peer", "wrong-peer-type", "not-a-node", "node-not-listed"}
    if fault is None:
        assert rules <= REMARKS
    apart = cluster.variant is Variant.CLIENTS and cluster.topology is Topology.REFLECTORS
    if cluster.topology is Topology.REFLECTORS and (
        fault is None or (REDUNDANT[CLUSTERS.index(cluster)] and "link" in fault)
    ):
        # Only the resources know who passes routes on; reflectors that do not peer do not learn each other's.
        assert (by_shape.exit_code(), report.exit_code()) == (3, 3 if apart else 0)
    else:
        assert report.exit_code() == by_shape.exit_code()


def test_a_lost_label_is_lost_in_the_resources(tmp_path):
    with Lab(build_cluster(3, reflectors=1), directory=tmp_path / "lab") as lab:
        assert "244.0.0.1" in lab.resources_file.read_text()
        lab.set_faults(["reinstalled:node1"])
        assert "244.0.0.1" not in lab.resources_file.read_text()


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_a_node_prints_them_as_calicoctl_does(cluster):
    """`--resources-from node1` of the lab: what calicoctl would print reads back as what the YAML holds."""
    resources = lab_resources(cluster)
    node = cluster.nodes[0]
    table = lab_tables(cluster, (Epoch(STARTED),), NOW)[0]
    marker = new_marker()
    state = NodeState(node.name, (), table, (), NOW, Layout.LEFT, resources)
    printed = answer_command(resources_command(marker), state)
    fetched = fetched_from(printed.stdout, marker, name=node.name, cut=None)
    assert [name for name, _ in fetched.texts] == [f"{kind}.json" for kind in (*KINDS, *ROUTE_KINDS[:2])]
    read = parse_resources(fetched.texts)
    told = parse_resources([("resources.yaml", resources_to_yaml(resources))])
    assert expected_peers(read) == expected_peers(told)
    without = answer_command(resources_command(marker), replace(state, faults={FaultKind.CALICOCTL_MISSING}))
    with pytest.raises(CommandFailed, match="neither calicoctl nor kubectl"):
        fetched_from(without.stdout, marker, name=node.name, cut=None)
    hung = answer_command(resources_command(marker), replace(state, faults={FaultKind.CALICOCTL_HUNG}))
    assert hung.exit_code is None
