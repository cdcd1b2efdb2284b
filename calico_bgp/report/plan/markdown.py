"""A plan as Markdown with boxes to tick: a change request, or an issue. Words are those of the text form.

Blocks of commands stand outside of the lists: a shell takes the EOF of a manifest only at the beginning of its line,
also where the source is copied.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from calico_bgp.model.reports.check import AUDIT_AGAIN
from calico_bgp.model.reports.report import Finding
from calico_bgp.plan.plan import Drain, Plan, PlanStep, waiting
from calico_bgp.report.markdown.escape import fence, inline, table
from calico_bgp.report.plan.commands import commands, with_etcd
from calico_bgp.report.plan.summary import summary
from calico_bgp.report.plan.text import awaited_words, closing_words, judged_words, plan_words
from calico_bgp.shell_words import field_selector


def plan_to_markdown(plan: Plan, findings: Sequence[tuple[Finding, ...]]) -> str:
    """The whole plan.

    Args:
        plan: The plan.
        findings: By step, what the lint will say then, of `step_findings`.
    """
    lines = [f"# Plan: {inline(plan.verdict)}", "", inline(plan_words(plan)), ""]
    lines += [f"- {inline(problem)}" for problem in plan.problems]
    facts = list(summary(plan))
    if facts:
        lines += [*table(("", ""), facts), ""]
    if plan.choices:
        lines += ["## Reflectors", "", *table(("node", "why"), [(c.node, c.why) for c in plan.choices]), ""]
    if plan.steps and not waiting(plan.before):
        lines += ["## Before", "", "- [ ] This exits with 0:", "", *fence([AUDIT_AGAIN.line], "sh"), ""]
    for number, (step, of_step) in enumerate(zip(plan.steps, findings, strict=True), start=1):
        lines += [f"## {number}. {inline(step.title)}", "", inline(step.why), "", *_step(step, of_step), ""]
    end = [f"- {inline(words)}" for words in closing_words(plan)]
    if end:
        lines += ["## In the end", "", *end, ""]
    # Of several blank lines one is left; commands have none.
    without_gaps = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    return "\n".join(without_gaps).rstrip("\n") + "\n"


def _step(step: PlanStep, findings: Sequence[Finding]) -> Iterator[str]:
    yield "- [ ] Run:"
    yield ""
    yield from fence(commands(step), "sh")
    yield ""
    if instead := with_etcd(step):
        yield "or, where Calico's datastore is etcd, in the place of kubectl create"
        yield ""
        yield from fence(instead, "sh")
        yield ""
    for families, awaited in awaited_words(step.awaited):
        yield f"- [ ] Established: {inline(awaited)} ({inline(families)})"
    for action in step.actions:
        if isinstance(action, Drain):
            selector = field_selector("spec.nodeName", action.node)
            yield "- [ ] Its pods have left:"
            yield ""
            yield from fence([f"kubectl get pods -A --field-selector {selector}"], "sh")
            yield ""
    if step.audited:
        yield "- [ ] This exits with 0:"
        yield ""
        yield from fence([AUDIT_AGAIN.line], "sh")
        yield ""
    expected = dict.fromkeys(f"{finding.severity} {finding.rule}" for finding in findings) if step.moments else {}
    if expected:
        yield f"- the lint says by then, and a later step fixes: {inline(', '.join(expected))}"
    for doubt in step.doubts:
        yield f"- **Not certain:** {inline(doubt)}"
    for words, is_loss in judged_words(step):
        yield f"- {'**Lost:**' if is_loss else 'Model:'} {inline(words)}"
