"""What Kubernetes knows of the nodes and of their calico-node pods. Values only; sources/kubernetes reads them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeAlias

from pydantic.dataclasses import dataclass

from calico_bgp.model.frozen import VALUES, Frozen
from calico_bgp.upstream import CALICO_NODE

Transport: TypeAlias = Literal["direct", "kubectl proxy", "kubectl exec"]


class PodKind(StrEnum):
    """Which DaemonSet a pod belongs to, by its label `k8s-app` (manifests/calico.yaml, canal.yaml; windows.go)."""

    CALICO_NODE = CALICO_NODE
    #: Flannel's network with Calico's policy: no BIRD.
    CANAL = "canal"
    #: BGP by Windows' own service, no BIRD.
    WINDOWS = "calico-node-windows"


@dataclass(frozen=True, slots=True, config=VALUES)
class NodePod:
    """A calico-node pod as the API server describes it.

    Attributes:
        kind: Which DaemonSet it belongs to.
        namespace: `calico-system`, `kube-system` or where else it was found.
        name: The pod's name.
        node: spec.nodeName; None while it is not scheduled.
        phase: `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
        ready: The pod's Ready condition; None when it has none. Ready proves nothing: a node without peers is ready.
        running: Whether the container calico-node runs; None when its state is not known.
        restarts: How often that container was started again.
        reason: Why it waits or ended, in Kubernetes' words: `CrashLoopBackOff`, `ImagePullBackOff`, `Error`; or None.
        message: What Kubernetes says about it, at most 300 characters.
        started_at: When the container was started, or None.
        deleting: Whether it is being deleted.
        backend: CALICO_NETWORKING_BACKEND where the pod says it: `bird`, `vxlan`, `none`; None when not known.
        api_group: CALICO_API_GROUP where it is set: the group from which this calico-node reads Calico's resources.
        last_ended: Why its container ended the last time, in Kubernetes' words: `OOMKilled`, `Error`; None where it
            did not, or the snapshot is older than this.
        last_ran: How long it ran then, in seconds; None likewise.
        revision: Of the DaemonSet's template, the label `controller-revision-hash`; None when it has none.
    """

    kind: PodKind
    namespace: str
    name: str
    node: str | None = None
    phase: str = "Unknown"
    ready: bool | None = None
    running: bool | None = None
    restarts: int = 0
    reason: str | None = None
    message: str | None = None
    started_at: datetime | None = None
    deleting: bool = False
    backend: str | None = None
    api_group: str | None = None
    revision: str | None = None
    last_ended: str | None = None
    last_ran: int | None = None

    @property
    def runs_bird(self) -> bool:
        """Whether a BIRD is meant to run in it (node/filesystem/etc/rc.local: not with vxlan, none, or in canal)."""
        return self.kind is PodKind.CALICO_NODE and self.backend in (None, "bird")


@dataclass(frozen=True, slots=True, config=VALUES)
class KubernetesNode:
    """A Node as far as reading it depends on that.

    Attributes:
        name: metadata.name.
        ready: The Ready condition; None when it is `Unknown` (the kubelet does not report) or not there.
        cordoned: spec.unschedulable.
        taints: spec.taints, each as kubectl writes it: `key=value:effect`.
        without_bird: Why no BIRD is meant to run there (`Windows`, `a virtual node`), or None.
    """

    name: str
    ready: bool | None = None
    cordoned: bool = False
    taints: tuple[str, ...] = ()
    without_bird: str | None = None


@dataclass(frozen=True, slots=True, config=VALUES)
class NotRead:
    """Something that the API server did not give.

    Attributes:
        what: What is not known because of it, as nouns: `BGP filters`.
        why: What was asked and what came instead.
    """

    what: str
    why: str


class KubernetesState(Frozen):
    """What the API server said, beside Calico's resources.

    Attributes:
        context: The kubeconfig context; None inside a cluster.
        transport: How it was asked: `direct`, `kubectl proxy` or `kubectl exec`.
        api_group: Where Calico's resources came from: `projectcalico.org/v3` or `crd.projectcalico.org/v1`; None
            when none were read.
        nodes: Every Node, by name.
        pods: Every calico-node pod, by namespace and name.
        not_read: What the API server did not give, apart from what single nodes lack.
        exec_forbidden: Whether the user may not run commands in the pods of a namespace; None when that was not asked.
        forbidden_namespaces: Of which namespaces.
    """

    context: str | None = None
    transport: Transport = "direct"
    api_group: str | None = None
    nodes: tuple[KubernetesNode, ...] = ()
    pods: tuple[NodePod, ...] = ()
    not_read: tuple[NotRead, ...] = ()
    exec_forbidden: bool | None = None
    forbidden_namespaces: tuple[str, ...] = ()

    def is_forbidden(self, pod: NodePod) -> bool:
        """Whether the user may not run commands in a pod, as far as that is known."""
        # A snapshot that was saved before the namespaces were named knows only that it is so.
        return bool(self.exec_forbidden) and (
            not self.forbidden_namespaces or pod.namespace in self.forbidden_namespaces
        )

    @property
    def pods_by_node(self) -> dict[str, NodePod]:
        """Node → its pod: the one that runs, else the newest that is there."""
        by_node: dict[str, NodePod] = {}
        for pod in sorted(self.pods, key=lambda pod: (pod.running is True, not pod.deleting, pod.name)):
            if pod.node is not None:
                by_node[pod.node] = pod
        return by_node
