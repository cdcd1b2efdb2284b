"""What the simulated API server shows at one moment: a cluster, its faults, what runs in its pods. No server here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from calico_bgp.lab.cluster import LabCluster
from calico_bgp.lab.effects.machines import is_off, told_name
from calico_bgp.lab.faults.fault import Fault
from calico_bgp.lab.faults.kinds import FaultKind
from calico_bgp.lab.printing.answers import NodeState, answer_in_pod
from calico_bgp.lab.printing.render import Printed
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.lab.servers.kubernetes.faults import APIFault, APIFaultKind
from calico_bgp.lab.servers.kubernetes.node_status import node_status
from calico_bgp.lab.servers.kubernetes.objects import (
    NAMESPACE,
    OPERATOR_GROUP,
    calico_objects,
    installation,
    node_objects,
    pod_name,
    pod_objects,
)
from calico_bgp.model.resources import Resources
from calico_bgp.upstream import CRD, V3

#: The exit code that stands for a kubelet which cannot be reached.
UNREACHABLE = -1
#: How old the CalicoNodeStatuses are, where there are any.
_STATUS_AGE = {APIFaultKind.NODE_STATUS: timedelta(seconds=2), APIFaultKind.STALE_STATUS: timedelta(hours=1)}
_GROUPS = {f"/apis/{version}/": version for version in (V3, CRD)}


@dataclass(frozen=True, slots=True)
class World:
    """What the server shows.

    Attributes:
        objects: A path such as `/api/v1/nodes` → the objects of that list; None for a list that there is not.
        run: What a command in a pod prints; None where no such pod runs, and exit code None where the command hangs.
        node_of: Pod name → its node.
        faults: What is wrong with the API.
    """

    objects: Callable[[str], Sequence[dict[str, Any]] | None]
    run: Callable[[str, Sequence[str]], Printed | None]
    node_of: Callable[[str], str | None]
    faults: Collection[APIFault]

    def has(self, kind: APIFaultKind, node: str | None = None) -> bool:
        """Whether something is wrong; with a node, whether it befalls that node."""
        return any(fault.kind is kind and (node is None or fault.node == node) for fault in self.faults)


def lab_world(
    cluster: LabCluster,
    resources: Resources,
    *,
    faults: Collection[Fault],
    api_faults: Collection[APIFault],
    state_of: Callable[[str], NodeState],
    now: datetime,
) -> World:
    """The world of a lab.

    Args:
        cluster: The cluster as it was meant.
        resources: What the datastore holds.
        faults: What is broken in the cluster.
        api_faults: What is broken between the user and the pods.
        state_of: Machine → what its programs print at this moment.
        now: The time.
    """
    machines = {pod_name(told_name(node.name, faults)): node.name for node in cluster.nodes}
    node_names = {node.name for node in resources.nodes}
    off = {node.name for node in cluster.nodes if is_off(node.name, faults)}
    restarting = {name for fault in faults if fault.kind is FaultKind.RESTARTING for name in fault.nodes}
    stuck = {fault.node for fault in api_faults if fault.kind is APIFaultKind.POD_CRASH_LOOPING}

    def statuses() -> list[dict[str, Any]]:
        kinds = {fault.kind for fault in api_faults}
        if kinds.isdisjoint(_STATUS_AGE):
            return []
        written = now - max(age for kind, age in _STATUS_AGE.items() if kind in kinds)
        silent = off | stuck
        return [
            node_status(told_name(node.name, faults), state_of(node.name).table, written)
            for node in cluster.nodes
            if node.name not in silent
        ]

    def objects(path: str) -> Sequence[dict[str, Any]] | None:
        if path == "/api/v1/nodes":
            return node_objects(resources, cluster, off, now)
        if path in ("/api/v1/pods", f"/api/v1/namespaces/{NAMESPACE}/pods"):
            pods = pod_objects(cluster, off, api_faults, now, restarting)
            for pod in pods:
                name = told_name(pod["spec"]["nodeName"], faults)
                pod["spec"]["nodeName"] = name
                pod["metadata"]["name"] = pod_name(name)
            return [pod for pod in pods if pod["spec"]["nodeName"] in node_names]
        if path.startswith("/api/v1/namespaces/") and path.endswith("/pods"):
            return []
        if path == f"/apis/{OPERATOR_GROUP}/v1/installations":
            return [installation(now)]
        for prefix, group in _GROUPS.items():
            if path.startswith(prefix):
                stale = group.startswith(CRD) and any(f.kind is APIFaultKind.STALE_CRDS for f in api_faults)
                served = _stale(cluster) if stale else resources
                kind = path.removeprefix(prefix)
                if kind == "caliconodestatuses":
                    return [status | {"apiVersion": group} for status in statuses()]
                return calico_objects(served, group, kind, now) if "/" not in kind else None
        return None

    def run(pod: str, command: Sequence[str]) -> Printed | None:
        machine = machines.get(pod)
        if machine is None:
            return None
        if machine in off or machine in stuck:
            return Printed("", "", UNREACHABLE)
        return answer_in_pod(command, state_of(machine))

    return World(objects, run, machines.get, api_faults)


def _stale(cluster: LabCluster) -> Resources:
    """What was there before the peering was changed: a mesh in the place of reflectors, or the other way."""
    before = lab_resources(cluster, ())
    configs = tuple(
        replace(config, node_to_node_mesh_enabled=not config.node_to_node_mesh_enabled)
        for config in before.bgp_configurations
    )
    return before.model_copy(update={"bgp_configurations": configs, "bgp_peers": ()})
