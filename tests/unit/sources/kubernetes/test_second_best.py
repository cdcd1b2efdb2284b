"""A CalicoNodeStatus of a node that could not be read: of just now it is a reading, an older one is told."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from calico_bgp.auditing.engine import audit
from calico_bgp.model.reading import DaemonState, GatherFailure, Stage
from calico_bgp.model.reports.report import Verdict
from calico_bgp.sources.kubernetes.second_best import OF_NOW, second_best
from tests.unit.sources.kubernetes.test_hostile import answers, listed, read_from

NOW = datetime(2026, 1, 1, 12, 0, 30, tzinfo=UTC)
OLD = "2026-01-01T11:00:00Z"
FAILURE = GatherFailure(host="n1", node="n1", stage=Stage.TIMEOUT, message="the pod did not answer")
READY = {"birdV4": {"state": "Ready"}, "birdV6": {"state": "Ready"}}


def status(*states, node="n1", at="2026-01-01T12:00:00Z", **more):
    peers = [
        {"peerIP": f"192.0.2.{n}", "type": "NodeMesh", "state": state, "since": "10:00:00"}
        for n, state in enumerate(states, 2)
    ]
    # As Go writes it: counts are never left out (api/pkg/apis/projectcalico/v3/nodestatus.go).
    counts = {f"number{word}V{number}": 0 for word in ("Established", "NotEstablished") for number in (4, 6)}
    bgp = counts | ({"peersV4": peers} if states else {})
    return {
        "metadata": {"name": "s"},
        "spec": {"node": node, "classes": ["Agent", "BGP"]},
        "status": {"lastUpdated": at, "bgp": bgp, **more},
    }


def second_hand(*objects, runs=True):
    readings, failures = second_best([FAILURE], objects, NOW, lambda node: runs)
    return readings, [failure.last_known for failure in failures]


def test_one_of_just_now_is_a_reading_with_its_origin_and_its_age():
    (reading,), left = second_hand(status("Established", "Active"))
    assert left == []
    assert reading.status.origin == "calico-node-status"
    assert (reading.second_hand.age, reading.second_hand.instead_of) == (30, "the pod did not answer")
    assert [peer.is_established for peer in reading.peers] == [True, False]
    assert (reading.taken_at, reading.clock) == (NOW, NOW - timedelta(seconds=30))


def test_an_old_one_is_told_with_its_age_and_is_no_reading():
    readings, (said,) = second_hand(status("Established", "Active", at=OLD))
    assert readings == ()
    assert said == (
        "its CalicoNodeStatus of 2026-01-01 11:00:00+0000 (3630 s before) shows 1 of 2 peers Established; not 192.0.2.3"
    )


@pytest.mark.parametrize(("seconds", "counts"), [(OF_NOW, True), (OF_NOW + 1, False), (-5, True), (-6, False)])
def test_until_when_it_is_of_now(seconds, counts):
    at = (NOW - timedelta(seconds=seconds)).isoformat()
    assert bool(second_hand(status("Established", at=at))[0]) is counts


def test_one_of_a_container_that_does_not_run_is_no_reading():
    readings, left = second_hand(status("Established"), runs=False)
    assert readings == ()
    assert "1 of 1 peers Established" in left[0]


def test_the_newest_counts():
    old = status("Active", at=OLD)
    (reading,), _ = second_hand(old, status("Established"), old)
    assert reading.peers[0].is_established


@pytest.mark.parametrize(
    "item",
    [
        status(),
        status("Established", node="n2"),
        status("Established", at=None),
        status("Established", at="yesterday"),
        status("Established", at="0001-01-01T00:00:00+23:59"),
        {"spec": "n1", "status": []},
        {"spec": {"node": ["n1"]}, "status": {"lastUpdated": 7}},
        {"spec": {"node": "n1"}, "status": {"lastUpdated": "2026-01-01T12:00:00Z", "bgp": {"peersV4": ["x", 7]}}},
        # Its counts are 0 as well where nobody asked for BGP, or where one BIRD did not answer.
        status(agent=READY) | {"spec": {"node": "n1", "classes": ["Agent"]}},
    ],
)
def test_what_says_nothing_is_not_told(item):
    assert second_hand(item) == ((), [None])


def test_no_peers_are_none_where_both_birds_are_ready():
    (reading,), _ = second_hand(status(agent=READY))
    assert [daemon.state for daemon in reading.status.daemons] == [DaemonState.RUNNING, DaemonState.RUNNING]


def test_a_bird_that_does_not_answer_calico_node_is_said():
    (reading,), _ = second_hand(status(agent=READY | {"birdV6": {"state": "NotReady"}}))
    assert [daemon.state for daemon in reading.status.daemons] == [DaemonState.UNKNOWN, DaemonState.UNREACHABLE]


def test_a_node_stays_unread_whose_object_is_old():
    async def handler(request):
        if request.path.endswith("/exec"):
            return web.json_response({"message": "no"}, status=500)
        return web.json_response(answers(request.path, caliconodestatuses=listed(status("Established"))))

    snapshot = read_from(handler)
    assert "1 of 1 peers Established" in snapshot.failures[0].last_known
    assert audit(snapshot).verdict is Verdict.UNKNOWN


def test_where_nobody_may_exec_the_cluster_is_judged_by_them(lab, read):
    lab.set_api_faults(["exec-forbidden", "node-status"])
    snapshot = read()
    assert [reading.status.origin for reading in snapshot.readings] == ["calico-node-status"] * 6
    report = audit(snapshot)
    assert report.verdict is Verdict.HEALTHY
    (said,) = (each for each in report.not_checked if each.what.startswith("error texts"))
    assert "the user may not run commands in the pods of calico-system" in said.why
    assert re.search(r"a CalicoNodeStatus of each instead, written at most \d+ s before", said.why)


def test_old_ones_leave_the_cluster_unknown(lab, read):
    lab.set_api_faults(["exec-forbidden", "stale-status"])
    snapshot = read()
    assert len(snapshot.failures) == 6
    assert all(re.search(r"\(36\d\d s before\) shows", failure.last_known) for failure in snapshot.failures)
    report = audit(snapshot)
    assert report.verdict is Verdict.UNKNOWN
    (said,) = (each for each in report.not_checked if each.what.startswith("whether what is known of 6 nodes"))
    assert "of node1: its CalicoNodeStatus of" in said.why


def test_a_session_that_is_down_is_found_and_no_reason_is_made_up(lab, read):
    """Active without an error is what calico-node leaves of every error: it is no silence."""
    lab.set_api_faults(["exec-forbidden", "node-status"])
    lab.set_faults(["link-cut:node3,node1"])
    report = audit(read())
    assert report.verdict is not Verdict.HEALTHY
    assert {finding.rule for finding in report.findings} >= {"session-not-established"}
    assert "link-cut" not in {cause.kind for cause in report.causes}


def test_one_node_whose_exec_hangs_is_read_like_the_others(lab, read):
    lab.set_api_faults(["exec-hangs:node3", "node-status"])
    snapshot = read()
    assert {reading.name: reading.status.origin for reading in snapshot.readings if reading.second_hand} == {
        "node3": "calico-node-status"
    }
    assert audit(snapshot).verdict is Verdict.HEALTHY
