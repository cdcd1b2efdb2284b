"""The loop: intervals, failures of the source, the history beside it, what a new process goes on with."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.errors import ConfigError, StoreError
from calico_bgp.lab.cluster import build_cluster
from calico_bgp.lab.lab import Lab
from calico_bgp.model.event import EventKind
from calico_bgp.model.reading import GatherFailure, Stage
from calico_bgp.monitor.log import lines
from calico_bgp.monitor.watcher import Finished, SourceFailed, Watcher
from calico_bgp.sources.kubernetes.connection.kubeconfig import load_kubeconfig
from calico_bgp.sources.kubernetes.source import read_cluster
from calico_bgp.store.history.reader import HistoryReader
from calico_bgp.store.history.writer import HistoryWriter
from tests.unit.monitor.polls import NOON
from tests.unit.store.history.synthetic import down, mesh, peer, snapshot, up


class Over(Exception):
    """The clock has no time left."""


@dataclass
class Time:
    """A clock that moves when somebody waits or a poll takes its time."""

    at: float = 0.0
    jump: timedelta = timedelta()
    until: float = 1e9
    waits: list[float] = field(default_factory=list)

    def now(self):
        return NOON + timedelta(seconds=self.at) + self.jump

    def monotonic(self):
        return self.at

    def wait(self, seconds):
        self.waits.append(seconds)
        self.at += seconds
        if self.at >= self.until:
            raise Over


def shown(tables, time):
    return lambda: snapshot([list(rows) for rows in tables], time.now())


def kinds(finished: Finished) -> list[EventKind]:
    return [event.kind for event in finished.events]


def test_polls_begin_at_the_interval_however_long_they_take():
    time, told = Time(until=300), []

    def read():
        time.at += 20
        return snapshot([[]], time.now())

    with pytest.raises(Over):
        Watcher(read, audit, every=60, clock=time).run(told.append)
    assert time.waits == [40] * 5
    assert [one.took for one in told] == [20] * 5


def test_a_poll_that_takes_longer_than_the_interval_skips_and_says_so():
    time, told = Time(until=600), []
    durations = iter([150, 10, 10, 10])

    def read():
        time.at += next(durations)
        return snapshot([[]], time.now())

    with pytest.raises(Over):
        Watcher(read, audit, every=60, clock=time).run(told.append) if time.at < 500 else None
    assert time.waits[0] == 30
    (late,) = [event for one in told for event in one.events if event.kind is EventKind.POLL_LATE]
    assert late.text == "the poll took 150 s, longer than the interval of 60 s: 2 polls were skipped"


@pytest.mark.parametrize(("nodes", "seconds"), [(500, 60), (501, 300)])
def test_large_clusters_are_asked_less_often(nodes, seconds):
    assert Watcher(lambda: snapshot([[]] * nodes, NOON), audit_nothing, clock=Time()).poll().interval == seconds


def audit_nothing(seen):
    return audit(seen, rules=(), lint_rules=(), cause_families=())


def test_whatever_the_source_does_it_goes_on():
    failures = iter([SourceFailed("no route to host"), ValueError("a mistake"), OSError(5, "I/O error"), None])

    def read():
        failure = next(failures)
        if failure is not None:
            raise failure
        return snapshot([[]], NOON)

    watcher = Watcher(read, audit, clock=Time())
    polls = [watcher.poll() for _ in range(4)]
    assert [one.failure for one in polls] == [
        "no route to host",
        "calico_bgp failed: ValueError: a mistake",
        "calico_bgp failed: OSError: [Errno 5] I/O error",
        None,
    ]
    assert [kinds(one) for one in polls] == [[], [], [EventKind.SOURCE_UNREADABLE], [EventKind.SOURCE_READABLE]]


def test_files_of_the_users_that_are_wrong_end_it():
    def read():
        raise ConfigError(())

    with pytest.raises(ConfigError):
        Watcher(read, audit, clock=Time()).poll()


def test_all_sessions_of_a_node_are_one_event():
    time = Time()
    tables = [[peer(1, "10:00:00"), peer(2, "10:00:00"), peer(3, "10:00:00")], [peer(0, "10:00:00")]]
    watcher = Watcher(shown(tables, time), audit_nothing, clock=time)
    watcher.poll()
    time.at += 60
    tables[0] = [down(row, "12:00:30") for row in tables[0]]
    finished = watcher.poll()
    assert [event.text for event in finished.events] == ["node0: all 3 IPv4 sessions went down since the last poll"]
    assert dict(finished.transitions) == {("node0", "ipv4", "up"): 0, ("node0", "ipv4", "down"): 3}
    time.at += 60
    tables[0] = [up(row, "12:01:30") for row in tables[0]]
    assert [event.text for event in watcher.poll().events] == ["node0: all 3 IPv4 sessions came up since the last poll"]


def test_a_session_that_starts_anew_between_two_polls_is_counted():
    time = Time()
    tables = [[peer(1, "10:00:00"), peer(2, "10:00:00")]]
    watcher = Watcher(shown(tables, time), audit_nothing, clock=time)
    watcher.poll()
    time.at += 60
    tables[0][0] = up(tables[0][0], "12:00:40")
    finished = watcher.poll()
    assert dict(finished.transitions) == {("node0", "ipv4", "up"): 1, ("node0", "ipv4", "down"): 1}


def test_what_happened_while_nobody_answered_is_seen_afterwards(tmp_path):
    """Two polls lie between: a session that started anew meanwhile, and one that went down, are changes."""
    time = Time()
    tables = [[peer(1, "10:00:00"), peer(2, "10:00:00")]]
    whole = shown(tables, time)
    silent = [False]

    def read():
        seen = whole()
        failure = GatherFailure(host="node0", node="node0", stage=Stage.CONNECT, message="no route to host")
        return seen.model_copy(update={"readings": (), "failures": (failure,)}) if silent[0] else seen

    path = tmp_path / "history.db"
    with HistoryWriter(path) as writer:
        watcher = Watcher(read, audit_nothing, clock=time, history=writer)
        watcher.poll()
        silent[0] = True
        for _ in range(2):
            time.at += 60
            assert watcher.poll().failure == "no node could be read: no route to host"
        silent[0] = False
        time.at += 60
        tables[0] = [up(tables[0][0], "12:01:00"), down(tables[0][1], "12:01:10")]
        finished = watcher.poll()
    assert dict(finished.transitions) == {("node0", "ipv4", "up"): 1, ("node0", "ipv4", "down"): 2}
    with HistoryReader(path) as reader:
        assert [poll.verdict is None for poll in reader.polls()] == [False, True, True, False]
        assert sorted((change.peer, change.kind.value) for change in reader.changes()) == [
            ("10.0.0.1", "restarted"),
            ("10.0.0.2", "down"),
        ]


@pytest.mark.parametrize("jump", [timedelta(hours=9), timedelta(hours=-9)])
def test_our_own_clock_may_jump(jump):
    time = Time()
    tables = [[peer(1, "10:00:00"), peer(2, "2026-11-29")]]
    watcher = Watcher(shown(tables, time), audit_nothing, clock=time)
    watcher.poll()
    time.at, time.jump = 60, jump
    hour = (10 + jump // timedelta(hours=1)) % 24
    tables[0][0] = up(tables[0][0], f"{hour:02}:00:00")
    assert not +watcher.poll().transitions


def test_what_stands_in_the_history_goes_on_in_a_new_process(tmp_path):
    """A fault over three processes of one poll each, as cron starts them."""
    path = tmp_path / "history.db"
    told = []
    with Lab(build_cluster(4)) as lab:
        access = load_kubeconfig([lab.kubeconfig]).access()
        lab.set_faults(["bird-down:node3"], ago=timedelta(hours=1))
        for _ in range(4):
            with HistoryWriter(path) as writer:
                watcher = Watcher(lambda: read_cluster(access, cluster="lab"), audit, history=writer)
                told.append([(event.kind, event.page) for event in watcher.poll().events])
    flat = [each for one in told for each in one]
    assert flat == [(EventKind.OPENED, "bird-down")]
    with HistoryReader(path) as reader:
        assert [event.page for event in reader.events()] == ["bird-down"]
        assert len(list(reader.polls())) == 4


def test_a_history_that_cannot_be_written_is_said_and_costs_nothing_else(tmp_path, monkeypatch):
    with HistoryWriter(tmp_path / "history.db") as writer:
        watcher = Watcher(lambda: snapshot(mesh_of(3), NOON), audit_nothing, history=writer, clock=Time())

        def full(record):
            raise StoreError("cannot write the history: database or disk is full")

        monkeypatch.setattr(writer, "record", full)
        finished = watcher.poll()
    assert finished.report is not None
    assert list(lines(finished, as_json=False)) == [
        "2026-11-30T12:00:00Z history: cannot write the history: database or disk is full"
    ]


def mesh_of(nodes):
    import random

    return mesh(nodes, random.Random(1))
