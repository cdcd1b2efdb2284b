"""Which node an address belongs to: told, seen on the node, or found by elimination - never guessed.

Only addresses that stand in somebody's table matter: a Docker bridge or a service address that every node has is no
trouble until somebody peers with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from calico_bgp.cluster.nodes.elimination import by_elimination
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.model.peer import Address, Family, Peer, family_of
from calico_bgp.parse.addresses import read_address

FROM_RESOURCES = "Calico's resources"
FROM_INVENTORY = "ip= in the inventory"
#: What somebody said counts also for addresses that nobody peers with.
_TOLD = (FROM_RESOURCES, FROM_INVENTORY)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who has which address.

    Attributes:
        owner: Address → member name, for every address in somebody's table (or given with `ip=`) that one member owns.
        evidence: Address → how we know.
        in_tables: Every address in somebody's table.
        claimed_twice: Addresses in somebody's table that several members claim, with their names, sorted.
        unclaimed: Addresses in somebody's table that no member owns, per family, sorted.
        unplaced: Members whose address of a family is not known although they may have one, per family, sorted by name.
        possible: Addresses in somebody's table that may be an unplaced member's, per family: those that no member owns,
            and those of nodes that only Calico's resources name, for a paste without a name may be theirs.
    """

    owner: dict[Address, str]
    evidence: dict[Address, str]
    in_tables: frozenset[Address]
    claimed_twice: dict[Address, tuple[str, ...]]
    unclaimed: dict[Family, tuple[Address, ...]]
    unplaced: dict[Family, tuple[str, ...]]
    possible: dict[Family, frozenset[Address]]
    addresses: dict[str, tuple[Address, ...]] = field(default_factory=dict)
    """Member name → its known BGP addresses, sorted."""

    def has_strangers(self, family: Family) -> bool:
        """Whether an address is of no known node: more of them are nobody's than there are nodes without one."""
        return len(self.unclaimed[family]) > len(self.unplaced[family])


def identify(members: Iterable[Member], *, whole: bool = True) -> Identity:
    """Find the owner of every address in the tables.

    Args:
        members: The nodes.
        whole: Whether they are the whole cluster; of a part of it (`--limit`) none can be the only one that is left.

    The order of trust: Calico's resources; `ip=` of the inventory; the node's own list of addresses; the address we
    reached it at; elimination.
    """
    everyone = tuple(members)
    in_tables = frozenset(peer.address for member in everyone for peer in _peers(member) if peer.address is not None)
    owner, evidence, twice = _by_claims(everyone, in_tables)
    unclaimed: dict[Family, tuple[Address, ...]] = {}
    unplaced: dict[Family, tuple[str, ...]] = {}
    possible: dict[Family, frozenset[Address]] = {}
    unlisted = {member.name for member in everyone if member.is_unlisted}
    for family in Family:
        candidates = {a for a in in_tables if family_of(a) is family and a not in owner and a not in twice}
        eliminated, waiting = by_elimination(family, everyone, candidates, in_tables, owner, whole=whole)
        for address, (name, why) in eliminated.items():
            owner[address], evidence[address] = name, why
        candidates -= eliminated.keys()
        unclaimed[family] = tuple(sorted(candidates, key=int))
        unplaced[family] = tuple(member.name for member in waiting)
        others = {a for a in in_tables if family_of(a) is family and owner.get(a) in unlisted}
        possible[family] = frozenset(candidates | others)
    by_name: dict[str, list[Address]] = defaultdict(list)
    for address, name in owner.items():
        by_name[name].append(address)
    addresses = {name: tuple(sorted(own, key=lambda a: (a.version, int(a)))) for name, own in by_name.items()}
    return Identity(owner, evidence, in_tables, twice, unclaimed, unplaced, possible, addresses)


_Claimed = tuple[dict[Address, str], dict[Address, str], dict[Address, tuple[str, ...]]]


def _by_claims(members: tuple[Member, ...], in_tables: AbstractSet[Address]) -> _Claimed:
    """(address → owner, address → how we know, address → the several members that claim it), the most trusted first."""
    owner: dict[Address, str] = {}
    evidence: dict[Address, str] = {}
    twice: dict[Address, tuple[str, ...]] = {}
    for claims, why in (
        (_from_resources(members), FROM_RESOURCES),
        (_from_inventory(members), FROM_INVENTORY),
        (_from_own_lists(members), "the node's own addresses"),
        (_from_connections(members), "the address it was reached at"),
    ):
        for address, claimants in claims.items():
            if address in owner or address in twice or (address not in in_tables and why not in _TOLD):
                continue
            owners = _without_those_that_peer_with_it(address, claimants)
            if len(owners) == 1:
                owner[address], evidence[address] = owners[0].name, why
            elif owners:
                twice[address] = tuple(sorted(member.name for member in owners))
    return owner, evidence, twice


def _peers(member: Member) -> tuple[Peer, ...]:
    return () if member.reading is None else member.reading.peers


def _from_resources(members: Iterable[Member]) -> dict[Address, list[Member]]:
    """Address → the members whose Node has it. Where two have it, both claim it; so below."""
    claims: dict[Address, list[Member]] = defaultdict(list)
    for member in members:
        for address in member.resource.addresses if member.resource else ():
            claims[address].append(member)
    return claims


def _from_inventory(members: Iterable[Member]) -> dict[Address, list[Member]]:
    """Address → the members for which the inventory gives it, where no Node is known that would say better."""
    claims: dict[Address, list[Member]] = defaultdict(list)
    for member in members:
        if member.resource is None:
            for address in member.host.addresses if member.host else ():
                claims[address].append(member)
    return claims


def _families_named(member: Member) -> set[int]:
    """The versions of IP of which a Node or the inventory says which address a member has."""
    if member.resource is not None:
        return {4, 6}  # the resources name a node's addresses: one that they lack it does not have
    return {address.version for address in member.host.addresses} if member.host else set()


def _from_own_lists(members: Iterable[Member]) -> dict[Address, list[Member]]:
    """Address → the members whose machines list it, of families of which neither a Node nor the inventory tells."""
    claims: dict[Address, list[Member]] = defaultdict(list)
    for member in members:
        families = _families_named(member)
        for address in dict.fromkeys(member.own_addresses):
            if address.version not in families:
                claims[address].append(member)
    return claims


def _from_connections(members: Iterable[Member]) -> dict[Address, list[Member]]:
    """Address → the members that were reached at it, or are called by it; of the same families."""
    claims: dict[Address, list[Member]] = defaultdict(list)
    for member in members:
        families = _families_named(member)
        for address in {_ssh_address(member), read_address(member.host.name if member.host else "")} - {None}:
            assert address is not None
            if address.version not in families:
                claims[address].append(member)
    return claims


def _ssh_address(member: Member) -> Address | None:
    source = member.reading or member.failure
    return None if source is None else source.ssh_address


def _without_those_that_peer_with_it(address: Address, claimants: list[Member]) -> list[Member]:
    """Of several claimants, those whose tables do not hold it: a node never peers with its own address."""
    if len(claimants) < 2:
        return claimants
    return [member for member in claimants if all(peer.address != address for peer in _peers(member))]
