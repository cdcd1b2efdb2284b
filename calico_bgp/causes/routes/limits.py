"""Causes in limits of routes that somebody wrote into BIRD's template: Calico itself sets none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.costs import costs_of
from calico_bgp.causes.words import files_of
from calico_bgp.messages.declared import Words
from calico_bgp.messages.words import some
from calico_bgp.model.peer import Family, only_family
from calico_bgp.model.reports.cause import Confidence, Fix, FixStep, Risk
from calico_bgp.model.reports.report import Finding, Severity
from calico_bgp.model.reports.subject import NodeSubject, SessionSubject
from calico_bgp.model.routes.bird_reading import RouteLimit
from calico_bgp.natural_order import natural_key
from calico_bgp.routes.observed.cost import pairs_missing_at
from calico_bgp.routes.observed.session_readings import SessionReading, session_readings


@cause(
    "import-limit-hit",
    title="A limit of routes keeps routes out of a node's BIRD",
    what="limit of routes reached",
    messages={"hit": "BIRD on {node} takes no more than {number:count route} of {fars}, and more came"},
    meaning="With the action `block` BIRD drops what is beyond the limit, and the session stands; with `restart` and "
    "`disable` the session ends. Calico sets no limits: the template was edited. Source: BIRD nest/proto.c.",
    evidence="`[HIT]` at the limit in BIRD's long answer. Certain.",
    look_alikes="filter-rejects-routes, where a filter refuses the routes; the numbers of `show protocols all` tell.",
    mending="A limit that fits the cluster, or none, in the template that was edited; confd then writes bird.cfg anew.",
    demos=("import-limit:node5,node1",),
)
def import_limit_hit(case: Case) -> Iterator[Candidate]:
    """One per node and limit that drops routes: who wrote it for all peers wrote it once."""
    for hits in _alike(_hit(case, "Import", "Receive")):
        yield _candidate(case, "import-limit-hit", hits, "routes-not-accepted")


@cause(
    "export-limit-hit",
    title="A limit of routes keeps a node from announcing routes",
    what="limit of announced routes reached",
    messages={"hit": "BIRD on {node} announces no more than {number:count route} to {fars}, and has more"},
    meaning="With the action `block` BIRD announces nothing beyond the limit, and the session stands. Which routes "
    "come first is chance: a node's own may be those that are left out. Calico sets no limits: the template was "
    "edited. Source: BIRD nest/proto.c.",
    evidence="`[HIT]` at the export limit in BIRD's long answer. Certain.",
    look_alikes="import-limit-hit, where the far end takes no more; filter-rejects-routes, where a filter decides.",
    mending="A limit that fits the cluster, or none, in the template that was edited; confd then writes bird.cfg anew.",
    no_demo="No demo shows it: the lab's limits are of what nodes take.",
)
def export_limit_hit(case: Case) -> Iterator[Candidate]:
    """One per node and such limit."""
    for hits in _alike(_hit(case, "Export")):
        yield _candidate(case, "export-limit-hit", hits, "routes-not-announced")


_Hit = tuple[SessionReading, RouteLimit, list[Finding]]


def _hit(case: Case, *kinds: str) -> Iterator[_Hit]:
    """The limits of some kinds that drop routes, with the findings about the session."""
    findings = [finding for finding in case.of("route-limit-hit") if finding.severity is not Severity.WARNING]
    for reading in session_readings(case.cluster):
        subject = SessionSubject.between(reading.node, reading.far, reading.family)
        own_findings = [finding for finding in findings if finding.subject == subject]
        for limit in reading.protocol.limits if own_findings else ():
            if limit.is_hit and limit.kind in kinds:
                yield reading, limit, own_findings


def _alike(hits: Iterable[_Hit]) -> Iterable[list[_Hit]]:
    """Those at one node with one limit and action."""
    groups: dict[tuple[str, RouteLimit], list[_Hit]] = defaultdict(list)
    for hit in hits:
        groups[hit[0].node, hit[1]].append(hit)
    return groups.values()


def _candidate(case: Case, kind: str, hits: Sequence[_Hit], rule_of_node: str) -> Candidate:
    readings, limit = [reading for reading, _, _ in hits], hits[0][1]
    node, families = readings[0].node, dict.fromkeys(reading.family for reading in readings)
    missing = pairs_missing_at(case.observed, node, *families)
    fars = sorted({reading.far for reading in readings}, key=natural_key)
    return Candidate(
        kind=kind,
        subjects=tuple(SessionSubject.between(node, reading.far, reading.family) for reading in readings)
        if len(fars) == 1
        else (NodeSubject(node=node, family=only_family(families)),),
        title=Words("hit", node=node, number=limit.number, fars=fars),
        explanation=f"The {limit.kind.lower()} limit of {some([reading.protocol.name for reading in readings])} is "
        f"reached (action {limit.action or 'none'}); Calico's own template has none.",
        confidence=Confidence.CERTAIN,
        explains=frozenset(finding.id for _, _, findings in hits for finding in findings).union(
            *(_of_node(case, rule_of_node, reading) for reading in readings)
        ),
        evidence=tuple(dict.fromkeys(line for _, _, findings in hits for line in findings[0].evidence)),
        fixes=(
            Fix(
                label="raise limit",
                summary=f"raise the limit in the template of {node}'s {files_of(families)}, or take it out",
                risk=Risk.NONE,
                steps=tuple(_see_limit(case, readings, family) for family in families),
            ),
        ),
        routes_lost=missing,
        costs=costs_of(missing),
    )


def _see_limit(case: Case, readings: Sequence[SessionReading], family: Family) -> FixStep:
    names = [reading.protocol.name for reading in readings if reading.family is family]
    show = f"show protocols all {names[0]}" if len(names) == 1 else "show protocols all"
    return FixStep(what="see the limit and its action", kubectl=case.pods.birdcl(readings[0].node, family, show))


def _of_node(case: Case, rule: str, reading: SessionReading) -> frozenset[str]:
    """What a rule says of the node because of it."""
    return case.ids_about(NodeSubject(node=reading.node, family=reading.family), rule)
