"""From the last whole frame through the changes to any poll. Reads only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from calico_bgp.store.history.apply import RowChange, apply
from calico_bgp.store.history.frame import Frame, frame_of, from_json
from calico_bgp.store.history.packing import unpack

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def milliseconds(at: datetime) -> int:
    """An aware time as the database has it."""
    return round((at - _EPOCH) / _MILLISECOND)


def moment(number: int) -> datetime:
    """The time of `milliseconds`."""
    return _EPOCH + number * _MILLISECOND


@dataclass(frozen=True, slots=True)
class Found:
    """A frame and the poll that it is of."""

    poll: int
    at: datetime
    frame: Frame

    def rebased(self) -> Frame:
        """The frame with every SINCE as it looks at this poll."""
        return frame_of(self.frame.snapshot(self.at), self.at)


@dataclass(frozen=True, slots=True)
class Step:
    """One poll with its changes.

    Attributes:
        poll: Its number.
        at: When it began.
        previous: When the poll before it that read anything began.
        changes: The rows that changed.
        frame: Everything after it; it goes on changing.
    """

    poll: int
    at: datetime
    previous: datetime
    changes: list[RowChange]
    frame: Frame


def frame_at(connection: sqlite3.Connection, poll: int) -> Found | None:
    """What was known at a poll; None where nothing had been read yet."""
    key = connection.execute(
        "SELECT poll, body FROM keyframe WHERE poll <= ? ORDER BY poll DESC LIMIT 1", (poll,)
    ).fetchone()
    if key is None:
        return None
    frame = from_json(unpack(key[1]))
    for _, at, body in _deltas(connection, key[0], poll):
        apply(frame, unpack(body), moment(at))
    (at,) = connection.execute("SELECT at FROM poll WHERE id = ?", (poll,)).fetchone()
    return Found(poll, moment(at), frame)


def steps(connection: sqlite3.Connection, first: int, last: int) -> Iterator[Step]:
    """Every poll from `first` to `last` that changed something, with what it changed."""
    start = frame_at(connection, first - 1)
    if start is None:
        key = connection.execute("SELECT min(poll) FROM keyframe WHERE poll <= ?", (last,)).fetchone()[0]
        start = None if key is None else frame_at(connection, key)
    if start is None:
        return
    frame = start.frame
    for poll, at, body in _deltas(connection, start.poll, last):
        (previous,) = connection.execute(
            "SELECT at FROM poll WHERE id < ? AND verdict IS NOT NULL ORDER BY id DESC LIMIT 1", (poll,)
        ).fetchone() or (at,)
        changes = apply(frame, unpack(body), moment(at))
        yield Step(poll, moment(at), moment(previous), changes, frame)


def _deltas(connection: sqlite3.Connection, after: int, until: int) -> Iterator[tuple[int, int, bytes]]:
    yield from connection.execute(
        "SELECT delta.poll, poll.at, body FROM delta JOIN poll ON poll.id = delta.poll "
        "WHERE delta.poll > ? AND delta.poll <= ? ORDER BY delta.poll",
        (after, until),
    )
