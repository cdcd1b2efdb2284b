"""The audit on one screen: how bad, where, what, how much, how sure, what next. No judging in this file."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text

from calico_bgp.auditing.headline import verdict_line
from calico_bgp.messages.words import count
from calico_bgp.model.reports.report import Report
from calico_bgp.model.reports.subject import SessionSubject
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.report.audit.causes import causes
from calico_bgp.report.audit.findings import finding_group, ignored, not_checked
from calico_bgp.report.audit.full import counts, picture
from calico_bgp.report.audit.groups import group_findings
from calico_bgp.report.audit.way_in import way_in
from calico_bgp.report.problems.header import header, pods_of
from calico_bgp.report.problems.paragraph import not_read_line, problem_paragraph
from calico_bgp.report.problems.table import problem_table
from calico_bgp.report.problems.values import Problem, problems_of, routes_not_there
from calico_bgp.report.text.page import Page, TextStyle, labelled
from calico_bgp.report.text.picture import matrices
from calico_bgp.report.text.sanitize import plain
from calico_bgp.whatif.risks import zones_of


def report_to_text(
    report: Report,
    snapshot: Snapshot | None = None,
    style: TextStyle | None = None,
    *,
    again: str | None = None,
    numbered: bool = False,
    live: bool = False,
    note: str | None = None,
) -> str:
    """The report as text for a terminal or a pipe.

    Args:
        report: What the audit says.
        snapshot: What it was made from; with it a small cluster gets a picture of who has whom.
        style: Width, colour and how much; by default plain text without a limit.
        again: The command that audits the same source again; None where there is none.
        numbered: Whether `calico-bgp explain NUMBER` knows this report.
        live: Whether `again` asks the nodes, so that an option may let more of them be read.
        note: What else belongs into its head: what is in maintenance.
    """
    style = style or TextStyle()
    page = Page(style)
    header(page, report, snapshot, style, note)
    problems = problems_of(report)
    if problems:
        page.blank()
        _problems(page, problems, report, style, zones_of_nodes(snapshot), retry=again if live else None)
    if style.verbose:
        _everything(page, report, snapshot, style)
    else:
        _pictures(page, report, snapshot, style)
        _remarks(page, report)
    _more(page, problems, style, again=again, numbered=numbered)
    return page.text()


def headline(report: Report) -> str:
    """The report in one line: the verdict, the cluster where it has a name, and what the verdict rests on."""
    word, what = verdict_line(report)
    return f"{word} {plain(report.cluster)}: {what}" if report.cluster else f"{word}: {what}"


def _problems(
    page: Page,
    problems: tuple[Problem, ...],
    report: Report,
    style: TextStyle,
    zones: Mapping[str, str],
    *,
    retry: str | None,
) -> None:
    if len(problems) == 1 and not style.verbose:
        problem_paragraph(page, problems[0], style, one_family=len(report.checked.families) <= 1, retry=retry)
        return
    if all(problem.not_read is not None for problem in problems) and not style.verbose:
        for problem in problems:
            not_read_line(page, problem, style, retry=retry)
        return
    problem_table(page, problems, style, zones)
    page.blank()
    losing = [problem for problem in problems if problem.routes_lost]
    several = sum(problem.routes_lost or 0 for problem in losing) > routes_not_there(report)
    number = "all" if len(losing) == len(problems) else str(len(losing))
    lose = f", {number} of them {'loses' if len(losing) == 1 else 'lose'} routes" if losing else ""
    counted_twice = (
        f" (some count for {'both' if len(losing) == 2 else 'several'})" if several and len(losing) > 1 else ""
    )
    page.line(f"{count(len(problems), 'problem')}{lose}{counted_twice}.")


def zones_of_nodes(snapshot: Snapshot | None) -> dict[str, str]:
    """The zone of each node that has one, by the nodes' labels; empty where no resources were read."""
    zones = {} if snapshot is None else zones_of(snapshot.resources)
    return {name: plain(zone) for zone, names in zones.items() for name in names}


def _everything(page: Page, report: Report, snapshot: Snapshot | None, style: TextStyle) -> None:
    causes(page, report, style)
    page.blank()
    if snapshot is not None and snapshot.kubernetes is not None:
        spaces = pods_of(snapshot)
        labelled(page, "read from", f"{way_in(snapshot.kubernetes)}{f'; {spaces}' if spaces else ''}")
    counts(page, report, snapshot)
    if snapshot is not None:
        for matrix in matrices(report, snapshot):
            picture(page, matrix, style)
    for group in group_findings(report):
        page.blank()
        finding_group(page, group, style, one_family=len(report.checked.families) <= 1)
    not_checked(page, report.not_checked, style)
    ignored(page, report.ignored, style)


def _pictures(page: Page, report: Report, snapshot: Snapshot | None, style: TextStyle) -> None:
    """Who has whom, where that says more than the problems do: of sessions that no cause explains."""
    if snapshot is None or not any(isinstance(finding.subject, SessionSubject) for finding in report.unexplained):
        return
    for matrix in matrices(report, snapshot):
        picture(page, matrix, style, bad_only=True)


def _remarks(page: Page, report: Report) -> None:
    """What could not be judged, and what is accepted: a line each."""
    lines = []
    if report.not_checked:
        first = report.not_checked[0]
        more = f"; {count(len(report.not_checked) - 1, 'more reason')}" if len(report.not_checked) > 1 else ""
        lines.append(("Not checked: ", f"{plain(first.what)} ({plain(first.why)}){more}"))
    if report.ignored:
        reasons = dict.fromkeys(f"{item.finding.rule}: {item.reason}" for item in report.ignored)
        accepted, *others = map(plain, reasons)
        more = f"; {count(len(others), 'more reason')}" if others else ""
        lines.append(("Accepted: ", f"{count(len(report.ignored), 'finding')} ({accepted}{more})"))
    if lines:
        page.blank()
    for label, text in lines:
        page.line(Text(label, "dim"), text, hang=2)


def _more(page: Page, problems: tuple[Problem, ...], style: TextStyle, *, again: str | None, numbered: bool) -> None:
    """What to run next."""
    hints = [("More", "calico-bgp explain 1")] if numbered and problems else []
    if again is not None and problems and not style.verbose:
        hints.append(("All", f"{again} -v"))
    if not hints:
        return
    lines = [f"{label}: {command}" for label, command in hints]
    page.blank()
    one = "     ".join(lines)
    for line in [one] if style.width is None or len(one) <= style.width else lines:
        page.line(Text(line, "dim"), wrap=False)
