"""The alert rules, by promtool: what must be raised is, and nothing else; a simulated cluster gives the series."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from calico_bgp.causes.families import CAUSE_KINDS
from calico_bgp.lab.cluster import build_cluster
from calico_bgp.model.event import EventKind
from calico_bgp.monitor.metrics.declarations import METRICS
from calico_bgp.monitor.metrics.exposition import to_text
from tests.rig.programs.watching import Act, promtool_test, watched

pytestmark = pytest.mark.rig

ROOT = Path(__file__).parents[3]
RULES = ROOT / "deploy" / "prometheus" / "calico-bgp.rules.yaml"
GROUPS = yaml.safe_load(RULES.read_text())["groups"]
ALERTS = sorted({rule["alert"] for group in GROUPS for rule in group["rules"] if "alert" in rule})


UNEXPLAINED = 'calico_bgp_findings_unexplained{{cluster="lab",severity="{}"}}'


def promtool(*words, **more):
    done = subprocess.run(["promtool", *words], capture_output=True, text=True, timeout=100, check=False, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_rules_are_rules():
    assert "SUCCESS: 10 rules found" in promtool("check", "rules", str(RULES))
    scrape = RULES.with_name("scrape.yaml")
    assert "SUCCESS" in promtool("check", "config", str(scrape))


def test_the_metrics_are_metrics():
    shown, _ = watched(build_cluster(6, reflectors=2), [Act(("bird-down:node4",), 4)])
    assert promtool("check", "metrics", input=to_text(shown[-1])) == ""


def test_the_rules_ask_for_metrics_that_there_are():
    known = {metric.full_name: metric for metric in METRICS}
    for group in GROUPS:
        for rule in group["rules"]:
            for name in set(re.findall(r"calico_bgp_\w+", rule["expr"])) - {"calico_bgp_sessions_missing"}:
                assert name in known, name


def test_every_alert_has_a_page():
    pages = ROOT / "docs"
    alerts = (pages / "alerts.md").read_text()
    for group in GROUPS:
        for rule in group["rules"]:
            if "alert" not in rule:
                continue
            url = rule["annotations"]["runbook_url"]
            assert f"\n## {rule['alert']}\n" in alerts
            if "#" in url:
                assert url.endswith(f"/alerts/#{rule['alert'].lower()}")
    assert {kind for kind in CAUSE_KINDS if not (pages / "causes" / f"{kind}.md").is_file()} == set()


def cause(kind, subject, found, severity="error"):
    """What promtool must see of the one alert of a cause."""
    (identity,) = {
        sample.labels[1]
        for one in found
        for sample in one
        if sample.metric.name == "cause_active" and sample.labels[2] == kind and sample.labels[3] == subject
    }
    of_alert = "critical" if severity == "error" else "warning"
    labels = {"cluster": "lab", "component": "calico-bgp", "id": identity, "kind": kind, "subject": subject}
    rule = next(
        rule
        for group in GROUPS
        for rule in group["rules"]
        if rule.get("alert") == "CausePresent" and rule["labels"]["severity"] == of_alert
    )
    values = {"cluster": "lab", "kind": kind, "subject": subject}
    texts = {
        key: re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda match: values[match[1]], text)
        for key, text in rule["annotations"].items()
    }
    return {"exp_labels": labels | {"severity": of_alert}, "exp_annotations": texts}


def check(tmp_path, shown, expected):
    """Every alert at every minute: those of `expected` (minute → causes) and no other."""
    asked = [
        {
            "eval_time": f"{minute}m",
            "alertname": name,
            "exp_alerts": expected(minute) if name == "CausePresent" else [],
        }
        for minute in range(len(shown))
        for name in ALERTS
    ]
    file = tmp_path / "test.json"
    file.write_text(promtool_test(shown, RULES, asked))
    promtool("test", "rules", str(file))


@pytest.mark.parametrize(
    ("severity", "beside", "other"),
    [
        ("error", 'routes_missing{cluster="lab",family="ipv4"}', "RoutesMissing"),
        (
            "warning",
            'findings{cluster="lab",rule="client-single-reflector",severity="warning"}',
            "ReflectorRedundancyLost",
        ),
    ],
)
def test_what_another_alert_tells_is_not_told_again(tmp_path, severity, beside, other):
    series = {UNEXPLAINED.format(severity): "0x3 5x40", f"calico_bgp_{beside}": "0x3 5x40"}
    document = {
        "rule_files": [str(RULES)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {"series": name, "values": values}
                    for name, values in (series | {'calico_bgp_build_info{version="1"}': "1x43"}).items()
                ],
                "promql_expr_test": [
                    {
                        "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
                        "eval_time": f"{minute}m",
                        "exp_samples": [{"labels": f'{{alertname="{other}"}}', "value": 1}],
                    }
                    for minute in range(14, 43)
                ],
            }
        ],
    }
    file = tmp_path / "test.json"
    file.write_text(json.dumps(document))
    promtool("test", "rules", str(file))


def test_a_rollout_raises_nothing(tmp_path):
    """calico-node is rolled out, one node after the other; what the audit says meanwhile is expected."""
    nodes = [f"node{n}" for n in range(1, 9)]
    acts = [Act((), 5), *(Act((f"restarting:{name}",), 2) for name in nodes), Act((), 20)]
    shown, told = watched(build_cluster(8), acts)
    assert [event for event in told if event.kind.is_sent] == []
    assert EventKind.MAINTENANCE_BEGAN in {event.kind for event in told}
    check(tmp_path, shown, lambda minute: [])


def test_a_dead_node_of_200_is_one_alert(tmp_path):
    shown, told = watched(build_cluster(200, reflectors=3), [Act((), 3), Act(("node-down:node77",), 12), Act((), 14)])
    told = [event for event in told if event.kind.is_sent]
    assert [(event.kind, event.nodes) for event in told] == [
        (EventKind.OPENED, ("node77",)),
        (EventKind.RESOLVED, ("node77",)),
    ]
    dead = cause(told[0].page, "node77", shown)
    first, last = active(shown)
    # Three minutes after the watcher knows it, until five minutes after it does not any more.
    check(tmp_path, shown, lambda minute: [dead] if first + 3 <= minute <= last + 5 else [])


def test_a_lost_reflector_is_one_alert(tmp_path):
    shown, told = watched(build_cluster(12, reflectors=2), [Act((), 3), Act(("node-down:node1",), 14), Act((), 18)])
    told = [event for event in told if event.kind.is_sent]
    assert [(event.kind, event.nodes) for event in told] == [
        (EventKind.OPENED, ("node1",)),
        (EventKind.RESOLVED, ("node1",)),
    ]
    severity = told[0].severity.value
    lost = cause(told[0].page, "node1", shown, severity)
    first, last = active(shown)
    wait, keep = (3, 5) if severity == "error" else (5, 10)
    check(tmp_path, shown, lambda minute: [lost] if first + wait <= minute <= last + keep else [])


def active(shown):
    """The first and the last minute at which a cause is told."""
    minutes = [n for n, one in enumerate(shown) if any(sample.metric.name == "cause_active" for sample in one)]
    return minutes[0], minutes[-1]


BASE = 'calico_bgp_{}{{cluster="lab"{}}}'


@pytest.mark.parametrize(
    ("alert", "series", "severity"),
    [
        ("RoutesMissing", {BASE.format("routes_missing", ',family="ipv4"'): "0x3 12x40"}, "critical"),
        (
            "UnexplainedFindings",
            {UNEXPLAINED.format("error"): "0x3 12x40", UNEXPLAINED.format("warning"): "1x43"},
            "critical",
        ),
        ("UnexplainedFindings", {UNEXPLAINED.format("warning"): "_x3 12x40"}, "warning"),
        (
            "ReflectorRedundancyLost",
            {BASE.format("findings", ',rule="client-single-reflector",severity="warning"'): "0x3 4x40"},
            "warning",
        ),
        (
            "NodeFlapping",
            {
                BASE.format("node_session_transitions_total", ',node="n1",family="ipv4",direction="down"'): "0+1x40",
                BASE.format("node_sessions_expected", ',node="n1",family="ipv4"'): "2x40",
            },
            "warning",
        ),
        ("NodeFlapping", {BASE.format("flapping", ""): "0x3 1x40"}, "warning"),
        (
            "Stale",
            {
                BASE.format("gather_timestamp_seconds", ""): "0 60 120 120x40",
                BASE.format("poll_interval_seconds", ""): "60x43",
            },
            "warning",
        ),
        ("Stale", {BASE.format("gather_timestamp_seconds", ""): "0x40"}, "warning"),
        ("Absent", {"other": "1x40"}, "warning"),
    ],
    ids=["routes", "errors", "warnings", "redundancy", "transitions", "flapping", "stale", "stale textfile", "absent"],
)
def test_what_no_cause_explains(tmp_path, alert, series, severity):
    """Each alone raises its own alert, and a cause beside it takes the alert away."""

    def raised(more):
        given = {'calico_bgp_build_info{version="1"}': "1x43"} if alert != "Absent" else {}
        inputs = [{"series": name, "values": values} for name, values in (given | series | more).items()]
        document = {
            "rule_files": [str(RULES)],
            "evaluation_interval": "1m",
            "tests": [
                {
                    "interval": "1m",
                    "input_series": inputs,
                    "promql_expr_test": [
                        {
                            "expr": f'count(ALERTS{{alertname="{alert}",alertstate="firing"{only}}})',
                            "eval_time": "40m",
                            "exp_samples": [{"labels": "{}", "value": 1}],
                        }
                        # It is there once, and of this severity.
                        for only in ("", f',severity="{severity}"')
                    ],
                }
            ],
        }
        file = tmp_path / "test.json"
        file.write_text(json.dumps(document))
        done = subprocess.run(
            ["promtool", "test", "rules", str(file)], capture_output=True, text=True, timeout=60, check=False
        )
        return done.returncode == 0

    assert raised({})
    explained = {BASE.format("cause_active", ',id="x",kind="node-down",subject="n1",severity="error"'): "1x43"}
    # What is unexplained stays so, whatever else is known.
    assert raised(explained) is (alert in {"Stale", "Absent", "UnexplainedFindings"})
