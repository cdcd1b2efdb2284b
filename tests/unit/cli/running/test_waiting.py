"""When `audit --wait` has waited enough, with a clock of our own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.cli.running.waiting import APART, PAUSE, Patience, is_well, waited_for
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.model.reports.report import Severity
from tests.unit.auditing.conftest import snapshot_of

MESH = build_cluster(4, topology=Topology.MESH)
WELL = audit(snapshot_of(MESH))
DOWN = audit(snapshot_of(MESH, "bird-down:node3"))
RESTARTING = audit(snapshot_of(MESH, "restarting:node2"))
UNREAD = audit(snapshot_of(MESH, "no-sudo:node4"))
ERROR = Severity.ERROR


def patience(seconds=60):
    return Patience(timedelta(seconds=seconds), 0.0)


def rounds(*reports, apart=5.0, seconds=60):
    """Whether it is over after each round; a round takes a second, and `apart` lie between two."""
    mine, now, found = patience(seconds), 0.0, []
    for report in reports:
        found.append(mine.is_over(report, ERROR, started=now, ended=now + 1))
        now += 1 + apart
    return found


def test_one_round_proves_nothing():
    assert rounds(WELL) == [False]


def test_two_rounds_ten_seconds_apart_do():
    assert rounds(WELL, WELL, apart=10) == [False, True]
    assert rounds(WELL, WELL, WELL, apart=5) == [False, False, True]


def test_what_falls_again_is_waited_for_anew():
    assert rounds(WELL, DOWN, WELL, WELL, apart=10) == [False, False, False, True]


@pytest.mark.parametrize("report", [DOWN, RESTARTING, UNREAD])
def test_what_is_not_well(report):
    assert not is_well(report, ERROR)
    assert rounds(report, report, report, apart=10) == [False] * 3


def test_a_graceful_restart_is_waited_for_whatever_the_exit_code():
    limited = audit(snapshot_of(MESH, "restarting:node2").model_copy(update={"limited": True}))
    assert limited.exit_code() == 0
    assert not is_well(limited, ERROR)


def test_what_no_round_will_tell_is_not_waited_for():
    """Whether reflectors reflect does not show in tables: the exit code stays 3."""
    untold = audit(snapshot_of(build_cluster(6)))
    assert (untold.exit_code(), is_well(untold, ERROR)) == (3, True)
    assert not is_well(audit(snapshot_of(build_cluster(6), "link-cut:node1,node4")), ERROR)


def test_the_second_look_comes_no_sooner_than_ten_seconds_later():
    mine = patience()
    assert mine.pause(3.0) == PAUSE
    mine.is_over(WELL, ERROR, started=3.0, ended=4.0)
    assert mine.pause(4.5) == APART - timedelta(seconds=0.5)


@pytest.mark.parametrize(("limit", "now", "over"), [(60, 3, False), (60, 56, True), (3, 0, True)])
def test_the_time_is_up_when_no_further_round_fits(limit, now, over):
    assert (patience(limit).pause(float(now)) is None) == over


def test_it_names_the_nodes():
    assert waited_for(DOWN, ERROR) == "node3"
    assert waited_for(RESTARTING, ERROR) == "node2"
    assert waited_for(UNREAD, ERROR) == "node4"
    assert waited_for(WELL, ERROR) == ""
    assert waited_for(audit(snapshot_of(MESH, "link-cut:node1,node4")), ERROR) == "node1, node4"
