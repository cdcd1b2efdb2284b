"""Peers' addresses that are no node's: odd ones, and one that the only undialled host should have. Facts only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from calico_bgp.causes.case import Case
from calico_bgp.cluster.nodes.members import Member, Table
from calico_bgp.cluster.odd_addresses import odd_address
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.model.peer import Address, Family, PeerType, family_of
from calico_bgp.once import once


class OddPeer(NamedTuple):
    """A mesh peer's address that is a bridge's or the like, in tables of which the resources are not known.

    Attributes:
        address: The address.
        owner: The node that has it, where that is known.
        what: What it looks like.
        sure: Whether hardly any host has such an address.
        keys: Its sessions.
    """

    address: Address
    owner: str | None
    what: str
    sure: bool
    keys: frozenset[SessionKey]


@once
def odd_peers(case: Case) -> tuple[OddPeer, ...]:
    """Addresses that look like those of bridges, and at which nobody has a session. Without resources.

    Only mesh peers, and addresses that a host itself has: a router may well have the first address of any network.
    """
    if case.resources is not None:
        return ()
    cluster = case.cluster
    rows = [row for member in cluster.members for family in Family for row in member.rows(family)]
    up = {row.address for row in rows if row.is_established}
    all_addresses = {row.address for row in rows if row.address is not None}
    all_addresses |= {address for member in cluster.members for address in member.own_addresses}
    peers = []
    owned = {address for address in all_addresses if address in cluster.identity.owner}
    for address in sorted({*mesh_addresses(case), *owned}, key=lambda a: (a.version, int(a))):
        odd = odd_address(address, all_addresses)
        if odd is None or address in up:
            continue
        owner = cluster.identity.owner.get(address)
        keys = case.bad_keys(owner or str(address), family_of(address))
        if keys:
            peers.append(OddPeer(address, owner, odd.what, odd.sure, keys))
    return (*peers, *_of_several(case))


def _of_several(case: Case) -> Iterator[OddPeer]:
    """A bridge's address that just those hosts have of which no session is up, two or more: nobody can dial it.

    BIRD of the others refuses a configuration with one neighbor address twice, and goes on with what it had.
    """
    holders: dict[Address, list[str]] = defaultdict(list)
    for member in case.cluster.members:
        for address in member.own_addresses:
            holders[address].append(member.name)
    for address, names in sorted(holders.items(), key=lambda item: (item[0].version, int(item[0]))):
        odd, family = odd_address(address), family_of(address)
        if odd is None or not odd.sure or len(names) < 2:
            continue
        listed = {member.name for member in case.cluster.members if member.own_addresses}
        others_work = any(case.joined_keys(name, family) for name in listed - set(names))
        if others_work and all(case.bad_keys(name, family) and not case.up_keys(name, family) for name in names):
            for name in names:
                yield OddPeer(address, name, odd.what, sure=False, keys=case.bad_keys(name, family))


class Foreign(NamedTuple):
    """A host that nobody dials at an address of its own, and the address that its peers dial instead.

    Attributes:
        member: The host's node.
        address: The one that its peers dial.
        keys: The sessions that are down because of it: those of the address, and the host's own.
    """

    member: Member
    address: Address
    keys: frozenset[SessionKey]


@once
def unclaimed_by_host(case: Case) -> tuple[Foreign, ...]:
    """The one host that nobody dials, and the one address of a node that no host has. Without resources.

    Where several fit, or a node could not be read, nobody knows whose address it is.
    """
    cluster = case.cluster
    if case.resources is not None or not cluster.snapshot.hosts or cluster.snapshot.limited:
        return ()
    if any(member.reading is None for member in cluster.members):
        return ()
    foreign = []
    for family in Family:
        dialled = {row.address for member in cluster.members for row in member.rows(family)}
        hosts = [
            member
            for member in cluster.members
            if member.own_addresses and member.rows(family) and dialled.isdisjoint(member.own_addresses)
        ]
        nobodys = [
            address
            for address in cluster.identity.unclaimed[family]
            if address in mesh_addresses(case) or (len(hosts) == 1 and _is_mutual(case, hosts[0], address))
        ]
        if len(hosts) != 1 or len(nobodys) != 1 or case.up_keys(str(nobodys[0])):
            continue
        (member,), (address,) = hosts, nobodys
        keys = {key for name in (member.name, str(address)) for key in case.bad_keys(name)}
        foreign.append(Foreign(member, address, frozenset(key for key in keys if key.family is family)))
    return tuple(foreign)


def _is_mutual(case: Case, host: Member, address: Address) -> bool:
    """Whether the address is dialled by just those, two or more, that the host has as its peers: a switch is not."""
    family = family_of(address)
    dialling = {m.name for m in case.cluster.members if any(row.address == address for row in m.rows(family))}
    owner = case.cluster.identity.owner
    peers = {name for row in host.rows(family) if row.address is not None and (name := owner.get(row.address))}
    # Nodes whose BIRD does not run, or that nobody read, show nothing. Switches of the host's own are no nodes.
    showing = {name for name in peers if not _shows_nothing(case, name, family)}
    return len(dialling) > 1 and dialling == showing


def _shows_nothing(case: Case, name: str, family: Family) -> bool:
    return case.cluster.by_name[name].table(family) not in {Table.WHOLE, Table.PART}


@once
def mesh_addresses(case: Case) -> tuple[Address, ...]:
    """The addresses that only rows of the mesh have, sorted: those of Calico nodes."""
    types: dict[Address, set[object]] = {}
    for member in case.cluster.members:
        for row in member.peers:
            if row.address is not None:
                types.setdefault(row.address, set()).add(row.peer_type)
    meshed = [address for address, met in types.items() if met == {PeerType.MESH}]
    return tuple(sorted(meshed, key=lambda address: (address.version, int(address))))
