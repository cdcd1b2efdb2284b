"""Which names of a paste are not one machine's: `ubuntu` of every host, and `node1` of two clusters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from calico_bgp.model.peer import Family, PeerType
from calico_bgp.model.status import NodeStatus


def names_of_several(statuses: Iterable[NodeStatus]) -> frozenset[str]:
    """The names that several machines bear.

    Two texts with one name are one node seen twice, unless each shows just one peer of a mesh that the other lacks,
    which is itself: no node has itself as a peer. Nor are they one node where they have no peer in common: those are
    nodes of two clusters.

    Args:
        statuses: Those of nodes that answered.
    """
    by_name: dict[str, list[NodeStatus]] = defaultdict(list)
    for status in statuses:
        if status.node is not None:
            by_name[status.node].append(status)
    return frozenset(name for name, own in by_name.items() if any(map(_are_two, own, own[1:])))


def _are_two(one: NodeStatus, other: NodeStatus) -> bool:
    if not (one.complete and other.complete):
        return False
    first, second = (
        {peer.address for peer in status.peers if peer.peer_type is PeerType.MESH and peer.family is Family.IPV4}
        for status in (one, other)
    )
    if len(first - second) == 1 == len(second - first):
        return True
    peers = [{peer.address_text for peer in status.peers} for status in (one, other)]
    return all(peers) and peers[0].isdisjoint(peers[1])
