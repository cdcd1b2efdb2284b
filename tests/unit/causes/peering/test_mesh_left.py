"""By the tables alone: a node on which a change between the mesh and reflectors did not arrive is one node's matter."""

from __future__ import annotations

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.model.resources import BGPConfiguration, BGPPeer
from calico_bgp.model.topology import TopologyKind
from tests.running_birds import Birds
from tests.unit.auditing.tables import cluster, commands, node, told

OFF, ON = (BGPConfiguration(name="default", node_to_node_mesh_enabled=mesh) for mesh in (False, True))
PEER = BGPPeer(name="rr", node_selector="all()", peer_selector="has(rr)")


def numbered(*numbers: int, **fields):
    return [node(f"n{n}", f"192.0.2.{n}/24", internal=f"192.0.2.{n}", **fields) for n in numbers]


MESH = cluster(*numbered(1, 2, 3, 4, 5, 6))
NODES = (*numbered(1, 2, labels="rr", cluster_id="1.1.1.1"), *numbered(3, 4, 5, 6), PEER)
REFLECTED, MIXED = cluster(*NODES, OFF), cluster(*NODES, ON)


def by_tables(now, before, *stuck: str):
    return audit(Birds(now, before=before, stuck=frozenset(stuck)).snapshot(resources=False))


@pytest.mark.parametrize("stuck", [("n5",), ("n5", "n6")])
def test_one_that_is_still_on_the_mesh_makes_the_cluster_none(stuck):
    report = by_tables(REFLECTED, MESH, *stuck)
    assert report.topology.kind is TopologyKind.REFLECTORS
    assert told(report) == [("confd-stuck", [name]) for name in stuck]
    assert commands(report)[0].endswith(stuck[0])
    assert "still has node-to-node mesh peers" in report.causes[0].title
    assert report.exit_code() == 3, "no route is missing, and that cannot be claimed either"
    assert report.unexplained == ()


@pytest.mark.parametrize("stuck", [("n5",), ("n1",), ("n1", "n2"), ("n5", "n6")])
def test_one_that_is_not_on_the_mesh_yet(stuck):
    report = by_tables(MESH, REFLECTED, *stuck)
    assert report.topology.kind is TopologyKind.MESH
    assert told(report) == [("confd-stuck", [name]) for name in stuck]
    assert "does not have the node-to-node mesh peers" in report.causes[0].title
    assert report.unexplained == ()


def test_a_mesh_beside_reflectors_is_both():
    report = by_tables(MIXED, MIXED)
    assert (report.topology.kind, report.causes) == (TopologyKind.MIXED, ())


def test_a_node_that_lacks_mesh_peers_and_has_no_other_is_not_said_to_have_left_it():
    report = by_tables(MESH, cluster(*numbered(1, 2, 3, 4, 5)), "n1")
    assert report.topology.kind is TopologyKind.MESH
    assert not any("mesh peers" in cause.title for cause in report.causes)


LEFT = cluster(*numbered(1, labels="rr", cluster_id="1.1.1.1"), *numbered(2, 3, 4, 5, 6), PEER, ON)


def test_a_node_for_which_another_one_is_still_in_the_mesh_did_not_follow():
    report = by_tables(LEFT, MESH, "n6")
    assert report.topology.kind is TopologyKind.MESH
    assert told(report) == [("confd-stuck", ["n6"])]
    assert "still has n1 as a peer of the node-to-node mesh" in report.causes[0].title
    assert report.unexplained == ()


def test_who_is_explicit_for_all_and_has_no_mesh_is_no_unexpected_peer():
    report = by_tables(LEFT, LEFT)
    assert [f.rule for f in report.findings if f.rule == "unexpected-peer"] == []


def test_a_node_that_alone_takes_itself_out_of_the_mesh_is_what_did_not_follow():
    assert told(by_tables(MESH, LEFT, "n1")) == [("confd-stuck", ["n1"])]
