"""The sessions that a change leaves alone: those whose protocols BIRD neither makes, removes nor starts again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from calico_bgp.expect.engine import Expectation
from calico_bgp.model.peer import Address
from calico_bgp.model.resources import BGPPeer
from calico_bgp.routes.network.sessions import BGPSession, SessionEnd

#: What a BGPPeer says about a protocol that an ExpectedPeer does not.
_UNSEEN = (
    "source_address",
    "reachable_by",
    "max_restart_time",
    "ttl_security",
    "has_password",
)


class Fate(IntEnum):
    """What becomes of a session during the change; the greater the better."""

    RESTARTS = 0
    """A protocol of it is new, goes, or is configured differently, upon which BIRD closes the session."""
    UNSURE = 1
    """One of two protocols for one neighbour goes, and which of them ran is not known."""
    STAYS = 2


@dataclass(frozen=True)
class Passage:
    """Which sessions a change leaves alone.

    BIRD starts a protocol again when anything of its configuration but filters differs (proto/bgp/bgp.c
    bgp_reconfigure), and all of them when the router ID does.

    Attributes:
        touched: Node → the addresses of neighbours that lose a protocol, or have it configured differently.
        unsure: Node → those among them of which one protocol stays as it was.
        restarted: The nodes whose router ID changes, and those that are replaced.
    """

    touched: Mapping[str, frozenset[Address]]
    unsure: Mapping[str, frozenset[Address]]
    restarted: frozenset[str]

    def fate(self, session: BGPSession) -> Fate:
        """What becomes of a session that exists before and afterwards."""
        a, b = session
        return min(self._fate(a, b), self._fate(b, a))

    def end_fate(self, node: str, far: Address | None) -> Fate:
        """What becomes of one end."""
        if node in self.restarted or far is None:
            return Fate.RESTARTS if node in self.restarted else Fate.UNSURE
        if far not in self.touched.get(node, ()):
            return Fate.STAYS
        return Fate.UNSURE if far in self.unsure.get(node, ()) else Fate.RESTARTS

    def _fate(self, near: SessionEnd, far: SessionEnd) -> Fate:
        return self.end_fate(near.node, far.address)


def passage(before: Expectation, after: Expectation, replaced: Iterable[str] = ()) -> Passage:
    """Compare the protocols of every node that is there before and afterwards.

    Args:
        before: What is configured.
        after: What will be.
        replaced: The nodes that go and come back.
    """
    touched: dict[str, frozenset[Address]] = {}
    unsure: dict[str, frozenset[Address]] = {}
    suspects = _changed_unseen(before, after)
    for node, peers in before.peers.items():
        others = after.peers.get(node, ())
        if peers == others and not suspects:
            continue
        was, will = ({peer._replace(because=(), far_node=None) for peer in mine} for mine in (peers, others))
        # A protocol that comes beside the one that runs leaves it alone.
        differing = frozenset(peer.address for peer in was - will)
        closed = {p.address for p in (*peers, *others) if any((b.kind, b.name) in suspects for b in p.because)}
        if differing or closed:
            touched[node] = differing | closed
            unsure[node] = differing.intersection(peer.address for peer in was & will) - closed
    ids = {node.name: node.ipv4 for node in before.resources.nodes}
    changed = {node.name for node in after.resources.nodes if node.name in ids and ids[node.name] != node.ipv4}
    return Passage(touched, unsure, frozenset(changed.union(replaced)))


def _changed_unseen(before: Expectation, after: Expectation) -> frozenset[tuple[str, str]]:
    """The resources that change something which no ExpectedPeer shows."""
    was = {peer.name: _unseen(peer) for peer in before.resources.bgp_peers}
    found = {
        ("BGPPeer", peer.name)
        for peer in after.resources.bgp_peers
        if peer.name in was and was[peer.name] != _unseen(peer)
    }
    meshes = [
        (config.node_mesh_max_restart_time, config.has_node_mesh_password) if config is not None else (None, False)
        for config in (before.resources.global_config, after.resources.global_config)
    ]
    if meshes[0] != meshes[1]:
        found.add(("BGPConfiguration", "default"))
    return frozenset(found)


def _unseen(peer: BGPPeer) -> tuple[object, ...]:
    return tuple(getattr(peer, field) for field in _UNSEEN)


def changed_filters(before: Expectation, after: Expectation) -> tuple[str, ...]:
    """The BGPPeers whose BGPFilters change, sorted: what those let through is not known here."""
    was = {peer.name: peer.filters for peer in before.resources.bgp_peers}
    return tuple(sorted(p.name for p in after.resources.bgp_peers if p.filters != was.get(p.name, ())))
