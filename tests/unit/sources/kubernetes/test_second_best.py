"""A CalicoNodeStatus beside a node that could not be read: told with its age, and never a reading."""

from datetime import UTC, datetime

import pytest
from aiohttp import web

from calico_bgp.auditing.engine import audit
from calico_bgp.model.reading import GatherFailure, Stage
from calico_bgp.model.report import Verdict
from calico_bgp.sources.kubernetes.second_best import with_second_best
from tests.unit.sources.kubernetes.test_hostile import answers, listed, read_from

NOW = datetime(2026, 1, 1, 12, 0, 30, tzinfo=UTC)
FAILURE = GatherFailure(host="n1", node="n1", stage=Stage.TIMEOUT, message="the pod did not answer")


def status(*states, node="n1", at="2026-01-01T12:00:00Z"):
    peers = [
        {"peerIP": f"192.0.2.{n}", "type": "NodeMesh", "state": state, "since": "10:00:00"}
        for n, state in enumerate(states, 2)
    ]
    bgp = {"numberEstablishedV4": 0, "numberNotEstablishedV4": 0, "peersV4": peers} if states else {}
    return {"metadata": {"name": "s"}, "spec": {"node": node}, "status": {"lastUpdated": at, "bgp": bgp}}


def said(*objects):
    return with_second_best([FAILURE], objects, NOW)[0].message


def test_it_is_told_with_its_age():
    assert said(status("Established", "Active")) == (
        "the pod did not answer; its CalicoNodeStatus of 2026-01-01 12:00:00+0000 (30 s before)"
        " shows 1 of 2 peers Established; not 192.0.2.3"
    )


def test_the_newest_counts():
    old = status("Active", at="2026-01-01T11:00:00Z")
    assert "1 of 1 peers" in said(old, status("Established"), old)


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
    ],
)
def test_what_says_nothing_is_not_told(item):
    assert said(item) == FAILURE.message


def test_a_node_stays_unread_whatever_its_object_says():
    async def handler(request):
        if request.path.endswith("/exec"):
            return web.json_response({"message": "no"}, status=500)
        return web.json_response(answers(request.path, caliconodestatuses=listed(status("Established"))))

    snapshot = read_from(handler)
    assert "1 of 1 peers Established" in snapshot.failures[0].message
    assert audit(snapshot).verdict is Verdict.UNKNOWN
