"""A cluster ID on a node of a mesh, where no BGPPeer knows reflectors: it cuts the node off."""

from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.resources import BGPPeer
from tests.unit.auditing.tables import UP, cluster, commands, node, read, table, told

NAMES = ("n1", "n2", "n3", "n4")


def judged(*more, labels=""):
    nodes = [
        node(name, f"192.0.2.{n}/24", labels=labels if n == 3 else "", cluster_id="244.0.0.1" if n == 3 else None)
        for n, name in enumerate(NAMES, start=1)
    ]
    tables = {
        name: table(name, *(f"192.0.2.{m} {UP}" for m in (1, 2, 4) if n not in (m, 3)))
        for n, name in enumerate(NAMES, start=1)
    }
    return read(tables, resources=cluster(*nodes, *more))


def test_it_is_taken_away_and_the_node_is_in_the_mesh_again():
    report = judged()
    (cause,) = report.causes
    assert (cause.kind, cause.confidence) == ("stray-cluster-id", Confidence.CERTAIN)
    assert [str(subject) for subject in cause.subjects] == ["n3"]
    assert commands(report)[0] == "kubectl annotate node n3 projectcalico.org/RouteReflectorClusterID- --overwrite"
    assert cause.fixes[0].restores == cause.routes_lost == 6
    assert report.unexplained == ()


def test_where_bgp_peers_know_reflectors_the_label_is_what_lacks():
    joined = BGPPeer(name="rr", node_selector="all()", peer_selector="has(rr)")
    assert "stray-cluster-id" not in [kind for kind, _ in told(judged(joined))]
