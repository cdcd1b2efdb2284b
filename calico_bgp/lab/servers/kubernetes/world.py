"""What the simulated API server shows at one moment: a cluster, its faults, what runs in its pods. No server here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
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
        """Whether the API has this fault; with a node, whether it has it for that node."""
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
    lab = _Lab(cluster, resources, faults, api_faults, state_of, now)
    return World(lab.objects, lab.run, lab.machines.get, api_faults)


@dataclass(frozen=True)
class _Lab:
    """A lab as Kubernetes shows it; the attributes are those of `lab_world`."""

    cluster: LabCluster
    resources: Resources
    faults: Collection[Fault]
    api_faults: Collection[APIFault]
    state_of: Callable[[str], NodeState]
    now: datetime

    @cached_property
    def machines(self) -> dict[str, str]:
        """Pod name → the machine that it runs on."""
        return {pod_name(told_name(node.name, self.faults)): node.name for node in self.cluster.nodes}

    @cached_property
    def _off(self) -> set[str]:
        return {node.name for node in self.cluster.nodes if is_off(node.name, self.faults)}

    @cached_property
    def _unreachable(self) -> set[str | None]:
        """The machines in whose pod no command runs."""
        return self._off | {fault.node for fault in self.api_faults if fault.kind is APIFaultKind.POD_CRASH_LOOPING}

    def objects(self, path: str) -> Sequence[dict[str, Any]] | None:
        """The objects of a list; None for a list that there is not."""
        if path == "/api/v1/nodes":
            return node_objects(self.resources, self.cluster, self._off, self.now)
        if path in ("/api/v1/pods", f"/api/v1/namespaces/{NAMESPACE}/pods"):
            return self._pods()
        if path.startswith("/api/v1/namespaces/") and path.endswith("/pods"):
            return []
        if path == f"/apis/{OPERATOR_GROUP}/v1/installations":
            return [installation(self.now)]
        for prefix, group in _GROUPS.items():
            if path.startswith(prefix):
                return self._of_calico(group, path.removeprefix(prefix))
        return None

    def run(self, pod: str, command: Sequence[str]) -> Printed | None:
        """What a command in a pod prints."""
        machine = self.machines.get(pod)
        if machine is None:
            return None
        if machine in self._unreachable:
            return Printed("", "", UNREACHABLE)
        return answer_in_pod(command, self.state_of(machine))

    def _pods(self) -> list[dict[str, Any]]:
        restarting = {name for fault in self.faults if fault.kind is FaultKind.RESTARTING for name in fault.nodes}
        node_names = {node.name for node in self.resources.nodes}
        pods = pod_objects(self.cluster, self._off, self.api_faults, self.now, restarting)
        for pod in pods:
            name = told_name(pod["spec"]["nodeName"], self.faults)
            pod["spec"]["nodeName"] = name
            pod["metadata"]["name"] = pod_name(name)
        return [pod for pod in pods if pod["spec"]["nodeName"] in node_names]

    def _of_calico(self, group: str, kind: str) -> list[dict[str, Any]] | None:
        if kind == "caliconodestatuses":
            return [status | {"apiVersion": group} for status in self._statuses()]
        if "/" in kind:
            return None
        stale = group.startswith(CRD) and any(fault.kind is APIFaultKind.STALE_CRDS for fault in self.api_faults)
        return calico_objects(_stale(self.cluster) if stale else self.resources, group, kind, self.now)

    def _statuses(self) -> list[dict[str, Any]]:
        kinds = {fault.kind for fault in self.api_faults}
        if kinds.isdisjoint(_STATUS_AGE):
            return []
        written = self.now - max(age for kind, age in _STATUS_AGE.items() if kind in kinds)
        return [
            node_status(told_name(node.name, self.faults), self.state_of(node.name).table, written)
            for node in self.cluster.nodes
            if node.name not in self._unreachable
        ]


def _stale(cluster: LabCluster) -> Resources:
    """What was there before the peering was changed: a mesh in the place of reflectors, or the other way."""
    before = lab_resources(cluster, ())
    configs = tuple(
        replace(config, node_to_node_mesh_enabled=not config.node_to_node_mesh_enabled)
        for config in before.bgp_configurations
    )
    return before.model_copy(update={"bgp_configurations": configs, "bgp_peers": ()})
