"""The audit in Markdown, for a ticket: the skeleton of a post-mortem, with headings left for people to fill in.

Everything that came from a node or a resource is escaped, in escape.py alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC

from calico_bgp.auditing.headline import verdict_line
from calico_bgp.messages.words import count, first_lines
from calico_bgp.model.reports.report import Finding, Report, Severity, Verdict
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.report.audit.cause_words import costs_words
from calico_bgp.report.audit.causes import group_causes
from calico_bgp.report.audit.findings import by_reason
from calico_bgp.report.audit.full import reachability_sentence
from calico_bgp.report.audit.groups import group_findings
from calico_bgp.report.audit.timeline import timeline
from calico_bgp.report.audit.timeline_words import SINCE_NOTE, concerned, instant, row_of
from calico_bgp.report.markdown.cause import cause_lines, finding_table
from calico_bgp.report.markdown.escape import collapsed, fence, inline, table
from calico_bgp.report.text.names import compress_names, short_names

#: Events of a timeline, and accepted exceptions.
_MOST_EVENTS = 60
#: What is named that one reason kept from being checked.
_FEW = 6
_MOST_EVIDENCE = 5
_TO_FILL_IN = "*To be filled in.*"


def report_to_markdown(report: Report, snapshot: Snapshot) -> str:
    """The report as a post-mortem to be completed.

    Args:
        report: What the audit says.
        snapshot: What it was made from; it gives the rows and clocks of the timeline.
    """
    lines = [*_head(report), *_impact(report), *_causes(report), *_timeline(report, snapshot), *_findings(report)]
    lines += [*_not_checked(report), *_ignored(report)]
    lines += ["## What we did", "", _TO_FILL_IN, "", "## Follow-up", "", f"- [ ] {_TO_FILL_IN}"]
    return "\n".join(lines) + "\n"


def _head(report: Report) -> Iterator[str]:
    word, what = verdict_line(report)
    of = f" of {inline(report.cluster)}" if report.cluster else ""
    day = "" if report.snapshot_at is None else f", {report.snapshot_at.astimezone(UTC):%Y-%m-%d}"
    yield from (f"# BGP{of}{day}", "", f"**{word}**: {inline(what)}", "")
    checked = report.checked
    nodes = f"{checked.nodes_read:,}"
    if checked.nodes_listed is not None:
        nodes += f" of {checked.nodes_listed:,}"
    nodes += " read" + (f"; not or not fully read: {short_names(report.unread)}" if report.unread else "")
    rows = [
        ("read at", "not known (pasted text)" if report.snapshot_at is None else instant(report.snapshot_at)),
        ("nodes", nodes),
        ("topology", f"{report.topology.kind}: {report.topology.evidence}"),
    ]
    if checked.reflectors:
        rows.append(("reflectors", compress_names(checked.reflectors)))
    rows += [("routes", reachability_sentence(reachability)) for reachability in report.reachability]
    yield from table(("", ""), rows)
    yield ""


def _impact(report: Report) -> Iterator[str]:
    yield from ("## Impact", "")
    yield from ("*To be filled in: who noticed what, from when to when.*", "")
    costly = [(group, costs) for group in group_causes(report) if (costs := costs_words(group.causes)) is not None]
    for group, costs in costly:
        yield f"- {inline(group.title)}: {inline(costs)}"
    if costly:
        yield ""


def _causes(report: Report) -> Iterator[str]:
    groups = group_causes(report)
    yield from ("## Cause" if len(report.causes) == 1 else "## Causes", "")
    if not groups:
        wrong = report.verdict in {Verdict.UNHEALTHY, Verdict.WARNINGS}
        yield from ("The audit names no cause for what it found." if wrong else "Nothing wrong was seen.", "")
    by_cause: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        if finding.cause_id is not None:
            by_cause[finding.cause_id].append(finding)
    for group in groups:
        explained = [finding for cause in group.causes for finding in by_cause[cause.id]]
        yield from cause_lines(group.number, group, explained)


def _timeline(report: Report, snapshot: Snapshot) -> Iterator[str]:
    yield from ("## Timeline", "")
    events = timeline(report, snapshot, concerned(report))
    dated = [event for event in events if event.when is not None]
    undated = [event for event in events if event.when is None]
    rows = list(map(row_of, (*dated[:_MOST_EVENTS], *undated[:_MOST_EVENTS])))
    hidden = len(events) - len(rows)
    if report.snapshot_at is not None:
        rows.append((instant(report.snapshot_at), "the nodes were read, and this report was made of it"))
    rows.append(("to be filled in", "what people noticed and did"))
    yield from table(("when", "what"), rows)
    yield ""
    if hidden:
        yield from (f"and {count(hidden, 'more event')}", "")
    if events:
        yield from (SINCE_NOTE, "")


def _findings(report: Report) -> Iterator[str]:
    if report.unexplained:
        yield from ("## Findings without a cause", "")
        for group in group_findings(report, report.unexplained):
            number = f" ({len(group.findings)})" if len(group.findings) > 1 else ""
            yield from (f"**{group.severity} {inline(group.rule)}**{number}: {inline(group.message)}", "")
            first = group.findings[0]
            lines = [*first_lines(group.subjects, _MOST_EVIDENCE), *first_lines(first.evidence, _MOST_EVIDENCE)]
            if first.next_step is not None:
                lines.append(f"next step: {first.next_step}")
            if first.consequence is not None:
                lines.append(f"costs: {first.consequence}")
            yield from fence(lines)
            yield ""
    noted = [f for f in report.findings if f.cause_id is None and f.severity is Severity.INFO]
    if noted:
        yield from collapsed(f"{count(len(noted), 'finding')} worth knowing", finding_table(noted))
        yield ""


def _not_checked(report: Report) -> Iterator[str]:
    yield from ("## What was not checked", "")
    reasons = by_reason(report.not_checked)
    for why, what in reasons.items():
        more = f" and {len(what) - _FEW:,} more" if len(what) > _FEW else ""
        yield f"- {'; '.join(inline(each) for each in what[:_FEW])}{more} ({inline(why)})"
    if not reasons:
        yield "All that the audit judges could be looked at."
    yield ""


def _ignored(report: Report) -> Iterator[str]:
    if not report.ignored:
        return
    yield from ("## Accepted exceptions", "")
    for item in report.ignored[:_MOST_EVENTS]:
        until = "" if item.until is None else f", until {item.until.isoformat()}"
        yield f"- {inline(item.finding.rule)}, {inline(str(item.finding.subject))}: {inline(item.reason)}{until}"
    hidden = len(report.ignored) - _MOST_EVENTS
    if hidden > 0:
        yield from ("", f"and {count(hidden, 'more exception')}")
    yield ""
