"""The history as a whole: what comes back, what changed, who may write, what it costs."""

import json
import os
import random
import sqlite3
import zlib
from datetime import datetime, timedelta

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.errors import StoreError
from calico_bgp.lab.cluster import build_cluster
from calico_bgp.lab.lab import Lab
from calico_bgp.model.event import Event, EventKind
from calico_bgp.model.reading import GatherFailure, Stage
from calico_bgp.report.audit.json import report_to_json
from calico_bgp.sources.kubernetes.connection.kubeconfig import load_kubeconfig
from calico_bgp.sources.kubernetes.source import read_cluster
from calico_bgp.store.history import packing
from calico_bgp.store.history.changes import PeerChangeKind
from calico_bgp.store.history.database import STEPS, open_reader, open_writer
from calico_bgp.store.history.reader import HistoryReader
from calico_bgp.store.history.writer import HistoryWriter, PollRecord
from tests.unit.store.history.synthetic import START, down, mesh, peer, restarted, snapshot, up, with_routes

MINUTE = timedelta(minutes=1)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "history.db"


def write(path, *snapshots):
    with HistoryWriter(path) as writer:
        for one in snapshots:
            writer.record(PollRecord(one.taken_at, 1.0, one))


def changes(path):
    with HistoryReader(path) as reader:
        return [(c.node, c.peer, c.kind, c.ups + c.downs) for c in reader.changes()]


def test_an_audit_of_then_is_the_audit_that_was(path):
    """Field for field, through faults of every kind, a day later and by a new process."""
    shown = []
    with Lab(build_cluster(6, reflectors=2)) as lab, HistoryWriter(path) as writer:
        access = load_kubeconfig([lab.kubeconfig]).access()
        for faults in ([], ["bird-down:node4"], ["link-cut:node1,node3"], ["reinstalled"], []):
            lab.set_faults(faults)
            seen = read_cluster(access, cluster="lab")
            report = audit(seen)
            writer.record(PollRecord(seen.taken_at, 0.5, seen, report))
            shown.append((seen, report))
    with HistoryReader(path) as reader:
        assert [poll.verdict for poll in reader.polls()] == [report.verdict.value for _, report in shown]
        for seen, report in shown:
            then = reader.snapshot_at(seen.taken_at + timedelta(microseconds=999))
            assert [[(p.address, p.info, p.since) for p in r.peers] for r in then.readings] == [
                [(p.address, p.info, p.since) for p in r.peers] for r in seen.readings
            ]
            assert sum(bool(reading.tables) for reading in seen.readings) >= 5
            assert [reading.tables for reading in then.readings] == [reading.tables for reading in seen.readings]
            assert then.resources == seen.resources
            assert then.kubernetes == seen.kubernetes
            ours, its = (json.loads(report_to_json(one)) for one in (audit(then), report))
            assert abs(
                datetime.fromisoformat(ours.pop("snapshot_at")) - datetime.fromisoformat(its.pop("snapshot_at"))
            ) < (timedelta(milliseconds=1))
            assert ours == its


def test_only_changes_are_written(path):
    tables = mesh(10, random.Random(1))
    write(path, *(snapshot(tables, START + n * MINUTE) for n in range(5)))
    with sqlite3.connect(path) as connection:
        counts = [connection.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("poll", "keyframe", "delta")]
    connection.close()
    assert counts == [5, 1, 0]


def test_what_changed_of_a_peer(path):
    one, two = peer(1, "00:00:10"), peer(2, "00:00:10")
    write(
        path,
        snapshot([[one, two]], START + MINUTE),
        snapshot([[down(one, "00:01:30"), two]], START + 2 * MINUTE),
        snapshot([[up(one, "00:02:20"), two]], START + 3 * MINUTE),
        snapshot([[up(one, "00:03:40"), two]], START + 4 * MINUTE),
        snapshot([[two]], START + 5 * MINUTE),
    )
    kinds = PeerChangeKind
    assert [(peer, kind, flaps) for _, peer, kind, flaps in changes(path)] == [
        ("10.0.0.1", kinds.DOWN, 1),
        ("10.0.0.1", kinds.UP, 1),
        ("10.0.0.1", kinds.RESTARTED, 2),
        ("10.0.0.1", kinds.WENT, 1),
    ]


@pytest.mark.parametrize(
    ("since", "later", "after"),
    [
        ("04:00:00", "2026-11-30", timedelta(hours=21)),
        ("04:00:00", "04:00:01", MINUTE),
        ("04:00:00", "03:59:59", MINUTE),
    ],
    ids=["a time becomes a date", "a second later", "a second earlier"],
)
def test_a_since_that_is_printed_in_another_way_is_no_change(path, since, later, after):
    at = START + timedelta(hours=5)
    write(path, snapshot([[peer(1, since)]], at), snapshot([[peer(1, later)]], at + after))
    assert changes(path) == []
    with HistoryReader(path) as reader:
        (reading,) = reader.snapshot_at(at + after).readings
        # It comes back as BIRD would print it then; of a second's difference the first stands.
        assert reading.peers[0].since == (later if after > MINUTE else since)


def test_a_clock_that_is_set_is_no_change(path):
    """Every SINCE of the node moves with it; none is younger than the last poll."""
    tables = [[peer(1, "04:00:00"), peer(2, "04:10:00")]]
    at = START + timedelta(hours=5)
    moved = [[peer(1, "05:30:00"), peer(2, "05:40:00")]]
    later = snapshot(moved, at + MINUTE)
    (reading,) = later.readings
    later = later.model_copy(
        update={"readings": (reading.model_copy(update={"clock": reading.clock + timedelta(minutes=90)}),)}
    )
    write(path, snapshot(tables, at), later)
    assert changes(path) == []
    with HistoryReader(path) as reader:
        (then,) = reader.snapshot_at(at + MINUTE).readings
    assert then.clock == later.readings[0].clock
    assert [p.since for p in then.peers] == ["05:30:00", "05:40:00"]


def test_a_node_that_was_not_looked_at_is_no_change_but_is_told(path):
    tables = mesh(3, random.Random(1))
    whole = snapshot(tables, START)
    part = snapshot(tables, START + MINUTE)
    part = part.model_copy(update={"readings": part.readings[:2]})
    write(path, whole, part, snapshot(tables, START + 2 * MINUTE))
    assert changes(path) == []
    with HistoryReader(path) as reader:
        assert [(c.host, c.why) for c in reader.coverage() if c.host == "node2"] == [
            ("node2", "it was not asked"),
            ("node2", None),
        ]


def test_events_and_the_watchers_memory_come_back(path):
    event = Event(at=START, kind=EventKind.OPENED, text="BIRD does not run on node4", nodes=("node4",), trouble="x")
    with HistoryWriter(path) as writer:
        writer.record(PollRecord(START, 1.0, failure="refused", events=(event,), state='{"clock": 5}'))
    with HistoryWriter(path) as writer:
        assert writer.state == '{"clock": 5}'
        assert writer.last_at == START
    with HistoryReader(path) as reader:
        assert list(reader.events()) == [event]
        assert [(p.verdict, p.note) for p in reader.polls()] == [(None, "refused")]
        with pytest.raises(StoreError, match=r"nothing could be read at .*: refused"):
            reader.snapshot_at(START)
        with pytest.raises(StoreError, match="no poll at or before"):
            reader.snapshot_at(START - MINUTE)


def test_a_second_watcher_is_refused(path):
    with HistoryWriter(path), pytest.raises(StoreError, match=r"another watcher \(process \d+\) writes the history"):
        HistoryWriter(path)
    HistoryWriter(path).close()


def test_a_second_watcher_is_refused_under_another_name_of_the_file_too(path):
    link = path.with_name("link.db")
    link.symlink_to(path.name)
    with HistoryWriter(path), pytest.raises(StoreError, match=r"another watcher \(process \d+\) writes the history"):
        HistoryWriter(link)


def test_it_is_readable_while_it_is_written(path):
    tables = mesh(3, random.Random(1))
    with HistoryWriter(path) as writer:
        writer.record(PollRecord(START, 1.0, snapshot(tables, START)))
        with HistoryReader(path) as reader:
            before = list(reader.polls())
            writer.record(PollRecord(START + MINUTE, 1.0, snapshot(tables, START + MINUTE)))
            assert list(reader.polls()) == before  # one view, however long it takes
        with HistoryReader(path) as reader:
            assert len(list(reader.polls())) == 2


def test_only_its_owner_may_read_it(path):
    write(path, snapshot(mesh(2, random.Random(1)), START))
    assert {p.stat().st_mode & 0o077 for p in path.parent.iterdir()} == {0}


def test_a_full_disk_costs_that_poll_and_no_other(path):
    rng = random.Random(1)
    tables = mesh(20, rng)
    with HistoryWriter(path) as writer:
        writer.record(PollRecord(START, 1.0, snapshot(tables, START)))
        writer._connection.execute(
            f"PRAGMA max_page_count = {writer._connection.execute('PRAGMA page_count').fetchone()[0]}"
        )
        other = mesh(20, random.Random(2))
        with pytest.raises(StoreError, match=r"cannot write the history .*: database or disk is full"):
            writer.record(PollRecord(START + MINUTE, 1.0, snapshot(other, START + MINUTE), failure="x" * 9000))
        writer._connection.execute("PRAGMA max_page_count = 100000")
        last = snapshot(other, START + 2 * MINUTE)
        writer.record(PollRecord(last.taken_at, 1.0, last))
    with HistoryReader(path) as reader:
        assert [p.at for p in reader.polls()] == [START, last.taken_at]
        assert reader.snapshot_at(last.taken_at) == last


def test_what_was_told_while_the_disk_was_full_stands_in_the_history(path):
    def opened(number):
        return Event(at=START + number * MINUTE, kind=EventKind.OPENED, text=f"{number}", trouble="x")

    with HistoryWriter(path) as writer:
        writer.record(PollRecord(START, 1.0, events=(opened(0),)))
        writer._connection.execute("PRAGMA query_only = ON")
        for number in (1, 2):
            with pytest.raises(StoreError, match="cannot write the history"):
                writer.record(PollRecord(START + number * MINUTE, 1.0, events=(opened(number),)))
        writer._connection.execute("PRAGMA query_only = OFF")
        for number in (3, 4):
            writer.record(PollRecord(START + number * MINUTE, 1.0, events=(opened(number),)))
    with HistoryReader(path) as reader:
        assert list(reader.events()) == [opened(number) for number in range(5)]


def test_half_a_surrogate_pair_costs_no_poll(path):
    """No decoder makes one; the name of a file that is not UTF-8 has some."""
    event = Event(at=START, kind=EventKind.OPENED, text="the file \udcff", trouble="\udcff")
    failed = GatherFailure(host="node1", stage=Stage.CONNECT, message="the file \udcff")
    one = snapshot(mesh(1, random.Random(1)), START).model_copy(update={"failures": (failed,)})
    with HistoryWriter(path) as writer:
        writer.record(PollRecord(START, 1.0, one, failure="the file \udcff", events=(event,), state="\udcff"))
    with HistoryReader(path) as reader:
        assert [poll.note for poll in reader.polls()] == ["the file ?"]
        assert [(event.text, event.trouble) for event in reader.events()] == [("the file ?", "?")]
        assert [each.why for each in reader.coverage() if each.why is not None] == ["the file ?"]
        assert reader.snapshot_at(START).failures == (failed,)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (lambda whole: whole[:-4] + bytes(4), "incorrect data check"),
        (lambda whole: whole[: len(whole) // 2], "a value is cut, or has more than"),
        (lambda _: b"", "a value is cut, or has more than"),
        (lambda _: zlib.compress(b"{"), "Expecting property name"),
        (lambda _: zlib.compress(bytes(2 << 20)), "a value is cut, or has more than"),
    ],
    ids=["damaged", "cut", "empty", "no JSON", "too long"],
)
def test_a_damaged_history_is_said(path, monkeypatch, body, why):
    monkeypatch.setattr(packing, "_LONGEST", 1 << 20)
    write(path, snapshot(mesh(3, random.Random(1)), START))
    with sqlite3.connect(path) as connection:
        (whole,) = connection.execute("SELECT body FROM keyframe").fetchone()
        connection.execute("UPDATE keyframe SET body = ?", (body(whole),))
    connection.close()
    with HistoryReader(path) as reader, pytest.raises(StoreError, match=f"cannot read .*: it is damaged .*{why}"):
        reader.snapshot_at(START)
    with pytest.raises(StoreError, match=f"cannot write .*: it is damaged .*{why}"):
        HistoryWriter(path)


def test_what_could_not_be_read_again_is_not_written(path, monkeypatch):
    monkeypatch.setattr(packing, "_LONGEST", 1000)
    with HistoryWriter(path) as writer, pytest.raises(StoreError, match="1,000 is the most"):
        writer.record(PollRecord(START, 1.0, snapshot(mesh(20, random.Random(1)), START)))


def test_what_is_no_history_is_left_alone(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE mine (x)")
    connection.close()
    before = path.read_bytes()
    for opened in (open_writer, open_reader):
        with pytest.raises(StoreError, match="is no history of calico-bgp"):
            opened(path)
    assert path.read_bytes() == before
    path.write_text("a text file that is long enough to be no empty database" * 40)
    with pytest.raises(StoreError, match="file is not a database"):
        open_writer(path)


def test_a_history_that_nobody_can_look_for_is_an_error_of_ours(path):
    with pytest.raises(StoreError, match=r"cannot read the history .*: File name too long"):
        HistoryReader(path.with_name("x" * 300))
    with pytest.raises(StoreError, match="there is no history"):
        HistoryReader(path)


def test_a_newer_schema_is_refused_and_an_older_one_migrated(path):
    write(path, snapshot(mesh(2, random.Random(1)), START))
    newer = (*STEPS, "ALTER TABLE poll ADD COLUMN tool TEXT")
    with pytest.raises(StoreError, match=r"of an older calico-bgp \(schema 1\)"):
        open_reader(path, newest=2)
    connection, lock = open_writer(path, steps=newer)
    assert connection.execute("SELECT tool FROM poll").fetchall() == [(None,)]
    connection.close()
    os.close(lock)
    for opened in (open_writer, open_reader):
        with pytest.raises(StoreError, match=r"written by a newer calico-bgp \(schema 2, this one knows 1\)"):
            opened(path)


def test_a_migration_that_fails_changes_nothing(path):
    write(path, snapshot(mesh(2, random.Random(1)), START))
    with pytest.raises(StoreError, match="no such table"):
        open_writer(path, steps=(*STEPS, "CREATE TABLE half (x); INSERT INTO nowhere VALUES (1)"))
    with HistoryReader(path) as reader:
        assert len(list(reader.polls())) == 1


def test_retention_keeps_what_the_rest_follows_from(path):
    rng = random.Random(3)
    tables = mesh(8, rng)
    shown = []
    with HistoryWriter(path) as writer:
        for number in range(40):
            if number % 5 == 0:
                restarted(
                    tables, number % 8, START + number * MINUTE - timedelta(seconds=9), rng, is_up=number % 2 == 1
                )
            shown.append(snapshot([list(rows) for rows in tables], START + number * MINUTE))
            writer.record(PollRecord(shown[-1].taken_at, 1.0, shown[-1], failure=None))
        cut = START + timedelta(minutes=20, seconds=30)
        assert writer.prune(cut, step=timedelta(minutes=21)) == 0
        assert writer.prune(cut, step=timedelta(minutes=20)) == 20
        assert writer.prune(cut) == 0
        assert writer._connection.execute("PRAGMA freelist_count").fetchone() == (0,)
    with HistoryReader(path) as reader:
        assert reader.span() == (shown[20].taken_at, shown[-1].taken_at)
        for one in shown[20:]:
            then = reader.snapshot_at(one.taken_at)
            assert [[(p.address_text, p.info) for p in r.peers] for r in then.readings] == [
                [(p.address_text, p.info) for p in r.peers] for r in one.readings
            ]


@pytest.mark.parametrize("at_once", [1, 3])
@pytest.mark.parametrize("routes", [False, True], ids=["sessions", "sessions and routes"])
def test_what_a_rolling_restart_of_a_mesh_costs(path, routes, at_once):
    """Of 150 nodes here; the room grows with the square of the nodes, and 20 MB is what 1,000 may take."""
    rng = random.Random(4)
    tables = mesh(150, rng)

    def seen(at, down=()):
        shown = snapshot([list(rows) for rows in tables], at)
        return with_routes(shown, down) if routes else shown

    with HistoryWriter(path) as writer:
        writer.record(PollRecord(START, 1.0, seen(START)))
        base = size(writer)
        assert base * (1000 / 150) ** 2 < 60e6
        at = START
        for first in range(0, 6, at_once):
            nodes = range(first, first + at_once)
            for is_up in (False, True):
                at += MINUTE
                for node in nodes:
                    restarted(tables, node, at - timedelta(seconds=20), rng, is_up=is_up)
                last = seen(at, () if is_up else nodes)
                writer.record(PollRecord(at, 1.0, last))
        # A node of the large one changes 1,998 rows where one of these changes 298.
        assert (size(writer) - base) / 6 * (1998 / 298) * 1000 < 20e6
    with HistoryReader(path) as reader:
        assert [one.tables for one in reader.snapshot_at(at).readings] == [one.tables for one in last.readings]


def size(writer) -> int:
    return writer._connection.execute(
        "SELECT (SELECT coalesce(sum(length(body)), 0) FROM delta) + (SELECT sum(length(body)) FROM keyframe)"
    ).fetchone()[0]
