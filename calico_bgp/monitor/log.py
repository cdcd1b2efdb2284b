"""What a watcher says, as lines: text for people, JSON for programs. One line per change, in the report's words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from calico_bgp.messages.words import count
from calico_bgp.model.event import Event, EventKind
from calico_bgp.monitor.watcher import Finished
from calico_bgp.report.text.sanitize import plain

SCHEMA = "calico-bgp/event/1"
_EVENT = TypeAdapter(Event)
#: How a line begins, where the kind alone would not be plain English.
_WORDS = {
    EventKind.STEADY: "steady again",
    EventKind.SOURCE_UNREADABLE: "source unreadable",
    EventKind.SOURCE_READABLE: "source readable",
    EventKind.MAINTENANCE_BEGAN: "maintenance",
    EventKind.MAINTENANCE_ENDED: "maintenance over",
    EventKind.SESSIONS_DOWN: "sessions down",
    EventKind.SESSIONS_UP: "sessions up",
    EventKind.POLL_LATE: "late",
}


def lines(finished: Finished, *, as_json: bool, verbose: bool = False) -> Iterator[str]:
    """The lines of one poll, without line feeds.

    Args:
        finished: The poll.
        as_json: One JSON document a line (docs/json.md) instead of text.
        verbose: Also a line for the poll itself.
    """
    cluster = None if finished.report is None else finished.report.cluster
    for event in finished.events:
        yield _json(event, cluster) if as_json else event_line(event)
    if finished.unwritten is not None:
        yield _poll_line(finished.at, "history", finished.unwritten, as_json=as_json)
    if finished.failure is not None:
        yield _poll_line(finished.at, "not read", finished.failure, as_json=as_json)
    elif verbose:
        yield _poll_line(finished.at, "poll", _summary(finished), as_json=as_json)


def event_line(event: Event) -> str:
    """One event as text: when, what, how bad, in which words."""
    severity = f" {event.severity.value}" if event.severity is not None else ""
    word = _WORDS.get(event.kind, event.kind.value)
    page = f" [{event.page}]" if event.page is not None else ""
    return plain(f"{stamp(event.at)} {word}{severity}: {event.text}{page}", limit=2000)


def stamp(at: datetime) -> str:
    """A time as the log has it: to the second, with its zone."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _json(event: Event, cluster: str | None) -> str:
    document: dict[str, Any] = {"schema": SCHEMA, "cluster": cluster, **_EVENT.dump_python(event, mode="json")}
    return json.dumps(document)


def _poll_line(at: datetime, what: str, text: str, *, as_json: bool) -> str:
    if as_json:
        return json.dumps({"schema": SCHEMA, "at": at.isoformat(), "kind": what.replace(" ", "-"), "text": text})
    return plain(f"{stamp(at)} {what}: {text}", limit=2000)


def _summary(finished: Finished) -> str:
    """`healthy, 6 nodes read, no problem told; took 1.7 s`."""
    report = finished.report
    assert report is not None
    read, unread = report.checked.nodes_read, len(report.unread)
    nodes = f"{count(read, 'node')} read" + (f", {unread:,} not read" if unread else "")
    active = len(finished.state.active)
    problems = f"{count(active, 'problem')} told so far" if active else "no problem told"
    return f"{report.verdict.value}, {nodes}, {problems}; took {finished.took:.1f} s"
