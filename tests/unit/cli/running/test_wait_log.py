"""A line for each change in a log; one line in place on a terminal; how it ended and how long it took."""

import sys
from datetime import timedelta

import pytest

from calico_bgp.cli.running.wait_log import WaitLog


@pytest.fixture
def clock():
    return [0.0]


@pytest.fixture
def log(clock):
    return WaitLog(lambda: clock[0], timedelta(minutes=5))


@pytest.fixture
def terminal(clock, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    return WaitLog(lambda: clock[0], timedelta(minutes=5))


def play(log, clock):
    for seconds, state, names in (
        (5, "UNHEALTHY: 1 error", "node3"),
        (10, "UNHEALTHY: 1 error", "node3"),
        (80, "UNHEALTHY: 1 error", "node3, node4"),
        (85, "HEALTHY: all well", ""),
    ):
        clock[0] = seconds
        log.round(state, names)
    clock[0] = 95.4
    log.end("HEALTHY: all well")


def test_a_log_has_a_line_for_each_change(log, clock, capsys):
    play(log, clock)
    assert capsys.readouterr().err == (
        "UNHEALTHY: 1 error; waiting for node3, at most 5m\n"
        "after 1m20s: UNHEALTHY: 1 error; waiting for node3, node4, at most 5m\n"
        "after 1m25s: HEALTHY: all well; waiting, at most 5m\n"
        "HEALTHY: all well (after 1m35s)\n"
    )


def test_a_terminal_has_one_line(terminal, clock, capsys):
    play(terminal, clock)
    text = capsys.readouterr().err
    assert text.count("\n") == 1
    assert text.startswith("\r\x1b[2K4m55s left, waiting for node3: UNHEALTHY: 1 error\r\x1b[2K4m50s left, ")
    assert text.endswith("\r\x1b[2KHEALTHY: all well (after 1m35s)\n")


def test_a_line_that_would_wrap_is_cut(terminal, clock, capsys):
    terminal.round("UNHEALTHY: " + "x" * 500, "node3")
    assert len(capsys.readouterr().err) < 210


def test_a_dumb_terminal_is_a_log(monkeypatch, clock, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    play(WaitLog(lambda: clock[0], timedelta(minutes=5)), clock)
    assert "\x1b" not in capsys.readouterr().err


def test_what_is_written_after_it_begins_on_a_clean_line(terminal, capsys):
    terminal.clear()
    assert capsys.readouterr().err == ""
    terminal.round("a", "b")
    terminal.clear()
    assert capsys.readouterr().err.endswith("\r\x1b[2K")
