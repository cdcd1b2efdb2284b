from datetime import timedelta

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calico_bgp.cli.options.duration import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("10m", 600), ("2h", 7200), ("1h30m", 5400), (" 1D2H ", 93600), ("0s", 0)]
)
def test_durations(text, seconds):
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", " ", "10", "5x", "m", "30m1h", "-5m", "1.5h", "10 m", "9" * 40 + "s"])
def test_not_durations(text):
    with pytest.raises(click.BadParameter, match="is no duration"):
        parse_duration(text)


@given(st.integers(min_value=0, max_value=10**8))
def test_round_trip(seconds):
    duration = timedelta(seconds=seconds)
    assert parse_duration(format_duration(duration)) == duration
