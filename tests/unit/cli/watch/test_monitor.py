"""`calico-bgp monitor`, `history`, `flaps`, and `--at` of the commands that look."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from calico_bgp.lab import Lab, build_cluster
from calico_bgp.store.history.reader import HistoryReader
from calico_bgp.store.snapshot_folder import save_snapshot

FIXTURES = Path(__file__).parents[3] / "fixtures"


@pytest.fixture
def cluster(monkeypatch):
    """A lab, whose API the current context is."""
    with Lab(build_cluster(4)) as running:
        monkeypatch.setenv("KUBECONFIG", str(running.kubeconfig))
        yield running


def once(run_cli, history, *words):
    return run_cli("monitor", "--once", "--history", history, *words)


def test_from_cron(run_cli, cluster, tmp_path):
    history = tmp_path / "new" / "history.db"
    assert once(run_cli, history).exit_code == 0
    cluster.set_faults(["bird-down:node3"])
    result = once(run_cli, history)
    assert result.exit_code == 1
    assert re.search(r"^\S+Z opened error: BIRD does not run on node3.* \[bird-down\]$", result.stdout, re.MULTILINE)
    again = once(run_cli, history).stdout
    assert "opened" not in again
    assert re.search(r"Z poll: unhealthy, 4 nodes read, 1 problem told so far; took \d+\.\d s$", again.rstrip())
    cluster.set_faults([])
    assert [("resolved" in once(run_cli, history).stdout) for _ in range(4)] == [False, False, True, False]


def test_nothing_is_said_only_of_times_at_which_somebody_looked(run_cli, cluster, tmp_path):
    """It said that nothing had changed for 24 hours, a minute after the first poll."""
    history = tmp_path / "history.db"
    assert once(run_cli, history).exit_code == 0
    with HistoryReader(history) as reader:
        first, _ = reader.span()
    poll = f"{first.astimezone():%Y-%m-%d %H:%M:%S %Z}"
    shown = run_cli("history", "--history", history)
    assert (shown.exit_code, shown.stdout) == (0, "")
    assert shown.stderr == f"calico-bgp: nothing changed from {poll}, the first poll, until {poll}\n"
    assert "nothing of that is known from" in run_cli("history", "--history", history, "--node", "x").stderr
    flaps = run_cli("flaps", "--history", history).stdout
    assert flaps == f"no session went up or down from {poll}, the first poll, until {poll}\n"
    later = (first + timedelta(seconds=1)).isoformat()
    assert f"the last poll was at {poll}" in run_cli("history", "--history", history, "--since", later).stderr
    assert f"the last poll was at {poll}" in run_cli("flaps", "--history", history, "--since", later).stdout
    before = run_cli("audit", "--history", history, "--at", "2000-01-01T00:00:00.123456")
    assert before.exit_code == 2
    assert "no poll at or before 2000-01-01 00:00:00 " in before.stderr
    assert f"it begins at {poll}" in before.stderr


def test_json_lines(run_cli, cluster, tmp_path):
    cluster.set_faults(["bird-down:node3"])
    result = once(run_cli, tmp_path / "history.db", "--log", "json")
    opened, poll = map(json.loads, result.stdout.splitlines())
    assert (opened["schema"], opened["kind"], opened["page"]) == ("calico-bgp/event/1", "opened", "bird-down")
    assert (opened["nodes"], opened["severity"]) == (["node3"], "error")
    assert poll["kind"] == "poll"


def test_a_cluster_that_cannot_be_read_is_unknown(run_cli, cluster, tmp_path, monkeypatch):
    kept = tmp_path / "kubeconfig"
    kept.write_text(cluster.kubeconfig.read_text())
    monkeypatch.setenv("KUBECONFIG", str(kept))
    cluster.stop()
    result = once(run_cli, tmp_path / "history.db")
    assert result.exit_code == 3
    assert " not read: " in result.stdout


def test_a_second_watcher_is_refused(run_cli, cluster, tmp_path):
    from calico_bgp.store.history.writer import HistoryWriter

    with HistoryWriter(tmp_path / "history.db"):
        result = once(run_cli, tmp_path / "history.db")
    assert result.exit_code == 2
    assert "another watcher" in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--every", "0s"), "--every is at least 1s"),
        (("--confirm", "4/3"), "expected a number of polls, 3, or so many of so many, 2/3"),
        (("--no-history", "--history", "x"), "contradict each other"),
        (("--at", "14:00"), "a snapshot or a paste does not change"),
    ],
)
def test_usage(run_cli, cluster, words, said):
    result = run_cli("monitor", *words)
    assert result.exit_code == 2
    assert said in result.stderr


def test_it_ends_cleanly_on_sigterm(cluster, tmp_path):
    """As a service does: exit code 0, and the history opens again."""
    history = tmp_path / "history.db"
    process = subprocess.Popen(
        [sys.executable, "-m", "calico_bgp", "monitor", "--every", "1s", "--history", str(history), "-v"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert "poll: healthy, 4 nodes read, no problem told; took " in process.stdout.readline()
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0, errors
    assert errors.strip().endswith("calico-bgp: ended by SIGTERM")
    with HistoryReader(history) as reader:
        assert list(reader.polls())


def test_what_was_seen_then_is_what_a_snapshot_of_then_gives(run_cli, cluster, tmp_path):
    history = tmp_path / "history.db"
    times = []
    for number, faults in enumerate([[], ["link-cut:node1,node3"], []]):
        cluster.set_faults(faults)
        once(run_cli, history)
        with HistoryReader(history) as reader:
            times.append([poll.at for poll in reader.polls()][-1])
            save_snapshot(reader.snapshot_at(times[-1]), tmp_path / str(number))
    at = times[1].isoformat()
    for words in (("status",), ("audit",), ("reach",)):
        then = run_cli(*words, "--at", at, "--history", history, "--format", "json")
        saved = run_cli(*words, "--snapshot", tmp_path / "1", "--format", "json")
        # A fix is checked by the same command line again, which is another one.
        shown = [re.sub(r'"check": ".*"', '"check": ""', one.stdout) for one in (then, saved)]
        assert (then.exit_code, shown[0]) == (saved.exit_code, shown[1])
    then = run_cli("diff", "--at", times[0].isoformat(), "--at", at, "--history", history)
    assert then.stdout == run_cli("diff", tmp_path / "0", tmp_path / "1").stdout
    assert then.exit_code == 1
    assert run_cli("diff", "--at", at, "--history", history).exit_code == 1


@pytest.mark.parametrize("words", ["diff", "diff a", "diff a --at 2h", "status --at 2h x"])
def test_one_source_at_a_time(run_cli, words):
    result = run_cli(*words.split())
    assert result.exit_code == 2
    assert "--at TIME" in result.stderr


def test_no_history(run_cli, tmp_path):
    for words in (("history",), ("flaps",), ("status", "--at", "1h")):
        result = run_cli(*words, "--history", tmp_path / "none.db")
        assert result.exit_code == 2
        assert "there is no history" in result.stderr


def test_what_of_the_history_is_asked_for(run_cli, monkeypatch):
    monkeypatch.chdir(FIXTURES)
    words = ("history", "--history", "history/history.db", "--since", "2026-11-30T00:00Z", "--format", "json")

    def kinds(*more):
        entries = json.loads(run_cli(*words, *more).stdout)["entries"]
        return [entry["kind"] for entry in entries if entry["kind"] != "gap"]

    assert kinds("--cause", "bird-down") == ["opened", "resolved"]
    assert kinds("--node", "node1") == ["session", "session"]
    assert kinds("--peer", "192.0.2.11") == ["session", "session"]
    assert kinds("--told", "--node", "node3") == ["sessions-down", "opened", "sessions-up", "resolved"]
    entries = json.loads(run_cli(*words).stdout)["entries"]
    assert [datetime.fromisoformat(e["at"]) for e in entries] == sorted(
        datetime.fromisoformat(e["at"]) for e in entries
    )


def test_frames():
    from calico_bgp.report.history.frames import changes_to_frame, events_to_frame, polls_to_frame

    with HistoryReader(FIXTURES / "history" / "history.db") as reader:
        changes, events, polls = (
            changes_to_frame(reader.changes()),
            events_to_frame(reader.events()),
            polls_to_frame(reader.polls()),
        )
    assert changes.groupby("node")["downs"].sum().to_dict() == {"node1": 1, "node2": 1, "node3": 2}
    assert events["page"].dropna().unique().tolist() == ["bird-down"]
    assert polls["verdict"].isna().sum() == 3
    assert str(changes["at"].dtype) == str(polls["at"].dtype) == "datetime64[ns, UTC]"
    assert changes_to_frame(()).dtypes.equals(changes.dtypes)


def test_the_default_place_follows_the_users_folders(monkeypatch, tmp_path):
    from calico_bgp.cli.options.history import default_history

    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert default_history() == tmp_path / "calico-bgp" / "history.db"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_history() == tmp_path / ".local/state/calico-bgp/history.db"
    monkeypatch.setenv("STATE_DIRECTORY", f"/var/lib/calico-bgp{os.pathsep}/var/lib/other")
    assert str(default_history()) == "/var/lib/calico-bgp/history.db"
