"""Who waits for a long paste sees that it is read: on a terminal only, and gone when it is."""

import os
import pty
import re
import select
import subprocess
import sys
import time

import pytest

from calico_bgp.cli.running import progress
from calico_bgp.cli.running.paste_progress import LONG_PASTE, paste_progress
from calico_bgp.cli.running.progress import ReadingLog
from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import GatherFailure, NodeReading, NodeStatus, Stage
from tests.answers import ONE_PEER

LONG = ONE_PEER + "it is raining\n" * LONG_PASTE
DEADLINE = 60


def on_a_terminal(*command):
    """What a command prints: its standard output, and what a terminal got that is its standard error."""
    near, far = pty.openpty()
    environment = {**os.environ, "TERM": "xterm"}
    run = subprocess.Popen(
        [sys.executable, "-m", "calico_bgp", *command], stdout=subprocess.PIPE, stderr=far, env=environment
    )
    os.close(far)
    seen, end = b"", time.monotonic() + DEADLINE
    try:
        while time.monotonic() < end and select.select([near], [], [], end - time.monotonic())[0]:
            try:
                some = os.read(near, 65536)
            except OSError:  # Linux says so that nobody holds the other side any more
                break
            if not some:
                break
            seen += some
        return run.communicate(timeout=DEADLINE)[0].decode(), seen.decode()
    finally:
        run.kill()
        run.wait()
        os.close(near)


@pytest.mark.parametrize("command", [("audit", "--pasted"), ("parse",)])
def test_a_long_paste_shows_on_a_terminal_that_it_is_read(command, tmp_path):
    path = tmp_path / "long.txt"
    path.write_text(LONG, encoding="utf-8")
    out, err = on_a_terminal(*command, str(path))
    assert f"reading {LONG.count(chr(10)) + 1:,} lines" in err
    assert err.endswith(("\x1b[2K", "\x1b[?25h")), "the bar is wiped, and the cursor is shown again"
    assert "192.0.2.12" in out
    assert "reading" not in out


def test_a_short_paste_shows_nothing(tmp_path):
    path = tmp_path / "short.txt"
    path.write_text(ONE_PEER, encoding="utf-8")
    out, err = on_a_terminal("parse", str(path))
    assert "192.0.2.12" in out
    assert not err


def test_nothing_is_shown_where_it_is_no_terminal(run_cli, tmp_path):
    path = tmp_path / "long.txt"
    path.write_text(LONG, encoding="utf-8")
    assert "reading" not in run_cli("parse", path).stderr


def test_a_mistake_ends_the_bar(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with pytest.raises(ZeroDivisionError), paste_progress(LONG):
        raise ZeroDivisionError
    with paste_progress(LONG):  # rich allows one live display at a time: this one would fail beside a leftover
        pass
    assert "192.0.2" not in capsys.readouterr().err


FOUR = tuple(Host(f"node{number}") for number in range(1, 5))


def test_a_line_of_a_log_names_who_is_missing():
    clock = [0.0]
    log = ReadingLog(FOUR, lambda: clock[0])
    log.on_result(FOUR[0], GatherFailure(host="node1", stage=Stage.CONNECT, message="no route"))
    log.on_result(FOUR[1], reading("node2"))
    clock[0] = 10.2
    assert log.line() == "reading: 2 of 4 nodes after 10s, 1 not read; waiting for node3, node4"
    clock[0] = 30
    assert log.line() is None, "nothing is new"
    log.on_result(FOUR[2], reading("node3"))
    assert log.line() == "reading: 3 of 4 nodes after 30s, 1 not read; waiting for node4"
    log.on_result(FOUR[3], reading("node4"))
    assert log.line() is None, "the outcome says it"


def test_those_that_are_asked_once_more_are_counted_anew():
    clock = [0.0]
    log = ReadingLog(FOUR, lambda: clock[0])
    for host in FOUR:
        log.on_result(host, reading(host.name))
    log.again(FOUR[1:3])
    clock[0] = 20
    assert log.line() == "reading routes that differ: 0 of 2 nodes after 20s; waiting for node2, node3"
    log.on_result(FOUR[2], reading("node3"))
    assert log.line() == "reading routes that differ: 1 of 2 nodes after 20s; waiting for node2"


def test_many_that_are_missing_are_one_short_line():
    line = ReadingLog([Host(f"node{number**2}") for number in range(1, 200)], lambda: 0.0).line()
    assert line == "reading: 0 of 199 nodes after 0s; waiting for 199 nodes such as node1, node4, node9"


def test_a_log_has_lines_of_what_takes_long_alone(monkeypatch, capsys):
    monkeypatch.setattr(progress, "_FIRST", 0.5)
    with progress.reading_progress(FOUR) as on_result:
        on_result(FOUR[0], reading("node1"))
        end = time.monotonic() + DEADLINE
        while not (err := capsys.readouterr().err) and time.monotonic() < end:
            time.sleep(0.005)
    assert re.fullmatch(r"reading: 1 of 4 nodes after \d+s; waiting for node\[2-4\]\n", err)
    monkeypatch.setattr(progress, "_FIRST", 60.0)
    with progress.reading_progress(FOUR) as on_result:
        on_result(FOUR[0], reading("node1"))
    assert not capsys.readouterr().err


def test_nobody_to_read_shows_nothing(capsys):
    with progress.reading_progress(()) as on_result:
        assert on_result is None
    assert not capsys.readouterr().err


def reading(name):
    return NodeReading(host=name, node=name, status=NodeStatus())
