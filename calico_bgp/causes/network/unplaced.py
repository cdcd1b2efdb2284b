"""Addresses without a known owner, that must belong to nodes which show no peers, or none that is up.

A host that is off and stands in the inventory by name, or by its IPv4 address alone, leaves rows about an address of
which nobody here knows the owner, and so does one in a paste that only says that its BIRD does not run. Where there are
no more such addresses than such hosts, these are theirs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from calico_bgp.causes.case import Case
from calico_bgp.causes.signals import NOTHING_COMES, Signal
from calico_bgp.cluster.nodes.members import Member, Table
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.model.peer import Address, Family, PeerType
from calico_bgp.model.reading import GatherFailure, Silent, Stage
from calico_bgp.once import once
from calico_bgp.prefixes import network_around

#: What is heard of a host whose kernel is up and on which no BIRD listens.
_NO_BIRD = NOTHING_COMES | {Signal.REFUSED, Signal.RESET, Signal.CLOSED, Signal.STOPPED_THERE}
#: What those hear whose connections the far end takes, and closes because it does not know them.
_TURNED_AWAY = frozenset({Signal.CLOSED, Signal.RESET})
#: Stages before the host has proved that it is up.
_UNREACHED = frozenset({Stage.RESOLVE, Stage.CONNECT})


def may_be_off(failure: GatherFailure) -> bool:
    """Whether the failure leaves open that the host is off: nothing of it was heard."""
    return failure.silent is Silent.HOST or failure.stage in _UNREACHED


@once
def absent_addresses(case: Case) -> dict[str, tuple[Address, ...]]:
    """Member that may be off → addresses of which one is its own, in each family in which its address is unknown."""

    def is_off(member: Member, _: Family) -> bool:
        return member.failure is not None and may_be_off(member.failure)

    return _addresses_of(case, is_off, NOTHING_COMES | {Signal.STOPPED_THERE})


@once
def addresses_of_dead_birds(case: Case) -> dict[str, tuple[Address, ...]]:
    """The same of members that say of themselves that their BIRD does not run: their kernel refuses BGP."""

    def is_dead(member: Member, family: Family) -> bool:
        return member.table(family) is Table.NOT_RUNNING

    return _addresses_of(case, is_dead, _NO_BIRD)


@once
def addresses_of_lonely_nodes(case: Case) -> dict[str, tuple[Address, ...]]:
    """Node that was read and has no session that is up → addresses of which one is its own.

    All that it peers with show each of these as down, and nobody else does; and there are no more such addresses than
    such nodes. Who is turned away may come from another address than the one that is silent.
    """
    by_node: defaultdict[str, tuple[Address, ...]] = defaultdict(tuple)
    for family in Family:
        nodes: defaultdict[frozenset[str], list[str]] = defaultdict(list)
        for name in case.cluster.identity.unplaced[family]:
            if case.is_read(name) and not case.up_keys(name, family):
                nodes[case.far_ends(name, family)].append(name)
        addresses: defaultdict[frozenset[str], list[Address]] = defaultdict(list)
        for address in case.cluster.identity.unclaimed[family]:
            if not case.up_keys(str(address)) and _is_nodes(case, address):
                addresses[case.far_ends(str(address), family)].append(address)
        for fars, names in nodes.items():
            turned_away = any(case.all_signals(case.bad_keys(name, family)) & _TURNED_AWAY for name in names)
            able = [a for a in addresses[fars] if not turned_away or not _says_only(case, a, NOTHING_COMES)]
            if fars and len(able) <= len(names):
                for name in names:
                    by_node[name] += tuple(able)
    return {name: found for name, found in by_node.items() if found}


def _addresses_of(
    case: Case, shows_none: Callable[[Member, Family], bool], signals: frozenset[Signal]
) -> dict[str, tuple[Address, ...]]:
    cluster = case.cluster
    by_member: dict[str, tuple[Address, ...]] = {}
    if cluster.snapshot.limited:
        return by_member
    for family in Family:
        names = [name for name in cluster.identity.unplaced[family] if shows_none(cluster.by_name[name], family)]
        unclaimed = cluster.identity.unclaimed[family]
        addresses = [a for a in unclaimed if _says_only(case, a, signals) and _is_nodes(case, a)]
        if addresses and len(addresses) <= len(names):
            for name in names:
                by_member[name] = (*by_member.get(name, ()), *addresses)
    return by_member


def _says_only(case: Case, address: Address, signals: frozenset[Signal]) -> bool:
    keys = case.bad_keys(str(address))
    return bool(keys) and case.all_signals(keys) <= signals and not case.up_keys(str(address))


def _is_nodes(case: Case, address: Address) -> bool:
    """Whether the address can be a node's: a peer of the mesh, in the network of another node's, or none is known."""
    keys = case.bad_keys(str(address))
    if any(PeerType.MESH in case.cluster.session(*key).peer_types for key in keys):
        return True
    network = network_around(address)
    addresses = {
        *case.cluster.identity.owner,
        *(a for m in case.cluster.members for a in m.own_addresses),
    }
    return not addresses or any(other in network for other in addresses)


def keys_of_absent(case: Case, name: str) -> frozenset[SessionKey]:
    """The sessions with the addresses that may be this node's, which may be off."""
    return keys_of_addresses(case, absent_addresses(case).get(name, ()))


def keys_of_addresses(case: Case, addresses: Iterable[Address]) -> frozenset[SessionKey]:
    """The sessions with these addresses that are not up."""
    return frozenset(key for address in addresses for key in case.bad_keys(str(address)))
