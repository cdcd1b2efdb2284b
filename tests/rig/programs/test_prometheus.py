"""A real Prometheus and Alertmanager watch the hour that `demo --monitor` plays: one cause is one alert."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from calico_bgp.store.history.reader import HistoryReader
from tests.rig.programs.prometheus import Monitoring, free_port

pytestmark = [pytest.mark.rig, pytest.mark.timeout(150)]

ROOT = Path(__file__).parents[3]
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "calico-bgp.json").read_text())
EXPRESSIONS = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


@pytest.fixture(scope="module")
def hour(tmp_path_factory):
    """The play, all alerts that Alertmanager ever had, and what each expression of the dashboard gave at best."""
    folder, target = tmp_path_factory.mktemp("monitoring"), free_port()
    history = folder / "history.db"
    seen: dict[tuple[str, str, str], str] = {}
    answers: dict[str, int] = dict.fromkeys(EXPRESSIONS, 0)
    words = ["demo", "--monitor", "--pace", "1s", "--metrics", str(target), "--history", str(history)]
    with Monitoring(folder, target) as monitoring, (folder / "demo.log").open("wb") as log:
        play = subprocess.Popen([sys.executable, "-m", "calico_bgp", *words], stdout=log, stderr=log)
        try:
            turn = 0
            while play.poll() is None:
                for alert in monitoring.alerts():
                    labels = alert["labels"]
                    key = (labels["alertname"], labels.get("kind", ""), labels.get("subject", ""))
                    seen[key] = alert["status"]["state"]
                for expression in EXPRESSIONS[turn % 3 :: 3]:
                    shown = expression.replace("$cluster", ".*").replace("$node", ".*")
                    answers[expression] = max(answers[expression], len(monitoring.query(shown)))
                turn += 1
                firing = {alert["labels"]["alertname"] for alert in monitoring.alerts()}
                last = sorted(firing)
                time.sleep(0.5)
        finally:
            play.kill()
            play.wait(10)
        assert play.returncode == 0, (folder / "demo.log").read_text()
    return seen, answers, last, history


def test_one_cause_is_one_alert(hour):
    """A rollout is none, a lost reflector is one, a switch that comes and goes is one; nothing else is raised."""
    seen, _, _, _ = hour
    assert set(seen) == {
        ("CausePresent", "node-down", "node1"),
        ("NodeFlapping", "", ""),
    }


def test_it_is_resolved(hour):
    _, _, last, _ = hour
    assert last == []


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_the_dashboard_shows_something(hour, expression):
    _, answers, _, _ = hour
    assert answers[expression] > 0


def test_the_history_holds_what_was_raised(hour):
    *_, history = hour
    with HistoryReader(history) as reader:
        assert [event.page for event in reader.events() if event.kind == "opened"] == ["node-down"]
        assert all(poll.verdict for poll in reader.polls())
