"""Findings as JUnit XML, for CI systems. Standard library only: a file of one suite needs no XML package."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from calico_bgp.auditing.headline import verdict_line
from calico_bgp.model.reports.lint import LintReport
from calico_bgp.model.reports.report import BLIND_RULES, Finding, Report, Severity
from calico_bgp.model.reports.subject import ResourceSubject
from calico_bgp.report.resources.lint_text import lint_verdict_line
from calico_bgp.report.text.sanitize import xml_text

SUITE = "calico-bgp audit"
LINT_SUITE = "calico-bgp lint"


def report_to_junit(report: Report, *, fail_on: Severity = Severity.ERROR) -> str:
    """The report as one test suite.

    A rule that ran and found nothing at or above `fail_on` is one passed test case; every finding at or above it is a
    failed one. A node that could not be read is an `error` (the test could not run), not a `failure`. What lies below
    `fail_on`, what was not checked and what is ignored stands in system-out.

    Args:
        report: What the audit says.
        fail_on: As in `Report.exit_code`.
    """
    suite = _suite(SUITE, report.checked.rules, report.findings, fail_on, report.cluster)
    if report.snapshot_at is not None:
        suite.set("timestamp", report.snapshot_at.strftime("%Y-%m-%dT%H:%M:%S"))
    return _document(suite, _remarks(report, verdict_line(report), fail_on))


def lint_to_junit(report: LintReport, *, fail_on: Severity = Severity.ERROR) -> str:
    """The lint's report as one test suite, as for the audit; a failed case about a resource has its `file` and `line`.

    Args:
        report: What the lint says.
        fail_on: As in `LintReport.exit_code`.
    """
    suite = _suite(LINT_SUITE, report.rules, report.findings, fail_on, None)
    return _document(suite, _remarks(report, lint_verdict_line(report), fail_on))


def _suite(
    name: str, rules: Sequence[str], findings: Sequence[Finding], fail_on: Severity, cluster: str | None
) -> ET.Element:
    failing = [f for f in findings if _fails(f, fail_on)]
    failing_rules = {f.rule for f in failing}
    errors = sum(f.rule in BLIND_RULES for f in failing)
    passed = [rule for rule in rules if rule not in failing_rules]
    suite = ET.Element(
        "testsuite",
        name=name,
        tests=str(len(passed) + len(failing)),
        failures=str(len(failing) - errors),
        errors=str(errors),
        skipped="0",
    )
    for rule in passed:
        ET.SubElement(suite, "testcase", classname=xml_text(f"calico-bgp.{rule}"), name=_name(cluster, "whole cluster"))
    for finding in failing:
        subject = finding.subject
        case = ET.SubElement(
            suite, "testcase", classname=xml_text(f"calico-bgp.{finding.rule}"), name=_name(cluster, str(subject))
        )
        if isinstance(subject, ResourceSubject) and subject.file is not None:
            case.set("file", xml_text(subject.file))
            if subject.line is not None:
                case.set("line", str(subject.line))
        kind = "error" if finding.rule in BLIND_RULES else "failure"
        failure = ET.SubElement(case, kind, type=xml_text(finding.rule), message=xml_text(finding.message))
        failure.text = xml_text(_details(finding))
    return suite


def _document(suite: ET.Element, remarks: str) -> str:
    ET.SubElement(suite, "system-out").text = xml_text(remarks)
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _fails(finding: Finding, fail_on: Severity) -> bool:
    return finding.severity.reaches(fail_on) or finding.rule in BLIND_RULES


def _name(cluster: str | None, subject: str) -> str:
    return xml_text(f"{cluster}: {subject}" if cluster else subject)


def _details(finding: Finding) -> str:
    lines = [finding.message, *finding.evidence]
    if finding.next_step:
        lines.append(f"Next step: {finding.next_step}")
    return "\n".join(lines)


def _remarks(report: Report | LintReport, verdict: tuple[str, str], fail_on: Severity) -> str:
    lines = [": ".join(verdict)]
    lines += [f"{f.severity} {f.rule}: {f.message}" for f in report.findings if not _fails(f, fail_on)]
    lines += [f"not checked: {item.what}: {item.why}" for item in report.not_checked]
    lines += [f"ignored {i.finding.rule}: {i.finding.message} ({i.reason})" for i in report.ignored]
    return "\n".join(lines)
