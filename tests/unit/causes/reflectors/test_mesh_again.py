"""The node-to-node mesh in the place of reflectors: not where it would be too large."""

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.case import Case
from calico_bgp.causes.remedies import reflectors
from calico_bgp.cluster.cluster import observe
from calico_bgp.lab.cluster import build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.snapshot import Snapshot
from tests.clusters import cluster, config, node
from tests.unit.auditing.conftest import snapshot_of


@pytest.mark.parametrize(("nodes", "sessions"), [(3, "3 sessions"), (4, "6 sessions"), (5, None)])
def test_it_is_offered_up_to_its_largest_size(monkeypatch, nodes, sessions):
    monkeypatch.setattr(reflectors, "_MOST_IN_MESH", 4)
    resources = cluster(*(node(f"n{n}", f"192.0.2.{n}") for n in range(1, nodes + 1)), config(mesh=False))
    fixes = reflectors.switch_mesh_on(Case(observe(Snapshot(resources=resources)), ()))
    assert [sessions in fix.summary for fix in fixes] == ([True] if sessions else [])


def test_nodes_with_a_cluster_id_get_a_bgp_peer_or_are_taken_into_the_mesh():
    """With the mesh off and no BGPPeer left: the mesh alone would leave the reflectors out, 18 of 30 routes."""
    lab = build_cluster(6)
    resources = lab_resources(lab, [parse_fault("mesh-off", lab)])
    (cause,) = audit(snapshot_of(lab, "mesh-off").model_copy(update={"resources": resources})).causes
    assert (cause.kind, cause.routes_lost) == ("no-peers-configured", 30)
    joined, meshed = cause.fixes
    assert [fix.restores for fix in cause.fixes] == [30, 30]
    assert '"nodeSelector": "all()", "peerSelector": "has(route-reflector)"' in joined.steps[0].kubectl
    assert [step.what for step in meshed.steps] == [
        "switch the node-to-node mesh on",
        "take the cluster ID from node1",
        "take the cluster ID from node2",
    ]


def test_it_is_not_offered_where_it_is_on():
    resources = cluster(node("a", "192.0.2.1"), node("b", "192.0.2.2"), config(mesh=True))
    assert reflectors.switch_mesh_on(Case(observe(Snapshot(resources=resources)), ())) == ()
