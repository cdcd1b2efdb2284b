"""What the states need of one poll."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from calico_bgp.model.reports.report import Report
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.monitor.states.maintenance import NOTHING, Maintenance
from calico_bgp.monitor.states.trouble import Trouble, troubles_of


@dataclass(frozen=True, slots=True)
class Poll:
    """One look at the cluster.

    Attributes:
        at: When it began, by our clock (aware). It is shown and stored; nothing is reckoned with it.
        elapsed: Seconds since the poll before began, by a clock that does not jump.
        failure: Why nothing could be read; None when something was.
        complete: Whether everything was asked that should have been.
        troubles: What is wrong.
        unread: Nodes that were not read, or only in part.
        rules: The rules that ran.
        has_resources: Whether Calico's resources said what should be.
        maintenance: Of which nodes trouble is expected.
    """

    at: datetime
    elapsed: float
    failure: str | None = None
    complete: bool = True
    troubles: tuple[Trouble, ...] = ()
    unread: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()
    has_resources: bool = False
    maintenance: Maintenance = NOTHING


def poll_of(
    snapshot: Snapshot, report: Report, *, at: datetime, elapsed: float, maintenance: Maintenance = NOTHING
) -> Poll:
    """The poll of a snapshot and its audit. A snapshot in which no node was read is a failure of the source."""
    failure = None
    if not report.checked.nodes_read:
        failed = next((failure.message for failure in snapshot.failures), None)
        failure = "no node could be read" + (f": {failed}" if failed else "")
    return Poll(
        at=at,
        elapsed=elapsed,
        failure=failure,
        complete=snapshot.complete,
        troubles=troubles_of(report),
        unread=frozenset(report.unread),
        rules=frozenset(report.checked.rules),
        has_resources=report.checked.has_resources,
        maintenance=maintenance,
    )
