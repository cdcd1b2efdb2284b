"""Whose routes came or went between two moments of a lab whose sessions all stand."""

import pytest

from calico_bgp.auditing.diff import diff_snapshots
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.diff import Change, Compared, SnapshotDiff
from calico_bgp.report.diff.text import diff_to_text, diff_verdict
from calico_bgp.report.text.page import TextStyle
from tests.with_routes import change_table, with_routes

MESH = build_cluster(6, topology=Topology.MESH)
CLIENTS = build_cluster(6)


def taken(cluster=MESH, *faults):
    """With resources, so that what a node ought to announce is known even where its BIRD has lost it."""
    return with_routes(cluster, *faults).model_copy(update={"resources": lab_resources(cluster)})


def lines(before, after):
    text = diff_to_text(diff_snapshots(before, after), TextStyle(unicode=False))
    section = text.partition("\nRoutes\n")[2].partition("\n\n")[0]
    return [" ".join(line.split()) for line in section.splitlines()]


@pytest.mark.parametrize(
    ("cluster", "fault", "said"),
    [
        (MESH, "import-limit:node5", "routes of 5 nodes: node[1-4,6] (IPv4) on node5"),
        (MESH, "import-limit:node5,node1", "routes of node1 (IPv4) on node5"),
        (CLIENTS, "kernel-behind:node5", "routes of 5 nodes: node[1-4,6] (IPv4) on node5"),
        (CLIENTS, "own-routes-lost:node3", "routes of node3 (IPv4) on 5 nodes: node[1-2,4-6]"),
        (MESH, "pool-not-exported", "routes between 6 nodes: node[1-6] (IPv4)"),
        (MESH, "link-cut:node2,node4", "routes between 2 nodes: node2, node4 (IPv4)"),
    ],
)
def test_whose_routes_went_and_came_back(cluster, fault, said):
    well, broken = taken(cluster), taken(cluster, fault)
    assert lines(well, broken) == [f"went {said}"]
    assert lines(broken, well) == [f"came {said}"]


def test_the_values_and_the_count():
    diff = diff_snapshots(taken(), taken(MESH, "import-limit:node5"))
    (one,) = diff.routes
    assert (one.change, one.node, one.family) == (Change.WENT, "node5", Family.IPV4)
    assert one.origins == ("node1", "node2", "node3", "node4", "node6")
    assert diff_verdict(diff) == ("DIFFERENT", "5 routes")
    assert SnapshotDiff.model_validate_json(diff.model_dump_json()) == diff


def test_nothing_differs():
    for cluster in (MESH, CLIENTS):
        diff = diff_snapshots(taken(cluster), taken(cluster))
        assert (diff.is_empty, diff.not_compared) == (True, ())
        hurt = taken(cluster, "own-routes-lost:node3")
        assert diff_snapshots(hurt, hurt).routes == ()


def test_a_table_that_was_not_read_is_unknown_and_not_gone():
    unread = change_table(taken(), 4, bird=None, bird_is_whole=False, kernel=None, kernel_is_whole=False)
    for before, after, when in ((taken(), unread, "after"), (unread, taken(), "before")):
        diff = diff_snapshots(before, after)
        assert (diff.routes, diff.is_empty) == ((), True)
        assert [(one.node, one.family, one.what, one.why) for one in diff.not_compared] == [
            ("node5", Family.IPV4, Compared.ROUTES, f"its table was not read {when}")
        ]
        assert f"IPv4 routes of node5: its table was not read {when}" in diff_to_text(diff, TextStyle())


def test_half_a_table_and_a_kernel_that_was_not_read_prove_nothing():
    half = change_table(taken(), 4, bird=lambda routes: routes[:1], bird_is_whole=False)
    assert diff_snapshots(taken(), half).routes == ()
    astray = taken(MESH, "kernel-behind:node5")
    blind = change_table(taken(), 4, kernel=None, kernel_is_whole=False)
    assert diff_snapshots(blind, astray).routes == ()
    assert diff_snapshots(astray, blind).routes == ()


def test_of_snapshots_without_tables_nothing_is_said():
    bare = taken().model_copy(
        update={"readings": tuple(r.model_copy(update={"tables": (), "birds": ()}) for r in taken().readings)}
    )
    assert diff_snapshots(bare, bare) == SnapshotDiff(before_at=bare.taken_at, after_at=bare.taken_at)
