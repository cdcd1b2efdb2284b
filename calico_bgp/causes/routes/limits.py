"""Causes in limits of routes that somebody wrote into BIRD's template: Calico itself sets none."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import AUDIT_AGAIN
from calico_bgp.messages.words import routes_lost
from calico_bgp.model.cause import Confidence, Fix, FixStep, Risk
from calico_bgp.model.report import Finding, Severity
from calico_bgp.model.subject import NodeSubject, SessionSubject
from calico_bgp.routes.observed.cost import pairs_missing_at
from calico_bgp.routes.observed.told import told_sessions


@cause(
    "import-limit-hit",
    title="A limit of routes keeps routes out of a node's BIRD",
    what="limit of routes reached",
    messages={"hit": "BIRD on {node} takes no more than {number:count route} of {far}, and more came"},
    meaning="With the action `block` BIRD drops what is beyond the limit, and the session stands; with `restart` and "
    "`disable` the session ends. Calico sets no limits: the template was edited. Source: BIRD nest/proto.c.",
    evidence="`[HIT]` at the limit in BIRD's long answer. Certain.",
    look_alikes="filter-rejects-routes, where a filter refuses the routes; the numbers of `show protocols all` tell.",
    mending="A limit that fits the cluster, or none, in the template that was edited; confd then writes bird.cfg anew.",
    demos=("import-limit:node5,node1",),
)
def import_limit_hit(case: Case) -> Iterator[Candidate]:
    """One per session of which a limit is hit that drops routes."""
    findings = [
        finding
        for finding in case.of("route-limit-hit")
        if isinstance(finding.subject, SessionSubject) and finding.severity is not Severity.WARNING
    ]
    for told in told_sessions(case.cluster):
        subject = SessionSubject.between(told.node, told.far, told.family)
        for limit in told.protocol.limits:
            mine = [finding for finding in findings if finding.subject == subject]
            if not limit.is_hit or not mine or limit.kind not in ("Import", "Receive"):
                continue
            show = case.pods.birdcl(told.node, told.family, f"show protocols all {told.protocol.name}")
            missing = pairs_missing_at(case.observed, told.node, told.family)
            yield Candidate(
                kind="import-limit-hit",
                subjects=(subject,),
                title=Words("hit", node=told.node, number=limit.number, far=told.far),
                explanation=f"The {limit.kind.lower()} limit of {told.protocol.name} is reached (action "
                f"{limit.action or 'none'}); Calico's own template has none.",
                confidence=Confidence.CERTAIN,
                explains=frozenset(finding.id for finding in mine) | _refused(case, told.node, mine),
                evidence=mine[0].evidence,
                fixes=(
                    Fix(
                        label="raise limit",
                        summary=f"raise the limit in the template of {told.node}'s bird.cfg, or take it out",
                        risk=Risk.NONE,
                        steps=(FixStep(what="see the limit and its action", kubectl=show),),
                        check=AUDIT_AGAIN,
                    ),
                ),
                routes_lost=missing,
                costs=None if missing is None else routes_lost(missing),
            )


def _refused(case: Case, node: str, mine: list[Finding]) -> frozenset[str]:
    """What the node refuses because of it."""
    families = {finding.subject.family for finding in mine if isinstance(finding.subject, SessionSubject)}
    return frozenset(
        finding.id
        for finding in case.of("routes-not-accepted")
        if isinstance(finding.subject, NodeSubject)
        and finding.subject.node == node
        and finding.subject.family in families
    )
