"""Routes that nodes in between have and do not pass on, without resources: who, and what the numbers leave open."""

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.case import Case
from calico_bgp.causes.routes.not_passed_on import routes_not_passed_on
from calico_bgp.cluster.cluster import observe
from calico_bgp.lab.cluster import build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import Family
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
    snapshot = with_routes(CLUSTER, "equal-ids").model_copy(update={"resources": resources})
    report = audit(snapshot)
    assert [kind for kind, _ in told(report)] == ["reflectors-equal-ids"]


def test_with_resources_that_are_right_nothing_is_said_of_what_they_may_be():
    """Reflectors keep routes back though Calico gives them cluster IDs: not even the resources tell why."""
    snapshot = with_routes(CLUSTER, "lost-cluster-id").model_copy(update={"resources": lab_resources(CLUSTER, [])})
    report = audit(snapshot)
    assert "routes-not-arriving" in {finding.rule for finding in report.findings}
    assert list(routes_not_passed_on(Case(observe(snapshot), report.findings))) == []


UNSURE = [NO_ID, SAME_ID, NO_POOL, FILTER, BY_HAND]


@pytest.mark.parametrize(("session", "may_be"), [((), UNSURE), (("external",), [SAME_ID, NO_POOL, FILTER, BY_HAND])])
def test_both_sessions_count_that_a_route_comes_and_goes_over(session, may_be):
    """node3 and node4 are the clients: a route comes over the session with the one and should go to the other.

    Where one was not asked about, nothing is excluded; what is no iBGP has nothing to do with cluster IDs of its own.
    """
    snapshot = with_routes(build_cluster(4), "lost-cluster-id")
    for reflector in (0, 1):
        snapshot = change_protocols(snapshot, reflector, protocol_to(snapshot, reflector, 2), session=session)
    (cause,) = audit(snapshot).causes
    assert (cause.kind, cause.confidence) == ("routes-not-passed-on", Confidence.POSSIBLE)
    assert seen(cause) == may_be


def protocol_to(snapshot, own, far):
    """The name of the protocol that one node, by its number, has for another one."""
    protocols = snapshot.readings[own].birds[0].protocols
    (name,) = [one.name for one in protocols if one.neighbor_address in snapshot.readings[far].addresses]
    return name


def test_where_two_reasons_are_seen_none_is_said():
    """By node1's BIRD its far ends are clients, by node2's they are none."""
    snapshot = with_routes(build_cluster(4), "lost-cluster-id")
    for client in (2, 3):
        name = protocol_to(snapshot, 0, client)
        snapshot = change_protocols(snapshot, 0, name, session=("internal", "route-reflector"), exports_filtered=0)
    (cause,) = audit(snapshot).causes
    assert (cause.kind, cause.confidence) == ("routes-not-passed-on", Confidence.POSSIBLE)
    assert seen(cause) == UNSURE


def test_each_family_has_its_own_reason_and_its_own_routes():
    """Of IPv4 the sessions with node3 are no iBGP; of IPv6 all are, and by BIRD the far ends are no clients."""
    snapshot = with_routes(build_cluster(4, families=(Family.IPV4, Family.IPV6)), "lost-cluster-id")
    (both,) = audit(snapshot).causes
    assert [str(subject) for subject in both.subjects] == ["node1", "node2"]
    # node3 and node4 lack each other's, of each family.
    assert both.routes_lost == 2 * 2
    for reflector in (0, 1):
        name = protocol_to(snapshot, reflector, 2)
        snapshot = change_protocols(snapshot, reflector, name, session=("external",))
    causes = {str(cause.subjects[0]): cause for cause in audit(snapshot).causes}
    assert {about: seen(cause) for about, cause in causes.items()} == {
        "node1 (IPv4)": [SAME_ID, NO_POOL, FILTER, BY_HAND],
        "node1 (IPv6)": [NO_ID],
    }
    assert [cause.routes_lost for cause in causes.values()] == [2, 2]


def test_a_node_whose_routes_were_not_read_is_not_blamed():
    snapshot = with_routes(CLUSTER, "lost-cluster-id")
    unread = snapshot.readings[1].model_copy(update={"tables": ()})
    readings = (snapshot.readings[0], unread, *snapshot.readings[2:])
    report = audit(snapshot.model_copy(update={"readings": readings}))
    assert told(report) == [("routes-not-passed-on", ["node1 (IPv4)"])]


def test_a_route_whose_next_hop_is_the_learner_is_told_to_it_by_nobody():
    """BIRD sends none to whom it leads to: that is a matter of addresses, and no reflector's fault."""
    snapshot = with_routes(build_cluster(4), "lost-cluster-id")
    blocks = [
        next(route.prefix for route in reading.tables[0].bird if route.destination is Destination.BLACKHOLE)
        for reading in snapshot.readings
    ]
    leads_to = {blocks[2]: snapshot.readings[3].addresses[0], blocks[3]: snapshot.readings[2].addresses[0]}
    for reflector in (0, 1):
        snapshot = change_table(
            snapshot,
            reflector,
            bird=lambda routes: tuple(
                route._replace(gateway=leads_to[route.prefix]) if route.prefix in leads_to else route
                for route in routes
            ),
        )
    assert "routes-not-passed-on" not in dict(told(audit(snapshot)))


def test_where_a_route_is_at_no_node_in_between_none_is_blamed():
    """Both reflectors lack node3's block, however that came; they keep the others'."""
    snapshot = with_routes(CLUSTER, "lost-cluster-id")
    of_node3 = snapshot.readings[2].tables[0].bird
    (block,) = {route.prefix for route in of_node3 if route.destination is Destination.BLACKHOLE}
    for reflector in (0, 1):
        snapshot = change_table(snapshot, reflector, bird=lambda routes: tuple(r for r in routes if r.prefix != block))
    assert "routes-not-passed-on" not in dict(told(audit(snapshot)))
