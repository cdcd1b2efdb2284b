"""Durations on the command line: `90s`, `10m`, `2h`, `1h30m`. Nothing else may enter this file."""

from __future__ import annotations

import re
from datetime import timedelta

import click

_DURATION = re.compile(
    r"(?:(?P<days>\d{1,5})d)?(?:(?P<hours>\d{1,6})h)?(?:(?P<minutes>\d{1,7})m)?(?:(?P<seconds>\d{1,9})s)?"
)


def parse_duration(text: str) -> timedelta:
    """`1h30m` as a timedelta, for click's `type=`. A bare number has no unit and is refused: 10 of what?

    Raises:
        click.BadParameter: It is no duration.
    """
    match = _DURATION.fullmatch(text.strip().lower())
    if not text.strip() or match is None:
        raise click.BadParameter(f"{text!r} is no duration; write it like 90s, 10m, 2h or 1h30m")
    return timedelta(**{unit: int(number) for unit, number in match.groupdict(default="0").items()})


def format_duration(duration: timedelta) -> str:
    """The shortest text that parse_duration reads back, in whole seconds."""
    seconds = int(duration.total_seconds())
    parts = []
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        number, seconds = divmod(seconds, length)
        if number:
            parts.append(f"{number}{unit}")
    return "".join(parts) or "0s"
