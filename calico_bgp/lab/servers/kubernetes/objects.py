"""The objects of the simulated API server: Nodes, calico-node pods, Calico's resources. Values in, JSON out."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from calico_bgp.lab.cluster import LabCluster, LabNode, Topology
from calico_bgp.lab.printing.resources import resources_to_json
from calico_bgp.lab.servers.kubernetes.faults import APIFault, APIFaultKind
from calico_bgp.model.peer import Address, Family
from calico_bgp.model.resources import CalicoNode, Resources
from calico_bgp.upstream import (
    APP_LABEL,
    AS_NUMBER,
    BACKEND,
    CALICO_NODE,
    CLUSTER_ID,
    HOSTNAME_LABEL,
    INTERNAL_IP,
    IPV4_ADDRESS,
    IPV6_ADDRESS,
    OS_LABELS,
    REVISION_LABEL,
)

NAMESPACE = "calico-system"
#: Resource → kind, of Calico's groups; a healthy lab has objects of the first two only.
CALICO_KINDS = {
    "bgppeers": "BGPPeer",
    "bgpconfigurations": "BGPConfiguration",
    "ippools": "IPPool",
    "bgpfilters": "BGPFilter",
    "blockaffinities": "BlockAffinity",
    "caliconodestatuses": "CalicoNodeStatus",
    "felixconfigurations": "FelixConfiguration",
}
_IMAGE = "quay.io/calico/node:v3.33.0"
OPERATOR_GROUP = "operator.tigera.io"
_PREFIX_LENGTH = {Family.IPV4: 24, Family.IPV6: 64}
_AGE = timedelta(days=3)
#: A pod whose node starts anew, and the revisions of the DaemonSet before and after that.
_NEW = timedelta(minutes=1)
_REVISIONS = ("6f7d9c5b4", "7c8b5d9f6")


def node_objects(
    resources: Resources, cluster: LabCluster, off: Collection[str], now: datetime
) -> list[dict[str, Any]]:
    """Every Node, with Calico's annotations (libcalico-go/lib/backend/k8s/resources/node.go).

    Args:
        resources: What the datastore holds.
        cluster: The cluster as it was meant: the InternalIP is the kubelet's, whatever calico-node has found.
        off: Nodes whose kubelet does not report.
        now: The time.
    """
    return [_node(node, _internal(node, cluster), node.name in off, now) for node in resources.nodes]


def _internal(node: CalicoNode, cluster: LabCluster) -> tuple[Address | None, ...]:
    machine: LabNode | CalicoNode = cluster.by_name.get(node.name, node)
    return tuple(machine.address(family) for family in Family)


def _node(node: CalicoNode, internal: Collection[Address | None], is_off: bool, now: datetime) -> dict[str, Any]:
    annotations = {
        (IPV4_ADDRESS if family is Family.IPV4 else IPV6_ADDRESS): f"{address}/{_PREFIX_LENGTH[family]}"
        for family in Family
        if (address := node.address(family)) is not None
    }
    if node.cluster_id:
        annotations[CLUSTER_ID] = node.cluster_id
    if node.as_number is not None:
        annotations[AS_NUMBER] = str(node.as_number)
    addresses = [{"type": INTERNAL_IP, "address": str(address)} for address in internal if address is not None]
    ready = {"type": "Ready", "status": "Unknown" if is_off else "True", "lastTransitionTime": _time(now - _AGE)}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": node.name,
            "uid": _uid("node", node.name),
            "creationTimestamp": _time(now - _AGE),
            "labels": {HOSTNAME_LABEL: node.name, OS_LABELS[0]: "linux", **dict(node.labels)},
            "annotations": annotations,
        },
        "spec": {},
        "status": {"addresses": [*addresses, {"type": "Hostname", "address": node.name}], "conditions": [ready]},
    }


def pod_name(node: str) -> str:
    """The name of a node's calico-node pod: five letters at its end, as a DaemonSet gives them."""
    digest = sha256(node.encode()).hexdigest()
    return "calico-node-" + "".join("bcdfghjklmnpqrstvwxz2456789"[int(d, 16)] for d in digest[:5])


def pod_objects(
    cluster: LabCluster,
    off: Collection[str],
    faults: Collection[APIFault],
    now: datetime,
    restarting: Collection[str] = (),
) -> list[dict[str, Any]]:
    """The calico-node pod of every node; those of `restarting` are new, of the DaemonSet's next revision."""
    missing = {fault.node for fault in faults if fault.kind is APIFaultKind.POD_MISSING}
    looping = {fault.node for fault in faults if fault.kind is APIFaultKind.POD_CRASH_LOOPING}
    return [
        _pod(node.name, cluster, node.name in off, node.name in looping, now, is_new=node.name in restarting)
        for node in cluster.nodes
        if node.name not in missing
    ]


def _pod(
    node: str, cluster: LabCluster, is_off: bool, is_looping: bool, now: datetime, *, is_new: bool
) -> dict[str, Any]:
    backend = "none" if cluster.topology is Topology.NO_BGP else "bird"
    age = _NEW if is_new else _AGE
    state: dict[str, Any] = {"running": {"startedAt": _time(now - age)}}
    if is_looping:
        message = "back-off 5m0s restarting failed container=calico-node"
        state = {"waiting": {"reason": "CrashLoopBackOff", "message": message}}
    ready = not is_off and not is_looping
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": pod_name(node),
            "namespace": NAMESPACE,
            "uid": _uid("pod", node),
            "creationTimestamp": _time(now - age),
            "labels": {APP_LABEL: CALICO_NODE, REVISION_LABEL: _REVISIONS[is_new]},
        },
        "spec": {
            "nodeName": node,
            "hostNetwork": True,
            "containers": [
                {"name": CALICO_NODE, "image": _IMAGE, "env": [{"name": BACKEND, "value": backend}]},
            ],
        },
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": str(ready)}],
            "containerStatuses": [
                {
                    "name": CALICO_NODE,
                    "image": _IMAGE,
                    "imageID": f"{_IMAGE.partition(':')[0]}@sha256:{sha256(_IMAGE.encode()).hexdigest()}",
                    "ready": ready,
                    "restartCount": 57 if is_looping else 0,
                    "state": state,
                }
            ],
        },
    }


def calico_objects(resources: Resources, group: str, kind: str, now: datetime) -> list[dict[str, Any]]:
    """Calico's resources of one kind (`bgppeers`) in one of its two groups."""
    if kind not in CALICO_KINDS:
        return []
    items: list[dict[str, Any]] = json.loads(resources_to_json(resources, kind))["items"]
    for item in items:
        item["apiVersion"] = group
        item["metadata"] |= {"uid": _uid(kind, item["metadata"]["name"]), "creationTimestamp": _time(now - _AGE)}
    return items


def installation(now: datetime) -> dict[str, Any]:
    """What the operator is told: calico-node runs in its namespace, and takes the first address that it finds."""
    return {
        "apiVersion": f"{OPERATOR_GROUP}/v1",
        "kind": "Installation",
        "metadata": {"name": "default", "uid": _uid("installation"), "creationTimestamp": _time(now - _AGE)},
        "spec": {"calicoNetwork": {"nodeAddressAutodetectionV4": {"firstFound": True}}},
    }


def _uid(*parts: str) -> str:
    digits = sha256("/".join(parts).encode()).hexdigest()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]))


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
