"""All about one numbered problem of a report. No judging in this file."""

from __future__ import annotations

from rich.text import Text

from calico_bgp.messages.words import count
from calico_bgp.model.reports.report import Report
from calico_bgp.report.audit.details import details_to_text
from calico_bgp.report.audit.findings import finding_group
from calico_bgp.report.problems.paragraph import not_read_line
from calico_bgp.report.problems.values import Problem
from calico_bgp.report.text.names import compress_names
from calico_bgp.report.text.page import Page, TextStyle
from calico_bgp.report.text.sanitize import plain


def problem_to_text(problem: Problem, report: Report, style: TextStyle, *, retry: str | None = None) -> str:
    """The first of its causes in full and the others by name; or what was found, or was not read.

    Args:
        problem: One of the report.
        report: The report.
        style: Width, colour and how much.
        retry: The command that reads the same nodes again; None where there is none.
    """
    if problem.causes:
        first, *others = problem.causes
        text = details_to_text(first, report, style)
        if not others:
            return text
        page = Page(style)
        page.blank()
        page.line(Text("LIKEWISE", "bold"), f" {count(len(others), 'other')}")
        for cause in others:
            page.line(Text(plain(cause.id), "dim"), f" {plain(cause.title)}", indent=2, hang=2)
        return text + page.text()
    page = Page(style)
    if problem.group is not None:
        finding_group(page, problem.group, style, one_family=len(report.checked.families) <= 1)
    else:
        not_read_line(page, problem, style, retry=retry)
        page.blank()
        page.line(compress_names(problem.names), indent=2, hang=2)
    return page.text()
