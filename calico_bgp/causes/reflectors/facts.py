"""Who reflects, who should, and what follows where nobody does. Facts for the families about reflectors."""

from __future__ import annotations

from collections.abc import Collection

from calico_bgp.causes.case import Case
from calico_bgp.expect.configured import Configured
from calico_bgp.model.inventory import Role
from calico_bgp.model.resources import BGPPeer

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
    "reflector-role-lost",
    "resources-questionable",
)


def reflector_peers(configured: Configured) -> list[BGPPeer]:
    """The BGPPeers that join nodes with reflectors: by a peerSelector that does not match everyone."""
    return [
        peer
        for peer in configured.resources.bgp_peers
        if peer.peer_selector is not None
        and configured.near.get(peer.name)
        and len(configured.matched(peer.peer_selector) or ()) < len(configured.nodes)
    ]


def is_selected(configured: Configured, node: str) -> bool:
    """Whether a BGPPeer joins nodes with this one as a reflector."""
    return any(node in (configured.matched(peer.peer_selector or "") or ()) for peer in reflector_peers(configured))


def should_select(configured: Configured, name: str) -> list[BGPPeer]:
    """The BGPPeers that are meant to find this node as a route reflector.

    Where racks have reflectors of their own these are several BGPPeers: then those whose other reflectors have the
    node's cluster ID, and that have it at their near end, as a client like any other, now that it lacks the label.
    """
    able = reflector_peers(configured)
    own_id = configured.nodes[name].cluster_id
    alike = [peer for peer in able if own_id and own_id in ids_selected_by(configured, peer, (name,))]
    near = [peer for peer in alike or able if name in configured.near[peer.name]]
    return near or alike or able


def ids_selected_by(configured: Configured, peer: BGPPeer, without: Collection[str]) -> set[str]:
    """The cluster IDs of the reflectors that a BGPPeer selects, apart from some nodes."""
    selected = (
        configured.nodes[name] for name in configured.matched(peer.peer_selector or "") or () if name not in without
    )
    return {node.cluster_id for node in selected if node.cluster_id}


def aftermath_of(case: Case) -> frozenset[str]:
    """What follows from the configuration; sessions that are down have causes of their own."""
    return frozenset(
        finding.id
        for finding in case.of(*_AFTERMATH)
        if finding.rule != "isolated-node" or not case.keys_of[finding.id]
    )


def asks_for_reflectors(configured: Configured) -> bool:
    """Whether any BGPPeer means reflectors: by a peerSelector."""
    return any(peer.peer_selector is not None for peer in configured.resources.bgp_peers)


def listed_reflectors(case: Case) -> dict[str, str | None]:
    """Members that the inventory calls reflectors → their Node's name, None where they have none."""
    return {
        member.name: member.resource.name if member.resource is not None else None
        for member in case.cluster.members
        if member.host is not None and member.host.role is Role.REFLECTOR
    }


def asking_in_vain(configured: Configured) -> list[BGPPeer]:
    """The BGPPeers whose peerSelector matches no node."""
    return [
        p
        for p in configured.resources.bgp_peers
        if p.peer_selector is not None and configured.matched(p.peer_selector) == ()
    ]
