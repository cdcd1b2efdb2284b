"""Causes in limits of routes that somebody wrote into BIRD's template: Calico itself sets none."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.messages.declared import Words
from calico_bgp.messages.words import routes_lost
from calico_bgp.model.reports.cause import Confidence, Fix, FixStep, Risk
from calico_bgp.model.reports.report import Finding, Severity
from calico_bgp.model.reports.subject import NodeSubject, SessionSubject
from calico_bgp.model.routes.bird_reading import RouteLimit
from calico_bgp.routes.observed.cost import pairs_missing_at
from calico_bgp.routes.observed.session_readings import SessionReading, session_readings


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
    for reading, limit, findings in _hit(case, "Import", "Receive"):
        title = Words("hit", node=reading.node, number=limit.number, far=reading.far)
        explains = frozenset(finding.id for finding in findings) | _of_node(case, "routes-not-accepted", reading)
        yield _candidate(case, "import-limit-hit", title, (reading, limit, findings), explains)


@cause(
    "export-limit-hit",
    title="A limit of routes keeps a node from announcing routes",
    what="limit of announced routes reached",
    messages={"hit": "BIRD on {node} announces no more than {number:count route} to {far}, and has more"},
    meaning="With the action `block` BIRD announces nothing beyond the limit, and the session stands. Which routes "
    "come first is chance: a node's own may be those that are left out. Calico sets no limits: the template was "
    "edited. Source: BIRD nest/proto.c.",
    evidence="`[HIT]` at the export limit in BIRD's long answer. Certain.",
    look_alikes="import-limit-hit, where the far end takes no more; filter-rejects-routes, where a filter decides.",
    mending="A limit that fits the cluster, or none, in the template that was edited; confd then writes bird.cfg anew.",
    no_demo="No demo shows it: the lab's limits are of what nodes take.",
)
def export_limit_hit(case: Case) -> Iterator[Candidate]:
    """One per session of which such a limit is hit."""
    for reading, limit, findings in _hit(case, "Export"):
        title = Words("hit", node=reading.node, number=limit.number, far=reading.far)
        explains = frozenset(finding.id for finding in findings) | _of_node(case, "routes-not-announced", reading)
        yield _candidate(case, "export-limit-hit", title, (reading, limit, findings), explains)


_Hit = tuple[SessionReading, RouteLimit, list[Finding]]


def _hit(case: Case, *kinds: str) -> Iterator[_Hit]:
    """The limits of some kinds that drop routes, with the findings about the session."""
    findings = [
        finding
        for finding in case.of("route-limit-hit")
        if isinstance(finding.subject, SessionSubject) and finding.severity is not Severity.WARNING
    ]
    for reading in session_readings(case.cluster):
        subject = SessionSubject.between(reading.node, reading.far, reading.family)
        own_findings = [finding for finding in findings if finding.subject == subject]
        for limit in reading.protocol.limits if own_findings else ():
            if limit.is_hit and limit.kind in kinds:
                yield reading, limit, own_findings


def _candidate(case: Case, kind: str, title: Words, hit: _Hit, explains: frozenset[str]) -> Candidate:
    reading, limit, findings = hit
    show = case.pods.birdcl(reading.node, reading.family, f"show protocols all {reading.protocol.name}")
    missing = pairs_missing_at(case.observed, reading.node, reading.family)
    return Candidate(
        kind=kind,
        subjects=(SessionSubject.between(reading.node, reading.far, reading.family),),
        title=title,
        explanation=f"The {limit.kind.lower()} limit of {reading.protocol.name} is reached (action "
        f"{limit.action or 'none'}); Calico's own template has none.",
        confidence=Confidence.CERTAIN,
        explains=explains,
        evidence=findings[0].evidence,
        fixes=(
            Fix(
                label="raise limit",
                summary=f"raise the limit in the template of {reading.node}'s bird.cfg, or take it out",
                risk=Risk.NONE,
                steps=(FixStep(what="see the limit and its action", kubectl=show),),
            ),
        ),
        routes_lost=missing,
        costs=None if missing is None else routes_lost(missing),
    )


def _of_node(case: Case, rule: str, reading: SessionReading) -> frozenset[str]:
    """What a rule says of the node because of it."""
    return frozenset(
        finding.id
        for finding in case.of(rule)
        if isinstance(finding.subject, NodeSubject)
        and finding.subject.node == reading.node
        and finding.subject.family is reading.family
    )
