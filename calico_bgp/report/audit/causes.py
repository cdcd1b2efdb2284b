"""The causes on a terminal, before all else: one sentence, what it costs, why, and the commands. No judging here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from calico_bgp.messages.words import count
from calico_bgp.model.reports.cause import Cause, Confidence, Decision, Fix
from calico_bgp.model.reports.report import Finding, Report
from calico_bgp.report.audit.cause_words import costs_words, risk_in_short
from calico_bgp.report.problems.values import problems_of
from calico_bgp.report.text.page import Page, TextStyle, labelled
from calico_bgp.report.text.sanitize import plain

_CONFIDENCE_STYLES = {
    Confidence.CERTAIN: "bold red",
    Confidence.LIKELY: "bold yellow",
    Confidence.POSSIBLE: "bold cyan",
}
#: Evidence lines of a cause that are shown unless everything is asked for.
_EVIDENCE = 4
#: Of so many steps each is shown; of more the first ones.
_STEPS = 6


@dataclass(frozen=True, slots=True)
class CauseGroup:
    """Causes of one kind that say the same of different nodes: fifty dead BIRDs are fifty causes and one paragraph.

    Attributes:
        title: One sentence for all of them.
        causes: In the report's order.
        number: Which of the report's problems it is, from 1: findings without a cause are problems, too.
    """

    title: str
    causes: tuple[Cause, ...]
    number: int


def group_causes(report: Report) -> list[CauseGroup]:
    """The report's causes in groups, the worst first, with the numbers that they have on the screen."""
    return [
        CauseGroup(problem.title, problem.causes, number)
        for number, problem in enumerate(problems_of(report), start=1)
        if problem.causes
    ]


def causes(page: Page, report: Report, style: TextStyle) -> None:
    """Every cause: what an operator reads first, and may be all that he reads."""
    findings = {finding.id: finding for finding in report.findings}
    for group in group_causes(report):
        page.blank()
        _group(page, group, findings, style)


def _group(page: Page, group: CauseGroup, findings: dict[str, Finding], style: TextStyle) -> None:
    first, number = group.causes[0], len(group.causes)
    heading = Text().append("CAUSE", _CONFIDENCE_STYLES[first.confidence])
    heading.append(f" {plain(first.kind)}", "bold").append(f" ({first.confidence})")
    if number > 1:
        heading.append(f" \N{MULTIPLICATION SIGN}{number}" if style.unicode else f" x{number}", "bold")
    page.line(heading)
    page.line(Text(plain(group.title), "bold"), indent=2)
    labelled(page, "why", plain(first.explanation))
    costs = costs_words(group.causes)
    if costs is not None:
        labelled(page, "impact", plain(costs))
    evidence_lines = first.evidence if style.verbose else first.evidence[:_EVIDENCE]
    for place, line in enumerate(evidence_lines):
        labelled(page, "" if place else ("evidence" if number == 1 else "for example"), plain(line))
    if len(evidence_lines) < len(first.evidence):
        labelled(page, "", Text(f"and {count(len(first.evidence) - len(evidence_lines), 'more line')}", "dim"))
    labelled(
        page,
        "explains",
        _explains([findings[id_] for cause in group.causes for id_ in cause.findings if id_ in findings]),
    )
    fixes = first.fixes if style.verbose else first.fixes[:1]
    for place, fix in enumerate(fixes):
        _fix(page, fix, style, other=place > 0)
    if len(fixes) < len(first.fixes):
        labelled(page, "", Text(f"and {count(len(first.fixes) - len(fixes), 'other way')}", "dim"))
    if number > 1:
        labelled(
            page, "", Text(f"and likewise for the {'other one' if number == 2 else f'other {number - 1:,}'}", "dim")
        )
    for decision in first.decide if style.verbose else first.decide[:1]:
        _decision(page, decision)
    if style.verbose:
        for cause in group.causes:
            labelled(page, "id", Text(f"{cause.id}  {plain('; '.join(map(str, cause.subjects)))}", "dim"))


def _explains(findings: Sequence[Finding]) -> str:
    return plain(explained_words(Counter(finding.rule for finding in findings)))


def explained_words(rules: Counter[str]) -> str:
    """Findings by their rules: `3 findings: bird-not-running (2), isolated-node`."""
    named = ", ".join(rule if times == 1 else f"{rule} ({times})" for rule, times in rules.most_common())
    return f"{count(rules.total(), 'finding')}: {named}"


def _fix(page: Page, fix: Fix, style: TextStyle, *, other: bool) -> None:
    risk = "" if not fix.steps else f" ({risk_in_short(fix)})"
    labelled(page, "or" if other else "fix", plain(fix.summary) + risk)
    if fix.tried is not None:
        labelled(page, "", Text(plain(fix.tried), "dim"))
    for asked in fix.asks:
        labelled(page, "fill in", f"{plain(asked.variable)}: {plain(asked.what)}")
    steps = fix.steps if style.verbose else fix.steps[:_STEPS]
    for step in steps:
        where = "" if step.on is None else f"on {plain(step.on)}: "
        commands = step.commands if style.verbose else step.commands[:1]
        for place, command in enumerate(commands):
            page.line(
                Text(("or" if place else "$").rjust(12), "dim"),
                f"  {where}",
                Text(plain(command, limit=None), "cyan"),
                wrap=False,
            )
    if len(steps) < len(fix.steps):
        labelled(page, "", Text(f"and {count(len(fix.steps) - len(steps), 'more step')}; --verbose shows all", "dim"))
    if fix.steps or fix.wait_until is not None:
        words = fix.check_words
        check = Text(plain(fix.check, limit=None), "cyan") if words is None else plain(words)
        page.line(Text("verify".rjust(12), "dim"), "  ", check, wrap=words is not None, hang=14)


def _decision(page: Page, decision: Decision) -> None:
    where = "" if decision.on is None else f"on {plain(decision.on)}: "
    page.line(
        Text("to be sure".ljust(12), "dim"),
        where,
        Text(plain(decision.command, limit=None), "cyan"),
        indent=2,
        wrap=False,
    )
    for outcome in decision.outcomes:
        labelled(page, "", f"{plain(outcome.sees)}: {plain(outcome.means)}")
