"""How long ago, as kubectl writes it: `5d3h`, `12m`. Only durations and SINCE cells may enter this file."""

from __future__ import annotations

from datetime import datetime, timedelta

from calico_bgp.parse.status.since import SLACK, resolve_since

_DAY = 24


def short_age(age: timedelta) -> str:
    """A duration in two units at most, as kubectl's AGE column (k8s.io/apimachinery/pkg/util/duration HumanDuration).

    A negative one, which two clocks may give, is `0s`.
    """
    seconds = max(int(age.total_seconds()), 0)
    minutes, hours = seconds // 60, seconds // 3600
    days = hours // _DAY
    if seconds < 120:
        return f"{seconds}s"
    if minutes < 10:
        return _two(minutes, "m", seconds % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return _two(hours, "h", minutes % 60, "m")
    if hours < 2 * _DAY:
        return f"{hours}h"
    if hours < 8 * _DAY:
        return _two(days, "d", hours % _DAY, "h")
    if days < 2 * 365:
        return f"{days}d"
    if days < 8 * 365:
        return _two(days // 365, "y", days % 365, "d")
    return f"{days // 365}y"


def age_of(since: str | None, clock: datetime | None) -> str | None:
    """The age of what a SINCE cell says.

    Args:
        since: The cell, None where there was none.
        clock: The node's own clock when it answered; None where nobody knows it, as of a paste.

    Returns:
        The age. BIRD shows the day alone of what is older than 20 hours: then in whole days. The cell itself where no
        clock tells its age, or none that fits; None without a cell.
    """
    if since is None or clock is None:
        return since
    span = resolve_since(since, clock)
    if span is None:
        return since
    if span.latest - span.earliest < timedelta(minutes=1):
        return short_age(clock - span.earliest - SLACK)
    middle = clock - (span.earliest + (span.latest - span.earliest) / 2)
    return f"{max(round(middle / timedelta(days=1)), 1)}d"


def _two(first: int, first_unit: str, second: int, second_unit: str) -> str:
    return f"{first}{first_unit}{second}{second_unit}" if second else f"{first}{first_unit}"
