"""Routes that nodes in between have and do not pass on, without resources: who, and what the numbers leave open."""

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.routes.bird_route import Destination
from tests.unit.auditing.tables import told
from tests.with_routes import change_protocols, change_table, with_routes

#: node1 and node2 are the reflectors.
CLUSTER = build_cluster(6)
NO_ID, SAME_ID, NO_POOL, FILTER, BY_HAND = "no routeReflectorClusterID", "one route", "no IPPool", "a BGPFilter", "none"


def seen(cause):
    """What the command that decides may show, by how each begins."""
    (decide,) = cause.decide
    words = (NO_ID, SAME_ID, NO_POOL, FILTER, BY_HAND)
    return [next(word for word in words if outcome.sees.startswith(word)) for outcome in decide.outcomes]


@pytest.mark.parametrize(
    ("fault", "nodes", "sure", "may_be"),
    [
        # BIRD says of each session whether its far end is a client: here of none.
        ("lost-cluster-id", ["node1", "node2"], Confidence.LIKELY, [NO_ID]),
        # Those with the label have no cluster ID.
        ("label-elsewhere", ["node5", "node6"], Confidence.LIKELY, [NO_ID]),
        # Clients there are, and the filters rejected nothing.
        ("equal-ids", ["node1", "node2"], Confidence.LIKELY, [SAME_ID]),
        # Clients there are, and the filters rejected something.
        ("pool-deleted", ["node1", "node2"], Confidence.POSSIBLE, [SAME_ID, NO_POOL, FILTER, BY_HAND]),
    ],
)
def test_who_keeps_them_and_what_it_may_be(fault, nodes, sure, may_be):
    report = audit(with_routes(CLUSTER, fault))
    assert told(report) == [("routes-not-passed-on", [f"{node} (IPv4)" for node in nodes])]
    (cause,) = report.causes
    assert (cause.confidence, seen(cause)) == (sure, may_be)
    assert report.unexplained == ()
    assert cause.routes_lost == report.reachability[0].observed.pairs_missing


def test_of_a_bird_that_was_not_asked_for_all_nothing_is_excluded():
    """More than 200 peers: only the short answer is asked for, which has neither numbers nor the kind of a session."""
    snapshot = with_routes(CLUSTER, "lost-cluster-id")
    for number in range(len(snapshot.readings)):
        snapshot = change_protocols(snapshot, number, "Node_", session=(), exports_filtered=None)
        snapshot = change_protocols(snapshot, number, "Global_", session=(), exports_filtered=None)
    (cause,) = audit(snapshot).causes
    assert (cause.kind, cause.confidence) == ("routes-not-passed-on", Confidence.POSSIBLE)
    assert seen(cause) == [NO_ID, SAME_ID, NO_POOL, FILTER, BY_HAND]


def test_one_reflector_that_reflects_is_enough():
    assert told(audit(with_routes(CLUSTER, "lost-cluster-id:node1"))) == []


def test_with_resources_another_cause_says_which_it_is():
    resources = lab_resources(CLUSTER, [parse_fault("equal-ids", CLUSTER)])
    report = audit(with_routes(CLUSTER, "equal-ids").model_copy(update={"resources": resources}))
    assert [kind for kind, _ in told(report)] == ["reflectors-equal-ids"]


def test_where_only_one_of_two_sessions_was_asked_about_nothing_is_excluded():
    """node3 and node4 are the clients: a route comes over the session with the one and should go to the other."""
    snapshot = with_routes(build_cluster(4), "lost-cluster-id")
    node3 = snapshot.readings[2].addresses
    for reflector in (0, 1):
        protocols = snapshot.readings[reflector].birds[0].protocols
        (of_node3,) = [one.name for one in protocols if one.neighbor_address in node3]
        snapshot = change_protocols(snapshot, reflector, of_node3, session=())
    (cause,) = audit(snapshot).causes
    assert (cause.kind, cause.confidence) == ("routes-not-passed-on", Confidence.POSSIBLE)
    assert seen(cause) == [NO_ID, SAME_ID, NO_POOL, FILTER, BY_HAND]


def test_where_a_route_is_at_no_node_in_between_none_is_blamed():
    """Both reflectors lack node3's block, however that came; they keep the others'."""
    snapshot = with_routes(CLUSTER, "lost-cluster-id")
    of_node3 = snapshot.readings[2].tables[0].bird
    (block,) = {route.prefix for route in of_node3 if route.destination is Destination.BLACKHOLE}
    for reflector in (0, 1):
        snapshot = change_table(snapshot, reflector, bird=lambda routes: tuple(r for r in routes if r.prefix != block))
    assert "routes-not-passed-on" not in dict(told(audit(snapshot)))
