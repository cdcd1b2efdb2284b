"""The history as a time line: events, changes of sessions, and when nothing could be read. Values in, rows out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import Field

from calico_bgp.model.event import Event
from calico_bgp.report.json.document import Moment, Names, Row, Text, document_text
from calico_bgp.report.text.sanitize import plain
from calico_bgp.store.history.changes import PeerChangeKind, PeerEvent
from calico_bgp.store.history.reader import Coverage, PollRow


@dataclass(frozen=True, slots=True)
class Entry:
    """One line.

    Attributes:
        at: When the poll began that showed it.
        kind: `opened`, `resolved`, ... of an event; `session` of a peer, `node` of a node that could not be read,
            `gap` where nothing could be read.
        subject: Whom it is about.
        text: What happened.
        nodes: The nodes it is about.
        peer: The neighbour's address, of a session.
        page: The kind of the cause, or the rule; None of what is neither.
        family: Of a session.
    """

    at: datetime
    kind: str
    subject: str
    text: str
    nodes: tuple[str, ...] = ()
    peer: str | None = None
    page: str | None = None
    family: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What of the history is asked for; empty for all.

    Attributes:
        nodes: Globs of nodes.
        peers: Globs of neighbours' addresses.
        causes: Kinds of causes, or rules.
    """

    nodes: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()

    def holds(self, entry: Entry) -> bool:
        """Whether an entry is asked for. Times at which nobody could look belong to every answer."""
        if entry.kind == "gap":
            return True
        return (
            _any(self.nodes, entry.nodes)
            and _any(self.peers, () if entry.peer is None else (entry.peer,))
            and _any(self.causes, () if entry.page is None else (entry.page,))
        )


def _any(patterns: tuple[str, ...], names: tuple[str, ...]) -> bool:
    return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns for name in names)


def timeline(
    events: Iterable[Event], changes: Iterable[PeerEvent], coverage: Iterable[Coverage], polls: Iterable[PollRow]
) -> list[Entry]:
    """All entries in order of time; of one poll the events first."""
    entries = [*map(_event_entry, events), *map(_change_entry, changes), *map(_coverage_entry, coverage), *_gaps(polls)]
    return sorted(entries, key=lambda entry: entry.at)


def _event_entry(event: Event) -> Entry:
    text = event.text if event.severity is None else f"{event.severity.value}: {event.text}"
    return Entry(event.at, event.kind.value, event.subject, text, event.nodes, page=event.page)


def _change_entry(change: PeerEvent) -> Entry:
    match change.kind:
        case PeerChangeKind.UP:
            what = f"Established since {change.since} (was: {change.before})"
        case PeerChangeKind.RESTARTED:
            what = f"started again between two polls: Established since {change.since}"
        case PeerChangeKind.DOWN:
            what = f"not Established since {change.since}: {change.after}"
        case PeerChangeKind.CAME:
            what = f"is a new peer: {change.after}"
        case PeerChangeKind.WENT:
            what = f"is no peer any more (was: {change.before})"
        case _:
            what = f"{change.before} became {change.after}"
    return Entry(
        change.at,
        "session",
        change.node,
        f"{change.peer} {what}",
        (change.node,),
        peer=change.peer,
        family=change.family.value,
    )


def _coverage_entry(coverage: Coverage) -> Entry:
    text = "can be read" if coverage.why is None else f"cannot be read: {coverage.why}"
    return Entry(coverage.at, "node", coverage.host, text, (coverage.host,))


def _gaps(polls: Iterable[PollRow]) -> Iterator[Entry]:
    """Where nothing could be read: from the first poll that could not until the first that could."""
    first_unread: PollRow | None = None
    for poll in polls:
        if poll.verdict is None:
            first_unread = first_unread or poll
        elif first_unread is not None:
            yield Entry(
                first_unread.at, "gap", "cluster", f"nothing could be read until {_short(poll.at)}: {first_unread.note}"
            )
            first_unread = None
    if first_unread is not None:
        yield Entry(first_unread.at, "gap", "cluster", f"nothing could be read since: {first_unread.note}")


def _short(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def timeline_to_text(entries: Iterable[Entry], style: Callable[[str, str], str] | None = None) -> Iterator[str]:
    """The lines, each with its line feed.

    Args:
        entries: In order.
        style: Colours a text by its kind; None for none.
    """
    for entry in entries:
        whose = "" if entry.text.startswith(entry.subject) else f"{entry.subject}: "
        line = plain(f"{_short(entry.at)}  {entry.kind:<18} {whose}{entry.text}")
        yield (line if style is None else style(line, entry.kind)) + "\n"


class EntryRow(Row):
    """One entry as JSON."""

    at: Moment
    kind: Text
    subject: Text
    text: Text
    nodes: Names
    peer: Text | None
    family: Text | None
    page: Text | None


class HistoryDocument(Row):
    """The history as JSON."""

    schema_: Literal["calico-bgp/history/1"] = Field("calico-bgp/history/1", serialization_alias="schema")
    from_: Moment | None = Field(serialization_alias="from")
    until: Moment | None
    entries: tuple[EntryRow, ...]


def timeline_to_json(entries: Iterable[Entry], span: tuple[datetime, datetime] | None) -> str:
    """The document (docs/json.md).

    Args:
        entries: In order.
        span: From when until when the history reaches; None of an empty one.
    """
    begin, end = span or (None, None)
    return document_text(HistoryDocument.of(from_=begin, until=end, entries=tuple(entries)))
