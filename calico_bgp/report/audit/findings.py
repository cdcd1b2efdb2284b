"""Findings on a terminal, of the audit and of the lint alike: groups, what was not checked, what is ignored.

No judging in this file, and nothing that only one of the two has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from rich.text import Text

from calico_bgp.messages.formatter import render
from calico_bgp.messages.words import count
from calico_bgp.model.reports.report import Finding, IgnoredFinding, NotChecked, Severity, Verdict
from calico_bgp.model.reports.subject import ResourceSubject
from calico_bgp.report.audit.groups import FindingGroup, compress_subjects
from calico_bgp.report.text.names import compress_names
from calico_bgp.report.text.page import LABEL_WIDTH, Page, TextStyle, labelled
from calico_bgp.report.text.sanitize import plain

VERDICT_STYLES = {
    Verdict.HEALTHY: "bold green",
    Verdict.WARNINGS: "bold yellow",
    Verdict.UNHEALTHY: "bold red",
    Verdict.UNKNOWN: "bold yellow",
}
SEVERITY_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}

#: Lines of a list that are shown unless everything is asked for.
FEW = 3


def _more(number: int, word: str) -> Text:
    return Text(f"and {count(number, f'more {word}')}", "dim")


def finding_group(page: Page, group: FindingGroup, style: TextStyle, *, one_family: bool) -> None:
    """Findings that say the same of different things: once, or each with everything when `style.verbose`."""
    number = len(group.findings)
    heading = Text().append(str(group.severity).upper(), SEVERITY_STYLES[group.severity])
    heading.append(f" {plain(group.rule)}", "bold")
    if number > 1:
        heading.append(f" ({number:,})", "bold")
    page.line(heading)
    if style.verbose:
        for finding in group.findings:
            _finding(page, finding)
        return
    page.line(group.message, indent=2)
    subjects = group.unsaid_lines(one_family=one_family)
    for position, line in enumerate(subjects[:FEW]):
        labelled(page, "" if position else "about", line)
    if len(subjects) > FEW:
        labelled(page, "", _more(len(subjects) - FEW, "line"))
    first = group.findings[0]
    _places(page, group.findings)
    if first.consequence is not None and len({f.consequence for f in group.findings}) == 1:
        labelled(page, "impact", plain(first.consequence))
    if group.severity is not Severity.INFO:
        _evidence(page, first, limit=FEW, label="evidence" if number == 1 else "for example")
    _next_step(page, first)
    if len({f.next_step for f in group.findings}) > 1:
        others = "other one" if number == 2 else f"other {number - 1:,}"
        labelled(page, "", Text(f"and likewise for the {others}", "dim"))


def _places(page: Page, findings: Sequence[Finding], *, indent: int = 2) -> None:
    """`file:line` of resources, unbroken: terminals and editors make links of them."""
    places = list(dict.fromkeys(_place(f.subject) for f in findings if isinstance(f.subject, ResourceSubject)))
    places = [place for place in places if place]
    for position, place in enumerate(places[:FEW]):
        page.line(Text(("" if position else "at").ljust(LABEL_WIDTH), "dim"), place, indent=indent, wrap=False)
    if len(places) > FEW:
        labelled(page, "", _more(len(places) - FEW, "place"), indent=indent)


def _place(subject: ResourceSubject) -> str:
    if subject.file is None:
        return ""
    return plain(subject.file) if subject.line is None else f"{plain(subject.file)}:{subject.line}"


def _finding(page: Page, finding: Finding) -> None:
    page.line(plain(finding.message), indent=2)
    labelled(page, "about", plain(str(finding.subject)), indent=4)
    _places(page, (finding,), indent=4)
    if finding.consequence is not None:
        labelled(page, "impact", plain(finding.consequence), indent=4)
    _evidence(page, finding, limit=None, indent=4)
    _next_step(page, finding, indent=4)
    labelled(page, "id", Text(finding.id, "dim"), indent=4)


def _next_step(page: Page, finding: Finding, *, indent: int = 2) -> None:
    """One line per command, none of them broken: people copy them."""
    for number, text in enumerate(steps_of(finding)):
        label = "" if number else "next step"
        page.line(Text(label.ljust(LABEL_WIDTH), "dim"), plain(text, limit=None), indent=indent, wrap=False)


def steps_of(finding: Finding) -> tuple[str, ...]:
    """What to do next, a line for each step."""
    if finding.next_steps:
        return tuple(map(render, finding.next_steps))
    return () if finding.next_step is None else (finding.next_step,)


def _evidence(page: Page, finding: Finding, *, limit: int | None, label: str = "evidence", indent: int = 2) -> None:
    shown_lines = finding.evidence if limit is None else finding.evidence[:limit]
    for number, line in enumerate(shown_lines):
        labelled(page, "" if number else label, plain(line), indent=indent)
    if len(shown_lines) < len(finding.evidence):
        labelled(page, "", _more(len(finding.evidence) - len(shown_lines), "line"), indent=indent)


def not_checked(page: Page, items: Sequence[NotChecked], style: TextStyle) -> None:
    """What could not be judged, by reason."""
    if not items:
        return
    reasons = by_reason(items)
    page.blank()
    page.line(Text("NOT CHECKED", "bold yellow"))
    shown_reasons = list(reasons.items()) if style.verbose else list(reasons.items())[:FEW]
    for why, what in shown_reasons:
        page.line(f"{in_short(what, None if style.verbose else FEW)} ({plain(why)})", indent=2, hang=2)
    if len(shown_reasons) < len(reasons):
        page.line(_more(len(reasons) - len(shown_reasons), "reason"), indent=2)


def by_reason(items: Sequence[NotChecked]) -> dict[str, list[str]]:
    """Why something was not checked → what; in order."""
    reasons: defaultdict[str, list[str]] = defaultdict(list)
    for item in items:
        reasons[item.why].append(item.what)
    return reasons


def in_short(items: Sequence[str], limit: int | None) -> str:
    """Names in short, anything longer as it stands.

    Args:
        items: What was not checked.
        limit: How many entries are shown; None for all.
    """
    if not any(" " in item for item in items):
        return compress_names(items, limit=limit)
    hidden = 0 if limit is None else max(len(items) - limit, 0)
    return "; ".join(map(plain, items[:limit])) + (f" and {hidden:,} more" if hidden else "")


def ignored(page: Page, items: Sequence[IgnoredFinding], style: TextStyle) -> None:
    """What calico-bgp.toml accepts, with its reason."""
    if not items:
        return
    groups: defaultdict[tuple[str, str, str], list[Finding]] = defaultdict(list)
    for item in items:
        until = "" if item.until is None else f", until {item.until.isoformat()}"
        groups[item.finding.rule, item.reason, until].append(item.finding)
    page.blank()
    page.line(Text("IGNORED", "bold"), Text(" as calico-bgp.toml says", "dim"))
    shown_groups = list(groups.items()) if style.verbose else list(groups.items())[:FEW]
    for (rule, reason, until), findings in shown_groups:
        subjects = compress_subjects(findings)
        about = "; ".join(subjects if style.verbose else subjects[:1]) + (
            "" if len(subjects) == 1 or style.verbose else " …"
        )
        page.line(f"{rule}: {about} ({plain(reason)}{until})", indent=2, hang=2)
    if len(shown_groups) < len(groups):
        page.line(_more(len(groups) - len(shown_groups), "line"), indent=2)


def footer(page: Page, groups: Sequence[FindingGroup], style: TextStyle, *, hides: bool, causes: bool = False) -> None:
    """What to ask for next; `hides` says that there is something that is not shown, `causes` that there are some."""
    hints = []
    if not style.verbose and (any(len(g.findings) > 1 for g in groups) or hides):
        hints.append("--verbose shows every finding")
    if causes:
        hints.append("--explain CAUSE says what a cause means")
    elif any(group.severity is not Severity.INFO for group in groups):
        hints.append("--explain RULE says what a rule means")
    if hints:
        page.blank()
        page.line(Text("; ".join(hints), "dim"))
