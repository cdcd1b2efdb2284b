"""Faults in how the resources join the nodes: who is selected, which racks are joined. Resources in, Resources out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from calico_bgp.lab.datastore import CLUSTER_ID, LABEL, REFLECTOR_PEER
from calico_bgp.lab.faults.fault import Fault
from calico_bgp.lab.faults.kinds import FaultKind
from calico_bgp.model.resources import BGPPeer, CalicoNode, Resources

#: A label that every node has but those that the fault names.
CLIENT_LABEL = "bgp-client"
RACK_LABEL = "rack"
RACKS = ("a", "b")
OTHER_ID = "244.0.0.2"
AMONG = "reflectors-among-themselves"


def _mesh_off(resources: Resources, _: Fault) -> Resources:
    configs = tuple(replace(config, node_to_node_mesh_enabled=False) for config in resources.bgp_configurations)
    return resources.model_copy(update={"bgp_configurations": configs, "bgp_peers": ()})


def _narrow(resources: Resources, _: Fault) -> Resources:
    return _of_peer(resources, f"has({LABEL})")


def _unlabelled(resources: Resources, fault: Fault) -> Resources:
    def changed(node: CalicoNode) -> CalicoNode:
        return node if node.name in fault.nodes else _with(node, CLIENT_LABEL, "true")

    nodes = tuple(map(changed, resources.nodes))
    return _of_peer(resources.model_copy(update={"nodes": nodes}), f"has({CLIENT_LABEL})")


def _elsewhere(resources: Resources, fault: Fault) -> Resources:
    """One plain node after the other, the last one first, gets the label that a reflector loses."""
    plain = [node.name for node in resources.nodes if not node.cluster_id][-len(fault.nodes) :]

    def changed(node: CalicoNode) -> CalicoNode:
        if node.name in fault.nodes:
            return replace(node, labels=tuple(pair for pair in node.labels if pair[0] != LABEL))
        return _with(node, LABEL, "true") if node.name in plain else node

    return resources.model_copy(update={"nodes": tuple(map(changed, resources.nodes))})


def _racks_apart(resources: Resources, _: Fault) -> Resources:
    return _racks(resources, ids=(CLUSTER_ID, OTHER_ID))


def _equal_ids(resources: Resources, _: Fault) -> Resources:
    among = BGPPeer(name=AMONG, node_selector=f"has({LABEL})", peer_selector=f"has({LABEL})")
    racks = _racks(resources, ids=(CLUSTER_ID, CLUSTER_ID))
    return racks.model_copy(update={"bgp_peers": (*racks.bgp_peers, among)})


def _racks(resources: Resources, *, ids: tuple[str, str]) -> Resources:
    """Every second node in another rack; the first two, which reflect, each for its own."""
    nodes = []
    for place, node in enumerate(resources.nodes):
        rack = place % len(RACKS)
        labelled = _with(node, RACK_LABEL, RACKS[rack])
        nodes.append(replace(labelled, cluster_id=ids[rack]) if node.cluster_id else labelled)
    peers = tuple(
        BGPPeer(
            name=f"rack-{rack}",
            node_selector=f"{RACK_LABEL} == '{rack}'",
            peer_selector=f"has({LABEL}) && {RACK_LABEL} == '{rack}'",
        )
        for rack in RACKS
    )
    other_peers = tuple(peer for peer in resources.bgp_peers if peer.name != REFLECTOR_PEER)
    return resources.model_copy(update={"nodes": tuple(nodes), "bgp_peers": (*other_peers, *peers)})


def _with(node: CalicoNode, key: str, value: str) -> CalicoNode:
    return replace(node, labels=tuple(sorted({**dict(node.labels), key: value}.items())))


def _of_peer(resources: Resources, node_selector: str) -> Resources:
    peers = tuple(
        replace(peer, node_selector=node_selector) if peer.name == REFLECTOR_PEER else peer
        for peer in resources.bgp_peers
    )
    return resources.model_copy(update={"bgp_peers": peers})


LAYOUTS: dict[FaultKind, Callable[[Resources, Fault], Resources]] = {
    FaultKind.MESH_OFF: _mesh_off,
    FaultKind.SELECTOR_NARROW: _narrow,
    FaultKind.NODE_UNLABELLED: _unlabelled,
    FaultKind.LABEL_ELSEWHERE: _elsewhere,
    FaultKind.RACKS_APART: _racks_apart,
    FaultKind.EQUAL_IDS: _equal_ids,
}
