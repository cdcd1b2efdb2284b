"""Faults of machines: which are off, what a machine calls itself, and which addresses it has. Pure."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv4Address

from calico_bgp.lab.cluster import LabNode
from calico_bgp.lab.faults.fault import Fault
from calico_bgp.lab.faults.kinds import FaultKind
from calico_bgp.model.peer import Address

#: What Calico's autodetection finds where it takes the first interface: Docker's bridge, the same on every host.
DOCKER_BRIDGE = IPv4Address("172.17.0.1")
#: The machine does not run.
OFF = frozenset({FaultKind.NODE_DOWN, FaultKind.RACK_DOWN, FaultKind.REFLECTOR_REMOVED})


def is_off(name: str, faults: Collection[Fault]) -> bool:
    """Whether a machine does not run: no SSH, no BIRD."""
    return any(fault.kind in OFF and name in fault.nodes for fault in faults)


def new_name(name: str) -> str:
    """What the node is called that stands in another one's place."""
    return f"{name}-new"


def told_name(name: str, faults: Collection[Fault]) -> str:
    """What the machine at this place calls itself."""
    replaced = any(fault.kind is FaultKind.REPLACED and name in fault.nodes for fault in faults)
    return new_name(name) if replaced else name


def own_addresses(node: LabNode, faults: Collection[Fault]) -> tuple[Address, ...]:
    """The addresses on the machine's interfaces, whatever Calico's resources say of it."""
    bridge = any(fault.kind is FaultKind.WRONG_ADDRESS and node.name in fault.nodes for fault in faults)
    addresses = [address for address in (node.ipv4, node.ipv6) if address is not None]
    return (*addresses, *([DOCKER_BRIDGE] if bridge else []))
