"""From findings to causes: every family says what may be, the choice takes the fewest, the rest stays unexplained."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import CauseFamily, CauseKind
from calico_bgp.causes.choice import choose, independent
from calico_bgp.causes.costs import Cost, Costs
from calico_bgp.causes.families import CAUSE_KINDS
from calico_bgp.causes.joint import jointly
from calico_bgp.causes.network.unplaced import addresses_of_lonely_nodes, keys_of_addresses
from calico_bgp.causes.secondary import is_secondary
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.failures import sheltered
from calico_bgp.messages.declared import message_of
from calico_bgp.messages.formatter import render
from calico_bgp.messages.merging import names_of
from calico_bgp.model.reports.cause import Cause
from calico_bgp.model.reports.message import Message
from calico_bgp.model.reports.report import BLIND_RULES, Finding, Severity
from calico_bgp.model.reports.subject import ClusterSubject, NodeSubject, SessionSubject, Subject, stable_id
from calico_bgp.natural_order import natural_key


def explain(case: Case, families: Sequence[CauseFamily]) -> tuple[tuple[Cause, ...], tuple[Finding, ...]]:
    """Find the causes.

    Args:
        case: What there is to explain, and all that may explain it.
        families: What may be: each yields candidates.

    Returns:
        The causes, those of the worst findings first, and the findings in their order, each with the cause that
        explains it.
    """
    finding_ids = {finding.id for finding in case.findings}
    offered = [_with_far_ends(case, candidate) for family in families for candidate in _offered(family, case)]
    candidates = [candidate for candidate in offered if candidate.explains & finding_ids]
    chosen: list[Candidate] = []
    with sheltered("which causes explain the findings"):
        chosen = choose(candidates)
        chosen += independent(candidates, chosen, _aftermaths(families))
        chosen = jointly(case, offered, chosen)
    causes = {stable_id(f"cause {one.kind}", one.subjects): _in_full(one) for one in chosen}
    by_finding = _owners(causes) | _secondary(case, causes)
    _share(case, causes, by_finding)
    findings = tuple(replace(f, cause_id=by_finding.get(f.id)) for f in case.findings)
    by_cause: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.cause_id is not None:
            by_cause[finding.cause_id].append(finding)
    costs = Costs(case)
    kinds = CAUSE_KINDS | {kind.id: kind for family in families for kind in family.kinds}
    in_order = sorted((_order(candidate, by_cause[id_]), id_) for id_, candidate in causes.items() if by_cause[id_])
    return tuple(_cause(id_, causes[id_], by_cause[id_], costs.of(causes[id_]), kinds) for _, id_ in in_order), findings


def _offered(family: CauseFamily, case: Case) -> list[Candidate]:
    """What a family offers; of one that fails, what it offered before it failed."""
    offered: list[Candidate] = []
    with sheltered(f"causes of family {family.name}"):
        offered.extend(family(case))
    return offered


def _with_far_ends(case: Case, candidate: Candidate) -> Candidate:
    """Explains as well what others say of an address that is the node's without anybody saying so."""
    addresses = addresses_of_lonely_nodes(case)
    names = {subject.node for subject in candidate.subjects if isinstance(subject, NodeSubject)} & addresses.keys()
    names = {name for name in names if case.bad_keys(name) <= candidate.keys}
    if not names:
        return candidate
    keys = keys_of_addresses(case, (address for name in names for address in addresses[name]))
    return replace(candidate, explains=candidate.explains | case.explained_by(keys))


def _in_full(candidate: Candidate) -> Candidate:
    """A chosen candidate with its detail; without it where making the detail fails."""
    with sheltered(f"what is said of {candidate.kind}"):
        return candidate.in_full()
    return candidate


def _aftermaths(families: Sequence[CauseFamily]) -> dict[str, str]:
    """Kind → what it leaves behind, of those that share that with others."""
    return {kind.id: kind.aftermath for family in families for kind in family.kinds if kind.aftermath}


def _owners(causes: dict[str, Candidate]) -> dict[str, str]:
    """Finding → the cause that explains it; of several the one that is surest and says least else."""
    owners: dict[str, str] = {}
    for id_, candidate in sorted(causes.items(), key=lambda item: (item[1].confidence.rank, len(item[1].explains))):
        for finding in candidate.explains:
            owners.setdefault(finding, id_)
    return owners


def _share(case: Case, causes: dict[str, Candidate], owners: dict[str, str]) -> None:
    """Give each cause without a finding of its own one that it shares with others: best one that names its nodes."""
    owned = Counter(owners.values())
    by_id = {finding.id: finding for finding in case.findings}
    # By place, not by id: ids are hashes of names, and other names must not give another answer.
    place_of = {id_: place for place, id_ in enumerate(by_id)}

    def is_of_another(finding: str, names: set[str]) -> bool:
        return finding not in by_id or names_of(by_id[finding]).isdisjoint(names)

    for id_, candidate in sorted(causes.items(), key=lambda item: (item[1].kind, [str(s) for s in item[1].subjects])):
        able = [finding for finding in candidate.explains if owned[owners[finding]] > 1]
        if owned[id_] or not able:
            continue
        names = {subject.node for subject in candidate.subjects if isinstance(subject, NodeSubject)}
        moved = min(able, key=lambda finding: (is_of_another(finding, names), place_of.get(finding, len(place_of))))
        owned[owners[moved]] -= 1
        owned[id_] += 1
        owners[moved] = id_


def _secondary(case: Case, causes: dict[str, Candidate]) -> dict[str, str]:
    """Findings about the cluster → their cause, where the causes account for every session that they speak of."""
    cause_of_key: dict[SessionKey, str] = {}
    for id_, candidate in causes.items():
        for key in candidate.keys:
            cause_of_key.setdefault(key, id_)
    cause_of_finding = {}
    for finding in case.findings:
        keys = case.keys_of[finding.id]
        if is_secondary(finding) and keys and keys <= cause_of_key.keys():
            owners = [cause_of_key[key] for key in sorted(keys)]
            cause_of_finding[finding.id] = max(sorted(set(owners)), key=owners.count)
    return cause_of_finding


def _order(candidate: Candidate, findings: Sequence[Finding]) -> tuple[int, int, int, str, str]:
    """The worst first, then what takes most sessions down, then the surest."""
    worst = min((finding.severity.rank for finding in findings), default=Severity.INFO.rank)
    about = " ".join(map(str, candidate.subjects))
    return worst, -len(candidate.keys), candidate.confidence.rank, candidate.kind, about


def _cause(
    id_: str, candidate: Candidate, findings: Sequence[Finding], cost: Cost, kinds: Mapping[str, CauseKind]
) -> Cause:
    kind = kinds[candidate.kind]
    title = candidate.title
    message = title if isinstance(title, Message) else message_of(kind.messages, title.key, title.values)
    return Cause(
        id=id_,
        kind=candidate.kind,
        subjects=candidate.subjects,
        what=candidate.what or kind.what,
        where=_where(candidate.subjects),
        severity=_severity(findings, cost),
        routes_lost=cost.routes,
        sessions=len(candidate.keys),
        title=render(message),
        said=message,
        explanation=candidate.explanation,
        confidence=candidate.confidence,
        evidence=candidate.evidence or tuple(finding.message for finding in findings),
        costs=cost.words,
        findings=tuple(finding.id for finding in findings),
        decide=candidate.decide,
        fixes=candidate.fixes,
    )


def _where(subjects: Sequence[Subject]) -> tuple[str, ...]:
    """Names without families: one place may be at fault for both."""
    return tuple(sorted({_place(subject) for subject in subjects}, key=natural_key))


def _place(subject: Subject) -> str:
    match subject:
        case NodeSubject():
            return subject.node
        case SessionSubject():
            return f"{subject.a} <-> {subject.b}"
        case ClusterSubject():
            return "cluster"
    return str(subject)


def _severity(findings: Sequence[Finding], cost: Cost) -> Severity:
    """Routes that are lost are an error; where it is not known whether some are, its findings say how bad it is."""
    if cost.routes and cost.certain:
        return Severity.ERROR
    severities = [finding.severity for finding in findings if finding.rule not in BLIND_RULES]
    worst = min(severities, key=lambda severity: severity.rank, default=Severity.WARNING)
    return Severity.WARNING if cost.routes == 0 and worst is Severity.ERROR else worst
