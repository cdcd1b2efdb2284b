"""A plan in four lines: how many steps, what starts again, what is at risk, who is drained. Words alone, no form."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.messages.words import count
from calico_bgp.plan.plan import Drain, Plan
from calico_bgp.report.text.names import compress_names


def summary(plan: Plan) -> Iterator[tuple[str, str]]:
    """(label, sentence) of what a plan asks for; nothing for one without steps."""
    if not plan.steps:
        return
    commands = sum(len(step.actions) for step in plan.steps)
    audits = sum(step.audited for step in plan.steps)
    yield "steps", f"{len(plan.steps)}, with {count(commands, 'command')}; {count(audits, 'audit')} between"
    drained = [action.node for step in plan.steps for action in step.actions if isinstance(action, Drain)]
    yield "drains", compress_names(drained) if drained else "no node"
    yield "restarts", _restarts(plan)
    yield "at risk", _risk(plan)


def _restarts(plan: Plan) -> str:
    by_step = {
        number: sum(len(awaited.pairs) for awaited in step.awaited) for number, step in enumerate(plan.steps, start=1)
    }
    total = sum(by_step.values())
    if not total:
        return "no session"
    most = max(by_step, key=lambda number: by_step[number])
    where = f", {by_step[most]:,} of them in step {most}" if by_step[most] < total else f", all in step {most}"
    starts = "starts, or starts" if total == 1 else "start, or start"
    return f"{count(total, 'session')} {starts} again{where}"


def _risk(plan: Plan) -> str:
    losing = [
        number
        for number, step in enumerate(plan.steps, start=1)
        if any(not moment.loses_nothing for moment in step.moments)
    ]
    unsure = [number for number, step in enumerate(plan.steps, start=1) if step.doubts]
    excused = sorted({name for step in plan.steps if step.excused for name in step.drained})
    parts = []
    if losing:
        parts.append(f"routes are lost in {_steps(losing)}")
    if unsure:
        parts.append(f"{_steps(unsure)} {'is' if len(unsure) == 1 else 'are'} not certain")
    if excused:
        parts.append(f"routes of {compress_names(excused)}, drained, for a moment")
    if plan.single_points:
        what = "is a single point" if len(plan.single_points) == 1 else "are single points"
        parts.append(f"in the end {compress_names(plan.single_points)} {what} of failure")
    return "; ".join(parts) or "no route, at any moment"


def _steps(numbers: list[int]) -> str:
    return f"step{'' if len(numbers) == 1 else 's'} {', '.join(map(str, numbers))}"
