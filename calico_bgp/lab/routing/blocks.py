"""Which addresses the simulated pods have: a block of each family per node, and a pod in it. No routes here."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from calico_bgp.model.peer import Address, Family
from calico_bgp.prefixes import Prefix

#: Calico's own default pool of IPv4 in many installers, and one of a unique local range.
POOLS: dict[Family, Prefix] = {
    Family.IPV4: IPv4Network("10.244.0.0/16"),
    Family.IPV6: IPv6Network("fd00:10:244::/112"),
}
#: Calico's block sizes.
_LENGTH = {Family.IPV4: 26, Family.IPV6: 122}


def block_of(number: int, family: Family) -> Prefix:
    """The block of the node with this number, from 0; beyond a thousand nodes they leave the pool."""
    start = int(POOLS[family].network_address) + (number + 1) * 64
    if family is Family.IPV4:
        return IPv4Network((start, _LENGTH[family]))
    return IPv6Network((start, _LENGTH[family]))


def pod_in(block: Prefix) -> Address:
    """The address of the one pod in a block."""
    number = int(block.network_address) + 2
    return IPv4Address(number) if block.version == 4 else IPv6Address(number)
