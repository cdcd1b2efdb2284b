"""Own blocks that an export filter keeps in, without resources: what may have written that filter, and nothing more."""

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.routes.bird_reading import RouteLimit
from tests.unit.auditing.tables import told
from tests.with_routes import change_protocols, with_routes

MESH = build_cluster(5, topology=Topology.MESH)
REFLECTORS = build_cluster(6)
DUAL = build_cluster(4, topology=Topology.MESH, families=(Family.IPV4, Family.IPV6))

POOL, FILTER, BY_HAND = "disableBGPExport", "BGPFilter", "none of these"


def writers(cause):
    """What the one command that decides may show."""
    (decide,) = cause.decide
    assert decide.command.count("calicoctl get") == 3
    return [next(word for word in (POOL, FILTER, BY_HAND) if word in outcome.sees) for outcome in decide.outcomes]


@pytest.mark.parametrize(
    ("cluster", "fault", "subjects", "may_be"),
    [
        # The mesh has no BGPFilter, and one node alone may have the blocks of a pool of its own.
        (MESH, "export-rejected:node5", ["node5"], [POOL, BY_HAND]),
        (REFLECTORS, "export-rejected:node6", ["node6"], [POOL, FILTER, BY_HAND]),
        (MESH, "pool-not-exported", ["cluster"], [POOL, BY_HAND]),
        (REFLECTORS, "pool-not-exported", ["cluster"], [POOL, FILTER, BY_HAND]),
        (REFLECTORS, "filter-rejects", ["cluster"], [POOL, FILTER, BY_HAND]),
        # A pool that is not exported is told to nobody; here only node1 lacks the blocks.
        (MESH, "export-rejected:node5,node1", ["node5"], [BY_HAND]),
    ],
)
def test_what_the_tables_leave_open_is_said(cluster, fault, subjects, may_be):
    report = audit(with_routes(cluster, fault))
    assert told(report) == [("own-blocks-kept-in", [f"{subject} (IPv4)" for subject in subjects])]
    (cause,) = report.causes
    assert cause.confidence is Confidence.LIKELY
    assert writers(cause) == may_be
    assert report.unexplained == ()
    assert [fix.label for fix in cause.fixes] == ["give resources"]


def test_it_costs_what_is_missing():
    nodes, others = 6, 5
    (one,) = audit(with_routes(REFLECTORS, "export-rejected:node6")).causes
    (everybody,) = audit(with_routes(REFLECTORS, "pool-not-exported")).causes
    assert (one.routes_lost, everybody.routes_lost) == (others, nodes * others)


def test_of_nodes_that_were_not_read_it_is_not_said_that_they_announce_nothing():
    report = audit(with_routes(MESH, "pool-not-exported", "calicoctl-hung:node5"))
    (cause,) = [each for each in report.causes if each.kind == "own-blocks-kept-in"]
    assert cause.title.startswith("BIRD on node1, node2, node3, node4 keeps their own blocks in")


def test_both_families_are_one_cause():
    (cause,) = audit(with_routes(DUAL, "export-rejected:node4")).causes
    assert cause.title == "BIRD on node4 keeps its own blocks in over IPv4 and IPv6: its export filter rejects them"
    assert [str(subject) for subject in cause.subjects] == ["node4"]
    assert cause.routes_lost == 2 * 3


def test_a_limit_that_is_hit_is_the_cause():
    limit = RouteLimit(kind="Export", number=0, is_hit=True, action="block")
    snapshot = change_protocols(with_routes(MESH, "export-rejected:node5"), 4, "Mesh_", limits=(limit,))
    assert {kind for kind, _ in told(audit(snapshot))} == {"export-limit-hit"}


def test_with_resources_another_cause_says_which_it_is():
    resources = lab_resources(REFLECTORS, [parse_fault("filter-rejects", REFLECTORS)])
    report = audit(with_routes(REFLECTORS, "filter-rejects").model_copy(update={"resources": resources}))
    assert told(report) == [("filter-rejects-routes", ["BGPFilter keep-pods-inside"])]


def test_what_others_keep_in_and_what_is_lost_elsewhere_is_not_its_cost():
    """node5's block is lacked by node1, to which it is not told; node4's kernel leads it elsewhere."""
    causes = audit(with_routes(MESH, "export-rejected:node5,node1", "kernel-behind:node4")).causes
    assert {cause.kind: cause.routes_lost for cause in causes} == {"own-blocks-kept-in": 1, "kernel-behind-bird": 4}
