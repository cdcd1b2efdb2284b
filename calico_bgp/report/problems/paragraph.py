"""One problem as a paragraph: what happened, impact, fix with its commands, how to verify. No judging in this file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from calico_bgp.messages.words import count
from calico_bgp.model.reports.cause import Cause, Confidence, Fix
from calico_bgp.report.audit.findings import FEW, finding_group
from calico_bgp.report.problems.remedy import remedy_lines
from calico_bgp.report.problems.table import where
from calico_bgp.report.problems.values import Problem
from calico_bgp.report.text.names import short_names
from calico_bgp.report.text.page import Page, TextStyle
from calico_bgp.report.text.sanitize import plain

#: Words that a paragraph may have, commands and all.
MOST_WORDS = 90
#: Steps of a fix that are shown.
_STEPS = 3
_LABEL = 8
#: So many words tell the other ways; of more only their labels do.
_OTHER_WORDS = 15


def problem_paragraph(
    page: Page, problem: Problem, style: TextStyle, *, one_family: bool, retry: str | None = None
) -> None:
    """Add the paragraph.

    Args:
        page: Where to.
        problem: The problem.
        style: Signs or ASCII.
        one_family: Whether the cluster has one address family, which then is not named.
        retry: The command that reads the same nodes again; None where there is none.
    """
    mark = Text(problem.mark.symbol(unicode=style.unicode) + " ", problem.mark.style)
    if problem.group is not None:
        finding_group(page, problem.group, style, one_family=one_family)
        return
    if problem.not_read is not None:
        not_read_line(page, problem, style, retry=retry)
        return
    cause = problem.causes[0]
    sure = "" if cause.confidence is Confidence.CERTAIN else f" ({cause.confidence})"
    page.line(mark, Text(f"{_sentence(problem)}{sure}.", "bold"), hang=2)
    lines = list(_lines(problem, cause))
    for dispensable in ("or", "confirm"):
        if _words(problem, lines) > MOST_WORDS:
            lines = [line for line in lines if line[0] != dispensable]
    if _words(problem, lines) + len(cause.explanation.split()) <= MOST_WORDS:
        page.line(plain(cause.explanation), indent=2)
    for label, text, is_command in lines:
        if is_command:
            page.line(Text(label.ljust(_LABEL), "dim"), Text(text, "cyan"), indent=2, wrap=False)
        else:
            page.line(Text(label.ljust(_LABEL), "dim"), text, indent=2, hang=_LABEL)


def _words(problem: Problem, lines: Sequence[tuple[str, str, bool]]) -> int:
    """How many words the paragraph has without the explanation; two of them how sure it is."""
    return len(problem.title.split()) + 2 + sum(len(text.split()) + 1 for _, text, _ in lines)


def _lines(problem: Problem, cause: Cause) -> Iterator[tuple[str, str, bool]]:
    """Label, text, and whether it is a command."""
    yield "impact", _impact(problem), False
    if cause.confidence is not Confidence.CERTAIN and cause.decide:
        decision = cause.decide[0]
        on = "" if decision.on is None else f"on {plain(decision.on)}: "
        yield "confirm", on + plain(decision.command, limit=None), True
    if not cause.fixes:
        yield "fix", "nothing from here fixes it", False
        return
    fix, *others = cause.fixes
    yield "fix", plain(fix.summary), False
    for asked in fix.asks:
        yield "", f"fill in {plain(asked.variable)}: {plain(asked.what)}", False
    yield from _commands(fix)
    if len(problem.causes) > 1:
        other_names = problem.names[1:] if len(problem.names) == len(problem.causes) else ()
        yield (
            "",
            f"and likewise {where(other_names, problem.noun)}" if other_names else "and likewise the others",
            False,
        )
    yield "verify", plain(fix.check_words or fix.check, limit=None), fix.check_words is None
    if others:
        summaries = "; ".join(plain(other.summary) for other in others[:FEW])
        labels = "; ".join(plain(other.label or other.summary) for other in others[:FEW])
        yield "or", summaries if len(summaries.split()) <= _OTHER_WORDS else labels, False


def _commands(fix: Fix) -> Iterator[tuple[str, str, bool]]:
    for step in fix.steps[:_STEPS]:
        if step.commands:
            on = "" if step.on is None else f"on {plain(step.on)}: "
            for line in step.commands[0].split("\n"):
                yield "", on + plain(line, limit=None), True
    if len(fix.steps) > _STEPS:
        yield "", f"and {count(len(fix.steps) - _STEPS, 'more step')}: calico-bgp explain 1", False


def _impact(problem: Problem) -> str:
    cause = problem.causes[0]
    sessions = sum(each.sessions for each in problem.causes)
    down = f", {count(sessions, 'session')} down" if sessions else ""
    if problem.routes_lost is None:
        return (plain(cause.costs) if cause.costs and len(problem.causes) == 1 else "routes lost: not known") + down
    if not problem.routes_lost:
        return f"no route lost{down}"
    at_most = "up to " if problem.is_at_most else ""
    return f"{at_most}{count(problem.routes_lost, 'route')} lost{down}"


def not_read_line(page: Page, problem: Problem, style: TextStyle, *, retry: str | None = None) -> None:
    """`300 x host key unknown: node[1-300]`, and what to do about all of them, or about the first."""
    group = problem.not_read
    assert group is not None
    times = "\N{MULTIPLICATION SIGN}" if style.unicode else "x"
    names = short_names(group.nodes)
    page.line(Text(f"{len(group.nodes)} {times} {plain(group.reason)}", "bold"), f": {names}", hang=2)
    if group.option is not None or group.remedy is not None:
        command, words = remedy_lines(group, retry)
        label = Text("fix".ljust(_LABEL), "dim")
        if command is not None:
            page.line(label, Text(command, "cyan"), indent=2, wrap=False)
            label = Text(" " * _LABEL)
        if words:
            page.line(label, words, indent=2, hang=_LABEL)
    elif problem.example is not None:
        page.line(Text("first".ljust(_LABEL), "dim"), plain(problem.example.message), indent=2, hang=_LABEL)
        if problem.example.next_step is not None:
            hint = plain(problem.example.next_step, limit=None)
            page.line(Text("fix".ljust(_LABEL), "dim"), hint, indent=2, hang=_LABEL)


def _sentence(problem: Problem) -> str:
    """Its title with a capital letter; a name stays as it is."""
    return problem.title if problem.starts_with_name else problem.title[:1].upper() + problem.title[1:]
