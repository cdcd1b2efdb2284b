"""The Calico resources of a simulated cluster under its faults, as YAML and as calicoctl prints them.

Which peers they come to is expect's to say: the lab configures its nodes by the rules that calico_bgp audits by.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator

import yaml

from calico_bgp.lab.cluster import LabCluster
from calico_bgp.lab.datastore import CLUSTER_ID, LABEL, healthy_resources
from calico_bgp.lab.effects.configuration import change_resources
from calico_bgp.lab.effects.machines import told_name
from calico_bgp.lab.faults.fault import Fault
from calico_bgp.lab.faults.kinds import FaultKind
from calico_bgp.lab.routing.blocks import block_of
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BGPPeer, CalicoNode, IPPool, Resources
from calico_bgp.model.resources.blocks import BlockAffinity
from calico_bgp.model.routes.bgp_filter import BGPFilter, FilterRule
from calico_bgp.upstream import V3

__all__ = ["CLUSTER_ID", "LABEL", "lab_resources", "resources_to_json", "resources_to_yaml"]

#: Where a password would be; the Secret itself is in no file.
_PASSWORD = {"secretKeyRef": {"name": "bgp-secrets", "key": "password"}}
#: Nothing of them is seen without knowing whose block is whose; of others nobody needs to.
NEEDS_BLOCKS = frozenset({FaultKind.POOL_DELETED, FaultKind.NODE_DELETED})
#: What stands between the digits of a block, in the name of its BlockAffinity.
_DASHES = str.maketrans(".:/", "---")
_PREFIX_LENGTH = {Family.IPV4: 24, Family.IPV6: 64}


def lab_resources(cluster: LabCluster, faults: Iterable[Fault] = ()) -> Resources:
    """What the datastore holds.

    Args:
        cluster: The cluster as it was meant.
        faults: What is broken; those of the configuration change it.
    """
    resources = healthy_resources(cluster)
    faults = tuple(faults)
    for fault in faults:
        resources = change_resources(resources, fault)
    if any(fault.kind in NEEDS_BLOCKS for fault in faults):
        resources = resources.model_copy(update={"block_affinities": tuple(_affinities(cluster, faults))})
    return resources


def _affinities(cluster: LabCluster, faults: Collection[Fault]) -> Iterator[BlockAffinity]:
    """Whose block is whose, as Calico's IPAM has it; of a Node that was deleted, too."""
    for number, node in enumerate(cluster.nodes):
        for family in cluster.families:
            name, block = told_name(node.name, faults), block_of(number, family)
            written = str(block).translate(_DASHES)
            yield BlockAffinity(name=f"{name}-{written}", node=name, cidr=str(block), state="confirmed")


def resources_to_yaml(resources: Resources) -> str:
    """The resources as documents of YAML."""
    return yaml.safe_dump_all(_documents(resources), sort_keys=False)


def resources_to_json(resources: Resources, kind: str) -> str:
    """What `calicoctl get KIND -o json` prints; `kind` is as on its command line, `bgppeers`."""
    items = [document for document in _documents(resources) if _plural(str(document["kind"])) == kind]
    return json.dumps({"apiVersion": V3, "kind": "List", "items": items}, indent=2) + "\n"


def _plural(kind: str) -> str:
    """`blockaffinities`."""
    one = kind.lower()
    return f"{one.removesuffix('y')}ies" if one.endswith("ty") else f"{one}s"


def _documents(resources: Resources) -> list[dict[str, object]]:
    documents = [_node(node) for node in resources.nodes]
    documents += [_peer(peer) for peer in resources.bgp_peers]
    documents += [
        _document(
            "BGPConfiguration",
            config.name,
            {
                "nodeToNodeMeshEnabled": config.node_to_node_mesh_enabled,
                "listenPort": config.listen_port,
                "nodeMeshPassword": _PASSWORD if config.has_node_mesh_password else None,
                "programClusterRoutes": config.program_cluster_routes,
            },
        )
        for config in resources.bgp_configurations
    ]
    documents += [_pool(pool) for pool in resources.ip_pools]
    documents += [_filter(one) for one in resources.bgp_filters]
    documents += [
        _document("BlockAffinity", one.name, {"cidr": one.cidr, "node": one.node, "state": one.state})
        for one in resources.block_affinities
    ]
    documents += [
        _document("FelixConfiguration", felix.name, {"programClusterRoutes": felix.program_cluster_routes})
        for felix in resources.felix
    ]
    return documents


def _node(node: CalicoNode) -> dict[str, object]:
    bgp = {f"{f.value}Address": f"{a}/{_PREFIX_LENGTH[f]}" for f in Family if (a := node.address(f)) is not None}
    bgp |= {"routeReflectorClusterID": node.cluster_id} if node.cluster_id else {}
    document = _document("Node", node.name, {"bgp": bgp})
    document["metadata"] = {"name": node.name, "labels": dict(node.labels)}
    return document


def _peer(peer: BGPPeer) -> dict[str, object]:
    return _document(
        "BGPPeer",
        peer.name,
        {
            "node": peer.node,
            "nodeSelector": peer.node_selector,
            "peerSelector": peer.peer_selector,
            "peerIP": peer.peer_ip,
            "asNumber": peer.as_number,
            "reversePeering": peer.reverse_peering,
            "password": _PASSWORD if peer.has_password else None,
            "filters": list(peer.filters) or None,
        },
    )


def _pool(pool: IPPool) -> dict[str, object]:
    return _document(
        "IPPool",
        pool.name,
        {
            "cidr": pool.cidr,
            "ipipMode": pool.ipip_mode,
            "vxlanMode": pool.vxlan_mode,
            "disableBGPExport": pool.disable_bgp_export or None,
        },
    )


def _filter(one: BGPFilter) -> dict[str, object]:
    """A filter whose rules have an action and perhaps a prefix: the lab has no others."""
    rules = {"exportV4": one.export_v4, "exportV6": one.export_v6}
    spec: dict[str, object] = {
        key: [_rule(rule) for rule in direction_rules] for key, direction_rules in rules.items() if direction_rules
    }
    return _document("BGPFilter", one.name, spec)


def _rule(rule: FilterRule) -> dict[str, str]:
    fields = {"cidr": rule.cidr, "matchOperator": None if rule.operator is None else rule.operator.value}
    return {"action": rule.action.value} | {key: value for key, value in fields.items() if value is not None}


def _document(kind: str, name: str, spec: dict[str, object]) -> dict[str, object]:
    set_fields = {key: value for key, value in spec.items() if value is not None}
    return {"apiVersion": V3, "kind": kind, "metadata": {"name": name}, "spec": set_fields}
