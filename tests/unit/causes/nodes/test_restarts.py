"""calico-node that ends again and again, and a recovery of BIRD that does not end: both look well for a while."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.model.resources import BGPConfiguration, BGPPeer
from tests.running_birds import NOW, Birds
from tests.unit.auditing.tables import cluster, commands, node, told

OFF = BGPConfiguration(name="default", node_to_node_mesh_enabled=False)
PEER = BGPPeer(name="rr", node_selector="all()", peer_selector="has(rr)")


def numbered(*numbers: int, **fields):
    return [node(f"n{n}", f"192.0.2.{n}/24", internal=f"192.0.2.{n}", **fields) for n in numbers]


MESH = cluster(*numbered(1, 2, 3, 4))
REFLECTED = cluster(*numbered(1, 2, labels="rr", cluster_id="1.1.1.1"), *numbered(3, 4), PEER, OFF)


def restarted(**fields):
    """All sessions are up at this moment; n4's pod has this behind it."""
    made = Birds(MESH).snapshot(through_api=True)
    assert made.kubernetes is not None
    pods = tuple(replace(pod, **fields) if pod.node == "n4" else pod for pod in made.kubernetes.pods)
    return audit(made.model_copy(update={"kubernetes": made.kubernetes.model_copy(update={"pods": pods})}))


LOOP = {"restarts": 41, "started_at": NOW - timedelta(minutes=4), "last_ended": "OOMKilled", "last_ran": 1900}


def test_a_pod_that_runs_out_of_memory_again_and_again():
    report = restarted(**LOOP)
    assert (told(report), report.verdict) == ([("pod-crash-looping", ["n4"])], "warnings")
    assert "OOMKilled, restarted 41 times" in report.causes[0].title
    assert "memory limit" in report.causes[0].fixes[0].summary


@pytest.mark.parametrize("ran", [2, 599])
def test_a_pod_whose_runs_are_short(ran):
    report = restarted(**LOOP | {"last_ended": "Error", "last_ran": ran})
    assert told(report) == [("pod-crash-looping", ["n4"])]
    assert "log" in report.causes[0].fixes[0].summary


@pytest.mark.parametrize(
    "other",
    [
        {"restarts": 2},
        {"started_at": NOW - timedelta(minutes=16)},
        {"last_ended": "Completed", "last_ran": 86_400},
        {"last_ended": None, "last_ran": None},
        {"backend": "vxlan"},
    ],
)
def test_restarts_that_are_no_loop(other):
    """Few, long ago, after a long run as in a reboot, or of a calico-node that has no BIRD."""
    assert restarted(**LOOP | other).causes == ()


def waiting(resources, name: str, since: str):
    """A BIRD whose rows are in `wait`, by its own clock since then."""
    made = Birds(resources).snapshot()
    return audit(made.model_copy(update={"readings": tuple(_waits(r, name, since) for r in made.readings)}))


def _waits(reading, name: str, since: str):
    if reading.node != name:
        return reading
    peers = tuple(replace(row, protocol_state="wait", since=since) for row in reading.status.peers)
    return reading.model_copy(update={"status": reading.status.model_copy(update={"peers": peers})})


@pytest.mark.parametrize(("resources", "name"), [(MESH, "n4"), (REFLECTED, "n1")])
@pytest.mark.parametrize(
    ("since", "ends"), [("11:57:00", True), ("11:56:00", True), ("11:54:00", False), ("09:00:00", False)]
)
def test_a_recovery_ends_after_four_minutes_or_is_none(resources, name, since, ends):
    report = waiting(resources, name, since)
    assert told(report) == [("graceful-restart", [name])]
    (cause,) = report.causes
    assert ("wait, do not repair" in cause.title) == ends
    assert bool(commands(report)) != ends
