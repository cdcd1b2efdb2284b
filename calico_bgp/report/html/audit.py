"""The page of an audit: verdict, causes, picture, matrix, time line, findings. Its sections serve notebooks as well."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from calico_bgp.auditing.headline import verdict_line
from calico_bgp.messages.words import count
from calico_bgp.model.reports.report import Report, Severity
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.report.audit.findings import by_reason, in_short, steps_of
from calico_bgp.report.audit.full import looked_at
from calico_bgp.report.audit.groups import FindingGroup, group_findings
from calico_bgp.report.html.causes import SEVERITY_SIGNS, cause_table
from calico_bgp.report.html.matrix import matrix_tables
from calico_bgp.report.html.page import page, section
from calico_bgp.report.html.tables import MOST_ROWS, facts, items, more, row, table, unfold
from calico_bgp.report.html.timeline import timeline_section
from calico_bgp.report.picture.facts import diagram_of
from calico_bgp.report.picture.svg import MOST_NAMED, picture
from calico_bgp.report.problems.remedy import remedy_lines
from calico_bgp.report.problems.values import not_explained, problems_of
from calico_bgp.report.text.markup import Content, element
from calico_bgp.report.text.names import compress_names

_FEW = 40


def audit_to_html(report: Report, snapshot: Snapshot) -> str:
    """One self-contained file.

    Args:
        report: What the audit says.
        snapshot: What it was made from: the picture, the matrix and the time line.
    """
    word = report.verdict.value.upper()
    of = f" of {report.cluster}" if report.cluster else ""
    return page(f"{word}: BGP{of}", verdict_head(report), audit_sections(report, snapshot))


def verdict_head(report: Report) -> list[Content]:
    """The verdict as the first heading, and what it rests on."""
    word, what = verdict_line(report)
    read = "" if report.snapshot_at is None else f"{report.snapshot_at:%Y-%m-%d %H:%M:%S %Z}".strip()
    return [
        element(
            "h1", element("span", word, class_=report.verdict.value), f" {report.cluster}" if report.cluster else None
        ),
        element("p", what),
        element("p", f"read at {read}", class_="dim") if read else None,
    ]


def audit_sections(report: Report, snapshot: Snapshot | None) -> list[Content]:
    """All below the verdict; without the snapshot no picture, matrix and time line."""
    parts: list[Content] = []
    if report.causes:
        parts.append(section("Causes", *cause_table(report)))
    if snapshot is not None and report.topology.nodes:
        parts += _pictures(report, snapshot)
        parts.append(timeline_section(report, snapshot))
    parts.append(_not_read(report))
    parts.append(_findings(report))
    parts.append(_not_checked(report))
    parts.append(_ignored(report))
    parts.append(_counts(report))
    return parts


def _pictures(report: Report, snapshot: Snapshot) -> Iterator[Element]:
    diagram = diagram_of(report, snapshot)
    drawn = picture(diagram, styled=False, head=False)
    yield section(
        "Topology",
        element(
            "div", drawn, class_="picture scroll", tabindex=0, role="region", aria_label="The topology, as a picture"
        ),
    )
    yield from matrix_tables(report, snapshot, diagram, zones=len(diagram.spots) <= MOST_NAMED)


def _not_read(report: Report) -> Element | None:
    """A line per reason, as on the screen: three hundred unknown host keys are no three hundred findings."""
    lines = []
    for problem in problems_of(report):
        if problem.not_read is not None:
            _, words = remedy_lines(problem.not_read, None)
            line = f"{count(len(problem.names), 'node')}, {problem.not_read.reason}: {compress_names(problem.names)}"
            lines.append(f"{line} ({words})" if words else line)
    return section("Not read", items(lines)) if lines else None


def _findings(report: Report) -> Element | None:
    parts: list[Content] = []
    unexplained = not_explained(report)
    if unexplained:
        parts += _finding_table("Without a cause", group_findings(report, unexplained))
    explained = [finding for finding in report.findings if finding.cause_id is not None]
    noted = [f for f in report.findings if f.cause_id is None and f.severity is Severity.INFO]
    for title, findings in (("worth knowing", noted), ("explained by the causes", explained)):
        if findings:
            groups = group_findings(report, findings)
            summary = f"{count(len(findings), 'finding')} {title}"
            parts.append(unfold(summary, *_finding_table("Worst first", groups)))
    return section("Findings", *parts) if parts else None


def _finding_table(caption: str, groups: list[FindingGroup]) -> list[Content]:
    heads = ("Rule", "Severity", "What was found", "About", "Next step")
    rows = []
    for group in groups[:MOST_ROWS]:
        css, word = SEVERITY_SIGNS[group.severity]
        first = group.findings[0]
        about = "; ".join(group.subjects[:_FEW])
        name = group.rule if len(group.findings) == 1 else f"{group.rule} ({len(group.findings)})"
        evidence = unfold("evidence", items(first.evidence, _FEW)) if first.evidence else None
        message = element("div", group.message, evidence)
        steps = (
            element("div", *(element("p", step) for step in next_steps)) if (next_steps := steps_of(first)) else None
        )
        rows.append(row((name, word, message, about, steps), heads, classes=("", f"{css} narrow beside")))
    return [table(caption, heads, rows), more(len(groups))]


def _not_checked(report: Report) -> Element | None:
    if not report.not_checked:
        return None
    lines = [f"{in_short(what, _FEW)} ({why})" for why, what in by_reason(report.not_checked).items()]
    return section("Not checked", items(lines))


def _ignored(report: Report) -> Element | None:
    if not report.ignored:
        return None
    texts = []
    for item in report.ignored:
        until = "" if item.until is None else f", until {item.until.isoformat()}"
        texts.append(f"{item.finding.rule}: {item.finding.subject} ({item.reason}{until})")
    return section("Accepted exceptions", items(texts))


def _counts(report: Report) -> Element:
    return section("What was looked at", facts(looked_at(report)))
