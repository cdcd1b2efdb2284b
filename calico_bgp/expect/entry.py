"""What a BGPPeer says about one far end: confd's peer record, before a node makes a protocol of it. Values only."""

from __future__ import annotations

from typing import NamedTuple

from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.peer import Address, Family, family_of

#: From here on the names of explicit peers with a port carry it.
PORT_IN_NAME_SINCE = CalicoVersion(3, 17)

#: What confd calls a neighbour by, within one node: its address in canonical form and its port, None for none.
EntryKey = tuple[str, int | None]


class Settings(NamedTuple):
    """Everything about a far end that goes into bird.cfg. Two entries for one key conflict where these differ.

    Attributes:
        peer_as: The AS expected of it; 0 when nobody says one.
        cluster_id: Its cluster ID as far as this entry knows it: a forward `peerIP` entry never does.
        is_calico_node: Whether a forward `peerIP` is some node's address, which decides who is passive.
        local_as: `localASNumber`, None for the near node's own AS.
        allowed_local_as: `numAllowedLocalASNumbers`, 0 where it has no effect.
        next_hop_mode: `Auto`, `Self` or `Keep`.
        keep_next_hop: `keepOriginalNextHop`, False where it has no effect.
        rest: What we only compare: password, restart time, TTL security, source address, filters, gateway.
    """

    peer_as: int
    cluster_id: str | None
    is_calico_node: bool = False
    local_as: int | None = None
    allowed_local_as: int = 0
    next_hop_mode: str | None = None
    keep_next_hop: bool = False
    rest: tuple[object, ...] = ()


class Entry(NamedTuple):
    """One far end.

    Attributes:
        key: What confd calls it by.
        family: The address family.
        address: The address.
        settings: The rest.
        far_node: The node that has the address, None for an external peer.
        suffix: BIRD's name of it without the prefix, `192_0_2_1_port_500` (bgp_processor.go buildPeerFromData).
        name_port: The port in that name.
    """

    key: EntryKey
    family: Family
    address: Address
    settings: Settings
    far_node: str | None
    suffix: str
    name_port: int | None


def make_entry(
    key: EntryKey, address: Address, settings: Settings, far_node: str | None, version: CalicoVersion
) -> Entry:
    """An entry with the name that this Calico gives it."""
    text, port = key
    family = family_of(address)
    name_port = port if version >= PORT_IN_NAME_SINCE else None
    return Entry(key, family, address, settings, far_node, protocol_suffix(text, name_port), name_port)


def protocol_suffix(address: str, port: int | None) -> str:
    """An address and a port as they stand in the name of a protocol."""
    text = address.replace(".", "_").replace(":", "_")
    return text if port is None else f"{text}_port_{port}"
