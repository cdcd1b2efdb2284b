"""One cause in Markdown: how sure, what speaks for it, what would decide it, what fixes it, what it explains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from calico_bgp import shell_words
from calico_bgp.messages.words import count, first_lines, some
from calico_bgp.model.reports.cause import Decision, Fix, FixStep
from calico_bgp.model.reports.report import Finding
from calico_bgp.report.audit.cause_words import CONFIDENCE_WORDS, risk_words
from calico_bgp.report.audit.causes import CauseGroup
from calico_bgp.report.audit.groups import grouped
from calico_bgp.report.markdown.escape import collapsed, fence, inline, table

#: Rows of a list. A ticket has a limit, and `--format json` has them all.
MOST_ROWS = 100
_MOST_EVIDENCE = 50
_FEW = 3


def cause_lines(number: int, group: CauseGroup, findings: Sequence[Finding]) -> Iterator[str]:
    """The section of causes that say the same of different nodes: the first in full, the others as a list.

    Args:
        number: Its place, from 1.
        group: The causes.
        findings: The findings that they explain.
    """
    cause = group.causes[0]
    yield from (f"### {number}. {inline(group.title)}", "")
    if len(group.causes) > 1:
        yield from (
            f"These are {len(group.causes)} causes that are alike; in full the first: {inline(cause.title)}.",
            "",
        )
    yield from (f"**Confidence: {cause.confidence}** ({CONFIDENCE_WORDS[cause.confidence]}).", "")
    yield from (inline(cause.explanation), "")
    if cause.costs is not None:
        yield from (f"**Impact:** {inline(cause.costs)}", "")
    yield f"Kind `{_name(cause.kind)}`, id `{_name(cause.id)}`"
    yield ""
    if cause.evidence:
        yield from ("**Evidence**", "")
        yield from fence(first_lines(cause.evidence, _MOST_EVIDENCE))
        yield ""
    if cause.decide:
        yield from ("#### To be sure", "")
        for decision in cause.decide:
            yield from _decision(decision)
    yield from ("#### Fix", "")
    if not cause.fixes:
        yield from ("Nothing that can be said from here.", "")
    for place, fix in enumerate(cause.fixes, start=1):
        yield from _fix(place, fix, alone=len(cause.fixes) == 1)
    if len(group.causes) > 1:
        yield from ("#### The others", "")
        others = group.causes[1:]
        yield from table(("what", "impact", "id"), [(c.title, c.costs or "-", c.id) for c in others[:MOST_ROWS]])
        shows = (
            f"`calico-bgp explain {shell_words.name(others[0].id)}` shows the commands of the first of them, and so on"
        )
        yield from (
            "",
            f"{shows}; `calico-bgp explain {shell_words.name(cause.kind)}` says what it is.{_more(others)}",
            "",
        )
    if findings:
        yield from collapsed(f"{count(len(findings), 'finding')} explained by this", finding_table(findings))
        yield ""


def finding_table(findings: Sequence[Finding]) -> list[str]:
    """Findings as a table: those that say the same of different nodes share a row."""
    groups = grouped(findings)
    rows = [
        (
            str(group.severity),
            group.rule,
            group.message,
            some(group.subjects, _FEW),
            some([finding.id for finding in group.findings], _FEW),
        )
        for group in groups[:MOST_ROWS]
    ]
    more = _more(groups)
    return [*table(("severity", "rule", "what", "about", "id"), rows), *(["", more.strip()] if more else [])]


def _more(rows: Sequence[object]) -> str:
    hidden = len(rows) - MOST_ROWS
    return f" And {hidden:,} more; `calico-bgp audit --format json` has them all." if hidden > 0 else ""


def _name(text: str) -> str:
    """A kind or an id inside a code span: it is ours, and stays inside whatever it is."""
    return inline(text, limit=80).replace("\\", "").replace("`", "")


def _where(node: str | None) -> str:
    return "Where kubectl and calicoctl are configured" if node is None else f"On {inline(node)}"


def _decision(decision: Decision) -> Iterator[str]:
    yield from (f"{_where(decision.on)} (it changes nothing):", "")
    yield from fence([decision.command], "sh")
    yield ""
    for outcome in decision.outcomes:
        yield f"- **{inline(outcome.sees)}**: {inline(outcome.means)}"
    if decision.outcomes:
        yield ""


def _fix(number: int, fix: Fix, *, alone: bool) -> Iterator[str]:
    yield from (f"**{'' if alone else f'Way {number}: '}{inline(fix.summary)}**", "")
    yield f"- Risk: {risk_words(fix)}"
    if fix.tried is not None:
        yield f"- Tried in the model: {inline(fix.tried)}"
    if fix.wait_until is not None:
        yield f"- Wait until {fix.wait_until:%Y-%m-%d %H:%M:%S %Z}, then check"
    for asked in fix.asks:
        yield f"- Fill in `{_name(asked.variable)}` first: {inline(asked.what)}"
    yield ""
    for place, step in enumerate(fix.steps, start=1):
        yield from _step(place, step, alone=len(fix.steps) == 1)
    if fix.check_words is not None:
        yield from (f"Check: {inline(fix.check_words)}", "")
        return
    yield from ("Check:", "")
    yield from fence([fix.check], "sh")
    yield ""


def _step(number: int, step: FixStep, *, alone: bool) -> Iterator[str]:
    yield from (inline(step.what) if alone else f"**Step {number}:** {inline(step.what)}", "")
    ways = [("With kubectl", step.kubectl), ("With calicoctl", step.calicoctl), (_where(step.on), step.shell)]
    commands = [(program, command) for program, command in ways if command is not None]
    for place, (program, command) in enumerate(commands):
        yield from (f"{program}:" if not place else f"Or {program[0].lower()}{program[1:]}:", "")
        yield from fence([command], "sh")
        yield ""
