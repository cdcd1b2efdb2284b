"""The lint as text, JSON and JUnit: golden files over a folder with much that is wrong."""

import json
from datetime import date
from xml.etree import ElementTree as ET

import pytest

from calico_bgp.auditing.lint import lint
from calico_bgp.model.config import Config, Ignore
from calico_bgp.model.report import Severity
from calico_bgp.parse.resources.reader import parse_resources
from calico_bgp.report.audit.json import lint_to_json
from calico_bgp.report.audit.junit import lint_to_junit
from calico_bgp.report.resources.lint_text import lint_to_text
from calico_bgp.report.text.page import TextStyle


@pytest.fixture
def broken(fixtures):
    folder = fixtures / "resources" / "broken"
    files = sorted(path for path in folder.iterdir() if path.suffix == ".yaml")
    return parse_resources((path.name, path.read_text("utf-8")) for path in files)


@pytest.fixture
def report(broken):
    return lint(broken, config=Config(ignore=(Ignore(rule="crd-v1-by-hand", reason="goes in May"),)))


def test_text(report, golden):
    golden(lint_to_text(report), "broken.txt")


def test_text_narrow_and_verbose(report, golden):
    golden(lint_to_text(report, TextStyle(width=80, verbose=True)), "broken_verbose_80.txt")


def test_text_of_nothing(golden):
    golden(lint_to_text(lint(parse_resources([]), today=date(2026, 1, 1))), "nothing.txt")


def test_json(report):
    document = json.loads(lint_to_json(report))
    assert document["schema"] == "calico-bgp/lint/1"
    assert document["verdict"] == "unhealthy"
    assert document["resources"][-1] == {"kind": "Secret", "number": 1, "read": False}


@pytest.mark.parametrize("fail_on", list(Severity))
def test_junit_counts_what_the_exit_code_counts(report, fail_on):
    suite = ET.fromstring(lint_to_junit(report, fail_on=fail_on)).find("testsuite")
    failures = suite.findall("testcase/failure")
    assert len(failures) == int(suite.get("failures")) == sum(f.severity.reaches(fail_on) for f in report.findings)
    assert len(suite.findall("testcase")) == int(suite.get("tests"))
    assert bool(failures) is bool(report.exit_code(fail_on))


def test_junit_says_where(report):
    suite = ET.fromstring(lint_to_junit(report)).find("testsuite")
    (case,) = (c for c in suite.findall("testcase") if c.get("classname") == "calico-bgp.peer-without-as")
    assert (case.get("name"), case.get("file"), case.get("line")) == ("BGPPeer rack-a-tor", "bgp.yaml", "24")


def test_control_characters_in_names_do_not_reach_the_terminal():
    spiteful = """
apiVersion: projectcalico.org/v3
kind: BGPPeer
metadata: {name: "x"}
spec: {peerIP: "192.0.2.1\\e[0m\\u202e"}
"""
    text = lint_to_text(lint(parse_resources([("evil\x1b[2J.yaml", spiteful)])), TextStyle(verbose=True))
    assert "\x1b" not in text
    assert "\u202e" not in text
