"""Reads the history: the snapshot of a time, what changed since, and the events. A watcher may write meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import TypeAdapter

from calico_bgp.errors import StoreError
from calico_bgp.model.event import Event
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.store.history.changes import PeerEvent, peer_events
from calico_bgp.store.history.database import open_reader, told_errors
from calico_bgp.store.history.replay import frame_at, milliseconds, moment, steps

_EVENT = TypeAdapter(Event)


@dataclass(frozen=True, slots=True)
class PollRow:
    """One poll.

    Attributes:
        number: Its number, ascending.
        at: When it began.
        took: Seconds.
        read: How many nodes were read.
        failed: How many could not be.
        verdict: The audit's word; None where nothing could be read.
        note: Why not.
    """

    number: int
    at: datetime
    took: float
    read: int
    failed: int
    verdict: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """From a poll on, a host could be read, or not and why."""

    at: datetime
    host: str
    why: str | None


class HistoryReader:
    """What `calico-bgp monitor` saw, open to read: a context manager, as a file is. A watcher may write meanwhile.

    Args:
        path: The file, `--history` of the monitor.

    Raises:
        StoreError: There is none, it is no history, or of another schema.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._connection = open_reader(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def polls(self, since: datetime | None = None) -> Iterator[PollRow]:
        """Every poll, in order."""
        with self._errors():
            rows = self._connection.execute(
                "SELECT id, at, took, read, failed, verdict, note FROM poll WHERE at >= ? ORDER BY id", (_from(since),)
            )
            for number, at, took, read, failed, verdict, note in rows:
                yield PollRow(number, moment(at), took / 1000, read, failed, verdict, note)

    def span(self) -> tuple[datetime, datetime] | None:
        """When the first and the last poll began; None where there is none."""
        with self._errors():
            row = self._connection.execute("SELECT min(at), max(at) FROM poll").fetchone()
        return None if row[0] is None else (moment(row[0]), moment(row[1]))

    def snapshot_at(self, at: datetime) -> Snapshot:
        """What the last poll at or before a time saw, as a snapshot saved then would hold it.

        Raises:
            StoreError: There was no poll yet, or that one could read nothing.
        """
        with self._errors():
            row = self._connection.execute(
                "SELECT id, at, verdict, note FROM poll WHERE at <= ? ORDER BY id DESC LIMIT 1", (milliseconds(at),)
            ).fetchone()
            if row is None:
                span = self.span()
                since = "" if span is None else f"; it begins at {_shown(span[0])}"
                raise StoreError(f"the history {self.path} has no poll at or before {_shown(at)}{since}")
            number, when, verdict, note = row
            if verdict is None:
                raise StoreError(
                    f"nothing could be read at {_shown(moment(when))}: {note or 'unknown'}; name another time"
                )
            poll_frame = frame_at(self._connection, number)
        if poll_frame is None:
            raise StoreError(f"the history {self.path} lacks what was seen before {_shown(at)}")
        return poll_frame.frame.snapshot(poll_frame.at)

    def events(self, since: datetime | None = None) -> Iterator[Event]:
        """What was told, in order."""
        with self._errors():
            rows = self._connection.execute(
                "SELECT body FROM event JOIN poll ON poll.id = event.poll WHERE poll.at >= ? ORDER BY event.id",
                (_from(since),),
            )
            for (body,) in rows:
                yield _EVENT.validate_json(body)

    def coverage(self, since: datetime | None = None) -> Iterator[Coverage]:
        """When a host became unreadable, or readable again."""
        with self._errors():
            rows = self._connection.execute(
                "SELECT poll.at, host, why FROM coverage JOIN poll ON poll.id = coverage.poll "
                "WHERE poll.at >= ? AND (why IS NOT NULL OR EXISTS "
                "(SELECT 1 FROM coverage AS before WHERE before.host = coverage.host AND before.poll < coverage.poll)) "
                "ORDER BY coverage.poll, host",
                (_from(since),),
            )
            for at, host, why in rows:
                yield Coverage(moment(at), host, why)

    def changes(self, since: datetime | None = None) -> Iterator[PeerEvent]:
        """Every change of a peer, in order; also those between two polls that only SINCE shows."""
        with self._errors():
            first, last = self._connection.execute(
                "SELECT min(id), max(id) FROM poll WHERE at >= ?", (_from(since),)
            ).fetchone()
            if first is None:
                return
            for step in steps(self._connection, first, last):
                yield from peer_events(step)

    def _errors(self) -> AbstractContextManager[None]:
        return told_errors("read", self.path)


def _shown(at: datetime) -> str:
    """A time as its reader names times: on the clock of this machine."""
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S %Z}"


def _from(since: datetime | None) -> int:
    return -(2**62) if since is None else milliseconds(since)
