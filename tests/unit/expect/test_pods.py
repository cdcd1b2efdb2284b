"""Pods as peers, `localWorkloadSelector`: named, never expected in a table."""

from calico_bgp.expect.engine import expect
from calico_bgp.expect.version import CalicoVersion
from tests.clusters import cluster, config, names_of, node, peer

OFF = config(mesh=False)


NODES = (
    node("a", "192.0.2.1", labels="rr"),
    node("b", "192.0.2.2", labels="rr"),
    node("c", "192.0.2.3"),
    OFF,
)


def test_local_workload_peers_are_named_never_expected_in_the_table_and_not_reversed():
    pods = peer("pods", node_selector="!has(rr)", local_workload_selector="app == 'bird'", as_number=64515)
    found = expect(cluster(*NODES, pods))
    assert all(peers == [] for peers in names_of(found).values())
    assert [(w.bgp_peer, w.nodes) for w in found.workloads] == [("pods", ("c",))]
    assert found.skipped == ()
    assert found.is_clear


def test_local_workload_peers_of_all_nodes():
    found = expect(cluster(*NODES, peer("pods", local_workload_selector="all()", as_number=1)))
    assert found.workloads[0].nodes == ("a", "b", "c")


def test_before_v3_30_the_field_is_not_known_so_the_bgppeer_has_no_far_end():
    pods = peer("pods", local_workload_selector="app == 'bird'", as_number=64515)
    found = expect(cluster(*NODES, pods), version=CalicoVersion(3, 29))
    assert found.workloads == ()
    assert [skipped.bgp_peer for skipped in found.skipped] == ["pods"]
