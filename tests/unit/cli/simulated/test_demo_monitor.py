"""`calico-bgp demo --monitor`: what is told of an hour, and what the history holds of it."""

from __future__ import annotations

import json

import pytest

from calico_bgp.model.event import EventKind
from calico_bgp.store.history.changes import PeerChangeKind
from calico_bgp.store.history.reader import HistoryReader


@pytest.fixture(scope="module")
def hour(tmp_path_factory):
    """What it printed, and its history."""
    from click.testing import CliRunner

    from calico_bgp.cli.simulated import demo

    path = tmp_path_factory.mktemp("hour") / "history.db"
    result = CliRunner().invoke(demo.command, ["--monitor", "--history", str(path)], standalone_mode=False)
    assert result.return_value == 0, result.output
    return result.output, path


def test_one_cause_is_told_once_when_it_comes_and_once_when_it_is_gone(hour):
    output, path = hour
    with HistoryReader(path) as reader:
        sent = [(event.kind, event.page) for event in reader.events() if event.kind.is_sent]
    assert sent == [
        (EventKind.OPENED, "node-down"),
        (EventKind.RESOLVED, "node-down"),
        (EventKind.FLAPPING, "external-peer-down"),
        (EventKind.STEADY, "external-peer-down"),
    ]
    for title in (
        "1. A healthy cluster",
        "2. calico-node is rolled out",
        "3. A reflector is lost",
        "6. The switch stays",
    ):
        assert title in output


def test_a_hard_state_names_its_node_within_four_polls(hour):
    _, path = hour
    with HistoryReader(path) as reader:
        (opened,) = [event for event in reader.events() if event.kind is EventKind.OPENED]
        polls = [poll.at for poll in reader.polls()]
    assert opened.nodes == ("node1",)
    assert polls.index(opened.at) - polls.index(opened.since) <= 3


def test_every_change_of_a_session_is_in_the_history(hour):
    """Of the switch: five times down, and up again."""
    _, path = hour
    with HistoryReader(path) as reader:
        of_switch = [c for c in reader.changes() if c.node == "node3" and c.peer == "192.0.2.1"]
    kinds = [change.kind for change in of_switch]
    flaps = [PeerChangeKind.DOWN, PeerChangeKind.UP] * 5
    assert kinds[-10:] == flaps
    # What was before is the rollout's: node3 itself was restarted.
    assert kinds[:-10] == [PeerChangeKind.DOWN, PeerChangeKind.UP]


def test_what_goes_with_what(run_cli):
    for words in (("--monitor", "--fault", "bird-down"), ("--pace", "1s"), ("--metrics", "1"), ("--history", "x")):
        result = run_cli("demo", *words)
        assert result.exit_code == 2
        assert "--monitor" in result.stderr


def test_the_history_of_the_play_is_read_as_any_other(run_cli, hour):
    _, path = hour
    result = run_cli("flaps", "--history", path, "--since", "2026-01-01", "--format", "json")
    nodes = json.loads(result.stdout)["nodes"]
    assert {row["node"] for row in nodes} == {f"node{n}" for n in range(1, 7)}
