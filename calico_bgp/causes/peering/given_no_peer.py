"""Cause, without resources: nodes that have no peer and that no other node has: Calico gives them none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.network.unplaced import keys_of_addresses
from calico_bgp.causes.remedies.resources import GIVE_RESOURCES
from calico_bgp.causes.signals import NOTHING_COMES, Signal
from calico_bgp.causes.words import rows_of
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.messages.steps import LOOK_AT_RESOURCES_LINE
from calico_bgp.messages.words import some
from calico_bgp.model.peer import Address, Family
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.report import Finding
from calico_bgp.model.reports.severity import Severity
from calico_bgp.model.reports.subject import NodeSubject
from calico_bgp.model.topology import TopologyKind
from calico_bgp.natural_order import natural_key

#: What tells of a host whose BIRD has no peer: it refused a connection, or said that it ends the session.
_WITHOUT_PEERS = frozenset({Signal.REFUSED, Signal.DECONFIGURED_THERE, Signal.STOPPED_THERE})
#: All that those may hear that dial such a host.
_HEARD = NOTHING_COMES - {Signal.UNREACHABLE} | {Signal.CLOSED} | _WITHOUT_PEERS


@cause(
    "no-peer-given",
    title="Calico gives a node no peer",
    what="no peer given",
    messages={
        "none": "{nodes} {nodes:has|have} no peer{family}, and no other node{read} has {nodes:it|one of them} as a "
        "peer: Calico's resources give {nodes:it|them} none",
        "perhaps": "{nodes} {nodes:has|have} no peer{family}, and {addresses}, with which nobody has a session, "
        "{addresses:is|are} probably {nodes:its|theirs}: Calico's resources give {nodes:it|them} none, or only one end "
        "of the sessions",
    },
    meaning="BIRD runs there without a peer, and the other nodes, which have peers, do not have this one: both ends "
    "of what is missing agree, so that no session is down, and none is asked for. In a mesh a cluster ID takes a node "
    "out of it; with reflectors its labels are not those that a BGPPeer selects; without a BGP address, or without a "
    "Node, there is no peer of any kind. Source: confd/pkg/backends/calico/bgp_processor.go.",
    evidence="The tables of the node and of the others; only without Calico's resources. Likely; possible while "
    "nodes are not read.",
    look_alikes="confd-stuck and disabled-peer, where other nodes have it as a peer. With resources node-lost-label, "
    "selector-matches-wrong-nodes, address-missing or stray-cluster-id say which it is.",
    mending="The label, the selector, the address or the cluster ID; Calico's resources tell which it is.",
    no_demo="No demo shows it: a demo reads the resources, and then node-lost-label or selector-matches-wrong-nodes "
    "is named.",
)
def no_peer_given(case: Case) -> Iterator[Candidate]:
    """One for all such nodes; another one for those that have peers of the other family."""
    if case.cluster.expectation is not None:
        return
    nodes: dict[Family | None, list[tuple[str, Finding]]] = defaultdict(list)
    for finding, subject in case.about(NodeSubject, "isolated-node"):
        is_without_peers = (finding.key, finding.severity) == ("no-peers", Severity.ERROR)
        if is_without_peers and not any(case.cluster.session(*key).rows for key in case.keys_of[finding.id]):
            nodes[subject.family].append((subject.node, finding))
    for family, found in nodes.items():
        yield _candidate(case, family, found)


def _candidate(case: Case, family: Family | None, found: list[tuple[str, Finding]]) -> Candidate:
    names = sorted((name for name, _ in found), key=natural_key)
    keys = frozenset(key for _, finding in found for key in case.keys_of[finding.id])
    is_all_read = all(member.reading is not None for member in case.cluster.members)
    if addresses := _perhaps_theirs(case, family, names):
        return _perhaps(case, family, found, names, addresses)
    return Candidate(
        kind="no-peer-given",
        subjects=tuple(NodeSubject(node=name, family=family) for name in names),
        title=Words(
            "none",
            nodes=tuple(names),
            family=None if family is None else f" over {family.label}",
            read=None if is_all_read else " that was read",
        ),
        explanation="BIRD runs there and has nobody to talk to, and nobody dials it: no session is down, for none is "
        "asked for.",
        confidence=Confidence.LIKELY if is_all_read else Confidence.POSSIBLE,
        explains=frozenset(finding.id for _, finding in found) | case.explained_by(keys),
        evidence=tuple(finding.message for _, finding in found),
        keys=keys,
        decide=(decision(LOOK_AT_RESOURCES_LINE, None, *_outcomes(case, names)),),
        fixes=(GIVE_RESOURCES,),
    )


def _perhaps_theirs(case: Case, family: Family | None, names: list[str]) -> list[Address]:
    """Addresses that nobody here claims, at which a host answers, and a BIRD ended the sessions or none listens.

    A BIRD without any peer does not listen. Nothing where an address of one of these nodes is known, or where there are
    more such addresses than nodes.
    """
    members = [case.member(name) for name in names]
    if any(m is None or m.own_addresses or (m.host is not None and m.host.addresses) for m in members):
        return []
    refusing = [
        address
        for one in Family
        if family in {None, one}
        for address in case.cluster.identity.unclaimed[one]
        if (keys := case.bad_keys(str(address))) and not case.up_keys(str(address))
        if (signals := case.all_signals(keys)) & _WITHOUT_PEERS and signals <= _HEARD
    ]
    number = max((sum(a.version == one.version for a in refusing) for one in Family), default=0)
    return refusing if number <= len(names) else []


def _perhaps(
    case: Case, family: Family | None, found: list[tuple[str, Finding]], names: list[str], addresses: list[Address]
) -> Candidate:
    keys = keys_of_addresses(case, addresses)
    return Candidate(
        kind="no-peer-given",
        subjects=tuple(NodeSubject(node=name, family=family) for name in names),
        title=Words(
            "perhaps",
            nodes=tuple(names),
            family=None if family is None else f" over {family.label}",
            addresses=tuple(addresses),
        ),
        explanation="A BIRD that loses its peers ends their sessions, and without any it does not listen. Whose these "
        "addresses are nobody here says; there are no more of them than nodes without a peer.",
        confidence=Confidence.POSSIBLE,
        explains=frozenset(finding.id for _, finding in found) | case.explained_by(keys),
        evidence=(*(finding.message for _, finding in found), *rows_of(case, keys)),
        keys=keys,
        decide=(
            decision(
                LOOK_AT_RESOURCES_LINE,
                None,
                (
                    "a BGPPeer with reversePeering: Manual",
                    "the far ends need a BGPPeer of their own, or let it be Auto",
                ),
                *_outcomes(case, names),
            ),
        ),
        fixes=(GIVE_RESOURCES,),
    )


def _outcomes(case: Case, names: list[str]) -> Iterator[tuple[str, str]]:
    """What the resources may show, and what to do then."""
    which = some(names)
    if case.cluster.shape.kind in {TopologyKind.MESH, TopologyKind.MIXED}:
        yield f"a routeReflectorClusterID on {which}", "take it away, unless a BGPPeer is to join it: the mesh does not"
    if case.cluster.shape.kind is not TopologyKind.MESH:
        yield (
            f"no BGPPeer whose nodeSelector matches {which}",
            "give them the labels of nodes that have peers, or a BGPPeer; where most lack the labels, fix the selector",
        )
    yield f"{which} without an address under bgp", "calico-node writes it: see its log there"
    yield f"no Node called {which}", "the machine left the cluster: take it from the list, or let it join again"
    yield "none of these", f"confd of {which} did not follow: see the log of calico-node there"
