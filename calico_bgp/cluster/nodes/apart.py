"""Pasted tables that show nothing of each other: of two clusters in one text, or of one that fell apart. No judgement.

Every node of a mesh has every other as a peer, so that the tables of any two share addresses, or show each other. Where
somebody says which nodes there are (an inventory, Calico's resources), they are one cluster, whatever they show.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from calico_bgp.cluster.nodes.members import Member
from calico_bgp.disjoint_sets import DisjointSets
from calico_bgp.model.peer import Address, PeerType
from calico_bgp.once import once

if TYPE_CHECKING:
    from calico_bgp.cluster.cluster import Cluster


class Group(NamedTuple):
    """Nodes that hang together by what they show.

    Attributes:
        names: Of the nodes.
        addresses: All that their tables show, and their own as far as known.
        is_mesh: Whether they have peers of the mesh.
    """

    names: frozenset[str]
    addresses: frozenset[Address]
    is_mesh: bool


@once
def apart(cluster: Cluster) -> tuple[Group, ...]:
    """The groups of a cluster's nodes; none where all hang together, or may."""
    return groups_apart(cluster.members, cluster.identity.owner)


def groups_apart(members: Iterable[Member], owner: Mapping[Address, str]) -> tuple[Group, ...]:
    """The groups, in the order of their first nodes; none where all hang together, or may.

    Nodes without a peer of the mesh are one group: of a reflector and its clients the tables have nothing in common,
    and whose their addresses are is often not known.

    Args:
        members: The nodes.
        owner: Address → name of the member that has it, as far as known.
    """
    everyone = tuple(members)
    if any(member.host is not None or member.resource is not None for member in everyone):
        return ()
    if _show_peers_of_one(everyone):
        return ()
    rows = ((member.name, row, row.address) for member in everyone for row in member.peers)
    shown: dict[str, set[Address]] = defaultdict(set)
    meshed: set[Address] = set()
    for name, row, address in rows:
        if address is None:
            return ()  # what is masked may be anybody's
        shown[name].add(address)
        if row.peer_type is PeerType.MESH:
            meshed.add(address)
    groups = _groups(shown, meshed, owner)
    explicit = [group for group in groups if not group.is_mesh]
    if len(explicit) < len(groups):
        groups = [*(group for group in groups if group.is_mesh), *_as_one(explicit)]
    elif not all(addresses <= owner.keys() for addresses in shown.values()):
        return ()  # they may hang together by a node that was not pasted
    return tuple(sorted(groups, key=lambda group: min(group.names))) if len(groups) > 1 else ()


def _show_peers_of_one(members: tuple[Member, ...]) -> bool:
    """Whether each table shows a node that the first one has as a peer of the mesh: they hang together, at one look."""
    showing = [member for member in members if member.peers]
    first = {row.address for row in showing[0].peers if row.peer_type is PeerType.MESH} if showing else set()
    return all(any(row.address in first for row in member.peers) for member in showing)


def _groups(shown: Mapping[str, set[Address]], meshed: set[Address], owner: Mapping[Address, str]) -> list[Group]:
    addresses = set[Address]().union(owner, *shown.values())
    sets: DisjointSets[str | Address] = DisjointSets([*shown, *owner.values(), *addresses])
    for own_address, name in owner.items():
        sets.join(own_address, name)
    nodes = meshed | owner.keys()
    for name, peers in shown.items():
        # A peer of the mesh is a node; another one of such a node may be a switch, which two clusters may share.
        for peer in peers if peers.isdisjoint(meshed) else peers & nodes:
            sets.join(name, peer)
    names_by_root: dict[object, set[str]] = defaultdict(set)
    for name in shown:
        names_by_root[sets.root(name)].add(name)
    addresses_by_root: dict[object, set[Address]] = defaultdict(set)
    for address in addresses:
        addresses_by_root[sets.root(address)].add(address)
    return [
        Group(
            frozenset(names), frozenset(addresses_by_root[root]), is_mesh=not meshed.isdisjoint(addresses_by_root[root])
        )
        for root, names in names_by_root.items()
    ]


def _as_one(groups: list[Group]) -> list[Group]:
    if not groups:
        return []
    names, addresses, _ = zip(*groups, strict=True)
    return [Group(frozenset[str]().union(*names), frozenset[Address]().union(*addresses), is_mesh=False)]
