"""What the lint will say after each step of a plan: so that nobody takes for trouble what only the plan explains."""

from __future__ import annotations

from calico_bgp.auditing.lint import lint
from calico_bgp.expect.version import NEWEST, CalicoVersion
from calico_bgp.model.reports.report import Finding, Severity
from calico_bgp.plan.plan import Plan


def step_findings(plan: Plan, *, version: CalicoVersion = NEWEST) -> tuple[tuple[Finding, ...], ...]:
    """By step, the warnings and errors about the resources then that are none about the resources now.

    Args:
        plan: The plan.
        version: Of Calico.
    """
    now = {finding.id for finding in lint(plan.before, version=version).findings}
    by_step: list[tuple[Finding, ...]] = []
    for place, step in enumerate(plan.steps):
        if place and step.after == plan.steps[place - 1].after:
            by_step.append(by_step[-1])
            continue
        report = lint(step.after, version=version)
        by_step.append(tuple(f for f in report.findings if f.id not in now and f.severity.reaches(Severity.WARNING)))
    return tuple(by_step)
