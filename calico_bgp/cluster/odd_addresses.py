"""Addresses that no other host reaches: bridges, pods' networks, virtual machines' NAT. Text and numbers; no cluster.

Calico's own autodetection leaves out interfaces by their names (node/pkg/lifecycle/startup/autodetection), so that a
bridge of another name (`br-3f2a`, which `docker network create` makes) is taken for the host's network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, ip_network
from typing import NamedTuple

from calico_bgp.model.peer import Address

#: Docker takes 172.17.0.0/16 to 172.31.0.0/16 for its bridges, one after the other; the bridge itself is `.0.1`.
_DOCKER = range(17, 32)
_NEIGHBOURHOOD = 16


class Odd(NamedTuple):
    """What an address looks like.

    Attributes:
        what: In words, after "that is".
        sure: Whether hardly anybody gives it to a host. Some addresses of this kind are also those of true networks.
    """

    what: str
    sure: bool


def _docker(octets: bytes) -> Odd | None:
    if octets[0] == 172 and octets[1] in _DOCKER and octets[3] == 1:
        return Odd("that of a Docker bridge, which is the same on every host", sure=octets[2] == 0)
    return None


def _fixed(octets: bytes) -> Odd | None:
    for network, what in _FIXED.items():
        if octets.startswith(network):
            return Odd(what, sure=True)
    return None


def _of_pods(octets: bytes) -> Odd | None:
    if octets[:2] in _POD_NETWORKS and octets[3] in {0, 1}:
        return Odd("that of a pods' network (cni0, flannel.1)", sure=True)
    return None


_FIXED = {
    bytes((192, 168, 122, 1)): "that of libvirt's bridge virbr0, which is the same on every host",
    bytes((10, 0, 2, 15)): "the one that VirtualBox gives every machine behind its NAT",
    bytes((10, 88, 0, 1)): "that of Podman's bridge, which is the same on every host",
    bytes((169, 254)): "a link-local one, which no other host reaches",
    bytes((127,)): "one of the host's loopback",
}
#: What flannel and k3s take for pods unless told otherwise.
_POD_NETWORKS = {bytes((10, 244)), bytes((10, 42))}
_KINDS: tuple[Callable[[bytes], Odd | None], ...] = (_docker, _fixed, _of_pods)


def odd_address(address: Address, others: Iterable[Address] = ()) -> Odd | None:
    """What an address looks like that no other host reaches; None for one that a host may well have.

    Args:
        address: The one to judge.
        others: Those of other nodes: an address that lies beside theirs (one /16) is of their network, however odd.
    """
    if not isinstance(address, IPv4Address):
        return Odd("a link-local one, which no other host reaches", sure=True) if address.is_link_local else None
    oddity = next((odd for kind in _KINDS if (odd := kind(address.packed)) is not None), None)
    beside = ip_network((address, _NEIGHBOURHOOD), strict=False)
    is_usual = oddity is not None and any(other in beside for other in others if other != address)
    return None if is_usual else oddity
