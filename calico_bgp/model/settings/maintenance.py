"""Times in which trouble is expected, as calico-bgp.toml has them. Values only; parse.maintenance reads them."""

from __future__ import annotations

from datetime import datetime, time, timedelta, tzinfo
from fnmatch import fnmatchcase

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from calico_bgp.model.frozen import VALUES

#: As `datetime.weekday()` counts.
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, config=ConfigDict(**VALUES, arbitrary_types_allowed=True))
class MaintenanceWindow:
    """One `[[monitor.maintenance]]` table: a time once, or again every day or on some days of the week.

    Attributes:
        reason: Why; it is shown.
        start: The first moment (aware), or a time of day.
        end: The first moment after it; a time of day at or before `start` is of the next day.
        days: On which days one that comes again begins, as in WEEKDAYS; empty for every day.
        zone: In which zone times of day are meant.
        nodes: Globs of the nodes; empty for the whole cluster.
        cluster: Only for the cluster of this name; None for any.
    """

    reason: str
    start: datetime | time
    end: datetime | time
    days: tuple[str, ...] = ()
    zone: tzinfo | None = None
    nodes: tuple[str, ...] = ()
    cluster: str | None = None

    def is_open(self, at: datetime, cluster: str | None = None) -> bool:
        """Whether a moment (aware) lies in it."""
        if self.cluster is not None and cluster != self.cluster:
            return False
        if isinstance(self.start, datetime) and isinstance(self.end, datetime):
            return self.start <= at < self.end
        assert isinstance(self.start, time)
        assert isinstance(self.end, time)
        local = at.astimezone(self.zone)
        now = local.time()
        if self.start < self.end:
            return self._begins(local) and self.start <= now < self.end
        return (self._begins(local) and now >= self.start) or (self._begins(local - _DAY) and now < self.end)

    def _begins(self, day: datetime) -> bool:
        return not self.days or WEEKDAYS[day.weekday()] in self.days

    def holds(self, node: str) -> bool:
        """Whether it is about a node."""
        return not self.nodes or any(pattern == node or fnmatchcase(node, pattern) for pattern in self.nodes)
