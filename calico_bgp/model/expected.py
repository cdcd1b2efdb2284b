"""What Calico would configure on a node: a peer that should be there. Values only; expect/ works them out."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import Literal, NamedTuple

from calico_bgp.model.peer import Address, Family, PeerKey, PeerType

#: The same few resources make the peers of all nodes.
_REMEMBERED = 256


class PeerPass(StrEnum):
    """Which of confd's passes made a peer (confd/pkg/backends/calico/client.go updatePeersV1)."""

    MESH = "mesh"
    GLOBAL = "global"
    NODE = "node specific"
    REVERSE = "automatic reverse peering"


class Because(NamedTuple):
    """A resource that made an expected peer, and in which pass.

    Attributes:
        kind: `BGPPeer`, or `BGPConfiguration` for the mesh.
        name: Its name; `default` for the mesh also when there is no BGPConfiguration, for the mesh is on by default.
        made_by: The pass.
    """

    kind: Literal["BGPPeer", "BGPConfiguration"]
    name: str
    made_by: PeerPass

    def __str__(self) -> str:
        return f"{self.kind} {self.name} ({self.made_by})"


@lru_cache(_REMEMBERED)
def in_words(because: tuple[Because, ...]) -> str:
    """`BGPPeer rack-1 (node specific), BGPPeer all (global)`."""
    return ", ".join(map(str, because))


class ExpectedPeer(NamedTuple):
    """One `protocol bgp` block of a node's bird.cfg (or bird6.cfg), as Calico's confd writes it.

    A tuple, because a mesh of 1,000 nodes has a million of them.

    Attributes:
        node: The node whose BIRD has it.
        family: The address family.
        name: BIRD's name of the protocol, `Node_192_0_2_1_port_500`.
        address: The neighbour's address.
        port: The TCP port dialled; None for 179 by default.
        name_port: The port in `name`; None when it carries none (in the mesh it never does).
        peer_type: As calicoctl shows it.
        local_as: This end's AS: `localASNumber`, else the node's own, else the global one.
        peer_as: The AS expected of the neighbour; 0 when a BGPPeer by `peerIP` has no `asNumber`, which BIRD refuses.
        passive: Whether this end only waits for the other to dial.
        reflector_client: Whether this end reflects to the neighbour (`rr client`).
        cluster_id: This end's cluster ID where it is a reflector_client, else None (`rr cluster id`).
        because: The resources that made it.
        allowed_local_as: How often the local AS may stand in a received AS path (numAllowedLocalASNumbers).
        next_hop: `self` or `keep` where written into the block, None for BIRD's own rule.
        far_node: The Calico node that has the address, None for an external peer.
    """

    node: str
    family: Family
    name: str
    address: Address
    port: int | None
    name_port: int | None
    peer_type: PeerType
    local_as: int
    peer_as: int
    passive: bool
    reflector_client: bool
    cluster_id: str | None
    because: tuple[Because, ...]
    allowed_local_as: int = 0
    next_hop: Literal["self", "keep"] | None = None
    far_node: str | None = None

    @property
    def key(self) -> PeerKey:
        """What expectation and observation meet on: the port is the one in the name."""
        return PeerKey(self.node, self.address, self.name_port)
