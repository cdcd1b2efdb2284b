"""The Calico resources of a simulated cluster, as YAML and as calicoctl prints them. Nothing is broken but lost labels.

Which peers they come to is expect's to say: the lab configures its nodes by the rules that calico_bgp audits by.
"""

from __future__ import annotations

import json
from collections.abc import Collection

import yaml

from calico_bgp.lab.cluster import LabCluster, Topology, Variant
from calico_bgp.model.inventory import Role
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, CalicoNode, Resources

CLUSTER_ID = "244.0.0.1"
LABEL = "route-reflector"
_API = "projectcalico.org/v3"
_NODE_SELECTOR = {Variant.GLOBAL: None, Variant.ALL: "all()", Variant.CLIENTS: f"!has({LABEL})"}
_PREFIX_LENGTH = {Family.IPV4: 24, Family.IPV6: 64}


def lab_resources(cluster: LabCluster, lost_labels: Collection[str] = ()) -> Resources:
    """What the datastore holds.

    Args:
        cluster: The cluster as it was meant.
        lost_labels: Reflectors that lost their label and cluster ID: no peerSelector matches them any more.
    """
    nodes = []
    for node in cluster.nodes:
        reflects = node.role is Role.REFLECTOR and node.name not in lost_labels
        nodes.append(
            CalicoNode(
                name=node.name,
                labels=((LABEL, "true"),) if reflects else (),
                ipv4=node.ipv4 if Family.IPV4 in cluster.families else None,
                ipv6=node.ipv6 if Family.IPV6 in cluster.families else None,
                cluster_id=CLUSTER_ID if reflects else None,
            )
        )
    peers: tuple[BGPPeer, ...] = ()
    if cluster.topology is Topology.REFLECTORS:
        selector = _NODE_SELECTOR[cluster.variant]
        peers = (BGPPeer(name="peer-with-reflectors", node_selector=selector, peer_selector=f"has({LABEL})"),)
    config = BGPConfiguration(
        name="default",
        node_to_node_mesh_enabled=cluster.topology is not Topology.REFLECTORS,
        listen_port=cluster.listen_port,
    )
    return Resources(nodes=tuple(nodes), bgp_peers=peers, bgp_configurations=(config,))


def resources_to_yaml(resources: Resources) -> str:
    """The resources as documents of YAML."""
    return yaml.safe_dump_all(_documents(resources), sort_keys=False)


def resources_to_json(resources: Resources, kind: str) -> str:
    """What `calicoctl get KIND -o json` prints; `kind` is as on its command line, `bgppeers`."""
    items = [document for document in _documents(resources) if f"{document['kind']}s".lower() == kind]
    return json.dumps({"apiVersion": _API, "kind": "List", "items": items}, indent=2) + "\n"


def _documents(resources: Resources) -> list[dict[str, object]]:
    documents = [_node(node) for node in resources.nodes]
    documents += [
        _document("BGPPeer", peer.name, {"nodeSelector": peer.node_selector, "peerSelector": peer.peer_selector})
        for peer in resources.bgp_peers
    ]
    documents += [
        _document(
            "BGPConfiguration",
            config.name,
            {"nodeToNodeMeshEnabled": config.node_to_node_mesh_enabled, "listenPort": config.listen_port},
        )
        for config in resources.bgp_configurations
    ]
    return documents


def _node(node: CalicoNode) -> dict[str, object]:
    bgp = {f"{f.value}Address": f"{a}/{_PREFIX_LENGTH[f]}" for f in Family if (a := node.address(f)) is not None}
    bgp |= {"routeReflectorClusterID": node.cluster_id} if node.cluster_id else {}
    document = _document("Node", node.name, {"bgp": bgp})
    document["metadata"] = {"name": node.name, "labels": dict(node.labels)}
    return document


def _document(kind: str, name: str, spec: dict[str, object]) -> dict[str, object]:
    given = {key: value for key, value in spec.items() if value is not None}
    return {"apiVersion": _API, "kind": kind, "metadata": {"name": name}, "spec": given}
