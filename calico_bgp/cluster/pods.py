"""What Kubernetes says about calico-node pods. Facts of a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.model.kubernetes import KubernetesState, NodePod

#: What Kubernetes says of a container that had no memory left.
OUT_OF_MEMORY = "OOMKilled"
#: The kubelet waits at most 5 minutes between two starts, and forgets them after 10 minutes of running
#: (kubernetes: pkg/kubelet/kubelet.go, MaxContainerBackOff).
_SHORT, _JUST = timedelta(minutes=10), timedelta(minutes=15)
_SEVERAL = 3


def unread_pods(cluster: Cluster) -> Iterator[tuple[Member, NodePod | None]]:
    """Each node that was not read through Kubernetes, with its pod; None where all pods are known and it has none."""
    state = cluster.snapshot.kubernetes
    if state is None or not state.pods:
        return
    pods = state.pods_by_node
    for member in cluster.members:
        if member.failure is not None:
            yield member, pods.get(member.name)


def restarting_pods(cluster: Cluster) -> Iterator[tuple[Member, NodePod]]:
    """Each node whose container runs just now, for a short while, and ended a short while after it began before."""
    state, now = cluster.snapshot.kubernetes, cluster.now
    pods = {} if state is None or now is None else state.pods_by_node
    for member in cluster.members:
        pod = pods.get(member.name)
        if pod is None or not pod.runs_bird or not pod.running or pod.restarts < _SEVERAL or pod.started_at is None:
            continue
        is_short = pod.last_ended == OUT_OF_MEMORY or (pod.last_ran is not None and pod.last_ran < _SHORT.seconds)
        if is_short and now is not None and now - pod.started_at < _JUST:
            yield member, pod


def said_by_kubernetes(cluster: Cluster, name: str) -> Iterator[str]:
    """What Kubernetes says of a node and its calico-node pod, where that is not as it should be; a line each."""
    state = cluster.snapshot.kubernetes
    node = None if state is None else next((node for node in state.nodes if node.name == name), None)
    if state is None or node is None:
        return
    words = []
    if node.ready is not True:
        words.append("is not Ready" if node.ready is False else "is not known to be Ready: its kubelet does not report")
    if node.cordoned:
        words.append("is cordoned")
    if node.taints:
        words.append(f"has the taints {', '.join(node.taints)}")
    if words:
        yield f"Node {name} {' and '.join(words)}"
    pod = state.pods_by_node.get(name)
    if pod is None:
        return
    words = [] if pod.phase == "Running" else [f"is {pod.phase}"]
    words += [f"waits or ended: {pod.reason}"] if pod.running is False and pod.reason else []
    words += ["is not ready"] if pod.ready is False else []
    words += [f"was restarted {pod.restarts} times"] if pod.restarts else []
    words += ["is being deleted"] if pod.deleting else []
    if words:
        yield f"pod {pod.namespace}/{pod.name} {', '.join(words)}"


def forbidden_pods(state: KubernetesState) -> tuple[list[NodePod], list[NodePod]]:
    """The pods whose BIRD runs, and those of them in which the user may not run commands."""
    running = [pod for pod in state.pods if pod.runs_bird and pod.running]
    return running, [pod for pod in running if state.is_forbidden(pod)]
