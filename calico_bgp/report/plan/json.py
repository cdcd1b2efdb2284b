"""A plan as JSON, `calico-bgp/plan/1` of docs/json.md. Words for people come from the plan itself only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from calico_bgp.model.peer import Family
from calico_bgp.model.reports.check import AUDIT_AGAIN
from calico_bgp.model.reports.report import Finding, Severity
from calico_bgp.plan.plan import Goal, Plan, PlanStep, waiting
from calico_bgp.report.json.document import Names, Row, Text, by_family, document_text
from calico_bgp.report.plan.commands import commands, with_etcd
from calico_bgp.report.routes.group_row import GroupRow


class ChoiceRow(Row):
    """A node that is, or becomes, a reflector."""

    node: Text
    already: bool
    joins: bool
    why: Text


class LabelRow(Row):
    """The label by which a BGPPeer finds the reflectors."""

    key: Text
    value: Text


class MomentRow(Row):
    """What one family loses in a step."""

    pairs: int
    of_drained: int = Field(validation_alias="excused")
    meanwhile: tuple[GroupRow, ...] = Field(validation_alias="lost")
    lost: tuple[GroupRow, ...] = Field(validation_alias="gone")


class LintRow(Row):
    """What the lint will say after a step."""

    rule: Text
    severity: Severity
    message: Text


def _awaited(awaited: Sequence[Any]) -> dict[Family, Any]:
    return {each.family: each.pairs for each in awaited}


class StepRow(Row):
    """One step, of a PlanStep."""

    title: Text
    why: Text
    commands: Names
    with_etcd: Names
    drained: Names
    await_: Annotated[dict[Family, tuple[Names, ...]], BeforeValidator(_awaited)] = Field(serialization_alias="await")
    audit: Text | None
    lint: tuple[LintRow, ...]
    loses_nothing: bool
    doubts: Names
    families: Annotated[dict[Family, MomentRow], BeforeValidator(by_family)]


class PlanDocument(Row):
    """The document, of a Plan."""

    schema_: Literal["calico-bgp/plan/1"] = Field("calico-bgp/plan/1", serialization_alias="schema")
    goal: Goal
    verdict: Annotated[
        Literal["nothing_to_do", "loses_nothing", "drained", "loses"],
        BeforeValidator(lambda verdict: verdict.name.lower()),
    ]
    problems: Names
    reflectors: tuple[ChoiceRow, ...]
    label: LabelRow | None
    cluster_id: Text | None
    audit: Text | None
    steps: tuple[StepRow, ...]
    single_points: Names


def plan_to_json(plan: Plan, findings: Sequence[tuple[Finding, ...]]) -> str:
    """The document. Pairs are counted as (learner, origin): two nodes are two pairs.

    Args:
        plan: The plan.
        findings: By step, what the lint will say then, of `step_findings`.
    """
    document = PlanDocument.of(
        goal=plan.goal,
        verdict=plan.verdict,
        problems=plan.problems,
        reflectors=plan.choices,
        label=None if plan.label is None else {"key": plan.label[0], "value": plan.label[1]},
        cluster_id=plan.cluster_id,
        audit=AUDIT_AGAIN.line if plan.steps and not waiting(plan.before) else None,
        steps=tuple(_step(step, of_step) for step, of_step in zip(plan.steps, findings, strict=True)),
        single_points=plan.single_points,
    )
    return document_text(document)


def _step(step: PlanStep, findings: Sequence[Finding]) -> StepRow:
    return StepRow.of(
        title=step.title,
        why=step.why,
        commands=commands(step),
        with_etcd=with_etcd(step),
        drained=step.drained,
        await_=step.awaited,
        audit=AUDIT_AGAIN.line if step.audited else None,
        lint=findings,
        loses_nothing=step.loses_nothing,
        doubts=step.doubts,
        families=step.moments,
    )
