"""Router IDs by BIRD's own word: clients of reflectors that share one have no session with each other that tells."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.report import Verdict
from tests.unit.auditing.tables import told
from tests.with_routes import with_routes


@pytest.mark.parametrize("resources", [True, False])
def test_clients_with_one_router_id_lack_each_others_routes(resources):
    cluster = build_cluster(5, reflectors=2)
    snapshot = with_routes(cluster, "duplicate-router-id:node4,node5")
    if resources:
        snapshot = snapshot.model_copy(update={"resources": lab_resources(cluster)})
    report = audit(snapshot)
    assert report.verdict is Verdict.UNHEALTHY
    assert told(report) == [("duplicate-router-id", ["node4", "node5"])]
    assert report.causes[0].confidence is Confidence.CERTAIN
    assert {f.rule for f in report.findings if f.id in report.causes[0].findings} == {
        "router-id-twice",
        "routes-not-arriving",
    }


def test_in_a_mesh_their_session_is_down_as_well():
    report = audit(with_routes(build_cluster(4, topology=Topology.MESH), "duplicate-router-id:node2,node4"))
    assert told(report) == [("duplicate-router-id", ["node2", "node4"])]
    assert report.causes[0].sessions == 1


def test_one_address_gives_two_nodes_one_router_id_and_is_the_cause():
    cluster = build_cluster(6, topology=Topology.MESH)
    snapshot = with_routes(cluster, "duplicate-address:node2,node5")
    resources = lab_resources(cluster, [parse_fault("duplicate-address:node2,node5", cluster)])
    readings = tuple(
        one.model_copy(update={"birds": tuple(replace(bird, router_id="192.0.2.12") for bird in one.birds)})
        if one.node == "node5"
        else one
        for one in snapshot.readings
    )
    report = audit(snapshot.model_copy(update={"readings": readings, "resources": resources}))
    assert told(report) == [("duplicate-address", ["node2", "node5"])]
    assert "router-id-twice" in {f.rule for f in report.findings if f.id in report.causes[0].findings}
