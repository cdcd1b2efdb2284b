"""What Kubernetes says about calico-node pods. Facts of a view."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.cluster.nodes.members import Member
from calico_bgp.cluster.view import ClusterView
from calico_bgp.model.kubernetes import KubernetesState, NodePod


def unread_pods(view: ClusterView) -> Iterator[tuple[Member, NodePod | None]]:
    """Each node that was not read through Kubernetes, with its pod; None where all pods are known and it has none."""
    state = view.snapshot.kubernetes
    if state is None or not state.pods:
        return
    pods = state.pods_by_node
    for member in view.members:
        if member.failure is not None:
            yield member, pods.get(member.name)


def forbidden_pods(state: KubernetesState) -> tuple[list[NodePod], list[NodePod]]:
    """The pods whose BIRD runs, and those of them in which the user may not run commands."""
    running = [pod for pod in state.pods if pod.runs_bird and pod.running]
    return running, [pod for pod in running if state.is_forbidden(pod)]
