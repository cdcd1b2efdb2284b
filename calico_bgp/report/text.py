"""The audit on a terminal: a verdict, what was counted, who has whom, what is wrong. No judging in this file."""

from __future__ import annotations

import re
from collections import defaultdict

from rich.text import Text

from calico_bgp.model.reading import Snapshot
from calico_bgp.model.report import BLIND_RULES, Finding, Report, Severity, Verdict
from calico_bgp.model.topology import TopologyKind
from calico_bgp.report.groups import FindingGroup, compress_subjects, group_findings
from calico_bgp.report.names import compress_names
from calico_bgp.report.page import Page, TextStyle
from calico_bgp.report.picture import Matrix, matrices
from calico_bgp.report.sanitize import plain

VERDICT_STYLES = {
    Verdict.HEALTHY: "bold green",
    Verdict.WARNINGS: "bold yellow",
    Verdict.UNHEALTHY: "bold red",
    Verdict.UNKNOWN: "bold yellow",
}
SEVERITY_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}

#: Lines of a list that are shown unless everything is asked for.
_FEW = 3
#: Where the text of a labelled line begins.
_LABEL_WIDTH = 12


def report_to_text(report: Report, snapshot: Snapshot | None = None, style: TextStyle | None = None) -> str:
    """The report as text for a terminal or a pipe.

    Args:
        report: What the audit says.
        snapshot: What it was made from; with it a small cluster gets a picture of who has whom.
        style: Width, colour and how much; by default plain text without a limit.
    """
    style = style or TextStyle()
    page = Page(style)
    verdict_word, what = verdict_line(report)
    page.line(Text(verdict_word, VERDICT_STYLES[report.verdict]), Text(f": {what}", "bold"), hang=2)
    page.blank()
    _counts(page, report)
    if snapshot is not None:
        for matrix in matrices(report, snapshot):
            _picture(page, matrix, style)
    groups = group_findings(report)
    for group in groups:
        page.blank()
        _finding_group(page, group, style, one_family=len(report.checked.families) <= 1)
    _not_checked(page, report, style)
    _ignored(page, report, style)
    _footer(page, report, groups, style)
    return page.text()


def verdict_line(report: Report) -> tuple[str, str]:
    """The verdict as a word in capitals, and in words what it rests on."""
    checked = report.checked
    found = ", ".join(
        _count(number, word)
        for severity, word in ((Severity.ERROR, "error"), (Severity.WARNING, "warning"))
        if (number := sum(f.severity is severity and f.rule not in BLIND_RULES for f in report.findings))
    )
    expected, established = checked.sessions_expected, checked.sessions_established
    if report.topology.kind is TopologyKind.NO_BGP:
        sessions = "no node has a BGP session" if found else "BGP is not used (no node runs BIRD)"
    elif expected is None:
        sessions = f"{_count(established, 'session')} Established"
    elif expected == 0 and established == 0:
        sessions = "there is no session at all"
    elif established >= expected:
        sessions = f"all {expected} sessions are Established" if expected > 1 else "the one session is Established"
    else:
        sessions = f"{established} of {_count(expected, 'session')} Established"
    unread = f"{_count(len(report.unread), 'node')} {_unread_word(report)}" if report.unread else ""
    rest = ", ".join(part for part in (found, unread) if part)
    return report.verdict.value.upper(), f"{sessions}; {rest}" if rest else sessions


def _unread_word(report: Report) -> str:
    """`not read` where none of them said anything, else weaker."""
    listed, read = report.checked.nodes_listed, report.checked.nodes_read
    return "not read" if listed is not None and listed - read == len(report.unread) else "not fully read"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _more(number: int, word: str) -> Text:
    return Text(f"and {_count(number, f'more {word}')}", "dim")


def _labelled(page: Page, label: str, text: str | Text, *, indent: int = 2) -> None:
    page.line(Text(label.ljust(_LABEL_WIDTH), "dim"), text, indent=indent, hang=_LABEL_WIDTH)


def _counts(page: Page, report: Report) -> None:
    checked, topology = report.checked, report.topology
    if report.cluster:
        _labelled(page, "cluster", plain(report.cluster))
    if report.snapshot_at is not None:
        _labelled(page, "read at", report.snapshot_at.strftime("%Y-%m-%d %H:%M:%S %Z").strip())
    nodes = f"{checked.nodes_read} read"
    if checked.nodes_listed is not None:
        nodes = f"{checked.nodes_read} of {checked.nodes_listed} read"
    if report.unread:
        nodes += f"; {_unread_word(report)}: {compress_names(report.unread, limit=_FEW)}"
    _labelled(page, "nodes", nodes)
    expected = "" if checked.sessions_expected is None else f" of {checked.sessions_expected}"
    if checked.sessions_expected != 0 or checked.sessions_established:
        _labelled(page, "sessions", f"{checked.sessions_established}{expected} Established")
    _labelled(page, "topology", plain(f"{topology.kind}: {topology.evidence}"))
    if checked.reflectors:
        _labelled(page, "reflectors", compress_names(checked.reflectors))
    if checked.families:
        _labelled(page, "families", " and ".join(family.label for family in checked.families))


def _picture(page: Page, matrix: Matrix, style: TextStyle) -> None:
    """The rows carry numbers, so that the columns need no names."""
    page.blank()
    digits = len(str(len(matrix.rows)))
    families = " and ".join(family.label for family in matrix.families)
    label_width = max(len(families) - digits - 1, *(len(plain(row.name)) for row in matrix.rows))
    heading = families.ljust(digits + 1 + label_width)
    numbers = " ".join(str(i).rjust(digits) for i in range(1, len(matrix.rows) + 1))
    page.line(Text(f"{heading}  ", "bold"), Text(numbers, "dim"), indent=2)
    for number, row in enumerate(matrix.rows, start=1):
        line = Text().append(f"{number:>{digits}} ", "dim").append(plain(row.name).ljust(label_width + 2))
        for column, cell in enumerate(row.cells, start=1):
            symbol = ("\\" if not style.unicode else "╲") if column == number else cell.symbol(unicode=style.unicode)
            line.append(f"{symbol:>{digits}} ", "dim" if column == number else cell.style)
        page.line(line, Text(f" {row.note}", "yellow") if row.note else "", indent=2)
    legend = Text()
    for cell in matrix.legend:
        legend.append("   " if legend else "").append(cell.symbol(unicode=style.unicode), cell.style)
        legend.append(f" {cell.words}", "dim")
    page.line(legend, indent=2)


def _finding_group(page: Page, group: FindingGroup, style: TextStyle, *, one_family: bool) -> None:
    number = len(group.findings)
    heading = Text().append(str(group.severity).upper(), SEVERITY_STYLES[group.severity])
    heading.append(f" {plain(group.rule)}", "bold")
    if number > 1:
        heading.append(f" ({number})", "bold")
    page.line(heading)
    if style.verbose:
        for finding in group.findings:
            _finding(page, finding)
        return
    page.line(group.message, indent=2)
    subjects = [line for line in group.subjects if not _is_said(line, group.message, one_family=one_family)]
    for position, line in enumerate(subjects[:_FEW]):
        _labelled(page, "" if position else "about", line)
    if len(subjects) > _FEW:
        _labelled(page, "", _more(len(subjects) - _FEW, "line"))
    first = group.findings[0]
    if group.severity is not Severity.INFO:
        _evidence(page, first, limit=_FEW, label="evidence" if number == 1 else "for example")
    _next_step(page, first)
    if len({f.next_step for f in group.findings}) > 1:
        others = "other one" if number == 2 else f"other {number - 1}"
        _labelled(page, "", Text(f"and likewise for the {others}", "dim"))


def _is_said(subject: str, message: str, *, one_family: bool) -> bool:
    """Whether the message itself says what the line says."""
    names, _, family = subject.removeprefix("the ").removeprefix("cluster").partition(" (")
    return all(name in message for name in names.split(" <-> ")) and (
        one_family or all(label in message for label in family.rstrip(")").split(" and "))
    )


def _finding(page: Page, finding: Finding) -> None:
    page.line(plain(finding.message), indent=2)
    _labelled(page, "about", plain(str(finding.subject)), indent=4)
    _evidence(page, finding, limit=None, indent=4)
    _next_step(page, finding, indent=4)
    _labelled(page, "id", Text(finding.id, "dim"), indent=4)


def _next_step(page: Page, finding: Finding, *, indent: int = 2) -> None:
    """One line per command, none of them broken: people copy them."""
    steps = re.split(r"; |, (?=then )", plain(finding.next_step or ""))
    for number, step in enumerate(step for step in steps if step):
        label = "" if number else "next step"
        page.line(Text(label.ljust(_LABEL_WIDTH), "dim"), step, indent=indent, wrap=False)


def _evidence(page: Page, finding: Finding, *, limit: int | None, label: str = "evidence", indent: int = 2) -> None:
    shown = finding.evidence if limit is None else finding.evidence[:limit]
    for number, line in enumerate(shown):
        _labelled(page, "" if number else label, plain(line), indent=indent)
    if len(shown) < len(finding.evidence):
        _labelled(page, "", _more(len(finding.evidence) - len(shown), "line"), indent=indent)


def _not_checked(page: Page, report: Report, style: TextStyle) -> None:
    if not report.not_checked:
        return
    reasons: defaultdict[str, list[str]] = defaultdict(list)
    for item in report.not_checked:
        reasons[item.why].append(item.what)
    page.blank()
    page.line(Text("NOT CHECKED", "bold yellow"))
    shown = list(reasons.items()) if style.verbose else list(reasons.items())[:_FEW]
    for why, what in shown:
        page.line(f"{_list(what, None if style.verbose else _FEW)} ({plain(why)})", indent=2, hang=2)
    if len(shown) < len(reasons):
        page.line(_more(len(reasons) - len(shown), "reason"), indent=2)


def _list(items: list[str], limit: int | None) -> str:
    """Names in short, anything longer as it stands."""
    if not any(" " in item for item in items):
        return compress_names(items, limit=limit)
    hidden = 0 if limit is None else max(len(items) - limit, 0)
    return "; ".join(map(plain, items[:limit])) + (f" and {hidden} more" if hidden else "")


def _ignored(page: Page, report: Report, style: TextStyle) -> None:
    if not report.ignored:
        return
    groups: defaultdict[tuple[str, str, str], list[Finding]] = defaultdict(list)
    for item in report.ignored:
        until = "" if item.until is None else f", until {item.until.isoformat()}"
        groups[item.finding.rule, item.reason, until].append(item.finding)
    page.blank()
    page.line(Text("IGNORED", "bold"), Text(" as calico-bgp.toml says", "dim"))
    shown = list(groups.items()) if style.verbose else list(groups.items())[:_FEW]
    for (rule, reason, until), findings in shown:
        subjects = compress_subjects(findings)
        about = "; ".join(subjects if style.verbose else subjects[:1]) + (
            "" if len(subjects) == 1 or style.verbose else " …"
        )
        page.line(f"{rule}: {about} ({plain(reason)}{until})", indent=2, hang=2)
    if len(shown) < len(groups):
        page.line(_more(len(groups) - len(shown), "line"), indent=2)


def _footer(page: Page, report: Report, groups: list[FindingGroup], style: TextStyle) -> None:
    hints = []
    if not style.verbose and (any(len(g.findings) > 1 for g in groups) or report.ignored):
        hints.append("--verbose shows every finding")
    if any(f.severity is not Severity.INFO for f in report.findings):
        hints.append("--explain RULE says what a rule means")
    if hints:
        page.blank()
        page.line(Text("; ".join(hints), "dim"))
