"""Which peers a change makes, takes away and configures differently, by the resource behind them. Judges nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from calico_bgp.expect.engine import Expectation
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Family
from calico_bgp.routes.network.classes.equal_nodes import classes_of_both


class PeerFate(StrEnum):
    """What becomes of a peer."""

    APPEARS = "appears"
    DISAPPEARS = "disappears"
    CHANGES = "changes"
    """It keeps its name and is configured differently, so that BIRD starts it again."""


@dataclass(frozen=True, slots=True)
class PeerChange:
    """Peers of one resource to which the same happens.

    Attributes:
        fate: What happens.
        kind: `BGPPeer`, or `BGPConfiguration` for the mesh.
        name: The resource's name.
        family: The family.
        nodes: Whose peers they are, sorted.
        peers: How many.
    """

    fate: PeerFate
    kind: str
    name: str
    family: Family
    nodes: tuple[str, ...]
    peers: int


def peer_changes(before: Expectation, after: Expectation, removed: Collection[str]) -> tuple[PeerChange, ...]:
    """The difference of the expected peers of the nodes that are not removed, sorted."""
    nodes_of: dict[tuple[PeerFate, str, str, Family], list[str]] = defaultdict(list)
    for names in _alike(before, after, removed):
        for fate, peer in _changes(before.peers.get(names[0], ()), after.peers.get(names[0], ())):
            reason = peer.because[0]
            nodes_of[fate, reason.kind, reason.name, peer.family] += names
    return tuple(
        PeerChange(fate, kind, name, family, tuple(sorted(set(nodes))), len(nodes))
        for (fate, kind, name, family), nodes in sorted(nodes_of.items())
    )


def _alike(before: Expectation, after: Expectation, removed: Collection[str]) -> Iterable[tuple[str, ...]]:
    """The nodes, those together of which only the first ones' peers are known: the others' are alike."""
    if len(after.peers) < len(after.resources.nodes):
        return classes_of_both(before, after)
    return ((name,) for name in {*before.peers, *after.peers} - set(removed))


def _changes(
    before: tuple[ExpectedPeer, ...], after: tuple[ExpectedPeer, ...]
) -> Iterator[tuple[PeerFate, ExpectedPeer]]:
    if before == after:
        return
    was = {(peer.family, peer.name): peer for peer in before}
    will = {(peer.family, peer.name): peer for peer in after}
    for key, peer in was.items():
        other = will.get(key)
        if other is None:
            yield PeerFate.DISAPPEARS, peer
        elif peer._replace(because=(), far_node=None) != other._replace(because=(), far_node=None):
            yield PeerFate.CHANGES, other
    for key, peer in will.items():
        if key not in was:
            yield PeerFate.APPEARS, peer
