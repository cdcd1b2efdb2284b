"""The causes as a table, each to unfold: why, what it costs, what speaks for it, the commands. No judging here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from calico_bgp import shell_words
from calico_bgp.model.reports.cause import Cause, Decision, Fix
from calico_bgp.model.reports.report import Finding, Report, Severity
from calico_bgp.report.audit.cause_words import CONFIDENCE_WORDS, costs_words, risk_words
from calico_bgp.report.audit.causes import explained_words
from calico_bgp.report.html.tables import MOST_ROWS, command, facts, items, more, row, table, unfold
from calico_bgp.report.problems.values import Problem, lost_words, problems_of
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
    """The whole table; the numbers are those of the picture. A cause that is alone stands unfolded."""
    numbered = [(number, problem) for number, problem in enumerate(problems_of(report), start=1) if problem.causes]
    findings = {finding.id: finding for finding in report.findings}
    rows: list[Element] = []
    for number, problem in numbered[:MOST_ROWS]:
        rows += _rows(number, problem, findings, is_open=len(numbered) == 1)
    return [table("Worst first", _HEADS, rows), more(len(numbered))]


def _rows(number: int, problem: Problem, findings: Mapping[str, Finding], *, is_open: bool) -> Iterator[Element]:
    css, word = SEVERITY_SIGNS[min((cause.severity for cause in problem.causes), key=lambda severity: severity.rank)]
    where = short_names(problem.names, noun=problem.noun) or "the cluster"
    cells = (str(number), word, problem.what, where, lost_words(problem), problem.fix)
    yield row(cells, _HEADS, css="has-more", classes=("narrow", f"{css} narrow beside", "title", "", "narrow"))
    inside = unfold(f"{problem.title} ({problem.sure})", *_details(problem, findings), is_open=is_open)
    yield element("tr", element("td", inside, colspan=len(_HEADS), role="cell"), class_="more", role="row")


def _details(problem: Problem, findings: Mapping[str, Finding]) -> Iterator[Content]:
    first, number = problem.causes[0], len(problem.causes)
    pairs: list[tuple[str, Content]] = [("why", first.explanation)]
    costs = costs_words(problem.causes)
    if costs is not None:
        pairs.append(("impact", costs))
    pairs.append(("confidence", f"{first.confidence}: {CONFIDENCE_WORDS[first.confidence]}"))
    rules = Counter(findings[id_].rule for cause in problem.causes for id_ in cause.findings if id_ in findings)
    if rules:
        pairs.append(("explains", explained_words(rules)))
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
        yield element("p", "Nothing that can be said from here fixes it.")
    if number > 1:
        yield unfold(
            f"The other {'one' if number == 2 else f'{number - 1:,}'} alike",
            items([_title_and_id(cause) for cause in problem.causes[1:]], MOST_ROWS),
        )


def _title_and_id(cause: Cause) -> str:
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
        words = fix.check_words
        yield element("p", "then, to see that it worked:" if words is None else f"then, to see that it worked, {words}")
        yield command(fix.check) if words is None else None
