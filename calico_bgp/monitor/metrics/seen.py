"""What the metrics are made of: from a finished poll of a watcher, or from one audit."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from calico_bgp.model.reports.report import Report
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.monitor.metrics.samples import Seen, Watched
from calico_bgp.monitor.states.maintenance import Maintenance
from calico_bgp.monitor.states.trouble import troubles_of
from calico_bgp.monitor.watcher import Finished


def seen_once(snapshot: Snapshot, report: Report, took: float = 0.0) -> Seen:
    """One audit, without a watcher: all its troubles count at once."""
    return Seen(snapshot.taken_at, took, snapshot, report, troubles=troubles_of(report))


class Watching:
    """Follows a watcher's polls: counts them, and keeps when the cluster could last be read."""

    def __init__(self) -> None:
        self._read_at: datetime | None = None
        self._cluster: str | None = None
        self._polls: Counter[str] = Counter()

    def seen(self, finished: Finished) -> Seen:
        """What the metrics of a poll are made of."""
        is_read = finished.failure is None
        self._polls["read" if is_read else "unreadable"] += 1
        if is_read:
            self._read_at = finished.at
        if finished.report is not None:
            self._cluster = finished.report.cluster
        state = finished.state
        watches = state.watches.values()
        return Seen(
            at=self._read_at,
            took=finished.took,
            snapshot=finished.snapshot if is_read else None,
            report=finished.report if is_read else None,
            cluster=self._cluster,
            troubles=tuple(watch.trouble for watch in state.active),
            maintenance=Maintenance(state.maintenance),
            watched=Watched(
                interval=finished.interval,
                polls=dict(self._polls),
                is_source_lost=state.is_source_lost(finished.patience),
                flapping=sum(watch.flapping for watch in watches),
                expected=sum(watch.expected and watch.is_there for watch in watches),
                transitions=Counter(finished.transitions),
            ),
        )
