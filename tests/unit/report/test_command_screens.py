"""The answers of wait, lint, diff, whatif, plan and status fit the screen: golden screens, and limits in words."""

import sys
from datetime import date, timedelta

import pytest

from calico_bgp.auditing.diff import diff_snapshots
from calico_bgp.auditing.engine import audit
from calico_bgp.auditing.headline import verdict_line
from calico_bgp.auditing.lint import lint
from calico_bgp.auditing.plan_lint import step_findings
from calico_bgp.changes.change import RemoveNode
from calico_bgp.cli.running.wait_log import WaitLog
from calico_bgp.cli.running.waiting import is_well, waited_for
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.reports.report import Severity
from calico_bgp.parse.resources.reader import parse_resources
from calico_bgp.plan.reflectors import plan_reflectors
from calico_bgp.report.diff.text import diff_to_text
from calico_bgp.report.plan.text import plan_to_text
from calico_bgp.report.resources.lint_text import lint_to_text
from calico_bgp.report.routes.whatif_text import whatif_to_text
from calico_bgp.report.status.table import status_to_text
from calico_bgp.report.text.page import TextStyle
from calico_bgp.whatif.question import what_if_resources
from tests.unit.auditing.conftest import snapshot_of

FAULTS = ("node-down:node120", "bird-down:node40", "no-sudo:node200")
#: How many words and lines an answer may have at 80 columns. A lint shows all that it found, eight here.
LIMITS = {
    "wait": (60, 4),
    "diff": (110, 23),
    "whatif": (70, 12),
    "status": (90, 12),
    "plan": (180, 23),
    "lint": (280, 36),
}
SIZES = {(80, 24): TextStyle(width=80), (120, 40): TextStyle(width=120)}


@pytest.fixture(scope="module")
def three_hundred():
    """300 nodes with three reflectors: well, and with four faults."""
    cluster = build_cluster(300, topology=Topology.REFLECTORS, reflectors=3)
    found = []
    for faults in ((), FAULTS):
        broken = tuple(parse_fault(fault, cluster) for fault in faults)
        taken = snapshot_of(cluster, *faults, roles=True)
        found.append(taken.model_copy(update={"cluster": "prod-1", "resources": lab_resources(cluster, broken)}))
    return tuple(found)


def _diff(snapshots, style, **_):
    well, broken = snapshots
    return diff_to_text(diff_snapshots(well, broken, reports=(audit(well), audit(broken))), style)


def _lint(_, style, fixtures, **__):
    folder = fixtures / "resources" / "broken"
    files = sorted(path for path in folder.iterdir() if path.suffix == ".yaml")
    read = parse_resources((path.name, path.read_text("utf-8")) for path in files)
    return lint_to_text(lint(read, today=date(2026, 11, 30)), style)


def _whatif(snapshots, style, **_):
    changes = [RemoveNode(name) for name in ("node1", "node2", "node3")]
    return whatif_to_text(what_if_resources(snapshots[0].resources, changes), style)


def _wait(snapshots, style, capsys, monkeypatch):
    """Two rounds of a cluster with faults, then one that is well, in a log."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False)
    clock = [0.0]
    log = WaitLog(lambda: clock[0], timedelta(minutes=5))
    for seconds, taken in ((5, snapshots[1]), (10, snapshots[1]), (80, snapshots[0])):
        clock[0] = seconds
        report = audit(taken)
        well = is_well(report, Severity.ERROR)
        names = "a second look" if well else waited_for(report, Severity.ERROR)
        log.round(": ".join(verdict_line(report)), names)
    clock[0] = 95
    log.end(": ".join(verdict_line(audit(snapshots[0]))))
    return capsys.readouterr().err


def _plan(_, style, **__):
    plan = plan_reflectors(lab_resources(build_cluster(6, topology=Topology.MESH), ()), 2)
    return plan_to_text(plan, step_findings(plan), style)


def _status(_, style, **__):
    cluster = build_cluster(4, topology=Topology.MESH)
    return status_to_text(snapshot_of(cluster, "bird-down:node2", "no-sudo:node3"), None, style)


ANSWERS = {"wait": _wait, "lint": _lint, "diff": _diff, "whatif": _whatif, "plan": _plan, "status": _status}


@pytest.fixture
def answer(three_hundred, fixtures, capsys, monkeypatch):
    def told(name, style):
        more = {"lint": {"fixtures": fixtures}, "wait": {"capsys": capsys, "monkeypatch": monkeypatch}}
        return ANSWERS[name](three_hundred, style, **more.get(name, {}))

    return told


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", ANSWERS)
def test_golden(name, size, answer, golden):
    golden(answer(name, SIZES[size]), f"{name}.{size[0]}x{size[1]}.txt")


@pytest.mark.parametrize("name", LIMITS)
def test_few_words_and_lines(name, answer):
    text = answer(name, TextStyle(width=80))
    words, lines = LIMITS[name]
    assert len(text.split()) <= words
    assert len(text.splitlines()) <= lines


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("unicode", [True, False])
@pytest.mark.parametrize("name", sorted(ANSWERS.keys() - {"wait"}))  # a log has no width
def test_what_is_copied_alone_is_wider(name, width, unicode, answer):
    """Commands, and edits of a file, stay one line."""
    text = answer(name, TextStyle(width=width, unicode=unicode))
    copied = ("kubectl", "calicoctl", "calico-bgp", "birdcl", "in BGPPeer", "EOF")
    assert [line for line in text.splitlines() if len(line) > width and not any(word in line for word in copied)] == []
    assert unicode or text.isascii()


def test_a_plan_begins_with_what_it_costs(answer):
    first = answer("plan", TextStyle(width=80)).splitlines()[:8]
    assert [line.split()[0] for line in first[3:8]] == ["steps", "reflectors", "drains", "restarts", "at"]
    assert len(" ".join(first).split()) <= 65
