"""The lint on a terminal: a verdict, what was read, what will hurt and what mends it. No judging in this file."""

from __future__ import annotations

from rich.text import Text

from calico_bgp.model.lint import LintReport
from calico_bgp.model.report import Severity, Verdict
from calico_bgp.report.audit.findings import (
    FEW,
    VERDICT_STYLES,
    counted,
    finding_group,
    footer,
    ignored,
    labelled,
    not_checked,
)
from calico_bgp.report.audit.groups import grouped
from calico_bgp.report.text.page import Page, TextStyle
from calico_bgp.report.text.sanitize import plain


def lint_to_text(report: LintReport, style: TextStyle | None = None) -> str:
    """The report as text for a terminal or a pipe.

    Args:
        report: What the lint says.
        style: Width, colour and how much; by default plain text without a limit.
    """
    style = style or TextStyle()
    page = Page(style)
    word, what = lint_verdict_line(report)
    page.line(Text(word, VERDICT_STYLES[report.verdict]), Text(f": {what}", "bold"), hang=2)
    page.blank()
    _counts(page, report)
    groups = grouped(report.findings)
    for group in groups:
        page.blank()
        finding_group(page, group, style, one_family=False)
    not_checked(page, report.not_checked, style)
    ignored(page, report.ignored, style)
    footer(page, groups, style, hides=bool(report.ignored))
    return page.text()


def lint_verdict_line(report: LintReport) -> tuple[str, str]:
    """The verdict as a word in capitals, and in words what it rests on."""
    found = [
        counted(number, word)
        for severity, word in ((Severity.ERROR, "error"), (Severity.WARNING, "warning"))
        if (number := sum(f.severity is severity for f in report.findings))
    ]
    read = sum(count.number for count in report.resources if count.read)
    said = ", ".join(found) if found else "nothing found that will hurt"
    blind = "; there is no Node among them" if report.verdict is Verdict.UNKNOWN else ""
    return report.verdict.value.upper(), f"{said} in {counted(read, 'resource')}{blind}"


def _counts(page: Page, report: LintReport) -> None:
    read = [f"{counted(count.number, count.kind)}" for count in report.resources if count.read and count.number]
    labelled(page, "resources", ", ".join(read) or "none")
    skipped = [f"{count.number} {plain(count.kind)}" for count in report.resources if not count.read]
    if skipped:
        more = f" and {len(skipped) - FEW} more kinds" if len(skipped) > FEW else ""
        labelled(page, "skipped", ", ".join(skipped[:FEW]) + more)
    labelled(page, "for Calico", report.calico_version)
