"""calico-node that ends again and again: it looks well for a while."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from calico_bgp.auditing.engine import audit
from tests.running_birds import NOW, Birds
from tests.unit.auditing.tables import cluster, node, told


def numbered(*numbers: int, **fields):
    return [node(f"n{n}", f"192.0.2.{n}/24", internal=f"192.0.2.{n}", **fields) for n in numbers]


MESH = cluster(*numbered(1, 2, 3, 4))


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
        {"last_ended": "Error", "last_ran": 600},
        {"last_ended": None, "last_ran": None},
        {"backend": "vxlan"},
    ],
)
def test_restarts_that_are_no_loop(other):
    """Few, long ago, after a long run as in a reboot, or of a calico-node that has no BIRD."""
    assert restarted(**LOOP | other).causes == ()
