"""Faults of the configuration: what each one changes in Calico's resources. Resources in, Resources out.

What BIRD is then configured with is expect's to say; a BIRD that does not follow is in moment.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from calico_bgp.lab.datastore import CLUSTER_ID, LABEL, REFLECTOR_PEER
from calico_bgp.lab.effects.layouts import LAYOUTS
from calico_bgp.lab.effects.machines import DOCKER_BRIDGE, new_name
from calico_bgp.lab.effects.pools import POOLS_AND_FILTERS
from calico_bgp.lab.faults.fault import Fault
from calico_bgp.lab.faults.kinds import FaultKind
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BGPPeer, CalicoNode, Resources

#: A label that no node has.
STALE_LABEL = "bgp-reflector"
#: A router that a BGPPeer names without its AS.
ROUTER = "198.51.100.1"
#: The BGPPeer that lacks its other half.
ONE_WAY_PEER = "one-way-peering"


def change_resources(resources: Resources, fault: Fault) -> Resources:
    """What the datastore holds once the fault is there; most faults change nothing in it."""
    change = _CHANGES.get(fault.kind)
    return resources if change is None else change(resources, fault)


def _reinstalled(resources: Resources, fault: Fault) -> Resources:
    return _of_nodes(resources, fault, lambda node: _unlabelled(replace(node, cluster_id=None)))


def _lost_label(resources: Resources, fault: Fault) -> Resources:
    return _of_nodes(resources, fault, _unlabelled)


def _lost_cluster_id(resources: Resources, fault: Fault) -> Resources:
    return _of_nodes(resources, fault, lambda node: replace(node, cluster_id=None))


def _reflector_removed(resources: Resources, fault: Fault) -> Resources:
    return _with_nodes(resources, (node for node in resources.nodes if node.name not in fault.nodes))


def _node_deleted(resources: Resources, fault: Fault) -> Resources:
    """The reflectors were told of it by its address, which no Node has any more."""
    gone = [node for node in resources.nodes if node.name in fault.nodes]
    by_address = [
        BGPPeer(
            name=f"to-{node.name}-{family.value}",
            node_selector=f"has({LABEL})",
            peer_ip=str(address),
            as_number=resources.as_number,
        )
        for node in gone
        for family in Family
        if (address := node.address(family)) is not None
    ]
    return _with_peers(_reflector_removed(resources, fault), by_address)


def _replaced(resources: Resources, fault: Fault) -> Resources:
    return _of_nodes(
        resources, fault, lambda node: _unlabelled(replace(node, name=new_name(node.name), cluster_id=None))
    )


def _selector_stale(resources: Resources, _: Fault) -> Resources:
    return _of_reflector_peer(resources, lambda peer: replace(peer, peer_selector=f"has({STALE_LABEL})"))


def _one_sided(resources: Resources, fault: Fault) -> Resources:
    """In a mesh the second node leaves it for a cluster ID, so that only BGPPeers give it peers."""
    first, second = fault.nodes
    if not resources.mesh_enabled:
        far = resources.nodes_by_name.get(second)
        address = None if far is None else far.ipv4 or far.ipv6
        one_way = BGPPeer(name=ONE_WAY_PEER, node=first, peer_ip=str(address), as_number=resources.as_number)
        return resources if address is None else _with_peers(resources, [replace(one_way, reverse_peering="Manual")])
    one_way = BGPPeer(name=ONE_WAY_PEER, node_selector=f"!has({LABEL})", peer_selector=f"has({LABEL})")
    changed = _of_nodes(resources, Fault(fault.kind, (second,)), _reflecting)
    return _with_peers(changed, [replace(one_way, reverse_peering="Manual")])


def _refused(resources: Resources, _: Fault) -> Resources:
    return _with_peers(resources, [BGPPeer(name="router", peer_ip=ROUTER)])


def _another_reflector(resources: Resources, fault: Fault) -> Resources:
    """The change that the BIRD of a stuck node does not follow."""
    plain = [node.name for node in resources.nodes if node.cluster_id is None and node.name not in fault.nodes]
    changed = _of_nodes(resources, Fault(fault.kind, tuple(plain[-1:])), _reflecting)
    if not resources.mesh_enabled:
        return changed
    return _with_peers(changed, [BGPPeer(name=REFLECTOR_PEER, node_selector="all()", peer_selector=f"has({LABEL})")])


def _reflecting(node: CalicoNode) -> CalicoNode:
    labels = dict(node.labels) | {LABEL: "true"}
    return replace(node, labels=tuple(sorted(labels.items())), cluster_id=CLUSTER_ID)


def _password(resources: Resources, _: Fault) -> Resources:
    """Sessions get a TCP MD5 password; that one node has another stands in a Secret, which nobody reads."""
    if not resources.mesh_enabled:
        return _of_reflector_peer(resources, lambda peer: replace(peer, has_password=True))
    configs = tuple(replace(config, has_node_mesh_password=True) for config in resources.bgp_configurations)
    return resources.model_copy(update={"bgp_configurations": configs})


def _wrong_address(resources: Resources, fault: Fault) -> Resources:
    return _of_nodes(resources, fault, lambda node: replace(node, ipv4=DOCKER_BRIDGE))


def _duplicate_address(resources: Resources, fault: Fault) -> Resources:
    first, second = fault.nodes
    first_node = resources.nodes_by_name.get(first)
    if first_node is None:  # another fault took it away
        return resources
    change = {"ipv4": first_node.ipv4} if first_node.ipv4 is not None else {"ipv6": first_node.ipv6}
    return _of_nodes(resources, Fault(fault.kind, (second,)), lambda node: replace(node, **change))


def _unlabelled(node: CalicoNode) -> CalicoNode:
    return replace(node, labels=tuple((key, value) for key, value in node.labels if key != LABEL))


def _of_nodes(resources: Resources, fault: Fault, change: Callable[[CalicoNode], CalicoNode]) -> Resources:
    return _with_nodes(resources, (change(node) if node.name in fault.nodes else node for node in resources.nodes))


def _of_reflector_peer(resources: Resources, change: Callable[[BGPPeer], BGPPeer]) -> Resources:
    peers = tuple(change(peer) if peer.name == REFLECTOR_PEER else peer for peer in resources.bgp_peers)
    return resources.model_copy(update={"bgp_peers": peers})


def _with_nodes(resources: Resources, nodes: Iterable[CalicoNode]) -> Resources:
    return resources.model_copy(update={"nodes": tuple(nodes)})


def _with_peers(resources: Resources, more: Iterable[BGPPeer]) -> Resources:
    """With BGPPeers; one that is there already is not there twice."""
    peers = {peer.name: peer for peer in (*resources.bgp_peers, *more)}
    return resources.model_copy(update={"bgp_peers": tuple(peers.values())})


_CHANGES: dict[FaultKind, Callable[[Resources, Fault], Resources]] = {
    **LAYOUTS,
    **POOLS_AND_FILTERS,
    FaultKind.REINSTALLED: _reinstalled,
    FaultKind.LOST_LABEL: _lost_label,
    FaultKind.LOST_CLUSTER_ID: _lost_cluster_id,
    FaultKind.REFLECTOR_REMOVED: _reflector_removed,
    FaultKind.NODE_DELETED: _node_deleted,
    FaultKind.REPLACED: _replaced,
    FaultKind.SELECTOR_STALE: _selector_stale,
    FaultKind.ONE_SIDED_CONFIG: _one_sided,
    FaultKind.REFUSED_CONFIG: _refused,
    FaultKind.CONFD_STUCK: _another_reflector,
    FaultKind.WRONG_PASSWORD: _password,
    FaultKind.WRONG_ADDRESS: _wrong_address,
    FaultKind.DUPLICATE_ADDRESS: _duplicate_address,
}
#: Kinds that change the resources.
CHANGES_RESOURCES = frozenset(_CHANGES)
