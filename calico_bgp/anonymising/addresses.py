"""Addresses that become others: families, networks within networks and the order stay. Knows no snapshot.

The prefix-preserving scheme of Crypto-PAn (Xu et al. 2002), keyed, with one difference: a bit stays as it is where the
addresses that are there part ways. So two addresses have as long a prefix in common as before, one is in a network if
it was before, and the smaller one stays the smaller one: who dials and who has the lower router ID is judged by that.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import TypeAlias

from calico_bgp.prefixes import Prefix

Address: TypeAlias = IPv4Address | IPv6Address

#: Networks whose addresses mean something by themselves, and name nobody: they stay.
_KEPT: tuple[Prefix, ...] = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.17.0.0/16",  # Docker's bridge, which the audit knows by its address
            "224.0.0.0/3",  # multicast, and reserved ones, of which cluster IDs are taken
            "::/16",
            "fe80::/10",
            "ff00::/8",
        ),
    )
)
#: Networks that are private or for examples: what was in one stays in it, but becomes another address.
_CLASSES: tuple[Prefix, ...] = tuple(
    map(
        ip_network,
        (
            "10.0.0.0/8",
            "100.64.0.0/10",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "192.0.2.0/24",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "fc00::/8",
            "fd00::/8",
            "2001:db8::/32",
        ),
    )
)
#: Of any other address so many bits stay, so that no public one becomes private: 11.x.y.z stays in 11/8.
_HEAD = {4: 8, 6: 16}


class AddressMap:
    """Address → address, for those that it was made of.

    Args:
        networks: Every address (as a network of its own length) and every network that will be asked for.
        key: Who does not know it cannot undo it.
    """

    def __init__(self, networks: Iterable[Prefix], key: bytes) -> None:
        self._key = key
        self._new: dict[tuple[int, int], int] = {}
        values_by_version: dict[int, set[int]] = {4: set(), 6: set()}
        for network in networks:
            values_by_version[network.version].add(int(network.network_address))
        for version, values in values_by_version.items():
            self._assign(version, sorted(values))

    def address(self, address: Address) -> Address:
        """Its new one."""
        return type(address)(self._new.get((address.version, int(address)), int(address)))

    def network(self, network: Prefix) -> Prefix:
        """Its new one, of the same length."""
        first = int(self.address(network.network_address))
        if isinstance(network, IPv4Network):
            return IPv4Network((first, network.prefixlen), strict=False)
        return IPv6Network((first, network.prefixlen), strict=False)

    def _assign(self, version: int, values: list[int]) -> None:
        """Every group of values that share a prefix, from the widest on; without recursion."""
        bits = 32 if version == 4 else 128
        groups: list[tuple[int, int, int, int]] = [(0, len(values), 0, 0)] if values else []
        while groups:
            low, high, depth, new = groups.pop()
            first, last = values[low], values[high - 1]
            apart = bits - (first ^ last).bit_length()
            for place in range(depth, apart):
                bit = first >> (bits - 1 - place) & 1
                new = new << 1 | (bit ^ self._flip(version, first >> (bits - place), place))
            if apart == bits:
                self._new[version, first] = new
                continue
            middle = next(i for i in range(low, high) if values[i] >> (bits - 1 - apart) & 1)
            groups += [(low, middle, apart + 1, new << 1), (middle, high, apart + 1, new << 1 | 1)]

    def _flip(self, version: int, prefix: int, length: int) -> int:
        if length < _HEAD[version] or _stays(version, prefix, length):
            return 0
        text = f"{version}/{length}/{prefix:x}".encode()
        return hmac.digest(self._key, text, hashlib.sha256)[0] & 1


@cache
def _fixed(version: int) -> tuple[tuple[int, int, bool], ...]:
    """(network's bits, length, whether all inside stays) of a family."""
    return tuple(
        (int(network.network_address) >> (network.max_prefixlen - network.prefixlen), network.prefixlen, inside)
        for networks, inside in ((_KEPT, True), (_CLASSES, False))
        for network in networks
        if network.version == version
    )


def _stays(version: int, prefix: int, length: int) -> bool:
    """Whether the bit behind this prefix decides about a class, or lies in a network that is kept."""
    for bits, own, inside in _fixed(version):
        if length < own:
            if bits >> (own - length) == prefix:
                return True
        elif inside and prefix >> (length - own) == bits:
            return True
    return False
