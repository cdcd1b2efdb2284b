"""From findings to causes: every family says what may be, the choice takes the fewest, the rest stays unexplained."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from hashlib import sha256

from calico_bgp.audit.causes.candidate import SECONDARY, Candidate, CauseContext, CauseFamily
from calico_bgp.audit.causes.choice import choose
from calico_bgp.audit.consequences import NOTHING_LOST
from calico_bgp.audit.words import count
from calico_bgp.model.cause import Cause
from calico_bgp.model.report import Finding, Severity
from calico_bgp.topology.sessions import SessionKey


def explain(context: CauseContext, families: Sequence[CauseFamily]) -> tuple[tuple[Cause, ...], tuple[Finding, ...]]:
    """Find the causes.

    Args:
        context: What there is to explain, and all that may explain it.
        families: What may be: each yields candidates.

    Returns:
        The causes, those of the worst findings first, and the findings in their order, each with the cause that
        explains it.
    """
    known = {finding.id for finding in context.findings}
    candidates = [c for family in families for c in family(context) if c.explains & known]
    chosen = choose(candidates)
    causes = {cause_id(candidate): candidate for candidate in chosen}
    by_finding = _owners(causes) | _secondary(context, causes)
    findings = tuple(f.model_copy(update={"cause_id": by_finding.get(f.id)}) for f in context.findings)
    mine: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.cause_id is not None:
            mine[finding.cause_id].append(finding)
    made = [
        (_order(candidate, mine[id_]), _cause(id_, candidate, mine[id_], context)) for id_, candidate in causes.items()
    ]
    return tuple(cause for _, cause in sorted(made, key=lambda pair: pair[0]) if cause.findings), findings


def cause_id(candidate: Candidate) -> str:
    """A stable name of a cause: 12 hexadecimal digits that depend on its kind and its subjects only."""
    subjects = "\n".join(
        subject.model_dump_json(exclude={"file", "line"} if subject.kind == "resource" else None)
        for subject in candidate.subjects
    )
    return sha256(f"cause {candidate.kind}\n{subjects}".encode()).hexdigest()[:12]


def _owners(causes: dict[str, Candidate]) -> dict[str, str]:
    """Finding → the cause that explains it; of several the one that is surest and says least else."""
    found: dict[str, str] = {}
    for id_, candidate in sorted(causes.items(), key=lambda item: (item[1].confidence.rank, len(item[1].explains))):
        for finding in candidate.explains:
            found.setdefault(finding, id_)
    return found


def _secondary(context: CauseContext, causes: dict[str, Candidate]) -> dict[str, str]:
    """What follows for the cluster is explained where the causes account for every session that it speaks of."""
    taken: dict[SessionKey, str] = {}
    for id_, candidate in causes.items():
        for key in candidate.keys:
            taken.setdefault(key, id_)
    found = {}
    for finding in context.findings:
        keys = context.keys_of[finding.id]
        if finding.rule in SECONDARY and keys and keys <= taken.keys():
            owners = [taken[key] for key in sorted(keys)]
            found[finding.id] = max(sorted(set(owners)), key=owners.count)
    return found


def _order(candidate: Candidate, findings: Sequence[Finding]) -> tuple[int, int, int, str, str]:
    """The worst first, then what takes most sessions down, then the surest."""
    worst = min((finding.severity.rank for finding in findings), default=Severity.INFO.rank)
    about = " ".join(map(str, candidate.subjects))
    return worst, -len(candidate.keys), candidate.confidence.rank, candidate.kind, about


def _cause(id_: str, candidate: Candidate, findings: Sequence[Finding], context: CauseContext) -> Cause:
    return Cause(
        id=id_,
        kind=candidate.kind,
        subjects=candidate.subjects,
        title=candidate.title,
        explanation=candidate.explanation,
        confidence=candidate.confidence,
        evidence=candidate.evidence,
        costs=candidate.costs or _costs(candidate, context),
        findings=tuple(finding.id for finding in findings),
        decide=candidate.decide,
        fixes=candidate.fixes,
    )


def _costs(candidate: Candidate, context: CauseContext) -> str | None:
    """Whose routes are lost with the sessions that are down because of it."""
    told, pairs, certain = False, 0, False
    for family, routes in context.routes.items():
        keys = [key for key in candidate.keys if key.family is family and key in routes.bad]
        if not keys or not routes.is_whole:
            continue
        lost = routes.lost_by(keys)
        if lost is None:
            return None
        told, pairs, certain = True, pairs + lost.pairs, certain or lost.certain
    if not told:
        # No session is down: what the configuration costs is what its fix would bring back.
        back = [fix.restores for fix in candidate.fixes if fix.restores is not None]
        if candidate.keys or not back:
            return None
        pairs, certain = max(back), True
    if not pairs:
        return NOTHING_LOST
    perhaps = "" if certain else "perhaps "
    verb = "is" if pairs == 1 else "are"
    return f"{count(pairs, 'pair')} (a node and another's routes) {verb} {perhaps}cut off because of it"
