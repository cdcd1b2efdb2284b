"""How a SINCE cell looks later; the short way and the long one say the same."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calico_bgp.parse.status import same_since
from calico_bgp.parse.status.same_since import since_at

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
HOURS = timedelta(hours=1)


@pytest.mark.parametrize(
    ("later", "expected"),
    [(0, "11:00:00"), (5, "11:00:00"), (18.9, "11:00:00"), (19.1, "2026-11-30"), (100, "2026-11-30")],
)
def test_a_time_of_day_becomes_a_date_after_twenty_hours(later, expected):
    assert since_at("11:00:00", NOON, NOON + later * HOURS) == expected


def test_a_clock_that_was_never_set_changes_nothing():
    for year in (1, 9999):
        unset = datetime(year, 1, 1, tzinfo=timezone(12 * HOURS if year == 1 else -12 * HOURS))
        assert since_at("11:00:00", unset, unset) == "11:00:00"


@given(st.integers(0, 86_399), st.integers(-3 * 86_400, 3 * 86_400), st.integers(-14, 14), st.integers(-14, 14))
def test_the_short_way_says_what_the_long_one_does(since, later, zone, other):
    cell = f"{since // 3600:02}:{since // 60 % 60:02}:{since % 60:02}"
    printed = NOON.astimezone(timezone(zone * HOURS))
    at = (NOON + timedelta(seconds=later)).astimezone(timezone(other * HOURS))
    short = since_at(cell, printed, at)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(same_since, "_is_young", lambda *_: False)
        assert since_at(cell, printed, at) == short
