"""Says which instants a SINCE cell can mean. Nothing about tables, and no clock of its own: `now` is an argument."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

_CLOCK = re.compile(r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6})\d*)?")
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[ T](\S+))?")
_ELAPSED = re.compile(r"(\d{1,5})d (\d\d):(\d\d):(\d\d)")

#: BIRD shows the clock time of a change younger than this, else its date (sysdep/unix/io.c tm_format_datetime, the
#: `timeformat protocol` of 1.6: "%T" 72000 "%F"; BIRD 2 has the same limit in `iso short`).
CLOCK_LIMIT = timedelta(hours=20)
#: BIRD keeps whole seconds of two clocks, so what it shows differs by one from one call to the next.
SLACK = timedelta(seconds=1)
#: A clock outside these years is not set at all, and near the ends of the calendar it cannot be reckoned with: the year
#: 1 has no day before it.
_YEARS = range(1970, 9000)
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


class SinceRange(NamedTuple):
    """The earliest and the latest instant that a SINCE cell can mean (aware, in the zone of `now`)."""

    earliest: datetime
    latest: datetime


def is_usable(clock: datetime) -> bool:
    """Whether a node's clock shows a time that can be: nothing that a node says ends a calculation."""
    return clock.year in _YEARS


def resolve_since(since: str, now: datetime, *, zone: tzinfo | None = None) -> SinceRange | None:
    """The instants that a SINCE cell can mean.

    - `HH:MM:SS` is the last such moment before `now`, less than 20 hours ago, known to a second.
    - `YYYY-MM-DD` is that day, at least 20 hours ago.
    - BIRD 2's fractions and its `YYYY-MM-DD HH:MM:SS.mmm` are known to a thousandth.
    - GoBGP's `3d 04:05:06` (Calico up to v3.21) is that long ago. Its elapsed times under a day look like clock times
      and are read as such: nothing in a table tells the two back ends apart.

    BIRD prints local time. In the calico-node container that is UTC whatever the host's zone, so UTC is assumed. Only
    where UTC makes no sense - a time that would lie in the future, or more than 20 hours back - the zone of `now` is
    tried: a BIRD that runs on the host itself.

    Args:
        since: The cell, verbatim.
        now: The node's own clock when it answered, not earlier (aware).
        zone: BIRD's time zone, where it is known.

    Returns:
        The range, never after `now`; None for `never`, for text that is no time, for a time that `now` contradicts, and
        where `now` is no time that a clock can show (`is_usable`).

    Raises:
        ValueError: `now` is naive.
    """
    if now.tzinfo is None or now.utcoffset() is None:
        raise ValueError("now must be an aware datetime: a SINCE cell means nothing without the node's zone")
    if not is_usable(now):
        return None
    since = since.strip()
    if (elapsed := _ELAPSED.fullmatch(since)) is not None:
        days, hours, minutes, seconds = map(int, elapsed.groups())
        latest = now - timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        return SinceRange(latest - _SECOND - SLACK, latest)
    zones = (zone,) if zone is not None else (UTC, now.tzinfo)
    for candidate in zones:
        span = _resolve(since, now.astimezone(UTC), candidate)
        if span is not None:
            return SinceRange(span.earliest.astimezone(now.tzinfo), span.latest.astimezone(now.tzinfo))
    return None


def _resolve(since: str, now: datetime, zone: tzinfo) -> SinceRange | None:
    """The range in UTC, or None."""
    try:
        if (clock := _CLOCK.fullmatch(since)) is not None:
            today = now.astimezone(zone).date()
            # Tomorrow: a second of slack across midnight.
            days = [today + timedelta(days=offset) for offset in (1, 0, -1)]
            return _youngest(days, clock, now, zone)
        dated = _DATE.fullmatch(since)
        if dated is None:
            return None
        day = date(int(dated[1]), int(dated[2]), int(dated[3]))
        if dated[4] is None:
            return _whole_day(day, now, zone)
        clock = _CLOCK.fullmatch(dated[4])
        return None if clock is None else _moments([day], clock, now, zone, oldest=None)
    except (ValueError, OverflowError):
        return None  # 24:61:00, a 30th of February, the year 0


def _youngest(days: list[date], clock: re.Match[str], now: datetime, zone: tzinfo) -> SinceRange | None:
    return _moments(days, clock, now, zone, oldest=now - CLOCK_LIMIT - SLACK)


def _moments(
    days: list[date], clock: re.Match[str], now: datetime, zone: tzinfo, *, oldest: datetime | None
) -> SinceRange | None:
    """From the earliest to the latest moment at which the clocks of the zone showed this time on these days."""
    fraction = clock[4]
    time_shown = time(int(clock[1]), int(clock[2]), int(clock[3]), int(fraction.ljust(6, "0")) if fraction else 0)
    width = timedelta(milliseconds=1) if fraction else _SECOND
    moments = []
    for day in days:
        # An hour that happens twice, when summer time ends, is two moments.
        for fold in (0, 1):
            moment = datetime.combine(day, time_shown.replace(fold=fold), zone).astimezone(UTC)
            if moment <= now + SLACK and (oldest is None or moment > oldest):
                moments.append(moment)
    if not moments:
        return None
    latest = min(max(moments) + width + SLACK, now)
    earliest = min(moments) - SLACK
    return SinceRange(min(earliest, latest), latest)


def _whole_day(day: date, now: datetime, zone: tzinfo) -> SinceRange | None:
    earliest = datetime.combine(day, time(), zone).astimezone(UTC)
    end = datetime.combine(day + _DAY, time(), zone).astimezone(UTC) - timedelta(microseconds=1)
    # A younger change would have been shown as a clock time.
    latest = min(end, now - CLOCK_LIMIT + SLACK)
    return SinceRange(earliest, latest) if earliest <= latest else None
