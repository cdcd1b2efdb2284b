"""A plan as JSON, `calico-bgp/plan/1` of docs/json.md. Words for people come from the plan itself only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from calico_bgp.model.report import Finding
from calico_bgp.plan.moment import Moment
from calico_bgp.plan.plan import Plan, PlanStep, waiting
from calico_bgp.report.plan.commands import audit_command, commands, with_etcd
from calico_bgp.report.text.sanitize import json_text
from calico_bgp.routes.computed.losses import Group

PLAN_SCHEMA = "calico-bgp/plan/1"


def plan_to_json(plan: Plan, findings: Sequence[tuple[Finding, ...]]) -> str:
    """The document. Pairs are counted as (learner, origin): two nodes are two pairs.

    Args:
        plan: The plan.
        findings: By step, what the lint will say then, of `step_findings`.
    """
    document = {
        "schema": PLAN_SCHEMA,
        "goal": plan.goal.value,
        "verdict": plan.verdict.name.lower(),
        "problems": list(plan.problems),
        "reflectors": [
            {"node": choice.node, "already": choice.already, "joins": choice.joins, "why": choice.why}
            for choice in plan.choices
        ],
        "label": None if plan.label is None else {"key": plan.label[0], "value": plan.label[1]},
        "cluster_id": plan.cluster_id,
        "audit": audit_command(plan) if plan.steps and not waiting(plan.before) else None,
        "steps": [_step(plan, step, said) for step, said in zip(plan.steps, findings, strict=True)],
        "single_points": list(plan.single_points),
    }
    return json_text(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _step(plan: Plan, step: PlanStep, findings: Sequence[Finding]) -> dict[str, Any]:
    return {
        "title": step.title,
        "why": step.why,
        "commands": commands(step),
        "with_etcd": with_etcd(step),
        "drained": list(step.drained),
        "await": {each.family.value: [list(pair) for pair in each.pairs] for each in step.awaited},
        "audit": audit_command(plan) if step.audited else None,
        "lint": [{"rule": f.rule, "severity": f.severity.value, "message": f.message} for f in findings],
        "loses_nothing": step.loses_nothing,
        "doubts": list(step.doubts),
        "families": {moment.family.value: _moment(moment) for moment in step.moments},
    }


def _moment(moment: Moment) -> dict[str, Any]:
    return {
        "pairs": moment.pairs,
        "of_drained": moment.excused,
        "meanwhile": list(map(_group, moment.lost)),
        "lost": list(map(_group, moment.gone)),
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "learners": list(group.learners),
        "origins": list(group.origins),
        "mutual": group.mutual,
        "everyone": group.everyone,
        "pairs": group.pairs,
    }
