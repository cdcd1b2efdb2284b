"""Who is served by route reflectors, and which nodes are selected as such without being one. Facts of the resources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from calico_bgp.expect.configured import Configured
from calico_bgp.model.resources import BGPPeer, CalicoNode


def served_by(configured: Configured, node: str) -> frozenset[str]:
    """The reflectors with which a node has a session."""
    return configured.neighbours[node] & frozenset(configured.reflectors)


def clients(configured: Configured) -> list[CalicoNode]:
    """The nodes that are no reflectors and have an address."""
    return [node for node in configured.resources.nodes if not node.cluster_id and (node.ipv4 or node.ipv6)]


def reflecting(configured: Configured) -> bool:
    """Whether reflectors serve anybody: nodes with a cluster ID that nobody peers with are another rule's."""
    return any(served_by(configured, node.name) for node in clients(configured))


class SelectedWithoutID(NamedTuple):
    """Nodes that a BGPPeer selects as reflectors and that have no cluster ID.

    Attributes:
        peer: The BGPPeer.
        suspects: The nodes.
        near: The nodes that peer with them because of it.
        all_lack_one: Whether none that it selects has one.
    """

    peer: BGPPeer
    suspects: list[str]
    near: set[str]
    all_lack_one: bool


def selected_without_id(configured: Configured) -> Iterator[SelectedWithoutID]:
    """One per BGPPeer that selects some as reflectors."""
    nodes = configured.nodes
    for peer in configured.resources.bgp_peers:
        matched = configured.matched(peer.peer_selector) if peer.peer_selector is not None else None
        if not matched or len(matched) == len(nodes):
            continue
        without = [name for name in matched if not nodes[name].cluster_id]
        near = set(configured.near.get(peer.name, ())) - set(matched)
        called_reflector = [name for name in without if is_called_reflector(nodes[name])]
        is_star = len(without) == len(matched) and _need_each_others_routes(configured, near)
        suspects = without if len(without) < len(matched) or is_star else called_reflector
        # Where local and far AS differ, everything is passed on without reflection.
        suspects = [name for name in suspects if _same_as(configured, name, near)]
        if suspects and near:
            yield SelectedWithoutID(peer, suspects, near, len(without) == len(matched))


def _need_each_others_routes(configured: Configured, near: set[str]) -> bool:
    """Whether two of these nodes peer with neither each other nor with one reflector, and with nobody outside."""
    if not near or configured.mesh_enabled or near & set(configured.with_externals):
        return False
    first, *others = sorted(near)
    # One is enough: of thousands of nodes not every pair is looked at.
    return any(
        other not in configured.neighbours[first] and not served_by(configured, first) & served_by(configured, other)
        for other in others
    )


def is_called_reflector(node: CalicoNode) -> bool:
    """Whether a label of the node says that it is a reflector."""
    return any("reflector" in key.lower() and value.lower() not in {"false", "no"} for key, value in node.labels)


def _same_as(configured: Configured, name: str, others: set[str]) -> bool:
    own = configured.speakers[name].local_as
    return any(configured.speakers[other].local_as == own for other in others)
