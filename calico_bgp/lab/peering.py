"""Which peers every node is configured with, and how BIRD names them. Pure; nothing is broken here but lost labels.

The source is confd/pkg/backends/calico/client.go updatePeersV1: mesh, global, node specific, automatic reverse.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from calico_bgp.lab.cluster import LabCluster, LabNode, Topology, Variant
from calico_bgp.model.inventory import Role
from calico_bgp.model.peer import Address, Family, PeerType

_PREFIX = {PeerType.MESH: "Mesh", PeerType.GLOBAL: "Global", PeerType.NODE: "Node"}


class PeerConfig(NamedTuple):
    """A peer that a node is configured with, in every family that both ends have an address of."""

    far: str
    peer_type: PeerType
    port: int | None


def configured_peers(cluster: LabCluster, lost_labels: Collection[str] = ()) -> dict[str, tuple[PeerConfig, ...]]:
    """Every node's peers, in BIRD's order.

    Args:
        cluster: The cluster as it was meant.
        lost_labels: Reflectors that lost their label and cluster ID: no peerSelector matches them any more.
    """
    reflecting = {node.name for node in cluster.nodes if node.role is Role.REFLECTOR} - set(lost_labels)
    return {node.name: tuple(_peers_of(node, cluster, reflecting)) for node in cluster.nodes}


def _peers_of(own: LabNode, cluster: LabCluster, reflecting: Collection[str]) -> list[PeerConfig]:
    others = [node.name for node in cluster.nodes if node.name != own.name]
    if cluster.topology is Topology.MESH:
        return [PeerConfig(far, PeerType.MESH, None) for far in others]  # mesh names never carry a port
    if cluster.topology is Topology.NO_BGP:
        return []
    port = cluster.listen_port
    own_reflects = own.name in reflecting
    if cluster.variant is Variant.CLIENTS:
        return [PeerConfig(far, PeerType.NODE, port) for far in others if own_reflects is not (far in reflecting)]
    # The template writes global peers before node-specific ones.
    forward = PeerType.GLOBAL if cluster.variant is Variant.GLOBAL else PeerType.NODE
    peers = [PeerConfig(far, forward, port) for far in others if far in reflecting]
    if own_reflects:
        peers += [PeerConfig(far, PeerType.NODE, port) for far in others if far not in reflecting]
    if forward is PeerType.NODE:
        order = {name: number for number, name in enumerate(others)}
        peers.sort(key=lambda peer: order[peer.far])
    return peers


def protocol_name(peer: PeerConfig, address: Address) -> str:
    """BIRD's name of a peer, as Calico's confd writes it: `Node_192_0_2_11_port_1790`."""
    text = str(address).replace(".", "_").replace(":", "_")
    port = "" if peer.port is None else f"_port_{peer.port}"
    return f"{_PREFIX[peer.peer_type]}_{text}{port}"


def is_passive(own: LabNode, peer: PeerConfig, far: LabNode, family: Family) -> bool:
    """Whether this end waits for the other to dial.

    A mesh peer is passive where the peer's address is greater than the node's own *as text* (confd's bird.cfg.template:
    `"10.0.0.9" > "10.0.0.10"`). Peers that come from a peerSelector are active at both ends.
    """
    return peer.peer_type is PeerType.MESH and str(far.address(family)) > str(own.address(family))
