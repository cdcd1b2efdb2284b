"""The steps of a plan, a row each: how many commands, how many sessions start, what is at risk. No commands here."""

from __future__ import annotations

from rich.text import Text

from calico_bgp.plan.plan import Plan, PlanStep
from calico_bgp.report.text.page import Page
from calico_bgp.report.text.sanitize import plain

_HEADINGS = ("#", "COMMANDS", "SESSIONS", "AT RISK")
_RISK_STYLES = {"routes lost": "bold red", "not certain": "bold yellow"}


def steps_table(page: Page, plan: Plan) -> None:
    """Add it; the name of a step is last, so that it may take two lines."""
    rows = [
        (str(number), str(len(step.actions)), _sessions(step), _risk(step), plain(step.title))
        for number, step in enumerate(plan.steps, start=1)
    ]
    widths = [max(map(len, column)) for column in zip(_HEADINGS, *(row[:-1] for row in rows), strict=True)]
    hang = sum(widths) + 2 * len(widths)

    def cells(row: tuple[str, ...]) -> tuple[str, str]:
        *numbers, risk = row[: len(_HEADINGS)]
        right = "  ".join(f"{text:>{width}}" for text, width in zip(numbers, widths, strict=False))
        return right, f"{risk:<{widths[-1]}}"

    numbers, risk = cells(_HEADINGS)
    page.line(Text(f"{numbers}  {risk}  STEP", "dim"), indent=1)
    for row in rows:
        numbers, risk = cells(row)
        style = _RISK_STYLES.get(risk.strip())
        page.line(f"{numbers}  ", Text(risk, style) if style else risk, f"  {row[-1]}", indent=1, hang=hang)


def _sessions(step: PlanStep) -> str:
    number = sum(len(awaited.pairs) for awaited in step.awaited)
    return f"{number:,}" if number else "-"


def _risk(step: PlanStep) -> str:
    if any(not moment.loses_nothing for moment in step.moments):
        return "routes lost"
    if step.doubts:
        return "not certain"
    return "drained" if step.excused else "-"
