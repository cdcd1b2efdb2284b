"""Makes a node's protocols of the entries that it gets (bgp_processor.go buildPeerFromData). Chooses no entries."""

from __future__ import annotations

from typing import Literal

from calico_bgp.expect.passes import Winner
from calico_bgp.expect.speakers import Speaker
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import PeerType

#: From here on a global peer that is a node's address is passive at one end, as in the mesh.
GLOBAL_PASSIVE_SINCE = CalicoVersion(3, 23)

_PREFIX = {PeerType.GLOBAL: "Global_", PeerType.NODE: "Node_"}


def expected_peer(
    speaker: Speaker, winner: Winner, peer_type: Literal[PeerType.GLOBAL, PeerType.NODE], version: CalicoVersion
) -> ExpectedPeer:
    """The protocol that a node has for an entry."""
    entry, because = winner
    key, family, address, settings, far_node, suffix, name_port = entry
    cluster_id = speaker.cluster_id
    local_as = settings.local_as or speaker.local_as
    internal = settings.peer_as == local_as
    # A neighbour in the same cluster that says so is no client (RFC 4456 section 7).
    is_client = cluster_id is not None and internal and settings.cluster_id != cluster_id
    passive = (
        settings.is_calico_node
        and peer_type is PeerType.GLOBAL
        and version >= GLOBAL_PASSIVE_SINCE
        and key[0] > speaker.texts[family]
    )
    # By position, as there may be a million; in the order of model.expected.
    return ExpectedPeer(
        speaker.name,
        family,
        _PREFIX[peer_type] + suffix,
        address,
        key[1],
        name_port,
        peer_type,
        local_as,
        settings.peer_as,
        passive,
        is_client,
        cluster_id if is_client else None,
        because,
        settings.allowed_local_as,
        _next_hop(settings.next_hop_mode, keep=settings.keep_next_hop and not internal),
        far_node,
    )


def _next_hop(mode: str | None, *, keep: bool) -> Literal["self", "keep"] | None:
    """What is written into the block; keepOriginalNextHop counts for eBGP only."""
    if mode == "Keep" or keep:
        return "keep"
    return "self" if mode == "Self" else None
