"""The rows of the matrix are in the order in which people count: node2 before node10."""

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.report.text.picture import matrices
from tests.unit.auditing.conftest import snapshot_of


def test_rows_are_in_natural_order():
    snapshot = snapshot_of(build_cluster(nodes=11, topology=Topology.MESH))
    (matrix,) = matrices(audit(snapshot), snapshot)
    assert [row.name for row in matrix.rows] == [f"node{number}" for number in range(1, 12)]
