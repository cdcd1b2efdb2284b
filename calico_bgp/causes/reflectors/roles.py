"""Causes at reflectors: one that lost its label or its cluster ID.

Calico's resources say so (confd/pkg/backends/calico/client.go updatePeersV1; bgp_processor.go: a node with a cluster ID
takes no part in the mesh).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also, cause
from calico_bgp.causes.reflectors.facts import (
    aftermath_of,
    listed_reflectors,
    reflector_peers,
    should_select,
)
from calico_bgp.causes.remedies.reflectors import give_back, mend_peer_selector, take_cluster_ids
from calico_bgp.causes.remedies.resources import GIVE_RESOURCES
from calico_bgp.cluster.nodes.members import Member, Table
from calico_bgp.expect.configured import Configured
from calico_bgp.expect.reflectors import SelectedWithoutID, selected_without_id
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.messages.steps import LOOK_AT_RESOURCES_LINE
from calico_bgp.messages.words import some
from calico_bgp.model.inventory import Role
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.subject import NodeSubject, SessionSubject
from calico_bgp.upstream import CLUSTER_ID


@cause(
    "reflector-lost-cluster-id",
    title="A route reflector lost its cluster ID",
    what="no cluster ID",
    messages={
        "without_id": "{nodes} {nodes:is selected as route reflector|are selected as route reflectors} but "
        "{nodes:has|have} no cluster ID: {nodes:it reflects|they reflect} nothing",
    },
    meaning="The node is selected as reflector and its sessions are Established, but without a "
    "routeReflectorClusterID BIRD gets no `rr client` (confd's bird.cfg) and passes on nothing it learned from one "
    "client to another (RFC 4456).",
    evidence="Calico's resources: a peerSelector that matches nodes with and without a cluster ID. Certain.",
    look_alikes="Nothing: the sessions look healthy, only the resources tell.",
    mending="The cluster ID that the other reflectors have; where there is none left it is asked for.",
    demos=("lost-cluster-id:node2", "lost-cluster-id"),
    aftermath="a reflector is missing",
)
def lost_cluster_id(case: Case) -> Iterator[Candidate]:
    """Nodes that a BGPPeer selects as reflectors and that have no cluster ID, while others have one."""
    configured = case.configured
    if configured is None:
        return
    if misplaced(case, configured):
        return  # they never had one: the label of a reflector sits on them
    for selection in (*selected_without_id(configured), *_none_has_one(case, configured)):
        names, peer = sorted(selection.suspects), selection.peer
        yield Candidate(
            kind="reflector-lost-cluster-id",
            subjects=tuple(NodeSubject(node=name) for name in names),
            title=Words("without_id", nodes=names),
            explanation="Sessions may all be Established, yet only a node with a routeReflectorClusterID passes on "
            "what it learned from one client to another.",
            confidence=Confidence.CERTAIN,
            explains=aftermath_of(case) | _ignored_ids(case, names),
            evidence=(
                f"BGPPeer {peer.name} has peerSelector {peer.peer_selector}, which matches {some(names)}",
                *(f"{name}: {_id_of(configured, name)}" for name in names),
                *(f"{name}: cluster ID {configured.nodes[name].cluster_id}" for name in configured.reflectors[:5]),
            ),
            fixes=give_back(case, names),
        )


def _ignored_ids(case: Case, names: list[str]) -> frozenset[str]:
    """The lint's findings about malformed cluster IDs, which Calico ignores."""
    return frozenset(id_ for name in names for id_ in case.of_resource(name, "cluster-id-malformed"))


def _id_of(configured: Configured, name: str) -> str:
    ignored = dict(configured.nodes[name].ignored_annotations).get(CLUSTER_ID)
    return "no routeReflectorClusterID" + ("" if ignored is None else f" that is valid: {ignored}")


def _none_has_one(case: Case, configured: Configured) -> Iterator[SelectedWithoutID]:
    """Nodes that a BGPPeer selects where no node has a cluster ID, if one would bring routes back."""
    if configured.reflectors or configured.mesh_enabled or next(selected_without_id(configured), None) is not None:
        return
    for peer in reflector_peers(configured):
        suspects = list(configured.matched(peer.peer_selector or "") or ())
        near = set(configured.near.get(peer.name, ())) - set(suspects)
        if suspects and near and give_back(case, suspects):
            yield SelectedWithoutID(peer, suspects, near, all_lack_one=True)


@cause(
    "reflector-lost-label",
    title="A route reflector lost its label",
    what="reflector label lost",
    messages={
        "by_one": "{nodes} lost the label by which BGPPeer {peer} finds route reflectors{elsewhere}",
        "by_some": "{nodes} lost the label by which BGPPeers find route reflectors{elsewhere}",
        "elsewhere": "; {others} {others:has|have} it instead",
        "by_tables": "{node} {node:is a route reflector|are route reflectors} by the inventory, and no client peers "
        "with {node:it: it lost its label|them: they lost their label}, or label and cluster ID",
    },
    meaning="A node has a routeReflectorClusterID, but no BGPPeer selects it as reflector any more. It takes no part "
    "in the mesh (confd, bgp_processor.go processMeshPeers) and no client peers with it.",
    evidence="Calico's resources: the cluster ID of the node, its labels, the peerSelector that does not match. "
    "Certain.",
    look_alikes="A selector that changed on all reflectors at once (selector-matches-nothing): told apart by whether "
    "the reflectors still have a label of their own in common.",
    mending="The label that the peerSelector asks for.",
    demos=("lost-label:node1", "lost-label", "label-elsewhere:node1"),
    aftermath="a reflector is missing",
)
def lost_label(case: Case) -> Iterator[Candidate]:
    """Nodes with a cluster ID that no BGPPeer selects any more, while the nodes that it selects share a label."""
    configured = case.configured
    if configured is None or not configured.reflectors:
        return
    peers = reflector_peers(configured)
    missed = unselected_reflectors(configured)
    if not missed or (len(missed) == len(configured.reflectors) and mend_peer_selector(case, peers[0])):
        return  # all of them at once, and the nodes still have a label of their own: the selector is what changed
    elsewhere = misplaced(case, configured)
    asking = sorted({peer.name for name in missed for peer in should_select(configured, name)})
    yield Candidate(
        kind="reflector-lost-label",
        subjects=tuple(NodeSubject(node=name) for name in missed),
        title=Words(
            "by_one" if len(asking) == 1 else "by_some",
            nodes=missed,
            **({"peer": asking[0]} if len(asking) == 1 else {}),
            elsewhere=Words("elsewhere", others=sorted({name for name, _ in elsewhere})) if elsewhere else None,
        ),
        explanation="The node still has its cluster ID, so it takes no part in the mesh, and no client peers with it.",
        confidence=Confidence.CERTAIN,
        explains=aftermath_of(case),
        evidence=(
            *(f"BGPPeer {name} has peerSelector {configured.peers_by_name[name].peer_selector}" for name in asking[:3]),
            *(
                f"{name}: cluster ID {configured.nodes[name].cluster_id}, labels {configured.nodes[name].labels_text}"
                for name in missed[:5]
            ),
        ),
        # Where the mesh is on, the ID may be what is too much, and the label nothing that it ever had.
        fixes=give_back(case, missed, unlabel=elsewhere)
        or (take_cluster_ids(case, missed) if configured.mesh_enabled else ()),
    )


def unselected_reflectors(configured: Configured) -> list[str]:
    """Nodes with a cluster ID that no BGPPeer selects as reflectors, though some ask for such."""
    peers = reflector_peers(configured)
    if not peers:
        return []
    selected = {name for peer in peers for name in configured.matched(peer.peer_selector or "") or ()}
    by_address = _by_address(configured)
    missed = [name for name in configured.reflectors if name not in selected and name not in by_address]
    return [name for name in missed if _serves_nobody(configured, name)]


def misplaced(case: Case, configured: Configured) -> list[tuple[str, str]]:
    """(node, label): labels of reflectors that sit on nodes without a cluster ID, while as many reflectors lack them.

    A reflector that lost its label beside one that lost its ID looks alike where no other is left; there nobody knows,
    unless the inventory says who is to reflect.
    """
    missed = unselected_reflectors(configured)
    holders = {name: selection.peer for selection in selected_without_id(configured) for name in selection.suspects}
    listed = {node for node in listed_reflectors(case).values() if node is not None}
    whole = set(configured.reflectors) - set(missed)
    if not missed or len(holders) != len(missed) or listed & holders.keys() or not (whole or listed >= set(missed)):
        return []
    return [
        (name, key)
        for name, peer in sorted(holders.items())
        for key in configured.labels_in(peer.peer_selector or "")
        if configured.nodes[name].label(key) is not None
    ]


def _by_address(configured: Configured) -> frozenset[str]:
    """Nodes that a BGPPeer names by address."""
    return frozenset(
        peer.far_node
        for peers in configured.explicit.values()
        for peer in peers
        if peer.far_node is not None
        and any(b.name in configured.peers_by_name and configured.peers_by_name[b.name].peer_ip for b in peer.because)
    )


def _serves_nobody(configured: Configured, name: str) -> bool:
    """Whether only reflectors peer with the node, or nodes that BGPPeers select as such: it is a client itself."""
    selected = {
        other for peer in reflector_peers(configured) for other in configured.matched(peer.peer_selector or "") or ()
    }
    return configured.neighbours[name] <= selected | set(configured.reflectors)


@also("reflector-lost-label")
def lost_by_tables(case: Case) -> Iterator[Candidate]:
    """A node that hosts.txt calls a reflector and that no client peers with, while all have another one."""
    if case.configured is not None:
        return
    roles = case.cluster.shape.roles
    if any(_is_bare(member) for member in case.cluster.members if roles.get(member.name) is not Role.REFLECTOR):
        return  # a label that one reflector lost leaves every client the other one
    missing: dict[str, set[str]] = defaultdict(set)
    for finding in case.of("reflector-missing-client"):
        if isinstance(finding.subject, SessionSubject):
            one, other = finding.subject.a, finding.subject.b
            missing[one if roles.get(one) is Role.REFLECTOR else other].add(finding.id)
    for name, findings in sorted(missing.items()):
        far = {key.far(name) for key in case.up_keys(name)}
        if any(roles.get(other) is Role.CLIENT for other in far) or not far:
            continue
        yield Candidate(
            kind="reflector-lost-label",
            subjects=(NodeSubject(node=name),),
            title=Words("by_tables", node=name),
            explanation="It has sessions with other reflectors, as a client has, and none of the clients has it. A "
            "node that was installed anew looks so, and one whose label was taken away.",
            confidence=Confidence.LIKELY,
            explains=frozenset(findings),
            evidence=(f"{name}: role=reflector in the inventory", f"{name} peers with {some(sorted(far))} only"),
            decide=(
                decision(
                    LOOK_AT_RESOURCES_LINE,
                    None,
                    (f"{name} without the label that a peerSelector names", "give it the label"),
                    (f"{name} without routeReflectorClusterID", "give it the other reflectors' cluster ID as well"),
                ),
            ),
            fixes=(GIVE_RESOURCES,),
        )


def _is_bare(member: Member) -> bool:
    """Whether a node's BIRD runs and has no peer at all."""
    tables = {member.table(family) for family in Family}
    return member.reading is not None and not member.reading.peers and Table.WHOLE in tables
