"""A time line in words, for tickets and pages: when a spell began, whose rows, what they show since. No layout here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from calico_bgp.messages.words import count
from calico_bgp.model.reports.report import Report
from calico_bgp.model.reports.subject import Subject
from calico_bgp.report.audit.timeline import Change, Event
from calico_bgp.report.text.names import short_names

#: Peers that are named for one event.
_FEW = 6
SINCE_NOTE = (
    "SINCE is the last change of BIRD's protocol state: an earlier one, and every move among Idle, Connect and Active, "
    "leaves no trace. After a cut a row stays Established until the hold time runs out, up to 240 s between BIRDs, so "
    "a cut is up to that much older than its row. A clock time is known to a few seconds; a date, which BIRD shows "
    "after 20 hours, only to a day."
)


def concerned(report: Report) -> list[Subject]:
    """What the causes and what they explain are about; without causes, what the errors and warnings are about."""
    subjects: list[Subject] = [subject for cause in report.causes for subject in cause.subjects]
    subjects += [finding.subject for finding in report.findings if finding.cause_id is not None]
    return [*subjects, *(finding.subject for finding in report.unexplained)]


def instant(moment: datetime) -> str:
    """A moment to the second, in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def when_of(event: Event) -> str:
    """When an event was, as exactly as its cells say; only of one whose time is known."""
    assert event.when is not None, "only events whose time is known are dated"
    earliest, latest = (moment.astimezone(UTC) for moment in event.when)
    if latest - earliest < timedelta(hours=1):
        end = f"{latest:%H:%M:%S}" if latest.date() == earliest.date() else f"{latest:%Y-%m-%d %H:%M:%S}"
        return f"{earliest:%Y-%m-%d %H:%M:%S} to {end} UTC"
    if latest.date() == earliest.date():
        return f"{earliest:%Y-%m-%d}, some time between {earliest:%H:%M} and {latest:%H:%M} UTC"
    return f"{earliest:%Y-%m-%d %H:%M} to {latest:%Y-%m-%d %H:%M} UTC"


def what_of(event: Event) -> str:
    """Whose rows changed, and what they show since."""
    far_by_node: defaultdict[str, list[str]] = defaultdict(list)
    for change in event.changes:
        far_by_node[change.node].append(change.far)
    parts = [f"{near}'s row for {short_names(far, noun='peer')}" for near, far in far_by_node.items()]
    if len(parts) > _FEW:
        parts = [f"{count(len(event.changes), 'row')} on {short_names(far_by_node)}"]
    return f"{', '.join(parts)}: since then {event.state}{_clocks(event.changes)}"


def _clocks(changes: Sequence[Change]) -> str:
    """Whose clock was wrong: their times are put right by ours."""
    off = {change.node: change.off for change in changes if change.off is not None}
    if not off:
        return ""
    clocks = [
        f"{node}'s is {abs(round(by.total_seconds())):,} s {'ahead' if by > timedelta() else 'behind'}"
        for node, by in list(off.items())[:_FEW]
    ]
    return f" (clock put right: {', '.join(clocks)})"


def row_of(event: Event) -> tuple[str, str]:
    """When and what, for a table; of an event without a time its cells tell more."""
    if event.when is None:
        return "not known", f"{what_of(event)} ({cells_of(event)})"
    return when_of(event), what_of(event)


def cells_of(event: Event) -> str:
    """The SINCE cells of an event whose time cannot be told."""
    since = list(dict.fromkeys(change.since or "none" for change in event.changes))
    return f"SINCE {', '.join(since[:_FEW])}{', ...' if len(since) > _FEW else ''}"
