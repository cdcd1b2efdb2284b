"""What a node's BIRD lists itself of a peer: calicoctl leaves disabled protocols out (calicoctl, node/status.go)."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from calico_bgp.model.peer import Address, Family, family_of
from calico_bgp.model.reading import NodeReading
from calico_bgp.model.routes.bird_reading import PROTOCOL_PREFIXES, ProtocolReading


class Listed(StrEnum):
    """How BIRD has a peer of which no table shows a row."""

    DISABLED = "disabled"
    """As a protocol that is `down`."""
    ABSENT = "absent"
    """Not at all: its configuration lacks it."""


def listed_by_bird(reading: NodeReading | None, family: Family, addresses: Collection[Address]) -> Listed | None:
    """How a node's BIRD has the peer of these addresses.

    Args:
        reading: The node's.
        family: Which BIRD.
        addresses: The peer's; those of the other family do not matter.

    Returns:
        None where BIRD was not asked or did not answer to the end, where it has the peer and it runs, or where a
        protocol may be that of the peer by another name.
    """
    bird = None if reading is None else reading.bird(family)
    of_family = {address for address in addresses if family_of(address) is family}
    if bird is None or not bird.complete or not bird.protocols or not of_family:
        return None
    sessions = bird.of_kind("BGP")
    own = [protocol for protocol in sessions if any(_is_of(protocol, address) for address in of_family)]
    if own:
        return (
            Listed.DISABLED if all(protocol.state == "down" and not protocol.last_error for protocol in own) else None
        )
    untold = any(protocol.neighbor_address is None and not _is_calicos(protocol) for protocol in sessions)
    return None if untold else Listed.ABSENT


def _is_of(protocol: ProtocolReading, address: Address) -> bool:
    if protocol.neighbor_address is not None:
        return protocol.neighbor_address == address
    text = str(address).replace(".", "_").replace(":", "_")
    names = [prefix + text for prefix in PROTOCOL_PREFIXES.values()]
    return any(protocol.name == name or protocol.name.startswith(f"{name}_port_") for name in names)


def _is_calicos(protocol: ProtocolReading) -> bool:
    return protocol.name.startswith(tuple(PROTOCOL_PREFIXES.values()))
