"""Causes by which reflectors keep routes back although every session stands: equal IDs along the way, or another AS."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also, cause
from calico_bgp.causes.reflectors.facts import aftermath_of
from calico_bgp.causes.remedies.as_numbers import as_of_the_cluster
from calico_bgp.causes.remedies.layouts import own_ids
from calico_bgp.expect.configured import Configured
from calico_bgp.expect.reflectors import served_by
from calico_bgp.messages.declared import Words
from calico_bgp.messages.words import some
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.report import Finding, Severity
from calico_bgp.model.reports.subject import NodeSubject

_REDUNDANCY = ("fewer-than-two-reflectors", "client-single-reflector")


def _missing(case: Case) -> list[Finding]:
    """The findings that routes are missing although no session is."""
    return [finding for finding in case.of("routes-missing") if finding.severity is not Severity.INFO]


@also("reflectors-equal-ids")
def equal_ids_on_the_way(case: Case) -> Iterator[Candidate]:
    """One per cluster ID that reflectors of several levels share: what passed the one is dropped by the other."""
    configured = case.configured
    missing = _missing(case)
    if configured is None or not missing or case.ids("reflectors-not-joined", "nodes-not-joined"):
        return
    holders: dict[str, set[str]] = defaultdict(set)
    for name in configured.reflectors:
        holders[str(configured.nodes[name].cluster_id)].add(name)
    for cluster_id, names in sorted(holders.items()):
        groups = _by_clients(configured, names)
        fixes = own_ids(case, groups) if len(groups) > 1 else ()
        if not fixes:
            continue
        yield Candidate(
            kind="reflectors-equal-ids",
            subjects=tuple(NodeSubject(node=name) for name in sorted(names)),
            title=Words("equal", nodes=sorted(names)),
            explanation="A route that one of them reflected carries their cluster ID, so the next one does not hand it "
            "on (RFC 4456, section 8).",
            confidence=Confidence.CERTAIN,
            explains=frozenset(finding.id for finding in missing) | aftermath_of(case),
            evidence=(f"cluster ID {cluster_id}: {some(sorted(names))}", missing[0].message),
            fixes=fixes,
        )


def _by_clients(configured: Configured, names: set[str]) -> list[frozenset[str]]:
    """The holders of one ID by whom they reflect for: those that stand beside each other may share it."""
    peers = configured.expectation.peers
    groups: dict[frozenset[str], set[str]] = defaultdict(set)
    for name in names:
        clients = {peer.far_node for peer in peers.get(name, ()) if peer.far_node and peer.far_node not in names}
        groups[frozenset(clients)].add(name)
    return [frozenset(group) for group in groups.values()]


@cause(
    "reflector-in-other-as",
    title="A route reflector is in another AS than its clients",
    what="reflector in another AS",
    messages={
        "other": "{nodes} {nodes:has|have} another AS number than the nodes that {nodes:it serves|they serve}: "
        "{nodes:it reflects|they reflect} nothing",
    },
    meaning="A node with a cluster ID reflects only for peers of its own AS. With an AS number of its own its sessions "
    "are eBGP: what it passes on carries the nodes' AS already, and each of them drops it. Sources: confd's bird.cfg "
    "template; RFC 4271, section 9.",
    evidence="Calico's resources: the asNumber of the reflector's Node, and that its clients have another. Certain.",
    look_alikes="as-mismatch, where the ends expect different numbers and no session comes up.",
    mending="No asNumber in the Node of the reflector, tried in the model.",
    no_demo="No demo shows it: the lab's nodes have one AS number.",
)
def reflector_in_other_as(case: Case) -> Iterator[Candidate]:
    """One for all such reflectors."""
    configured = case.configured
    explains = case.ids(*_REDUNDANCY).union(finding.id for finding in _missing(case))
    if configured is None or not explains:
        return
    speakers = configured.speakers
    names = []
    for name in configured.reflectors:
        served = [node for node in configured.neighbours[name] if name in served_by(configured, node)]
        others = [node for node in served if configured.nodes[node].cluster_id is None]
        if others and all(speakers[node].local_as != speakers[name].local_as for node in others):
            names.append(name)
    fixes = as_of_the_cluster(case, names)
    if not fixes:
        return
    yield Candidate(
        kind="reflector-in-other-as",
        subjects=tuple(NodeSubject(node=name) for name in names),
        title=Words("other", nodes=names),
        explanation="Their sessions stand, and are eBGP: a client drops what comes with its own AS number in the path.",
        confidence=Confidence.CERTAIN,
        explains=explains | aftermath_of(case),
        evidence=tuple(f"{name}: AS {speakers[name].local_as}" for name in names),
        fixes=fixes,
    )
