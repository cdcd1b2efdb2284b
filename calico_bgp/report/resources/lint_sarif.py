"""The lint as SARIF, which code hosts and editors show beside the lines. OASIS SARIF 2.1.0; sections are named.

The form is OASIS's, of which a twentieth is used: what is said stands beside the section that asks for it, in place of
models of theirs. Rules come with their documentation; what calico-bgp.toml accepts is a result that is suppressed
(3.27.23).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from calico_bgp import __version__
from calico_bgp.model.reports.lint import LintReport
from calico_bgp.model.reports.report import Finding, Severity
from calico_bgp.model.reports.subject import ResourceSubject
from calico_bgp.report.resources.lint_text import in_order
from calico_bgp.report.text.sanitize import json_text
from calico_bgp.rules.resources import LINT_BY_ID
from calico_bgp.rules.rule import Rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
#: 3.27.10: the levels of a result.
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def lint_to_sarif(report: LintReport, own: Sequence[Rule] = ()) -> str:
    """One run with its rules and results.

    Args:
        report: The report.
        own: Rules that ran beside ours, those of installed packages.
    """
    rules = LINT_BY_ID | {rule.id: rule for rule in own}
    findings = in_order(report.findings)
    ids = sorted({*report.rules, *(f.rule for f in findings), *(each.finding.rule for each in report.ignored)})
    places = {rule: place for place, rule in enumerate(ids)}
    results = [_result(finding, places) for finding in findings]
    results += [
        _result(each.finding, places) | {"suppressions": [{"kind": "external", "justification": each.reason}]}
        for each in report.ignored
    ]
    driver = {"name": "calico-bgp", "version": __version__, "rules": [_rule(name, rules.get(name)) for name in ids]}
    invocation = {
        "executionSuccessful": not report.failed,
        "toolExecutionNotifications": [
            {"level": "note", "message": {"text": f"not checked: {each.what}: {each.why}"}}
            for each in report.not_checked
        ],
    }
    run = {"tool": {"driver": driver}, "invocations": [invocation], "results": results}
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json_text(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _rule(name: str, rule: Rule | None) -> dict[str, Any]:
    """A reportingDescriptor (3.49)."""
    if rule is None:
        return {"id": name}
    return {
        "id": name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.meaning},
        "help": {"text": rule.action},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(finding: Finding, places: dict[str, int]) -> dict[str, Any]:
    """A result (3.27)."""
    message = f"{finding.message}\nFix: {finding.next_step}" if finding.next_step else finding.message
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": places[finding.rule],
        "level": _LEVELS[finding.severity],
        "message": {"text": message},
        # The same finding has the same id in the next run, also where lines have moved (3.27.17).
        "partialFingerprints": {"calicoBgpFinding/v1": finding.id},
    }
    subject = finding.subject
    if isinstance(subject, ResourceSubject):
        logical = {"fullyQualifiedName": f"{subject.resource}/{subject.name}", "kind": "resource"}
        location: dict[str, Any] = {"logicalLocations": [logical]}
        if subject.file is not None:
            # An artifactLocation's uri is one (3.4.3): a relative reference here.
            physical: dict[str, Any] = {"artifactLocation": {"uri": quote(subject.file)}}
            if subject.line is not None:
                physical["region"] = {"startLine": subject.line}
            location["physicalLocation"] = physical
        result["locations"] = [location]
    return result
