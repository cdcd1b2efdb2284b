"""Writes the history, a poll at a time: each is one transaction, so that it is there wholly or not at all."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import TypeAdapter

from calico_bgp.model.event import Event
from calico_bgp.model.reports.report import Report
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.store.history.database import open_writer, told_errors
from calico_bgp.store.history.delta import delta_of
from calico_bgp.store.history.frame import frame_of, to_json
from calico_bgp.store.history.packing import json_text, pack, utf8
from calico_bgp.store.history.replay import frame_at, milliseconds, moment

_EVENT = TypeAdapter(Event)
#: A new keyframe where the changes since the last one take more than so many times its room: what is read never has
#: to go through more than that.
_KEYFRAME_AFTER = 2
_SMALLEST = 1 << 16
_CHECKPOINT_EVERY = 1000
#: Events kept in memory while the system refuses to write.
_MOST_UNWRITTEN = 10_000


@dataclass(frozen=True, slots=True)
class PollRecord:
    """What is kept of one poll.

    Attributes:
        at: When it began (aware).
        took: Seconds.
        snapshot: What was read; None where nothing could be.
        report: What the audit said of it.
        failure: Why nothing could be read.
        events: What was told.
        state: What the watcher remembers, as text, for the next process.
    """

    at: datetime
    took: float
    snapshot: Snapshot | None = None
    report: Report | None = None
    failure: str | None = None
    events: tuple[Event, ...] = ()
    state: str = ""


class HistoryWriter:
    """The one writer of a history.

    Args:
        path: The file; it and its folder are made where they are not there.

    Raises:
        StoreError: Another watcher writes it, it is no history, it is of a newer calico_bgp, or the system refuses.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        #: What was told in polls that could not be written.
        self._unwritten: tuple[Event, ...] = ()
        self._connection, self._lock = open_writer(path)
        try:
            self._load()
        except BaseException:
            self.close()
            raise

    def _load(self) -> None:
        with self._errors():
            row = self._connection.execute("SELECT value FROM meta WHERE key = 'state'").fetchone()
            self.state: str | None = None if row is None else row[0]
            self.last: Snapshot | None = None
            self.last_at: datetime | None = None
            last = self._connection.execute("SELECT id, at FROM poll ORDER BY id DESC LIMIT 1").fetchone()
            self._poll = last[0] if last else 0
            last_read = self._connection.execute("SELECT max(id) FROM poll WHERE verdict IS NOT NULL").fetchone()[0]
            last_frame = None if last_read is None else frame_at(self._connection, last_read)
            if last_frame is not None:
                self.last = last_frame.frame.snapshot(last_frame.at)
            if last:
                self.last_at = moment(last[1])
            report = self._connection.execute(
                "SELECT verdict, causes FROM report ORDER BY poll DESC LIMIT 1"
            ).fetchone()
            self._report_row: tuple[str, bytes] | None = None if report is None else (report[0], bytes(report[1]))
            self._why: dict[str, str | None] = dict(
                self._connection.execute(
                    "SELECT host, why FROM coverage c WHERE poll = (SELECT max(poll) FROM coverage WHERE host = c.host)"
                )
            )
            self._key, self._since_key = self._sizes()

    def _sizes(self) -> tuple[int, int]:
        """The bytes of the last keyframe, and of what changed since."""
        key = self._connection.execute(
            "SELECT poll, length(body) FROM keyframe ORDER BY poll DESC LIMIT 1"
        ).fetchone() or (0, 0)
        (since,) = self._connection.execute(
            "SELECT coalesce(sum(length(body)), 0) FROM delta WHERE poll > ?", (key[0],)
        ).fetchone()
        return key[1], since

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the history to others. Does nothing the second time."""
        if self._lock >= 0:
            self._connection.close()
            os.close(self._lock)
            self._lock = -1

    def record(self, poll: PollRecord) -> None:
        """Write one poll, wholly or not at all.

        Raises:
            StoreError: The system refuses (a full disk). What was written before stands, and the next poll that can be
                written says what changed since, with the events that were told in between.
        """
        self._unwritten = (*self._unwritten, *poll.events)[-_MOST_UNWRITTEN:]
        number = self._poll + 1
        report_row, why = self._report_row, dict(self._why)
        key, since = self._key, self._since_key
        with self._errors(), self._transaction() as connection:
            self._write_poll(connection, number, poll)
            if poll.snapshot is not None:
                why = _coverage(poll.snapshot)
                self._write_coverage(connection, number, why)
                key, since = self._write_snapshot(connection, number, poll.snapshot, poll.at)
            if poll.report is not None:
                report_row = (poll.report.verdict.value, pack(_causes(poll.report)))
                if report_row != self._report_row:
                    connection.execute("INSERT INTO report VALUES (?, ?, ?)", (number, *report_row))
            connection.executemany(
                "INSERT INTO event (poll, kind, trouble, sent, body) VALUES (?, ?, ?, ?, ?)",
                _events(number, self._unwritten),
            )
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('state', ?)", (utf8(poll.state),))
        self._poll, self._report_row, self._why = number, report_row, why
        self._key, self._since_key = key, since
        self._unwritten = ()
        self.state, self.last_at = poll.state, poll.at
        self.last = poll.snapshot or self.last
        if number % _CHECKPOINT_EVERY == 0:
            with self._errors():
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _write_poll(self, connection: sqlite3.Connection, number: int, poll: PollRecord) -> None:
        snapshot, report = poll.snapshot, poll.report
        connection.execute(
            "INSERT INTO poll VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                milliseconds(poll.at),
                round(poll.took * 1000),
                0 if snapshot is None else len(snapshot.readings),
                0 if snapshot is None else len(snapshot.failures),
                report.verdict.value if report else "unknown" if snapshot else None,
                None if poll.failure is None else utf8(poll.failure),
            ),
        )

    def _write_coverage(self, connection: sqlite3.Connection, number: int, why: dict[str, str | None]) -> None:
        unlisted = {
            host: "it is not listed any more" for host in self._why if host not in why and self._why[host] is None
        }
        rows = [(host, number, text) for host, text in (why | unlisted).items() if self._why.get(host, "") != text]
        connection.executemany("INSERT OR REPLACE INTO coverage VALUES (?, ?, ?)", rows)

    def _write_snapshot(
        self, connection: sqlite3.Connection, number: int, snapshot: Snapshot, at: datetime
    ) -> tuple[int, int]:
        if self.last is not None:
            delta, changes = delta_of(self.last, snapshot, at)
            if not delta:
                return self._key, self._since_key
            body = pack(delta)
            connection.execute("INSERT INTO delta VALUES (?, ?, ?)", (number, changes, body))
            since = self._since_key + len(body)
            if since <= max(self._key, _SMALLEST) * _KEYFRAME_AFTER:
                return self._key, since
        body = pack(to_json(frame_of(snapshot, at)))
        connection.execute("INSERT INTO keyframe VALUES (?, ?)", (number, body))
        return len(body), 0

    def prune(self, before: datetime, *, step: timedelta = timedelta()) -> int:
        """Forget what is older, but for the state at that time, from which everything since follows.

        Args:
            before: From when on everything is kept.
            step: Nothing is forgotten while the oldest poll is not older than `before` by this. To work out the state
                of a time takes long: 2 s for a mesh of 300 nodes.

        Returns:
            How many polls were forgotten.

        Raises:
            StoreError: The system refuses.
        """
        with self._errors():
            oldest, oldest_at, cut = self._connection.execute(
                "SELECT min(id), min(at), max(id) FROM poll WHERE at < ?", (milliseconds(before),)
            ).fetchone()
            if oldest == cut or oldest_at >= milliseconds(before - step):
                return 0
            frame_of_cut = frame_at(self._connection, cut)
            with self._transaction() as connection:
                if frame_of_cut is not None:
                    connection.execute(
                        "INSERT OR REPLACE INTO keyframe VALUES (?, ?)", (cut, pack(to_json(frame_of_cut.rebased())))
                    )
                # The poll of the cut stays: what is known of it is where the rest begins.
                (forgotten,) = connection.execute("SELECT count(*) FROM poll WHERE id < ?", (cut,)).fetchone()
                connection.execute("DELETE FROM poll WHERE id < ?", (cut,))
                connection.execute("DELETE FROM keyframe WHERE poll < ?", (cut,))
                connection.execute("DELETE FROM delta WHERE poll <= ?", (cut,))
                connection.execute("DELETE FROM event WHERE poll < ?", (cut,))
                for table, same_subject in (("report", ""), ("coverage", "host = old.host AND ")):
                    connection.execute(
                        f"DELETE FROM {table} AS old WHERE poll < ?1 AND EXISTS "  # noqa: S608 - names of our own
                        f"(SELECT 1 FROM {table} WHERE {same_subject}poll > old.poll AND poll <= ?1)",
                        (cut,),
                    )
            # A script is run to its end; `execute` would stop after the first page.
            self._connection.executescript("PRAGMA incremental_vacuum")
            self._key, self._since_key = self._sizes()
        return int(forgotten)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def _errors(self) -> AbstractContextManager[None]:
        return told_errors("write", self.path)


def _coverage(snapshot: Snapshot) -> dict[str, str | None]:
    """Host → why it was not read; None where it was."""
    why: dict[str, str | None] = {host.label: "it was not asked" for host in snapshot.hosts}
    why |= {failure.host: utf8(failure.message) for failure in snapshot.failures}
    return why | {reading.host: None for reading in snapshot.readings}


def _causes(report: Report) -> list[dict[str, Any]]:
    """What is kept of a report's causes; their evidence follows from the snapshot."""
    return [
        {
            "id": cause.id,
            "kind": cause.kind,
            "title": cause.title,
            "confidence": cause.confidence.value,
            "subjects": [str(subject) for subject in cause.subjects],
        }
        for cause in report.causes
    ]


def _events(number: int, events: Iterable[Event]) -> Iterator[tuple[Any, ...]]:
    for event in events:
        body = json_text(_EVENT.dump_python(event, mode="json", exclude_defaults=True))
        trouble = None if event.trouble is None else utf8(event.trouble)
        yield number, event.kind.value, trouble, event.kind.is_sent, body
