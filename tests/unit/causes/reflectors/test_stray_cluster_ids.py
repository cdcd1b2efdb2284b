"""A cluster ID on a node of a mesh, where no BGPPeer knows reflectors: it cuts the node off."""

from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.resources import BGPConfiguration, BGPPeer
from tests.unit.auditing.tables import UP, cluster, commands, node, read, table, told
from tests.unit.causes.reflectors.test_layouts import as_asked

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


def beside_reflectors(selector, *, mesh):
    """Two reflectors, three workers, and w6 with a cluster ID and without the reflectors' label."""
    reflectors = [node(f"r{n}", f"192.0.2.{n}/24", labels="rr=yes", cluster_id="244.0.0.1") for n in (1, 2)]
    workers = [node(f"w{n}", f"192.0.2.{n}/24") for n in (3, 4, 5)]
    joined = BGPPeer(name="rr", node_selector=selector, peer_selector="has(rr)")
    stray = node("w6", "192.0.2.6/24", cluster_id="244.0.0.9")
    default = BGPConfiguration(name="default", node_to_node_mesh_enabled=mesh)
    return as_asked(cluster(*reflectors, *workers, stray, joined, default))


def test_beside_mesh_and_reflectors_it_is_taken_away_where_the_label_would_help_nobody():
    report = beside_reflectors("all()", mesh=True)
    (cause,) = report.causes
    assert [str(subject) for subject in cause.subjects] == ["w6"]
    assert commands(report)[0] == "kubectl annotate node w6 projectcalico.org/RouteReflectorClusterID- --overwrite"
    assert "loses none" in cause.fixes[0].tried


def test_what_reflects_between_the_reflectors_keeps_its_id():
    """These do not peer with each other: without w6 they would lose each other's routes."""
    (cause,) = beside_reflectors("!has(rr)", mesh=True).causes
    assert cause.fixes == ()


def test_where_the_label_brings_routes_back_it_is_that():
    report = beside_reflectors("has(rr)", mesh=True)
    assert commands(report)[0] == "kubectl label node w6 rr=yes --overwrite"


def test_without_a_mesh_it_would_not_be_in_it_again():
    report = beside_reflectors("all()", mesh=False)
    steps = [step for fix in report.causes[0].fixes for step in fix.steps]
    assert not any("RouteReflectorClusterID-" in command for step in steps for command in step.commands)
