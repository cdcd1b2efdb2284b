"""Which certain causes are told beside a chosen one, what is shared between them, and what a cause's id depends on."""

from __future__ import annotations

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.engine import explain
from calico_bgp.cluster.cluster import observe
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.model.reports.subject import ResourceSubject, stable_id
from tests.unit.auditing.conftest import snapshot_of
from tests.unit.causes.test_declarations import PAGE, candidate

CUTS = ["link-cut:node1,node2", "link-cut:node3,node4"]


@pytest.mark.parametrize(
    ("cuts", "aftermath", "told"),
    [
        # Both leave the same cluster behind, and there is a finding for each.
        (CUTS, "paint is gone", ["node1", "node2"]),
        # A cause without a finding of its own is not told.
        (CUTS[:1], "paint is gone", ["node1"]),
        # Where nothing says that they look alike, one explains it all.
        (CUTS, None, ["node1"]),
    ],
)
def test_two_that_explain_the_same(cuts, aftermath, told):
    snapshot = snapshot_of(build_cluster(4, topology=Topology.MESH), *cuts)
    case = Case(observe(snapshot), audit(snapshot).findings)
    assert len(case.findings) == len(cuts)

    def painted(_):
        for name in ("node1", "node2"):
            yield candidate("painted", name, explains=[finding.id for finding in case.findings])

    causes, findings = explain(case, [cause("painted", **PAGE, aftermath=aftermath)(painted)])
    assert [str(*found.subjects) for found in causes] == told
    assert {finding.cause_id for finding in findings} == {found.id for found in causes}


def test_the_id_of_a_cause_stays_when_its_resource_is_written_elsewhere():
    here, there = ({}, {"file": "a.yaml", "line": 3})
    ids = {
        stable_id("cause painted", (ResourceSubject(resource="BGPPeer", name="tor", **where),))
        for where in (here, there)
    }
    assert len(ids) == 1
