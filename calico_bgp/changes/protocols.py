"""The protocols of an expectation as BIRD compares them when its configuration changes, with what is around them.

What BIRD compares is told in surviving.py, which says what becomes of the sessions. Nothing here knows a session.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from ipaddress import IPv4Address
from typing import NamedTuple, TypeAlias

from calico_bgp.expect.engine import Expectation
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Address, Family
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, CalicoNode

#: A neighbour of a node: the family, and the neighbour's address.
Place: TypeAlias = tuple[Family, Address]


class _Unshown(NamedTuple):
    """What a resource says about its protocols that no ExpectedPeer shows (confd/etc/calico/confd/templates)."""

    uses_node_ip: bool = True
    restart_time: str | None = None
    ttl_security: int | None = None
    has_password: bool = False


class Protocol(NamedTuple):
    """A protocol as BIRD compares it.

    Attributes:
        peer: What is expected, without why.
        source: The node's own address on it; None where BIRD chooses.
        router_id: The node's.
        unshown: What the resources behind it say beyond.
    """

    peer: ExpectedPeer
    source: Address | None
    router_id: IPv4Address | None
    unshown: frozenset[_Unshown]


class Around(NamedTuple):
    """What a BGPPeer says around a protocol, in which BIRD sees no change of it.

    Attributes:
        gateways: The gateways by which the neighbour is reached: routes beside the protocol (reachableBy).
        filters: The BGPFilters.
    """

    gateways: frozenset[str | None]
    filters: frozenset[tuple[str, ...]]


#: The protocols for one neighbour of a node.
Neighbour: TypeAlias = dict[Protocol, Around]


class Configured:
    """The protocols of an expectation, with what only its resources say of them."""

    def __init__(self, expectation: Expectation) -> None:
        self.expectation = expectation
        self.nodes = expectation.resources.nodes_by_name
        self.bgp_peers = {peer.name: peer for peer in expectation.resources.bgp_peers}
        self.mesh = _of_mesh(expectation.resources.global_config)

    def at(self, node: str, places: Collection[Place]) -> dict[Place, list[ExpectedPeer]]:
        """Neighbour → the protocols for it, where there are any."""
        by_place: dict[Place, list[ExpectedPeer]] = {}
        for peer in self.expectation.peers.get(node, ()) if places else ():
            place = (peer.family, peer.address)
            if place in places:
                by_place.setdefault(place, []).append(peer)
        return by_place

    def neighbour(self, node: str, peers: Iterable[ExpectedPeer]) -> Neighbour:
        """All that is configured for one neighbour."""
        own_node = self.nodes[node]
        return {self._protocol(own_node, peer): self._around(peer) for peer in peers}

    def _around(self, peer: ExpectedPeer) -> Around:
        behind = [self.bgp_peers[because.name] for because in peer.because if because.kind == "BGPPeer"]
        return Around(frozenset(peer.reachable_by for peer in behind), frozenset(peer.filters for peer in behind))

    def _protocol(self, node: CalicoNode, peer: ExpectedPeer) -> Protocol:
        unshown = frozenset(
            self.mesh if because.kind == "BGPConfiguration" else _unshown(self.bgp_peers[because.name])
            for because in peer.because
        )
        source = node.address(peer.family) if all(each.uses_node_ip for each in unshown) else None
        bare = peer._replace(because=(), far_node=None)
        return Protocol(bare, source, node.router_id, unshown)


def unlike(before: Configured, now: Configured) -> frozenset[tuple[str, str]]:
    """The resources that say something else before and now which no ExpectedPeer shows."""
    changed_peers = {
        ("BGPPeer", name)
        for name, peer in before.bgp_peers.items()
        if (there := now.bgp_peers.get(name)) is not None and there is not peer and _more(peer) != _more(there)
    }
    return frozenset(changed_peers | ({("BGPConfiguration", "default")} if before.mesh != now.mesh else set()))


def places_to_look_at(
    before: Configured, now: Configured, node: str, changed: frozenset[tuple[str, str]]
) -> Collection[Place]:
    """The neighbours of a node that is there now whose protocols may not all be as they were: few of many."""
    was, will = (each.expectation.peers.get(node, ()) for each in (before, now))
    old, new = before.nodes.get(node), now.nodes[node]
    moved = old is not new and (old is None or (old.ipv4, old.ipv6) != (new.ipv4, new.ipv6))
    if moved:
        return {(peer.family, peer.address) for peer in (*was, *will)}
    if was == will and not changed:
        return ()
    first, then = ({(peer.family, peer.name): peer for peer in peers} for peers in (was, will))
    places = {(peer.family, peer.address) for key, peer in first.items() if then.get(key) != peer}
    places |= {(peer.family, peer.address) for key, peer in then.items() if key not in first}
    if changed:
        places |= {(p.family, p.address) for p in will if any((b.kind, b.name) in changed for b in p.because)}
    return places


def _unshown(peer: BGPPeer) -> _Unshown:
    return _Unshown(peer.source_address != "None", peer.max_restart_time, peer.ttl_security or None, peer.has_password)


def _of_mesh(config: BGPConfiguration | None) -> _Unshown:
    if config is None:
        return _Unshown()
    return _Unshown(restart_time=config.node_mesh_max_restart_time, has_password=config.has_node_mesh_password)


def _more(peer: BGPPeer) -> tuple[object, ...]:
    return (_unshown(peer), peer.reachable_by, peer.filters)
