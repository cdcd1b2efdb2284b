"""Which peers every node is configured with, in BIRD's order. Pure; nothing is broken here but lost labels."""

from __future__ import annotations

from collections.abc import Collection

from calico_bgp.expect.engine import expected_peers
from calico_bgp.lab.cluster import LabCluster, Topology
from calico_bgp.lab.resources import lab_resources
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import PeerType


def configured_peers(cluster: LabCluster, lost_labels: Collection[str] = ()) -> dict[str, tuple[ExpectedPeer, ...]]:
    """Every node's peers: global ones first, then in the order of the datastore, as Calico's template wrote them.

    Args:
        cluster: The cluster as it was meant.
        lost_labels: Reflectors that lost their label and cluster ID: no peerSelector matches them any more.
    """
    if cluster.topology is Topology.NO_BGP:
        return {node.name: () for node in cluster.nodes}
    order = {node.name: number for number, node in enumerate(cluster.nodes)}

    def place(peer: ExpectedPeer) -> tuple[bool, int]:
        return peer.peer_type is not PeerType.GLOBAL, order[str(peer.far_node)]

    expected = expected_peers(lab_resources(cluster, lost_labels))
    return {name: tuple(sorted(peers, key=place)) for name, peers in expected.items()}
