"""Causes in a BGP address that a Node lacks: nobody peers with it, in one family or at all. Only by the resources."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.addresses.facts import without_address_for_want_of_a_pod
from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.costs import Cost
from calico_bgp.causes.remedies.addresses import missing_address
from calico_bgp.messages.declared import Words
from calico_bgp.messages.merging import names_of
from calico_bgp.messages.words import routes_lost, some
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import ClusterSubject, NodeSubject
from calico_bgp.model.resources import CalicoNode

#: So many nodes at least must have an address of the family: of a single one nobody knows whether it is meant.
_LEAST = 2


@cause(
    "address-missing",
    title="A node has no BGP address, or none of a family",
    what="no BGP address",
    messages={
        "of_family": "{nodes} {nodes:has|have} no {family:and} BGP address, while {others:count other node} "
        "{others:has|have} one",
        "reflectors": "no route reflector has an {family:and} BGP address ({nodes:all}), while {others:count other "
        "node} {others:has|have} one",
        "none": "{nodes} {nodes:has|have} no BGP address at all, so nobody peers with {nodes:it|them}",
    },
    meaning="Calico peers only with Nodes that have an address of the family. calico-node writes it when it starts, "
    "as far as IP and IP6 in its environment say so; a Node that was made anew, or an annotation that somebody took "
    "away, has none.",
    evidence="Calico's Nodes. Certain.",
    look_alikes="A node whose calico-node does not run, by Kubernetes: that is pod-crash-looping or pod-missing. A "
    "node that is meant to have one family only: then its peers of the other are not missed by it.",
    mending="The address that the host has, by kubectl or calicoctl, or by a restart of calico-node that finds it.",
    no_demo="No demo shows it: each node of the lab has its addresses.",
)
def address_missing(case: Case) -> Iterator[Candidate]:
    """Nodes without any address, and nodes without one of a family that the others have."""
    if case.resources is None:
        return
    able = [node for node in case.resources.nodes if node.without_bird is None]
    explained = without_address_for_want_of_a_pod(case)
    bare = [node for node in able if not node.addresses and case.cluster.name_of_node(node.name) not in explained]
    if bare and len(able) - len(bare) >= _LEAST:
        family = max(Family, key=lambda one: sum(node.address(one) is not None for node in able))
        yield _none_at_all(case, bare, able, family)
    for family in Family:
        having = [node for node in able if node.address(family) is not None]
        if len(having) >= _LEAST:
            yield from _of_family(case, family, having)


def _member_names(case: Case, nodes: list[CalicoNode]) -> list[str]:
    return sorted(case.cluster.name_of_node(node.name) for node in nodes)


def _none_at_all(case: Case, bare: list[CalicoNode], able: list[CalicoNode], family: Family) -> Candidate:
    names = _member_names(case, bare)
    costs = cost_of(len(bare), sum(node.address(family) is not None for node in able))
    linted = {f.id for f in case.of("node-without-address") if names_of(f) <= {node.name for node in bare}}
    return Candidate(
        kind="address-missing",
        subjects=tuple(NodeSubject(node=name) for name in names),
        title=Words("none", nodes=names),
        explanation="confd makes a peer of each Node that has an address; these have none.",
        confidence=Confidence.CERTAIN,
        explains=frozenset(linted) | _of_nodes(case, names, "isolated-node", "family-without-peers"),
        evidence=tuple(_evidence(case, bare)),
        fixes=missing_address(case, bare, family),
        costs=costs.words,
        routes_lost=costs.routes,
    )


def cost_of(lacking: int, having: int) -> Cost:
    """What it costs when nobody peers with some nodes: they learn no routes, and nobody learns theirs."""
    pairs = 2 * lacking * having + lacking * (lacking - 1)
    return Cost(routes_lost(pairs), pairs)


def _of_family(case: Case, family: Family, having: list[CalicoNode]) -> Iterator[Candidate]:
    """Nodes that lack an address of a family; with all reflectors, where routes are missing because those lack one."""
    node_of = {member.name: member.resource for member in case.cluster.members if member.resource is not None}
    lacking = [
        node
        for name in _without_peers(case, family)
        if (node := node_of.get(name)) is not None and node.address(family) is None and node.addresses
    ]
    reflectors = [node_of[name] for name in case.cluster.reflectors if name in node_of]
    missing = _missing_routes(case, family)
    if missing and reflectors and all(node.address(family) is None for node in reflectors):
        lacking += [node for node in reflectors if node not in lacking]
        names = _member_names(case, lacking)
        only_reflectors = len(lacking) == len(reflectors)
        yield _lacking_family(
            case,
            family,
            lacking,
            title=Words(
                "reflectors" if only_reflectors else "of_family", nodes=names, family=family, others=len(having)
            ),
            explanation=f"Nobody passes on {family.label} routes: the route reflectors do not speak BGP over it.",
            explains=missing,
        )
    elif lacking:
        names = _member_names(case, lacking)
        yield _lacking_family(
            case,
            family,
            lacking,
            title=Words("of_family", nodes=names, family=family, others=len(having)),
            explanation=f"The other nodes have no peer for {some(names)} over {family.label}, and they have none.",
            costs=cost_of(len(lacking), len(having)),
        )


def _lacking_family(
    case: Case,
    family: Family,
    lacking: list[CalicoNode],
    *,
    title: Words,
    explanation: str,
    explains: frozenset[str] = frozenset(),
    costs: Cost | None = None,
) -> Candidate:
    names = _member_names(case, lacking)
    without_peers = _without_peers(case, family)
    return Candidate(
        kind="address-missing",
        subjects=tuple(NodeSubject(node=name, family=family) for name in names),
        title=title,
        explanation=explanation,
        confidence=Confidence.CERTAIN,
        explains=explains
        | {without_peers[name] for name in names if name in without_peers}
        | _of_nodes(case, names, "isolated-node", family=family),
        evidence=tuple(_evidence(case, lacking)),
        fixes=missing_address(case, lacking, family),
        costs=None if costs is None else costs.words,
        routes_lost=None if costs is None else costs.routes,
    )


def _without_peers(case: Case, family: Family) -> dict[str, str]:
    """Node without peers of a family that should have some → the finding that says so."""
    return {
        subject.node: finding.id
        for finding, subject in case.about(NodeSubject, "family-without-peers")
        if subject.family is family and finding.severity is not Severity.INFO
    }


def _missing_routes(case: Case, family: Family) -> frozenset[str]:
    """The findings that say that routes of a family are missing."""
    return frozenset(
        finding.id
        for finding, subject in case.about(ClusterSubject, "routes-missing")
        if subject.family is family and finding.severity is not Severity.INFO
    )


def _of_nodes(case: Case, names: list[str], *rules: str, family: Family | None = None) -> frozenset[str]:
    return frozenset(
        finding.id
        for finding, subject in case.about(NodeSubject, *rules)
        if subject.node in names and (family is None or subject.family is family)
    )


def _evidence(case: Case, nodes: list[CalicoNode]) -> Iterator[str]:
    for node in nodes:
        yield f"{node.name}: BGP address {' and '.join(map(str, node.addresses)) or 'none'}"
        member = case.member(case.cluster.name_of_node(node.name))
        if member is not None and member.own_addresses:
            yield f"{node.name} itself has {some(member.own_addresses)}"
