"""The lint as workflow commands of GitHub Actions, which show findings beside the lines of a pull request.

docs.github.com, Workflow commands: `::error file=,line=,title=::message`; what would end a property or the command is
percent-encoded, as actions/toolkit does (core/src/command.ts).
"""

from __future__ import annotations

from calico_bgp.model.reports.lint import LintReport
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import ResourceSubject
from calico_bgp.report.resources.lint_text import in_order, lint_verdict_line
from calico_bgp.report.text.sanitize import plain

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def lint_to_github(report: LintReport) -> str:
    """A command for each finding, then the verdict, a line each."""
    lines = []
    for finding in in_order(report.findings):
        properties = {"title": finding.rule}
        subject = finding.subject
        if isinstance(subject, ResourceSubject) and subject.file is not None:
            properties = {"file": subject.file, "line": str(subject.line or 1), **properties}
        named = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
        message = f"{finding.message}\nfix: {finding.next_step}" if finding.next_step else finding.message
        lines.append(f"::{_COMMANDS[finding.severity]} {named}::{_data(message)}")
    return "\n".join([*lines, ": ".join(lint_verdict_line(report))]) + "\n"


def _data(text: str) -> str:
    whole = "\n".join(plain(line) for line in text.split("\n"))
    return whole.replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
