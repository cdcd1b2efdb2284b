"""The one word of a report, and what keeps it from being `healthy`: a claim, of which this file wants the proof.

It rests on what was read, on who learns whose routes, and on the findings; it makes none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from calico_bgp.auditing.ambiguous_pastes import open_questions
from calico_bgp.auditing.unjudged import lacks_resources
from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.nodes.names import mistaken_nodes
from calico_bgp.cluster.sessions.nodes_lacking import nodes_lacking
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.words import count, some
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import BLIND_RULES, FamilyReachability, Finding, NotRead, Severity, Verdict
from calico_bgp.natural_order import natural_key
from calico_bgp.routes.consequences import FamilyRoutes
from calico_bgp.routes.counts import in_words, suspected
from calico_bgp.routes.observed.needed import pods_need
from calico_bgp.routes.observed.numbers import is_all_observed

#: Findings that leave it open whether routes are missing: a warning, but never beside exit code 0.
_OPEN_QUESTIONS = {
    "family-without-peers": "whether {} should have peers of both families is not known",
    "isolated-node": "whether {} should have peers is not known",
    "no-bgp": "whether the cluster should use BGP is not known",
    "no-peers-anywhere": "whether {} should have peers is not known",
}
#: Rules that say that nodes have peers of which the resources hold no Node.
_TELL_OF_NO_NODE = frozenset({"unexpected-peer", "configuration-behind"})


def verdict_of(findings: Collection[Finding], *, blind: bool) -> Verdict:
    """The word, of findings that no exception accepts.

    Args:
        findings: Of any rules.
        blind: Whether something could not be looked at, or is doubted.
    """
    worst = {finding.severity for finding in findings if finding.rule not in BLIND_RULES}
    if Severity.ERROR in worst:
        return Verdict.UNHEALTHY
    if blind:
        return Verdict.UNKNOWN
    return Verdict.WARNINGS if Severity.WARNING in worst else Verdict.HEALTHY


def unread_nodes(cluster: Cluster, findings: Collection[Finding], expected: Collection[SessionKey]) -> tuple[str, ...]:
    """Nodes that were not read, or only in part. An exception for the finding does not make the node read.

    Every node counts that the source, the inventory or the resources name; what `--limit` left out does not.
    """
    whole = not cluster.snapshot.limited and not _texts_of_somebody(cluster)
    names = {member.name for member in cluster.members if member.reading is None and (whole or not member.is_unlisted)}
    names -= {name for name in names if _is_seen_from_outside(cluster, name, expected)}
    names |= {
        finding.subject.node for finding in findings if finding.rule in BLIND_RULES and finding.subject.kind == "node"
    }
    return tuple(sorted(names | mistaken_nodes(cluster)))


def reasons_unread(cluster: Cluster, unread: Collection[str]) -> tuple[NotRead, ...]:
    """The nodes that were not read, or only in part, by reason; the most nodes first."""
    by_reason: dict[tuple[str, str | None, str | None], list[str]] = {}
    for name in sorted(unread, key=natural_key):
        member = cluster.by_name.get(name)
        failure = None if member is None else member.failure
        if failure is not None:
            why = failure.short, failure.option, failure.remedy
        else:
            why = "not asked" if member is None or member.reading is None else "answer incomplete", None, None
        by_reason.setdefault(why, []).append(name)
    groups = [
        NotRead(nodes=tuple(nodes), reason=reason, option=option, remedy=remedy)
        for (reason, option, remedy), nodes in by_reason.items()
    ]
    return tuple(sorted(groups, key=lambda group: -len(group.nodes)))


def _texts_of_somebody(cluster: Cluster) -> int:
    """How many pasted texts are of a node of the resources, without saying of which."""
    if cluster.expectation is None or cluster.snapshot.hosts:
        return 0
    return sum(member.reading is not None and member.resource is None for member in cluster.members)


def _is_seen_from_outside(cluster: Cluster, name: str, expected: Collection[SessionKey]) -> bool:
    """Whether a node that nobody can ask has all its sessions by the tables of those peers that were read."""
    if not cluster.by_name[name].is_unreadable:
        return False
    keys = [key for key in expected if name in {key.a, key.b} and _is_read(cluster, key.far(name))]
    return all(key in cluster.sessions and cluster.sessions[key].is_up for key in keys)


def _is_read(cluster: Cluster, name: str) -> bool:
    return name in cluster.by_name and cluster.by_name[name].reading is not None


def doubts(
    cluster: Cluster,
    all_findings: Collection[Finding],
    findings: Collection[Finding],
    routes: Mapping[Family, FamilyRoutes],
    numbers: Collection[FamilyReachability],
) -> Iterator[str]:
    """What, apart from nodes that were not read, keeps the cluster from being called healthy; a few words each.

    Args:
        cluster: What was seen.
        all_findings: All findings: routes that are missing by one of them are no doubt, whether or not it is accepted.
        findings: Those that no exception accepts. A question that somebody answered by an exception is open no more.
        routes: Who learns whose routes.
        numbers: The same, counted.
    """
    if lacks_resources(cluster.snapshot):
        yield "what Calico's resources ask for is not known"
    lacking_nodes = nodes_lacking(cluster)
    if lacking_nodes and any(finding.rule in _TELL_OF_NO_NODE for finding in findings):
        names = some(lacking_nodes)
        yield f"whether {names} {'is a node' if len(lacking_nodes) == 1 else 'are nodes'} of the cluster is not known"
    yield from open_questions(cluster)
    texts = _texts_of_somebody(cluster)
    lacking = sum(member.is_unlisted for member in cluster.members) - texts if texts else 0
    if lacking > 0:
        yield f"{count(lacking, 'node')} of the resources {'was' if lacking == 1 else 'were'} not pasted"
    for finding in findings:
        words = _OPEN_QUESTIONS.get(finding.rule)
        if words is not None and finding.severity is Severity.WARNING:
            yield words.format(getattr(finding.subject, "node", "the node"))
    # A part of a cluster claims what was seen of it, and no more.
    is_part = cluster.snapshot.limited or (not cluster.snapshot.hosts and cluster.expectation is None)
    accounted = any(finding.severity is Severity.ERROR and finding.rule not in BLIND_RULES for finding in all_findings)
    if is_part or accounted:
        return
    for family_numbers in numbers:
        if (
            family_numbers.observed is not None
            and family_numbers.observed.pairs_missing
            and pods_need(cluster, family_numbers.family)
        ):
            lack = "does" if family_numbers.observed.pairs_missing == 1 else "do"
            missing = count(family_numbers.observed.pairs_missing, "route")
            yield f"{missing} {lack} not arrive over {family_numbers.family.label}, by the nodes' tables"
        elif not is_all_observed(family_numbers) and suspected(
            cluster, family_numbers.family, routes[family_numbers.family], family_numbers
        ):
            yield in_words(family_numbers)
