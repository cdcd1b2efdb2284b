"""BGP addresses of nodes that another node's host has: their pods' routes lead to the wrong machine. Facts only."""

from __future__ import annotations

from typing import NamedTuple

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.model.peer import Address, Family, family_of
from calico_bgp.once import once


class HeldElsewhere(NamedTuple):
    """A BGP address that Calico has for one node, and that another one's host has.

    Attributes:
        address: The address.
        node: Whose Node has it.
        holder: Whose host has it.
        own: What the first one has instead: its host's addresses of that family, else its InternalIPs.
        listed: Whether both hosts told their addresses themselves; else Kubernetes did for one of them.
    """

    address: Address
    node: str
    holder: str
    own: tuple[Address, ...]
    listed: bool


@once
def held_elsewhere(cluster: Cluster) -> tuple[HeldElsewhere, ...]:
    """All of them, by node. A session proves nothing here: whoever dials the address finds a BIRD, the other one's."""
    holders: dict[Address, list[Member]] = {}
    for member in cluster.members:
        for address in _own(member):
            holders.setdefault(address, []).append(member)
    held = []
    for member in cluster.members:
        node = member.resource
        for family in Family:
            if node is None or (bgp_address := node.address(family)) is None:
                continue
            own = tuple(one for one in _own(member) if family_of(one) is family)
            others = holders.get(bgp_address, [])
            if not own or bgp_address in own or len(others) != 1 or _is_of(others[0], bgp_address):
                continue
            listed = bool(member.own_addresses and others[0].own_addresses)
            held.append(HeldElsewhere(bgp_address, member.name, others[0].name, own, listed))
    return tuple(held)


def exchanged(cluster: Cluster) -> tuple[tuple[HeldElsewhere, ...], ...]:
    """Rings of nodes each of which has the address of the next: two that are swapped, or more that moved round."""
    rings: dict[frozenset[HeldElsewhere], tuple[HeldElsewhere, ...]] = {}
    for family in Family:
        by_node = {one.node: one for one in held_elsewhere(cluster) if family_of(one.address) is family}
        for start in by_node:
            ring, at = [], start
            while at in by_node and by_node[at] not in ring:
                ring.append(by_node[at])
                at = by_node[at].holder
            if at == start and len(ring) > 1:
                rings.setdefault(frozenset(ring), tuple(ring))
    return tuple(rings.values())


def _is_of(member: Member, address: Address) -> bool:
    """Whether its Node has the address as well: two nodes with one address are another matter."""
    return member.resource is not None and member.resource.address(family_of(address)) == address


def _own(member: Member) -> tuple[Address, ...]:
    """What a host has by its own list; where it gave none, what Kubernetes has for it."""
    return member.own_addresses or (() if member.resource is None else member.resource.internal_ips)
