"""What a host's own list of addresses proves: behind one-to-one NAT it holds none of those that the others dial."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from calico_bgp.cluster.nodes.members import Member, Table
from calico_bgp.model.inventory import Role
from calico_bgp.model.peer import Address, Family, PeerType, family_of


def tells(member: Member, family: Family, in_tables: AbstractSet[Address], owner: Mapping[Address, str]) -> bool:
    """Whether the member's addresses of the family are known, seen by others or not.

    Behind one-to-one NAT a host lists none of those at which the others have their sessions with it.
    """
    if member.resource is not None:
        return True
    host_addresses = member.host.addresses if member.host else ()
    if any(family_of(address) is family for address in host_addresses):
        return True
    own = [a for a in member.own_addresses if family_of(a) is family]
    return bool(own) and (not in_tables.isdisjoint(own) or not _has_a_node(member, family, owner))


def _has_a_node(member: Member, family: Family, owner: Mapping[Address, str]) -> bool:
    """Whether a session with another node is up: then that one has the member as a peer."""
    return any(
        row.is_established and (row.peer_type is PeerType.MESH or row.address in owner) for row in member.rows(family)
    )


def reflected_unlisted(members: Iterable[Member], family: Family, in_tables: AbstractSet[Address]) -> bool:
    """Whether reflectors are named and nobody lists any address that another one dials: all of them are behind NAT."""
    everyone = tuple(members)
    own = {a for m in everyone for a in m.own_addresses if family_of(a) is family}
    return any(m.host is not None and m.host.role is Role.REFLECTOR for m in everyone) and in_tables.isdisjoint(own)


def is_up(member: Member, family: Family) -> bool:
    """Whether any session of the member is up."""
    return any(row.is_established for row in member.rows(family))


def lists_another(member: Member, address: Address) -> bool:
    """Whether the host lists addresses of the family, and not the one that was found to be its own."""
    own = [a for a in member.own_addresses if a.version == address.version]
    return bool(own) and address not in own


def may_have(member: Member, family: Family) -> bool:
    """Whether the member may have an address of the family: it shows peers of it, or we could not look."""
    return member.table(family) in {Table.UNKNOWN, Table.PART, Table.UNREACHABLE, Table.NOT_RUNNING} or bool(
        member.rows(family)
    )
