"""Facts about Calico's resources that several rules of the lint ask for, and causes as well. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.resources import BGPPeer, CalicoNode
from calico_bgp.rules.lint_context import LintContext


def served_by(context: LintContext, node: str) -> frozenset[str]:
    """The reflectors with which a node has a session."""
    return context.neighbours[node] & frozenset(context.reflectors)


def clients(context: LintContext) -> list[CalicoNode]:
    """The nodes that are no reflectors and have an address."""
    return [node for node in context.resources.nodes if not node.cluster_id and (node.ipv4 or node.ipv6)]


def reflecting(context: LintContext) -> bool:
    """Whether reflectors serve anybody: nodes with a cluster ID that nobody peers with are another rule's."""
    return any(served_by(context, node.name) for node in clients(context))


class SelectedWithoutID(NamedTuple):
    """Nodes that a BGPPeer selects as reflectors and that have no cluster ID.

    Attributes:
        peer: The BGPPeer.
        suspects: The nodes.
        near: The nodes that peer with them because of it.
        every: Whether none that it selects has one.
    """

    peer: BGPPeer
    suspects: list[str]
    near: set[str]
    every: bool


def selected_without_id(context: LintContext) -> Iterator[SelectedWithoutID]:
    """One per BGPPeer that selects some as reflectors."""
    nodes = context.nodes
    for peer in context.resources.bgp_peers:
        matched = context.matched(peer.peer_selector) if peer.peer_selector is not None else None
        if not matched or len(matched) == len(nodes):
            continue
        without = [name for name in matched if not nodes[name].cluster_id]
        near = set(context.near.get(peer.name, ())) - set(matched)
        named = [name for name in without if is_called_reflector(nodes[name])]
        suspects = without if len(without) < len(matched) else named
        # Where local and far AS differ, everything is passed on without reflection.
        suspects = [name for name in suspects if _same_as(context, name, near)]
        if suspects and near:
            yield SelectedWithoutID(peer, suspects, near, len(without) == len(matched))


def is_called_reflector(node: CalicoNode) -> bool:
    """Whether a label of the node says that it is a reflector."""
    return any("reflector" in key.lower() and value.lower() not in {"false", "no"} for key, value in node.labels)


def _same_as(context: LintContext, name: str, others: set[str]) -> bool:
    own = context.speakers[name].local_as
    return any(context.speakers[other].local_as == own for other in others)


class OneSided(NamedTuple):
    """A session that only its near end has, made by one BGPPeer."""

    peer: ExpectedPeer
    bgp_peer: BGPPeer


def one_sided(context: LintContext) -> Iterator[OneSided]:
    """Explicit peers whose far node has no peer for the near one."""
    for (near, far, family), peers in sorted(context.explicit_ends.items()):
        if (far, near, family) in context.explicit_ends or context.in_mesh(near, far, family):
            continue
        for peer in peers:
            if len(context.expectation.nodes_by_address.get(peer.address, ())) > 1:
                continue
            maker = next((context.peers_by_name.get(b.name) for b in peer.because if b.kind == "BGPPeer"), None)
            if maker is not None:
                yield OneSided(peer, maker)
