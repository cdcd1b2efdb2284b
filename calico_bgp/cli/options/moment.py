"""Times on the command line: `2026-11-30T14:00`, `14:00`, or how long ago, `2h`. The zone is this machine's."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import click

from calico_bgp.cli.options.duration import parse_duration

_TIME_OF_DAY = re.compile(r"\d{1,2}:\d\d(:\d\d)?")
_EXAMPLES = "write it like 2026-11-30T14:00, 14:00 (the last one) or 2h (ago)"


def parse_moment(text: str, *, now: datetime | None = None) -> datetime:
    """A time, aware; for click's `type=`.

    Args:
        text: What the user wrote.
        now: The time; the clock's when None.

    Raises:
        click.BadParameter: It is none.
    """
    now = now or datetime.now().astimezone()
    words = text.strip()
    try:
        if _TIME_OF_DAY.fullmatch(words):
            at = datetime.combine(now.date(), datetime.strptime(words, _format(words)).time(), now.tzinfo)  # noqa: DTZ007
            return at if at <= now else at - timedelta(days=1)
        if words[:1].isdigit() and words[-1:] in "dhms":
            return now - parse_duration(words)
        at = datetime.fromisoformat(words)
        return at if at.tzinfo is not None else at.astimezone()
    except (ValueError, OverflowError, click.BadParameter):
        raise click.BadParameter(f"{text!r} is no time; {_EXAMPLES}") from None


def _format(words: str) -> str:
    return "%H:%M:%S" if words.count(":") == 2 else "%H:%M"


def local_time(at: datetime) -> str:
    """A time as its reader names times: on the clock of this machine, with the zone."""
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S %Z}"
