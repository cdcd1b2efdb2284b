"""Whether two SINCE cells of one peer mean the same moment, and how one looks later. No clock of its own."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from calico_bgp.parse.status.since import CLOCK_LIMIT, is_usable, resolve_since

_CLOCK = re.compile(r"(\d\d):(\d\d):(\d\d)")
#: BIRD keeps whole seconds of two clocks, so that what it shows differs by one from one call to the next.
SLACK = timedelta(seconds=2)
_DAY_SECONDS = 86_400


def same_since(old: str | None, old_clock: datetime | None, new: str | None, new_clock: datetime | None) -> bool:
    """Whether two cells mean one moment: the same text, a second apart, or a time that has turned into its date.

    Args:
        old: The earlier cell.
        old_clock: The node's clock when it was printed.
        new: The later cell.
        new_clock: Likewise.
    """
    if old == new:
        return True
    if old is None or new is None:
        return False
    old_time, new_time = _CLOCK.fullmatch(old), _CLOCK.fullmatch(new)
    if old_time is not None and new_time is not None:
        apart = abs(_seconds(old_time) - _seconds(new_time))
        return min(apart, _DAY_SECONDS - apart) <= SLACK.total_seconds()
    if old_clock is None or new_clock is None or not is_usable(old_clock) or not is_usable(new_clock):
        return False
    before, after = resolve_since(old, old_clock), resolve_since(new, new_clock)
    if before is None or after is None:
        return False
    return before.earliest - SLACK <= after.latest and after.earliest - SLACK <= before.latest


def is_since_before(since: str | None, clock: datetime | None, seconds: float) -> bool:
    """Whether a cell may mean a moment longer ago than so many seconds, by the node's own clock.

    What changed after the last look is younger than that look, whatever the clocks did meanwhile.
    """
    if since is None or clock is None or not is_usable(clock):
        return True
    when = resolve_since(since, clock)
    return when is None or clock - when.earliest > timedelta(seconds=seconds) + 2 * SLACK


def since_at(since: str | None, printed: datetime | None, at: datetime | None) -> str | None:
    """A cell as BIRD would print it later, when nothing has changed: a time of day becomes a date after 20 hours."""
    if since is None or printed is None or at is None:
        return since
    clock = _CLOCK.fullmatch(since)
    if clock is None or not is_usable(printed) or not is_usable(at) or _is_young(_seconds(clock), printed, at):
        return since
    # BIRD prints UTC in its container; only where that makes no sense the zone of the host.
    zone = UTC if resolve_since(since, printed, zone=UTC) is not None else printed.tzinfo
    when = resolve_since(since, printed, zone=zone)
    if when is None or at - when.latest < CLOCK_LIMIT:
        return since
    return when.latest.astimezone(zone).date().isoformat()


def _is_young(since: int, printed: datetime, at: datetime) -> bool:
    """Whether it is a time of day in either zone, with an hour to spare for those that change.

    Most are, and to find out which moment they mean is a hundred times the work.
    """
    later = (at - printed).total_seconds()
    if not 0 <= later < CLOCK_LIMIT.total_seconds():
        return False
    for clock in (printed, printed.astimezone(UTC)):
        age = (clock.hour * 3600 + clock.minute * 60 + clock.second - since) % _DAY_SECONDS
        if age + later + 3600 >= CLOCK_LIMIT.total_seconds():
            return False
    return True


def _seconds(clock: re.Match[str]) -> int:
    return int(clock[1]) * 3600 + int(clock[2]) * 60 + int(clock[3])
