"""What a watcher tells: one event per change. Values only."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime
from pydantic.dataclasses import dataclass

from calico_bgp.model.frozen import VALUES
from calico_bgp.model.reports.report import Severity


class EventKind(StrEnum):
    """What changed."""

    OPENED = "opened"
    CHANGED = "changed"
    RESOLVED = "resolved"
    FLAPPING = "flapping"
    STEADY = "steady"
    SOURCE_UNREADABLE = "source-unreadable"
    SOURCE_READABLE = "source-readable"
    MAINTENANCE_BEGAN = "maintenance-began"
    MAINTENANCE_ENDED = "maintenance-ended"
    SESSIONS_DOWN = "sessions-down"
    SESSIONS_UP = "sessions-up"
    POLL_LATE = "poll-late"

    @property
    def is_sent(self) -> bool:
        """Whether somebody should hear of it; the others only stand in the log and in the history."""
        return self in _SENT


_SENT = {
    EventKind.OPENED,
    EventKind.CHANGED,
    EventKind.RESOLVED,
    EventKind.FLAPPING,
    EventKind.STEADY,
    EventKind.SOURCE_UNREADABLE,
    EventKind.SOURCE_READABLE,
}


@dataclass(frozen=True, slots=True, config=VALUES)
class Event:
    """One change.

    Attributes:
        at: When the poll began that showed it.
        kind: What changed.
        text: In words: the report's own, for a cause or a finding.
        subject: Whom it is about, in words.
        trouble: The id of the cause or finding; None where it is neither.
        page: The kind of the cause, or the rule: the name of its page; None likewise.
        severity: How bad; None for what is no trouble.
        nodes: The nodes it is about, sorted.
        since: When it was first seen; None where that is `at`.
    """

    at: AwareDatetime
    kind: EventKind
    text: str
    subject: str = "cluster"
    trouble: str | None = None
    page: str | None = None
    severity: Severity | None = None
    nodes: tuple[str, ...] = ()
    since: AwareDatetime | None = None
