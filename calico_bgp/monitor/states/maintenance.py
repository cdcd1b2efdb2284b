"""Of which nodes trouble is expected: the operator's windows, cordoned nodes, calico-node that has just started.

Such trouble is shown and counted, and no alert is sent. A pod that starts is maintenance for five minutes: one that
does not come up is trouble.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from calico_bgp.model.kubernetes import KubernetesState, NodePod, PodKind
from calico_bgp.model.settings.maintenance import MaintenanceWindow
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.monitor.states.trouble import Trouble

#: A calico-node pod younger than this is still starting: BIRD's graceful restart takes up to 240 s (RFC 4724 timers as
#: confd sets them, bird.cfg.template `graceful restart`).
YOUNG_POD = timedelta(minutes=5)


@dataclass(frozen=True)
class Maintenance:
    """What is expected at one poll.

    Attributes:
        nodes: (node, why), sorted by node.
        cluster: Why trouble of the whole cluster is expected; None where it is not.
    """

    nodes: tuple[tuple[str, str], ...] = ()
    cluster: str | None = None

    @cached_property
    def why(self) -> dict[str, str]:
        """Node → why."""
        return dict(self.nodes)

    def expects(self, trouble: Trouble) -> bool:
        """Whether a trouble is nothing else than the maintenance of its nodes: of a session one end suffices."""
        if self.cluster is not None:
            return True
        return bool(trouble.ends) and all(any(node in self.why for node in ends) for ends in trouble.ends)


NOTHING = Maintenance()


def maintenance_of(snapshot: Snapshot, windows: Collection[MaintenanceWindow], at: datetime) -> Maintenance:
    """What is expected now.

    Args:
        snapshot: What was read; its pods and nodes where Kubernetes was asked.
        windows: The operator's.
        at: When the poll began (aware).
    """
    reasons: dict[str, str] = {}
    whole = None
    names = _names(snapshot)
    for window in windows:
        if not window.is_open(at, snapshot.cluster):
            continue
        if not window.nodes:
            whole = whole or window.reason
        reasons |= {name: window.reason for name in names if name not in reasons and window.holds(name)}
    if snapshot.kubernetes is not None:
        reasons |= {name: why for name, why in _by_kubernetes(snapshot.kubernetes, at).items() if name not in reasons}
    return Maintenance(tuple(sorted(reasons.items())), whole)


def _names(snapshot: Snapshot) -> list[str]:
    names = [host.node or host.label for host in snapshot.hosts]
    return names or [reading.name for reading in snapshot.readings]


def _by_kubernetes(state: KubernetesState, at: datetime) -> dict[str, str]:
    reasons = {node.name: "it is cordoned" for node in state.nodes if node.cordoned}
    for node, pod in state.pods_by_node.items():
        why = _of_pod(pod, at)
        if why is not None:
            reasons.setdefault(node, why)
    for node in _being_rolled_out(state, at):
        reasons.setdefault(node, "calico-node is being rolled out")
    return reasons


def _being_rolled_out(state: KubernetesState, at: datetime) -> list[str]:
    """The nodes of a DaemonSet whose pods are of two revisions, while it goes on: a rollout that is stuck is none."""
    groups: dict[tuple[PodKind, str], list[NodePod]] = {}
    for pod in state.pods:
        groups.setdefault((pod.kind, pod.namespace), []).append(pod)
    return [
        pod.node
        for pods in groups.values()
        if len({pod.revision for pod in pods if pod.revision is not None}) > 1
        and any(_of_pod(pod, at) is not None for pod in pods)
        for pod in pods
        if pod.node is not None
    ]


def _of_pod(pod: NodePod, at: datetime) -> str | None:
    if pod.kind is PodKind.WINDOWS:
        return None
    if pod.deleting:
        return "its calico-node pod is being replaced"
    # One that was started again and again is broken, not new.
    if pod.restarts or pod.started_at is None or pod.running is False:
        return None
    return "calico-node started less than 5 minutes ago" if at - pod.started_at < YOUNG_POD else None
