"""`[[monitor.maintenance]]` of calico-bgp.toml: tables in, maintenance windows out. The file itself is config.py's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from calico_bgp.model.settings.maintenance import WEEKDAYS, MaintenanceWindow
from calico_bgp.parse.lines import did_you_mean

_KEYS = ("reason", "from", "until", "days", "timezone", "nodes", "cluster")
MAINTENANCE_EXAMPLE = (
    '[[monitor.maintenance]] with reason = "...", from = 2027-01-30T22:00:00Z and until = 2027-01-31T02:00:00Z, '
    'or from = 22:00:00, until = 02:00:00 and timezone = "Europe/Berlin"'
)

#: Notes a problem: the message, the key whose line is meant, and what was expected.
Wrong = Callable[[str, str | None, str | None], None]


def read_window(table: dict[str, Any], wrong: Wrong) -> MaintenanceWindow | None:
    """One table; None where something in it is wrong, which is noted."""
    noted: list[str] = []

    def note(message: str, key: str | None = None, expected: str | None = None) -> None:
        noted.append(message)
        wrong(message, key, expected)

    for key in table:
        if key not in _KEYS:
            note(f"unknown key {key!r}{did_you_mean(key, _KEYS)}", key, "one of " + ", ".join(_KEYS))
    reason = _text(table, "reason", note)
    if reason is None and "reason" not in table:
        note("reason is missing", None, "why trouble is expected, for whoever looks at the watcher")
    cluster = _text(table, "cluster", note)
    zone = _zone(table, note)
    start, end = _times(table, zone, note)
    days = _names(table, "days", note)
    for day in days:
        if day not in WEEKDAYS:
            note(f"days names {day!r}{did_you_mean(day, WEEKDAYS)}", "days", "some of " + ", ".join(WEEKDAYS))
    if days and isinstance(start, datetime):
        note("days does not go with a date", "days", "times of day, as in from = 22:00:00")
    nodes = _names(table, "nodes", note)
    if noted or reason is None or start is None or end is None:
        return None
    return MaintenanceWindow(reason, start, end, days, zone, nodes, cluster)


def _times(table: dict[str, Any], zone: tzinfo, note: Wrong) -> tuple[datetime | time | None, datetime | time | None]:
    times = [_time(table, key, zone, note) for key in ("from", "until")]
    start, end = times
    if start is None or end is None:
        return None, None
    if isinstance(start, datetime) is not isinstance(end, datetime):
        note("from and until differ in kind", "until", "two dates with times, or two times of day")
    elif isinstance(start, datetime) and isinstance(end, datetime) and end <= start:
        note("until is not after from", "until", "the end of the window")
    elif start == end:
        note("from and until are the same", "until", "the end of the window; the whole day is 00:00:00 to 23:59:59")
    return start, end


def _time(table: dict[str, Any], key: str, zone: tzinfo, note: Wrong) -> datetime | time | None:
    value = table.get(key)
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=zone)
    if isinstance(value, time):
        return value
    expected = f"{key} = 2027-01-30T22:00:00Z, or a time of day: {key} = 22:00:00; both without quotes"
    note(f"{key} is missing" if key not in table else f"{key} is no time", key if key in table else None, expected)
    return None


def _zone(table: dict[str, Any], note: Wrong) -> tzinfo:
    name = _text(table, "timezone", note)
    if name is None:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        note(f"timezone {name!r} is not known here", "timezone", 'a name such as "Europe/Berlin"; UTC without it')
        return UTC


def _text(table: dict[str, Any], key: str, note: Wrong) -> str | None:
    value = table.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        note(f"{key} is no text" if not isinstance(value, str) else f"{key} is empty", key, f'{key} = "..."')
        return None
    return value.strip()


def _names(table: dict[str, Any], key: str, note: Wrong) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(name, str) and name.strip() for name in value):
        note(f"{key} is no list of names", key, f'{key} = ["...", "..."]')
        return ()
    return tuple(name.strip() for name in value)
