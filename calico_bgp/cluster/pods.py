"""What Kubernetes says about calico-node pods. Facts of a view."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.cluster.nodes.members import Member
from calico_bgp.cluster.view import ClusterView
from calico_bgp.messages.words import count
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


def unasked(state: KubernetesState) -> str:
    """Whose BIRD could not be asked for want of a right, in words."""
    asked = [pod for pod in state.pods if pod.runs_bird and pod.running]
    refused = [pod for pod in asked if state.is_forbidden(pod)]
    if len(refused) == len(asked):
        return "the user may not run commands in calico-node pods (pods/exec), so no BIRD could be asked"
    where = " and ".join(sorted({pod.namespace for pod in refused}) or state.forbidden_namespaces)
    return (
        f"the user may not run commands in the calico-node pods of {where} (pods/exec), "
        f"so BIRD of {count(len(refused), 'node')} could not be asked"
    )
