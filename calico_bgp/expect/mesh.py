"""The node-to-node mesh: which nodes take part, and what each has of the others (bgp_processor.go processMeshPeers)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from calico_bgp.expect.entry import protocol_suffix
from calico_bgp.expect.speakers import Speaker
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.expected import Because, ExpectedPeer, PeerPass
from calico_bgp.model.peer import Address, Family, PeerType
from calico_bgp.model.resources import GLOBAL_CONFIG

#: From here on a mesh peer without an AS of its own is expected to have *this node's* AS, not the global one.
AS_OF_THIS_NODE_SINCE = CalicoVersion(3, 32)
#: From here on one end of every mesh session waits for the other to dial.
PASSIVE_SINCE = CalicoVersion(3, 22)

MESH_BECAUSE = (Because("BGPConfiguration", GLOBAL_CONFIG, PeerPass.MESH),)


class MeshPeer(NamedTuple):
    """A node as every other node of the mesh sees it.

    Attributes:
        name: BIRD's name of the protocol. It never carries a port.
        text: The address in canonical form.
        address: The address.
        port: The port dialled, None for 179.
        own_as: The node's own AS, None when it has none.
        node: The node.
    """

    name: str
    text: str
    address: Address
    port: int | None
    own_as: int | None
    node: str


def mesh_of(speakers: Iterable[Speaker], family: Family) -> tuple[MeshPeer, ...]:
    """The nodes of the mesh, sorted by protocol name: those with an address of the family and without a cluster ID."""
    in_mesh = []
    for speaker in speakers:
        address = speaker.address(family)
        if address is not None and speaker.cluster_id is None:
            text = speaker.texts[family]
            name = f"Mesh_{protocol_suffix(text, None)}"
            in_mesh.append(MeshPeer(name, text, address, speaker.port, speaker.node.as_number, speaker.name))
    # By node where the name is the same: of two nodes with one address only one may have a port, and None has no order.
    return tuple(sorted(in_mesh, key=lambda peer: (peer.name, peer.node)))


def mesh_peers(
    speaker: Speaker, family: Family, mesh: tuple[MeshPeer, ...], global_as: int, version: CalicoVersion
) -> Iterator[ExpectedPeer]:
    """The mesh peers of one node, which takes part."""
    own = speaker.texts[family]
    local_as, near = speaker.local_as, speaker.name
    other_as = local_as if version >= AS_OF_THIS_NODE_SINCE else global_as
    waits = version >= PASSIVE_SINCE
    for name, text, address, port, own_as, node in mesh:
        if text == own:
            continue
        yield ExpectedPeer(
            near,
            family,
            name,
            address,
            port,
            None,
            PeerType.MESH,
            local_as,
            other_as if own_as is None else own_as,
            waits and text > own,
            False,  # a node with a cluster ID takes no part in the mesh
            None,
            MESH_BECAUSE,
            0,
            None,
            node,
        )
