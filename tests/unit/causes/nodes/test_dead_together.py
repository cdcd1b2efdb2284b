"""Nodes that are off at once and of which only names are known: what is down is counted once, and all are as bad."""

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, Variant, build_cluster
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.severity import Severity
from tests.unit.auditing.conftest import snapshot_of

MESH = build_cluster(5, topology=Topology.MESH)
REFLECTED = build_cluster(7, reflectors=3, variant=Variant.ALL, families=(Family.IPV6,), zones=3)


@pytest.mark.parametrize(
    ("cluster", "names"), [(MESH, ("node1", "node3", "node5")), (REFLECTED, ("node1", "node4", "node7"))]
)
def test_nodes_whose_addresses_cannot_be_told_apart_are_one_cause(cluster, names):
    report = audit(snapshot_of(cluster, "rack-down"))
    (cause,) = report.causes
    assert (cause.kind, cause.where, cause.severity) == ("node-down", names, Severity.ERROR)
    assert cause.sessions == report.checked.sessions_expected - report.checked.sessions_established
    assert [
        finding.rule for finding in report.findings if finding.severity is Severity.ERROR and not finding.cause_id
    ] == []
    assert cause.decide[0].command == f"kubectl get node {' '.join(names)}"


def test_nodes_whose_addresses_are_known_are_a_cause_each():
    report = audit(snapshot_of(MESH, "node-down:node5"))
    assert [(cause.where, cause.sessions) for cause in report.causes] == [(("node5",), 4)]
