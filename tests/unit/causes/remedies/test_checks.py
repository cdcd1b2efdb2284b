"""What proves that a fix worked: a value until it is shown, one line for a shell where it is text."""

from __future__ import annotations

import json

import pytest

from calico_bgp.cli.running.again import with_source
from calico_bgp.model.reports.cause import Cause, Confidence, Fix, Risk
from calico_bgp.model.reports.check import AuditAgain, CheckCommand, CheckWords
from calico_bgp.model.reports.report import Checked, Report, Verdict
from calico_bgp.model.topology import Topology, TopologyKind


def fix(check):
    return Fix(summary="restart BIRD", risk=Risk.NONE, check=check)


def report(check):
    cause = Cause(
        id="1", kind="bird-down", subjects=(), title="", explanation="", confidence=Confidence.CERTAIN,
        fixes=(fix(check),),
    )  # fmt: skip
    topology = Topology(kind=TopologyKind.MESH, evidence="", nodes=())
    return Report(verdict=Verdict.UNHEALTHY, topology=topology, causes=(cause,), checked=Checked(nodes_read=1))


LINES = [
    (AuditAgain(), "calico-bgp audit", None),
    (AuditAgain(wait="5m"), "calico-bgp audit --wait 5m", None),
    (CheckCommand(command="calico-bgp audit hosts.txt"), "calico-bgp audit hosts.txt", None),
    (CheckWords(words="look at it"), "# look at it", "look at it"),
]


@pytest.mark.parametrize(("check", "line", "words"), LINES)
def test_json_holds_its_line_and_gives_it_back(check, line, words):
    text = fix(check).model_dump_json()
    assert json.loads(text)["check"] == line
    again = Fix.model_validate_json(text)
    assert again == fix(check)
    assert (again.check, again.check_words) == (fix(check).check, fix(check).check_words) == (line, words)


@pytest.mark.parametrize(
    ("check", "live", "context", "line"),
    [
        (AuditAgain(), True, None, "calico-bgp audit hosts.txt"),
        (AuditAgain(wait="5m"), True, None, "calico-bgp audit hosts.txt --wait 5m"),
        (AuditAgain(wait="5m"), False, "a b", "calico-bgp audit --context 'a b' --wait 5m"),
        (
            AuditAgain(wait="5m"),
            False,
            None,
            "# read the nodes anew and audit that: what was audited is from before the fix",
        ),
        # What begins like an audit is none.
        (CheckCommand(command="calico-bgp auditor"), True, None, "calico-bgp auditor"),
        (CheckWords(words="calico-bgp audit"), False, None, "# calico-bgp audit"),
    ],
)
def test_an_audit_is_of_the_source_and_all_else_stays(check, live, context, line):
    shown = with_source(report(check), "calico-bgp audit hosts.txt", live=live, context=context)
    assert shown.causes[0].fixes[0].check == line
