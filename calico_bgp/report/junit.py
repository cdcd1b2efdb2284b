"""The audit as JUnit XML, for CI systems. Standard library only: a file of one suite needs no XML package."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from calico_bgp.model.report import BLIND_RULES, Finding, Report, Severity
from calico_bgp.report.sanitize import xml_text
from calico_bgp.report.text import verdict_line

SUITE = "calico-bgp audit"


def report_to_junit(report: Report, *, fail_on: Severity = Severity.ERROR) -> str:
    """The report as one test suite.

    A rule that ran and found nothing at or above `fail_on` is one passed test case; every finding at or above it is a
    failed one. A node that could not be read is an `error` (the test could not run), not a `failure`. What lies below
    `fail_on`, what was not checked and what is ignored stands in system-out.

    Args:
        report: What the audit says.
        fail_on: As in `Report.exit_code`.
    """
    failing = [f for f in report.findings if _fails(f, fail_on)]
    failing_rules = {f.rule for f in failing}
    errors = sum(f.rule in BLIND_RULES for f in failing)
    passed = [rule for rule in report.checked.rules if rule not in failing_rules]
    suite = ET.Element(
        "testsuite",
        name=SUITE,
        tests=str(len(passed) + len(failing)),
        failures=str(len(failing) - errors),
        errors=str(errors),
        skipped="0",
    )
    if report.snapshot_at is not None:
        suite.set("timestamp", report.snapshot_at.strftime("%Y-%m-%dT%H:%M:%S"))
    for rule in passed:
        ET.SubElement(suite, "testcase", classname=xml_text(f"calico-bgp.{rule}"), name=_name(report, "whole cluster"))
    for finding in failing:
        case = ET.SubElement(
            suite,
            "testcase",
            classname=xml_text(f"calico-bgp.{finding.rule}"),
            name=_name(report, str(finding.subject)),
        )
        kind = "error" if finding.rule in BLIND_RULES else "failure"
        failure = ET.SubElement(case, kind, type=xml_text(finding.rule), message=xml_text(finding.message))
        failure.text = xml_text(_details(finding))
    ET.SubElement(suite, "system-out").text = xml_text(_remarks(report, fail_on))
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _fails(finding: Finding, fail_on: Severity) -> bool:
    return finding.severity.reaches(fail_on) or finding.rule in BLIND_RULES


def _name(report: Report, subject: str) -> str:
    return xml_text(f"{report.cluster}: {subject}" if report.cluster else subject)


def _details(finding: Finding) -> str:
    lines = [finding.message, *finding.evidence]
    if finding.next_step:
        lines.append(f"Next step: {finding.next_step}")
    return "\n".join(lines)


def _remarks(report: Report, fail_on: Severity) -> str:
    word, what = verdict_line(report)
    lines = [f"{word}: {what}"]
    lines += [f"{f.severity} {f.rule}: {f.message}" for f in report.findings if not _fails(f, fail_on)]
    lines += [f"not checked: {item.what}: {item.why}" for item in report.not_checked]
    lines += [f"ignored {i.finding.rule}: {i.finding.message} ({i.reason})" for i in report.ignored]
    return "\n".join(lines)
