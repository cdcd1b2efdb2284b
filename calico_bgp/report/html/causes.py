"""The causes as a table, each to unfold: why, what it costs, what speaks for it, the commands. No judging here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from calico_bgp import shell_words
from calico_bgp.model.cause import Cause, Decision, Fix
from calico_bgp.model.report import Finding, Report, Severity
from calico_bgp.report.audit.cause_words import CONFIDENCE_WORDS, risk_words
from calico_bgp.report.audit.causes import CauseGroup, group_causes
from calico_bgp.report.audit.findings import counted
from calico_bgp.report.html.tables import MOST_ROWS, command, facts, items, more, row, table, unfold
from calico_bgp.report.text.markup import Content, element
from calico_bgp.report.text.names import short_names

SEVERITY_SIGNS = {
    Severity.ERROR: ("bad", "✗ error"),
    Severity.WARNING: ("odd", "▲ warning"),
    Severity.INFO: ("dim", "○ info"),
}
_HEADS = ("No.", "Severity", "What happened", "Where", "Routes lost", "Fix")
_EVIDENCE = 50


def cause_table(report: Report) -> list[Content]:
    """The whole table; the numbers are those of the picture."""
    groups = group_causes(report)
    findings = {finding.id: finding for finding in report.findings}
    rows: list[Element] = []
    for group in groups[:MOST_ROWS]:
        rows += _rows(group.number, group, findings)
    return [table("Causes, worst first", _HEADS, rows), more(len(groups))]


def _rows(place: int, group: CauseGroup, findings: Mapping[str, Finding]) -> Iterator[Element]:
    first = group.causes[0]
    css, word = SEVERITY_SIGNS[min((cause.severity for cause in group.causes), key=lambda severity: severity.rank)]
    fix = first.fixes[0].label or "commands" if first.fixes else "-"
    where = short_names({name for cause in group.causes for name in cause.where}) or "the cluster"
    cells = (str(place), word, first.what or group.title, where, _lost(group), fix)
    yield row(cells, _HEADS, css="has-more", classes=("", f"{css} nowrap"))
    inside = unfold(f"{group.title} ({first.confidence})", *_details(group, findings))
    yield element("tr", element("td", inside, colspan=len(_HEADS), role="cell"), class_="more", role="row")


def _lost(group: CauseGroup) -> str:
    lost = [cause.routes_lost for cause in group.causes]
    known = [number for number in lost if number is not None]
    if len(known) < len(lost):
        return "not known"
    most = max(known)
    if len(known) == 1 or most == 0:
        return f"{most:,}"
    return f"{most:,} each" if min(known) == most else f"up to {most:,} each"


def _details(group: CauseGroup, findings: Mapping[str, Finding]) -> Iterator[Content]:
    first, number = group.causes[0], len(group.causes)
    pairs: list[tuple[str, Content]] = [("why", first.explanation)]
    if first.costs is not None:
        pairs.append(("impact", first.costs if number == 1 else f"{first.costs} (the first of {number})"))
    pairs.append(("confidence", f"{first.confidence}: {CONFIDENCE_WORDS[first.confidence]}"))
    rules = Counter(findings[id_].rule for cause in group.causes for id_ in cause.findings if id_ in findings)
    if rules:
        named = ", ".join(rule if times == 1 else f"{rule} ({times})" for rule, times in rules.most_common())
        pairs.append(("explains", f"{counted(rules.total(), 'finding')}: {named}"))
    pairs.append(("kind", f"{first.kind} (calico-bgp explain {shell_words.quote(first.kind)})"))
    yield facts(pairs)
    if first.evidence:
        yield element("h3", "Evidence" if number == 1 else f"Evidence, for {first.title}")
        yield items(first.evidence, _EVIDENCE)
    for decision in first.decide:
        yield from _decision(decision)
    for place, fix in enumerate(first.fixes):
        yield from _fix(fix, other=place > 0)
    if not first.fixes:
        yield element("p", "Nothing that can be said from here mends it.")
    if number > 1:
        yield unfold(f"The other {number - 1} alike", items([_other(cause) for cause in group.causes[1:]], MOST_ROWS))


def _other(cause: Cause) -> str:
    return f"{cause.title} (id {cause.id})"


def _decision(decision: Decision) -> Iterator[Content]:
    yield element("h3", "To be sure")
    yield command(decision.command, decision.on)
    if decision.outcomes:
        yield items([f"{outcome.sees}: {outcome.means}" for outcome in decision.outcomes])


def _fix(fix: Fix, *, other: bool) -> Iterator[Content]:
    yield element("h3", f"Or: {fix.summary}" if other else f"Fix: {fix.summary}")
    pairs: list[tuple[str, Content]] = []
    if fix.steps:
        pairs.append(("risk", risk_words(fix)))
    if fix.tried is not None:
        pairs.append(("tried", fix.tried))
    pairs += [("fill in", f"{asked.variable}: {asked.what}") for asked in fix.asks]
    if pairs:
        yield facts(pairs)
    for place, step in enumerate(fix.steps, start=1):
        yield element("p", f"{place}. {step.what}" if len(fix.steps) > 1 else step.what)
        for way, text in enumerate(step.commands):
            yield element("p", "or, which does the same:", class_="dim") if way else None
            yield command(text, step.on if text == step.shell else None)
    if fix.steps or fix.wait_until is not None:
        yield element("p", "then, to see that it worked:")
        yield command(fix.check)
