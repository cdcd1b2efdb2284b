"""A BIRD that recovers from its restart: to be waited for, unless by its own clock it should have ended."""

from dataclasses import replace

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, build_cluster
from tests.with_routes import with_routes

MESH = build_cluster(4, topology=Topology.MESH)


def recovering(**changes):
    """node4 is in `wait` since an hour by its rows, and its BIRD says that it recovers, with these times."""
    snapshot = with_routes(MESH, "restarting:node4")
    *others, last = snapshot.readings
    birds = tuple(replace(bird, is_recovering=True, **changes) for bird in last.birds)
    readings = (*others, last.model_copy(update={"birds": birds}))
    (cause,) = audit(snapshot.model_copy(update={"readings": readings})).causes
    assert cause.kind == "graceful-restart"
    return cause


def times(start, now="12:00:00"):
    return {"last_reboot": f"2026-11-22 {start}", "server_time": f"2026-11-22 {now}"}


@pytest.mark.parametrize(
    "changes",
    [
        times("11:59:00"),
        times("11:55:00"),  # 240 s, and a minute for a busy machine
        times("not a time"),
        times("10:30:00+00:00"),  # only one of the two with a zone
        {"last_reboot": None, "server_time": None},
    ],
)
def test_one_that_may_still_go_on_is_waited_for(changes):
    cause = recovering(**changes)
    assert [(fix.label, fix.steps) for fix in cause.fixes] == [("wait", ())]


@pytest.mark.parametrize(("start", "minutes"), [("11:54:59", 5), ("10:30:00", 90)])
def test_one_that_should_have_ended_is_restarted(start, minutes):
    cause = recovering(**times(start))
    assert cause.title.startswith(f"BIRD on node4 runs for {minutes} min and still recovers from its restart")
    assert [fix.label for fix in cause.fixes] == ["restart pod"]
    assert cause.fixes[0].wait_until is None


def test_what_only_its_rows_say_may_be_a_clock_that_was_set():
    """SINCE of a row is by the clock of the node; BIRD's start and its clock are of one answer."""
    (cause,) = audit(with_routes(MESH, "restarting:node4")).causes
    assert [fix.label for fix in cause.fixes] == ["wait"]
