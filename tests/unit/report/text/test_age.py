"""Ages as kubectl writes them; the cases are those of kubectl's own HumanDuration."""

from datetime import UTC, datetime, timedelta

import pytest

from calico_bgp.report.text.age import age_of, short_age

NOW = datetime(2026, 3, 10, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=-3), "0s"),
        (timedelta(seconds=119), "119s"),
        (timedelta(minutes=2), "2m"),
        (timedelta(minutes=9, seconds=59), "9m59s"),
        (timedelta(minutes=12, seconds=7), "12m"),
        (timedelta(minutes=179), "179m"),
        (timedelta(hours=3), "3h"),
        (timedelta(hours=7, minutes=59), "7h59m"),
        (timedelta(hours=47, minutes=59), "47h"),
        (timedelta(days=2), "2d"),
        (timedelta(days=5, hours=3, minutes=20), "5d3h"),
        (timedelta(days=8, hours=3), "8d"),
        (timedelta(days=729), "729d"),
        (timedelta(days=2 * 365), "2y"),
        (timedelta(days=2 * 365 + 40), "2y40d"),
        (timedelta(days=8 * 365 + 40), "8y"),
    ],
)
def test_short_age(age, text):
    assert short_age(age) == text


@pytest.mark.parametrize(
    ("since", "clock", "text"),
    [
        ("11:48:00", NOW, "12m"),
        ("2026-03-05", NOW, "5d"),  # BIRD shows the day alone: a time of day would be invented
        ("2026-03-09", NOW, "1d"),
        ("2026-03-05 09:00:00.123", NOW, "5d2h"),
        ("3d 04:05:06", NOW, "3d4h"),
        ("11:48:00", None, "11:48:00"),  # a paste does not say when it was printed
        ("never", NOW, "never"),
        (None, NOW, None),
    ],
)
def test_age_of_a_cell(since, clock, text):
    assert age_of(since, clock) == text
