"""What the datastore of a healthy simulated cluster holds. Nothing is broken here, nothing is printed here."""

from __future__ import annotations

from calico_bgp.lab.cluster import LabCluster, LabNode, Switch, Topology, Variant
from calico_bgp.model.inventory import Role
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, CalicoNode, Resources
from calico_bgp.upstream import ZONE_LABEL

CLUSTER_ID = "244.0.0.1"
LABEL = "route-reflector"
REFLECTOR_PEER = "peer-with-reflectors"
SWITCH_PEER = "top-of-rack"
_NODE_SELECTOR = {Variant.GLOBAL: None, Variant.ALL: "all()", Variant.CLIENTS: f"!has({LABEL})"}


def healthy_resources(cluster: LabCluster) -> Resources:
    """The Nodes, BGPPeers and the BGPConfiguration of a cluster as it was meant."""
    peers: list[BGPPeer] = []
    if cluster.topology is Topology.REFLECTORS:
        selector = _NODE_SELECTOR[cluster.variant]
        peers.append(BGPPeer(name=REFLECTOR_PEER, node_selector=selector, peer_selector=f"has({LABEL})"))
    if cluster.switch is not None:
        peers.append(peer_for(cluster.switch))
    config = BGPConfiguration(
        name="default",
        node_to_node_mesh_enabled=cluster.topology is not Topology.REFLECTORS,
        listen_port=cluster.listen_port,
    )
    nodes = tuple(_node(node, cluster) for node in cluster.nodes)
    return Resources(nodes=nodes, bgp_peers=tuple(peers), bgp_configurations=(config,))


def peer_for(switch: Switch) -> BGPPeer:
    """The global BGPPeer that makes every node peer with a switch."""
    return BGPPeer(name=SWITCH_PEER, peer_ip=str(switch.ipv4), as_number=switch.as_number)


def _node(node: LabNode, cluster: LabCluster) -> CalicoNode:
    reflects = node.role is Role.REFLECTOR
    labels = [(LABEL, "true")] if reflects else []
    labels += [(ZONE_LABEL, node.zone)] if node.zone is not None else []
    return CalicoNode(
        name=node.name,
        labels=tuple(labels),
        ipv4=node.ipv4 if Family.IPV4 in cluster.families else None,
        ipv6=node.ipv6 if Family.IPV6 in cluster.families else None,
        cluster_id=CLUSTER_ID if reflects else None,
    )
