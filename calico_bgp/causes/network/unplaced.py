"""Addresses without a known owner, that must belong to nodes which could not be read. Facts for machines.py.

A host that is off and stands in the inventory by name, or by its IPv4 address alone, leaves rows about an address of
which nobody here knows the owner. Where there are no more such addresses than such hosts, these are theirs.
"""

from __future__ import annotations

from calico_bgp.causes.case import Case
from calico_bgp.causes.signals import NOTHING_COMES
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.model.peer import Address, Family, PeerType
from calico_bgp.model.reading import GatherFailure, Silent, Stage
from calico_bgp.model.reports.subject import AddressSubject
from calico_bgp.once import once
from calico_bgp.prefixes import network_around

#: Stages before the host has proved that it is up.
_UNREACHED = frozenset({Stage.RESOLVE, Stage.CONNECT})


def may_be_off(failure: GatherFailure) -> bool:
    """Whether the failure leaves open that the host is off: nothing of it was heard."""
    return failure.silent is Silent.HOST or failure.stage in _UNREACHED


@once
def absent_addresses(case: Case) -> dict[str, tuple[Address, ...]]:
    """Member that may be off → addresses of which one is its own, in each family in which its address is unknown."""
    cluster = case.cluster
    by_member: dict[str, tuple[Address, ...]] = {}
    if cluster.snapshot.limited:
        return by_member
    for family in Family:
        names = [
            name
            for name in cluster.identity.unplaced[family]
            if (failure := cluster.by_name[name].failure) is not None and may_be_off(failure)
        ]
        addresses = [a for a in cluster.identity.unclaimed[family] if _is_silent(case, a) and _is_nodes(case, a)]
        if addresses and len(addresses) <= len(names):
            for name in names:
                by_member[name] = (*by_member.get(name, ()), *addresses)
    return by_member


def _is_silent(case: Case, address: Address) -> bool:
    keys = case.bad_keys(str(address))
    signals = case.all_signals(keys)
    return bool(keys) and signals <= NOTHING_COMES and not case.up_keys(str(address))


def _is_nodes(case: Case, address: Address) -> bool:
    """Whether the address can be a node's: a peer of the mesh, or in the network of another node's."""
    keys = case.bad_keys(str(address))
    if any(PeerType.MESH in case.cluster.session(*key).peer_types for key in keys):
        return True
    network = network_around(address)
    addresses = {
        *case.cluster.identity.owner,
        *(a for m in case.cluster.members for a in m.own_addresses),
    }
    return any(other in network for other in addresses)


def keys_of_absent(case: Case, name: str) -> frozenset[SessionKey]:
    """The sessions with the addresses that may be this node's."""
    return frozenset(key for address in absent_addresses(case).get(name, ()) for key in case.bad_keys(str(address)))


def explained_by_absence(case: Case, name: str) -> frozenset[str]:
    """The findings about the addresses that may be this node's."""
    addresses = absent_addresses(case).get(name, ())
    of_address = frozenset(
        finding.id
        for finding, subject in case.about(AddressSubject, "external-peer-down", "mesh-peer-down")
        if subject.address in addresses
    )
    return of_address | case.explained_by(keys_of_absent(case, name))
