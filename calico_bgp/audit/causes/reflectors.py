"""Causes about who reflects: a reflector that lost its label or its cluster ID, that is gone, or all of them.

Which they are Calico's resources say, and `role=reflector` in the inventory (confd/pkg/backends/calico/client.go
updatePeersV1; bgp_processor.go: a node with a cluster ID takes no part in the mesh).
"""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.audit.causes.candidate import Candidate, CauseContext
from calico_bgp.audit.fixes.pods import decision
from calico_bgp.audit.fixes.reflectors import (
    give_back,
    give_back_to_asked,
    mend_peer_selector,
    switch_mesh_on,
)
from calico_bgp.audit.lint_context import LintContext, about_peer
from calico_bgp.audit.lint_rules.cluster_ids import SelectedWithoutID, selected_without_id
from calico_bgp.audit.words import some
from calico_bgp.model.cause import Confidence
from calico_bgp.model.inventory import Role
from calico_bgp.model.resources import BGPPeer
from calico_bgp.model.subject import ClusterSubject, NodeSubject

#: What the audit and the lint say of a cluster that lost reflectors.
_AFTERMATH = (
    "no-peers-anywhere",
    "isolated-node",
    "fewer-than-two-reflectors",
    "no-working-reflector",
    "selector-matches-nothing",
    "nodes-not-joined",
    "node-without-peers",
    "client-without-reflector",
    "cluster-id-without-peers",
    "reflector-label-without-cluster-id",
    "family-without-peers",
    "resources-questionable",
)


def reflector_peers(lint: LintContext) -> list[BGPPeer]:
    """The BGPPeers that join nodes with reflectors: by a peerSelector that does not match everyone."""
    return [
        peer
        for peer in lint.resources.bgp_peers
        if peer.peer_selector is not None
        and lint.near.get(peer.name)
        and len(lint.matched(peer.peer_selector) or ()) < len(lint.nodes)
    ]


def _aftermath(context: CauseContext) -> frozenset[str]:
    """What follows from the configuration; sessions that are down have causes of their own."""
    return frozenset(
        finding.id
        for finding in context.of(*_AFTERMATH)
        if finding.rule != "isolated-node" or not context.keys_of[finding.id]
    )


def lost_cluster_id(context: CauseContext) -> Iterator[Candidate]:
    """Nodes that a BGPPeer selects as reflectors and that have no cluster ID, while others have one."""
    lint = context.lint
    if lint is None:
        return
    for found in (*selected_without_id(lint), *_none_has_one(context, lint)):
        names = sorted(found.suspects)
        yield Candidate(
            kind="reflector-lost-cluster-id",
            subjects=tuple(NodeSubject(node=name) for name in names),
            title=f"{some(names)} {_is(names)} selected as route reflector{_s(names)} but {_has(names)} no cluster ID: "
            f"{'it reflects' if len(names) == 1 else 'they reflect'} nothing",
            explanation="Sessions may all be Established, yet only a node with a routeReflectorClusterID passes on "
            "what it learned from one client to another.",
            confidence=Confidence.CERTAIN,
            explains=_aftermath(context),
            evidence=(
                f"BGPPeer {found.peer.name} has peerSelector {found.peer.peer_selector}, which matches {some(names)}",
                *(f"{name}: no routeReflectorClusterID" for name in names),
                *(f"{name}: cluster ID {lint.nodes[name].cluster_id}" for name in lint.reflectors[:5]),
            ),
            fixes=give_back(context, names),
        )


def _none_has_one(context: CauseContext, lint: LintContext) -> Iterator[SelectedWithoutID]:
    """Nodes that a BGPPeer selects where no node has a cluster ID, if one would bring routes back."""
    if lint.reflectors or lint.mesh_enabled or next(selected_without_id(lint), None) is not None:
        return
    for peer in reflector_peers(lint):
        suspects = list(lint.matched(peer.peer_selector or "") or ())
        near = set(lint.near.get(peer.name, ())) - set(suspects)
        if suspects and near and give_back(context, suspects):
            yield SelectedWithoutID(peer, suspects, near, every=True)


def lost_label(context: CauseContext) -> Iterator[Candidate]:
    """Nodes with a cluster ID that no BGPPeer selects any more, while the nodes that it selects share a label."""
    lint = context.lint
    if lint is None or not lint.reflectors:
        return
    peers = reflector_peers(lint)
    named = {peer.far_node for peers_of in lint.explicit.values() for peer in peers_of}
    missed = [
        name
        for name in lint.reflectors
        if peers and not any(name in (lint.matched(peer.peer_selector or "") or ()) for peer in peers)
    ]
    missed = [name for name in missed if name not in _by_address(lint) and _serves_nobody(lint, name)]
    if not missed or (len(missed) == len(lint.reflectors) and mend_peer_selector(context, peers[0])):
        return  # all of them at once, and the nodes still have a label of their own: the selector is what changed
    wanted = peers[0]
    yield Candidate(
        kind="reflector-lost-label",
        subjects=tuple(NodeSubject(node=name) for name in missed),
        title=f"{some(missed)} lost the label by which BGPPeer {wanted.name} finds route reflectors",
        explanation="The node still has its cluster ID, so it takes no part in the mesh, and no client peers with it.",
        confidence=Confidence.CERTAIN,
        explains=_aftermath(context),
        evidence=(
            f"BGPPeer {wanted.name} has peerSelector {wanted.peer_selector}",
            *(
                f"{name}: cluster ID {lint.nodes[name].cluster_id}, labels "
                + (", ".join(f"{key}={value}" for key, value in lint.nodes[name].labels) or "none")
                for name in missed[:5]
            ),
            *((f"peers of some node: {some(sorted(n for n in named if n))}",) if named else ()),
        ),
        fixes=give_back(context, missed),
    )


def _by_address(lint: LintContext) -> frozenset[str]:
    """Nodes that a BGPPeer names by address."""
    return frozenset(
        peer.far_node
        for peers in lint.explicit.values()
        for peer in peers
        if peer.far_node is not None
        and any(b.name in lint.peers_by_name and lint.peers_by_name[b.name].peer_ip for b in peer.because)
    )


def _serves_nobody(lint: LintContext, name: str) -> bool:
    return not (lint.neighbours[name] - set(lint.reflectors))


def reinstalled(context: CauseContext) -> Iterator[Candidate]:
    """Nodes that the inventory calls reflectors and that have no cluster ID any more."""
    lint = context.lint
    if lint is None:
        return
    if not lint.reflectors and _asks_in_vain(lint):
        return  # nobody is left at all: see none_left
    told = _told_reflectors(context)
    plain = [name for name, node in told.items() if node is not None and not lint.nodes[node].cluster_id]
    plain = sorted(name for name in plain if not _is_selected(lint, told[name] or ""))
    if plain:
        names = [told[name] or name for name in plain]
        yield Candidate(
            kind="reflector-reinstalled",
            subjects=tuple(NodeSubject(node=name) for name in plain),
            title=f"{some(plain)} lost label and cluster ID, as a node does that was installed anew",
            explanation="The inventory says role=reflector; to Calico the node is a client like any other. A new Node "
            "object has neither the label nor the annotation of the old one."
            + ("" if lint.reflectors else " No route reflector is left."),
            confidence=Confidence.CERTAIN,
            explains=_aftermath(context),
            evidence=tuple(f"{name}: role=reflector in the inventory, no routeReflectorClusterID" for name in plain),
            fixes=give_back(context, names),
        )


def removed(context: CauseContext) -> Iterator[Candidate]:
    """Hosts that the inventory lists, that Calico does not know any more, and that do not answer."""
    lint = context.lint
    if lint is None or not lint.resources.bgp_peers:
        return
    told = _told_reflectors(context)
    gone = [
        member
        for member in context.view.members
        if member.host is not None
        and member.resource is None
        and member.reading is None
        and (member.name in told or not told)
    ]
    listed = [member for member in context.view.members if member.host is not None]
    few = len(lint.reflectors) < 2
    if not gone or len(gone) == len(listed) or not few or not reflector_peers_named(lint):
        return
    names = sorted(member.name for member in gone)
    fresh = sorted(m.name for m in context.view.members if m.is_unlisted and m.name in lint.nodes)
    replaced = f", replaced by {some(fresh)}, which {_is(fresh)} no route reflector{_s(fresh)}" if fresh else ""
    nodes = frozenset(
        f for name in names for f in context.of_node(name, "node-unreadable", "isolated-node", "not-a-node")
    )
    new = frozenset(f.id for f in context.of("node-not-listed")) if fresh else frozenset()
    yield Candidate(
        kind="reflector-removed",
        subjects=tuple(NodeSubject(node=name) for name in names),
        title=f"{some(names)} left the cluster{replaced}" + ("" if lint.reflectors else "; no route reflector is left"),
        explanation="The host is in the inventory, it does not answer, and Calico's resources name no such node any "
        "more. Nobody took its place as route reflector.",
        confidence=Confidence.CERTAIN if any(name in told for name in names) else Confidence.LIKELY,
        explains=_aftermath(context) | nodes | new,
        evidence=(
            *(f"{name}: in the inventory{', role=reflector' if name in told else ''}, no Node" for name in names),
            f"route reflectors left: {some(lint.reflectors) if lint.reflectors else 'none'}",
        ),
        fixes=(
            *(give_back(context, fresh) if fresh else ()),
            *(switch_mesh_on(context) if not lint.reflectors else ()),
            *(() if fresh else give_back_to_asked(context)),
        ),
    )


def reflector_peers_named(lint: LintContext) -> bool:
    """Whether any BGPPeer means reflectors: by a peerSelector."""
    return any(peer.peer_selector is not None for peer in lint.resources.bgp_peers)


def _told_reflectors(context: CauseContext) -> dict[str, str | None]:
    """Members that the inventory calls reflectors → their Node's name, None where they have none."""
    return {
        member.name: member.resource.name if member.resource is not None else None
        for member in context.view.members
        if member.host is not None and member.host.role is Role.REFLECTOR
    }


def _is_selected(lint: LintContext, node: str) -> bool:
    return any(node in (lint.matched(peer.peer_selector or "") or ()) for peer in reflector_peers(lint))


def _asks_in_vain(lint: LintContext) -> list[BGPPeer]:
    """The BGPPeers whose peerSelector matches no node."""
    return [p for p in lint.resources.bgp_peers if p.peer_selector is not None and lint.matched(p.peer_selector) == ()]


def none_left(context: CauseContext) -> Iterator[Candidate]:
    """No node has a cluster ID, the mesh is off, and BGPPeers ask for reflectors that are not there."""
    lint = context.lint
    if lint is None or lint.reflectors or lint.mesh_enabled or not reflector_peers_named(lint):
        return
    empty = _asks_in_vain(lint)
    if not empty or any(lint.expectation.peers.values()):
        return
    known = sorted(node for node in _told_reflectors(context).values() if node is not None)
    yield Candidate(
        kind="no-reflector-left",
        subjects=tuple(NodeSubject(node=name) for name in known) or (ClusterSubject(),),
        title="no route reflector is left and the node-to-node mesh is off: no node has a peer"
        + (f"; {some(known)} {'was one' if len(known) == 1 else 'were reflectors'}" if known else ""),
        explanation=f"BGPPeer {empty[0].name} asks for nodes that match {empty[0].peer_selector}; none does, and none "
        "has a cluster ID. That is how it looks when all of them were installed anew: labels and annotations of a Node "
        "go with it.",
        confidence=Confidence.CERTAIN,
        explains=_aftermath(context),
        evidence=(
            "nodeToNodeMeshEnabled: false",
            f"BGPPeer {empty[0].name}: peerSelector {empty[0].peer_selector} matches no node",
            f"routeReflectorClusterID: on none of {len(lint.nodes)} nodes",
        ),
        fixes=(
            *(give_back(context, known) if known else ()),
            *switch_mesh_on(context),
            *(() if known else give_back_to_asked(context)),
        ),
    )


def stale_selector(context: CauseContext) -> Iterator[Candidate]:
    """A peerSelector that matches no node any more, though there are reflectors with a label of their own."""
    lint = context.lint
    if lint is None:
        return
    for peer in lint.resources.bgp_peers:
        if peer.peer_selector is None or lint.matched(peer.peer_selector) != () or not lint.near.get(peer.name):
            continue
        fixes = mend_peer_selector(context, peer)
        subject = about_peer(peer, "spec.peerSelector")
        if not lint.reflectors:
            continue
        yield Candidate(
            kind="selector-matches-nothing",
            subjects=(subject,),
            title=f"the peerSelector of BGPPeer {peer.name} matches no node any more: {peer.peer_selector}",
            explanation="The reflectors are there, with their cluster IDs, and nobody peers with them, for the label "
            "by which they are selected is on no node.",
            confidence=Confidence.CERTAIN,
            explains=_aftermath(context),
            evidence=(
                f"peerSelector: {peer.peer_selector}",
                *(
                    f"{name}: cluster ID {lint.nodes[name].cluster_id}, labels "
                    + (", ".join(f"{key}={value}" for key, value in lint.nodes[name].labels) or "none")
                    for name in lint.reflectors[:3]
                ),
            ),
            decide=(
                decision(
                    "kubectl get nodes --show-labels",
                    None,
                    ("the reflectors have another label", "the selector has to name that one"),
                ),
            )
            if not fixes
            else (),
            fixes=fixes or give_back(context, list(lint.reflectors)),
        )


def _is(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _has(names: list[str]) -> str:
    return "has" if len(names) == 1 else "have"


def _s(names: list[str]) -> str:
    return "" if len(names) == 1 else "s"


FAMILIES = (lost_cluster_id, lost_label, reinstalled, removed, none_left, stale_selector)
