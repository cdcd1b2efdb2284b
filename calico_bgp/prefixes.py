"""Prefixes, the networks of addresses: read, one within another, the network around an address. Of no one room."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import TypeAlias

Prefix: TypeAlias = IPv4Network | IPv6Network

#: How long the prefix of a network of hosts usually is, by the version of IP.
_USUAL_LENGTH = {4: 24, 6: 64}


def prefix_of(text: str) -> Prefix | None:
    """The prefix that a text is, without host bits; None where it is none."""
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def prefixes_of(texts: Iterable[str]) -> tuple[Prefix, ...]:
    """The texts that are prefixes, without host bits."""
    return tuple(prefix for text in texts if (prefix := prefix_of(text)) is not None)


def network_around(address: IPv4Address | IPv6Address, length: int | None = None) -> Prefix:
    """The network in which an address lies: of the length that its host gives it, else of the usual one (/24, /64)."""
    return ip_network((address, length or _USUAL_LENGTH[address.version]), strict=False)


def prefix_key(prefix: Prefix) -> tuple[int, int]:
    """Sorts prefixes by address, then the wider one first; of both families together, too."""
    return int(prefix.network_address), prefix.prefixlen


def contains(outer: Prefix, inner: Prefix) -> bool:
    """Whether a prefix holds another, or is it."""
    return outer.version == inner.version and outer.prefixlen <= inner.prefixlen and inner.network_address in outer


def is_within(inner: Prefix, outers: Iterable[Prefix]) -> bool:
    """Whether any of these prefixes holds another, or is it."""
    return any(contains(outer, inner) for outer in outers)
