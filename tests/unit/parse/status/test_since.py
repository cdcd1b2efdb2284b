"""What a SINCE cell can mean, at its boundaries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from calico_bgp.parse.status.since import SinceRange, resolve_since

NOW = datetime(2026, 11, 23, 9, 0, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_clock_time_today():
    assert resolve_since("07:13:23", NOW) == SinceRange(at("2026-11-23 07:13:22"), at("2026-11-23 07:13:25"))


def test_clock_time_yesterday():
    assert resolve_since("23:59:59", NOW) == SinceRange(at("2026-11-22 23:59:58"), at("2026-11-23 00:00:01"))


def test_just_now_ends_now():
    assert resolve_since("09:00:00", NOW) == SinceRange(at("2026-11-23 08:59:59"), NOW)


def test_one_second_of_slack():
    assert resolve_since("09:00:01", NOW) == SinceRange(NOW, NOW)
    assert resolve_since("09:00:02", NOW) is None


def test_slack_across_midnight():
    before = datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC)
    assert resolve_since("00:00:00", before) == SinceRange(before, before)
    midnight = before + timedelta(seconds=1)
    assert resolve_since("23:59:59", midnight) == SinceRange(midnight - timedelta(seconds=2), midnight)


def test_nothing_older_than_twenty_hours_is_a_clock_time():
    assert resolve_since("13:00:00", NOW).earliest == at("2026-11-22 12:59:59")
    assert resolve_since("12:59:58", NOW) is None


def test_date_is_that_day():
    assert resolve_since("2026-11-20", NOW) == SinceRange(at("2026-11-20 00:00"), at("2026-11-20 23:59:59.999999"))


def test_date_is_at_least_twenty_hours_ago():
    assert resolve_since("2026-11-22", NOW).latest == at("2026-11-22 13:00:01")
    assert resolve_since("2026-11-23", NOW) is None


def test_thousandths_of_bird_2():
    found = resolve_since("08:59:00.500", NOW)
    assert found == SinceRange(at("2026-11-23 08:58:59.500"), at("2026-11-23 08:59:01.501"))
    found = resolve_since("2026-11-21 10:11:12.123", NOW)
    assert found == SinceRange(at("2026-11-21 10:11:11.123"), at("2026-11-21 10:11:13.124"))


def test_elapsed_of_gobgp():
    found = resolve_since("3d 04:05:06", NOW)
    assert found.latest == NOW - timedelta(days=3, hours=4, minutes=5, seconds=6)
    assert NOW - found.earliest <= timedelta(days=3, hours=4, minutes=5, seconds=8)


@pytest.mark.parametrize(
    "text", ["never", "", "soon", "25:00:00", "07:61:00", "2026-02-30", "0000-01-01", "2026-11-21 x"]
)
def test_no_time(text):
    assert resolve_since(text, NOW) is None


class TestZones:
    def test_bird_speaks_utc_whatever_the_hosts_zone(self):
        now = NOW.astimezone(timezone(timedelta(hours=2)))
        found = resolve_since("07:13:23", now)
        assert found == resolve_since("07:13:23", NOW)
        assert found.earliest.utcoffset() == timedelta(hours=2)

    def test_the_hosts_zone_where_utc_makes_no_sense(self):
        now = datetime(2026, 11, 23, 12, 31, tzinfo=timezone(timedelta(hours=2)))
        # In UTC it would be 10:31, and 12:30 not yet.
        assert resolve_since("12:30:00", now).latest == at("2026-11-23 10:30:02")

    def test_zone_that_is_known(self):
        assert resolve_since("10:30:00", NOW, zone=BERLIN) is None
        assert resolve_since("09:30:00", NOW, zone=BERLIN).latest == at("2026-11-23 08:30:02")

    def test_hour_that_happens_twice(self):
        found = resolve_since("02:30:00", datetime(2026, 10, 25, 8, 0, tzinfo=UTC), zone=BERLIN)
        assert found == SinceRange(at("2026-10-25 00:29:59"), at("2026-10-25 01:30:02"))

    def test_naive_now_is_refused(self):
        with pytest.raises(ValueError, match="aware"):
            resolve_since("07:13:23", NOW.replace(tzinfo=None))
