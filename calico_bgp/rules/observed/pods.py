"""Rules about calico-node pods, where Kubernetes was asked. What a pod itself said is judged by the other rules."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.pods import forbidden_pods, restarting_pods, unread_pods
from calico_bgp.messages.pod_commands import log_before
from calico_bgp.messages.steps import step
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import ClusterSubject, NodeSubject
from calico_bgp.rules.rule import Draft, rule
from calico_bgp.upstream import POD_SELECTOR


@rule(
    "pod-not-running",
    Severity.ERROR,
    title="The calico-node container does not run",
    meaning="Kubernetes says that the container calico-node of this node does not run, so neither do BIRD and Felix: "
    "the node announces no routes and learns none. Peers keep its routes for their graceful restart time (120 s by "
    "default). A warning while a session of the node is still Established: the container has just ended.",
    evidence="The state of the container: `waiting` or `terminated`, with its reason, and how often it was restarted.",
    action="Look at the log of the container before it ended: `kubectl logs --previous`.",
    messages={
        "not-running": "the container calico-node of {pod} on {node} does not run: {state:same}",
        "restarted": "the container calico-node of {pod} on {node} does not run: {state:same}; it was restarted "
        "{restarts} times",
    },
)
def pod_not_running(cluster: Cluster) -> Iterator[Draft]:
    """One finding per pod whose container waits or has ended."""
    for member, pod in unread_pods(cluster):
        if pod is None or not pod.runs_bird or pod.running is not False:
            continue
        up = any(session.is_up for key, session in cluster.sessions.items() if member.name in (key.a, key.b))
        yield Draft(
            NodeSubject(node=member.name),
            "restarted" if pod.restarts else "not-running",
            (pod.message,) if pod.message else (),
            log_before(pod),
            Severity.WARNING if up else None,
            pod=pod.name,
            node=member.name,
            state=pod.reason or pod.phase,
            restarts=pod.restarts,
        )


@rule(
    "pod-restarting",
    Severity.WARNING,
    title="The calico-node container ends again and again",
    meaning="It runs at this moment, and so do its sessions: but its last run was a short one, and so will this be. "
    "Each end takes the node's routes away, or leaves stale ones, until BIRD is back.",
    evidence="At least three restarts, a run that began less than 15 minutes ago, and one before it of less than 10 "
    "minutes, or that ended for want of memory (`OOMKilled`).",
    action="Look at the log of the container before it ended; where it had no memory left, raise its limit.",
    messages={
        "again": "the container calico-node of {pod} on {node} was restarted {restarts} times, and ended the "
        "last time after {seconds} s: {why}"
    },
)
def pod_restarting(cluster: Cluster) -> Iterator[Draft]:
    """One finding per pod."""
    for member, pod in restarting_pods(cluster):
        yield Draft(
            NodeSubject(node=member.name),
            "again",
            (),
            log_before(pod),
            pod=pod.name,
            node=member.name,
            restarts=pod.restarts,
            seconds="some" if pod.last_ran is None else str(pod.last_ran),
            why=pod.last_ended or "no reason is told",
        )


@rule(
    "pod-missing",
    Severity.ERROR,
    title="No calico-node pod on a node",
    meaning="The node takes part in BGP by Calico's resources, or would, and Kubernetes has no calico-node pod for it: "
    "nothing runs BIRD there. A DaemonSet makes one for every node that its nodeSelector and tolerations admit.",
    evidence=f"The list of all pods with the label `{POD_SELECTOR}`.",
    action="Look whether the DaemonSet's nodeSelector or tolerations leave the node out.",
    messages={
        "missing": "no calico-node pod is on {node}, though the node has a BGP address",
        "never": "no calico-node pod is on {node}, so nothing gave it a BGP address",
    },
)
def pod_missing(cluster: Cluster) -> Iterator[Draft]:
    """One finding per node without a pod, of those where BIRD would run."""
    for member, pod in unread_pods(cluster):
        node = member.resource
        if pod is None and node is not None and node.without_bird is None:
            yield Draft(
                NodeSubject(node=member.name),
                "missing" if node.ipv4 or node.ipv6 else "never",
                (),
                f"kubectl get daemonsets -A -l {POD_SELECTOR} -o wide",
                node=member.name,
            )


@rule(
    "exec-forbidden",
    Severity.WARNING,
    title="The user may not run commands in calico-node pods",
    meaning="Without `pods/exec` no BIRD can be asked: nodes, pods and resources are read, sessions are not known.",
    evidence="The API server's answer to SelfSubjectAccessReview.",
    action="Apply the role that `calico-bgp rbac` prints. It is a strong right: exec in calico-node is root on a host.",
    messages={
        "forbidden": "the user may not run commands in calico-node pods (pods/exec), so no BIRD could be asked",
        "forbidden-in": "the user may not run commands in the calico-node pods of {namespaces:and} (pods/exec), so "
        "BIRD of {nodes:count node} could not be asked",
    },
)
def exec_forbidden(cluster: Cluster) -> Iterator[Draft]:
    """One finding for the cluster."""
    state = cluster.snapshot.kubernetes
    if state is None or not state.exec_forbidden or not cluster.snapshot.failures:
        return
    all_pods, refused = forbidden_pods(state)
    if all_pods and not refused:
        return  # no BIRD runs where the user may not
    yield Draft(
        ClusterSubject(),
        "forbidden" if len(refused) == len(all_pods) else "forbidden-in",
        (),
        step("calico-bgp rbac --user NAME prints the roles that an administrator would apply"),
        namespaces=sorted({pod.namespace for pod in refused}),
        nodes=len(refused),
    )
