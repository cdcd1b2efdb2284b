"""Law of the history: what a poll saw comes back, whatever the polls before and after it saw."""

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from calico_bgp.model.reading import NodeReading
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.store.history.reader import HistoryReader
from calico_bgp.store.history.writer import HistoryWriter, PollRecord
from tests.property.store.test_snapshot_folder import FAILURES, HOSTS, READINGS

START = datetime(2026, 11, 30, 12, tzinfo=UTC)


def _without_times(reading: NodeReading) -> NodeReading:
    return reading.model_copy(update={"taken_at": None, "clock": None, "raw": ""})


def _kept(snapshot: Snapshot) -> Snapshot:
    """What is kept of it: not the raw outputs, and the times as they follow from the poll's."""
    return snapshot.model_copy(
        update={
            "readings": tuple(sorted(map(_without_times, snapshot.readings), key=lambda one: one.host)),
            "failures": tuple(
                sorted((f.model_copy(update={"raw": ""}) for f in snapshot.failures), key=lambda f: f.host)
            ),
        }
    )


@st.composite
def polls(draw: Callable) -> list[Snapshot]:
    hosts = draw(st.lists(HOSTS, max_size=3, unique_by=lambda host: host.label))
    pool = draw(st.lists(READINGS, min_size=1, max_size=6))
    found = []
    for place in range(draw(st.integers(1, 6))):
        readings = draw(st.lists(st.sampled_from(pool), max_size=4, unique_by=lambda one: one.host))
        failures = draw(st.lists(FAILURES, max_size=2, unique_by=lambda one: one.host))
        found.append(
            Snapshot(
                cluster=draw(st.none() | st.just("prod")),
                hosts=tuple(hosts),
                taken_at=START + timedelta(minutes=place),
                limited=draw(st.booleans()),
                # Nobody's clock is known, so that every SINCE is kept as it stands.
                readings=tuple(one.model_copy(update={"clock": None, "taken_at": None}) for one in readings),
                failures=tuple(failures),
            )
        )
    return found


@settings(max_examples=30, deadline=None)
@given(polls(), st.integers(0, 5))
def test_every_poll_comes_back(shown, pruned):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.db"
        for part in (shown[:2], shown[2:]):  # a new process goes on where the old one ended
            with HistoryWriter(path) as writer:
                for snapshot in part:
                    writer.record(PollRecord(snapshot.taken_at, 1.0, snapshot))
        with HistoryReader(path) as reader:
            for snapshot in shown:
                assert _kept(reader.snapshot_at(snapshot.taken_at)) == _kept(snapshot)
        cut = shown[min(pruned, len(shown) - 1)].taken_at
        with HistoryWriter(path) as writer:
            writer.prune(cut)
        with HistoryReader(path) as reader:
            for snapshot in shown:
                if snapshot.taken_at >= cut:
                    assert _kept(reader.snapshot_at(snapshot.taken_at)) == _kept(snapshot)
