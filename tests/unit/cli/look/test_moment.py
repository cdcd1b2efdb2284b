"""Times on the command line."""

from datetime import datetime, timedelta, timezone

import click
import pytest

from calico_bgp.cli.options.moment import parse_moment

NOW = datetime(2026, 11, 30, 12, 30, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12:00", "2026-11-30T12:00:00+01:00"),
        ("14:00", "2026-11-29T14:00:00+01:00"),
        ("9:05:01", "2026-11-30T09:05:01+01:00"),
        ("2h", "2026-11-30T10:30:00+01:00"),
        ("1d12h", "2026-11-29T00:30:00+01:00"),
        ("2026-11-30T03:00Z", "2026-11-30T03:00:00+00:00"),
    ],
)
def test_times(text, expected):
    assert parse_moment(text, now=NOW) == datetime.fromisoformat(expected)


def test_a_date_without_a_zone_is_in_this_machines():
    assert parse_moment("2026-11-30 03:00") == datetime(2026, 11, 30, 3).astimezone()
    assert parse_moment("2026-11-30") == datetime(2026, 11, 30).astimezone()


@pytest.mark.parametrize("text", ["", "yesterday", "25:00", "10", "2026-13-01", "99999999999d", "0001-01-01", "h"])
def test_no_times(text):
    with pytest.raises(click.BadParameter, match=r"is no time; write it like 2026-11-30T14:00"):
        parse_moment(text)
