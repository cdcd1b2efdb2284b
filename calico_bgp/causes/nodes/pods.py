"""Causes that Kubernetes itself tells: a calico-node pod that does not run or is not there, a right that is missing."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp import shell_words
from calico_bgp.causes.addresses.duplicates import left_over_nodes
from calico_bgp.causes.addresses.facts import explained_by_want_of_a_pod
from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also, cause
from calico_bgp.cluster.pods import OUT_OF_MEMORY, forbidden_pods, restarting_pods, unread_pods
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision, log_before
from calico_bgp.model.kubernetes import NodePod
from calico_bgp.model.reports.cause import Confidence, Fix, Risk
from calico_bgp.model.reports.subject import ClusterSubject, NodeSubject
from calico_bgp.upstream import POD_SELECTOR


@cause(
    "pod-crash-looping",
    title="The calico-node container does not run",
    what="calico-node container down",
    messages={
        "state": "calico-node on {node} does not run: {why:same}{restarts}",
        "restarted": ", restarted {times} times",
        "again": "calico-node on {node} ends again and again: {why:same}, restarted {times} times",
    },
    meaning="Kubernetes cannot start the container calico-node of a node, or it ends again and again: neither BIRD "
    "nor Felix runs there. Told only where the cluster is read through its API server.",
    evidence="The state of the container: its reason, and how often it was restarted. Certain.",
    look_alikes="A rollout: then the reason is ContainerCreating, and the next audit finds the pod running.",
    mending="Whatever the log of the container's last run says; the kubelet starts it again by itself.",
    no_demo="`calico-bgp lab up --api-fault pod-crash-looping` is such a cluster.",
)
def pod_down(case: Case) -> Iterator[Candidate]:
    """The container waits, ended, or ends again and again."""
    for member, pod in unread_pods(case.cluster):
        own_findings = case.of_node(member.name, "pod-not-running")
        if pod is None or not own_findings:
            continue
        keys = case.bad_keys(member.name)
        where = f"-n {shell_words.name(pod.namespace)} {shell_words.name(pod.name)}"
        yield Candidate(
            kind="pod-crash-looping",
            subjects=(NodeSubject(node=member.name),),
            title=Words(
                "state",
                node=member.name,
                why=", after ".join(filter(None, (pod.reason or pod.phase, pod.last_ended))),
                restarts=Words("restarted", times=pod.restarts) if pod.restarts else None,
            ),
            explanation="Without the container neither BIRD nor Felix runs there. The node's kernel keeps the routes "
            "that it had; nobody learns its own any more.",
            confidence=Confidence.CERTAIN,
            explains=own_findings
            | case.of_node(member.name, "node-unreadable", "isolated-node")
            | explained_by_want_of_a_pod(case, member.name)
            | case.explained_by(keys),
            evidence=(f"pod {pod.namespace}/{pod.name}: {pod.message or pod.reason or pod.phase}",),
            keys=keys,
            decide=(
                decision(log_before(pod), None, ("an error at its end", "why calico-node ended")),
                decision(f"kubectl describe pod {where}", None, ("an event", "why it cannot be started")),
            ),
            fixes=(_fix_of_end(pod),),
        )


@also("pod-crash-looping")
def pod_restarting(case: Case) -> Iterator[Candidate]:
    """The container runs at this moment, and will end as it did before."""
    for member, pod in restarting_pods(case.cluster):
        # What is down just now came down with the last run.
        keys = case.bad_keys(member.name)
        yield Candidate(
            kind="pod-crash-looping",
            subjects=(NodeSubject(node=member.name),),
            title=Words("again", node=member.name, why=pod.last_ended or "no reason is told", times=pod.restarts),
            explanation="It runs at this moment, so that its sessions may be up. Each end of it takes them down.",
            confidence=Confidence.CERTAIN,
            explains=case.of_node(member.name, "pod-restarting", "recently-changed", "isolated-node")
            | case.explained_by(keys),
            evidence=(
                f"pod {pod.namespace}/{pod.name}: {pod.restarts} restarts, ended by {pod.last_ended or 'no reason'}",
            ),
            keys=keys,
            decide=(decision(log_before(pod), None, ("an error at its end", "why calico-node ended")),),
            fixes=(_fix_of_end(pod),),
            costs="the routes of the node come and go with it",
        )


def _fix_of_end(pod: NodePod) -> Fix:
    """What is to be done about a container that ended."""
    if pod.last_ended == OUT_OF_MEMORY:
        return Fix(
            label="raise limit",
            summary="raise the memory limit of the container calico-node, or take it away: resources in the DaemonSet, "
            "or componentResources of the operator's Installation",
            risk=Risk.RESTARTS_SESSIONS,
        )
    ran = bool(pod.restarts) or pod.reason == "CrashLoopBackOff"
    return Fix(
        label="read log" if ran else "read events",
        summary=f"fix what {f'the log of {pod.name} says' if ran else 'the events of the pod say'}; then the kubelet "
        "starts it by itself",
        risk=Risk.NONE,
    )


@cause(
    "pod-missing",
    title="No calico-node pod runs on a node",
    what="no calico-node pod",
    messages={
        "missing": "no calico-node pod runs on {node}",
    },
    meaning="A node with a BGP address has no calico-node pod, so no BIRD runs there. Told only where the cluster is "
    "read through its API server.",
    evidence="The list of the pods. Certain.",
    look_alikes="A node that is being made or removed.",
    mending="The DaemonSet's tolerations and nodeSelector.",
    no_demo="`calico-bgp lab up --api-fault pod-missing` is such a cluster.",
)
def pod_missing(case: Case) -> Iterator[Candidate]:
    """No pod is there for a node of the cluster's BGP."""
    for member, pod in unread_pods(case.cluster):
        own_findings = case.of_node(member.name, "pod-missing")
        if pod is not None or not own_findings or member.name in left_over_nodes(case):
            continue
        keys = case.bad_keys(member.name)
        target = shell_words.name(member.name)
        yield Candidate(
            kind="pod-missing",
            subjects=(NodeSubject(node=member.name),),
            title=Words("missing", node=member.name),
            explanation="The DaemonSet has no pod there, so no BIRD: a taint that it does not tolerate, a nodeSelector "
            "that the node does not match, or a pod that was evicted and cannot be scheduled.",
            confidence=Confidence.CERTAIN,
            explains=own_findings
            | case.of_node(member.name, "node-unreadable", "isolated-node")
            | explained_by_want_of_a_pod(case, member.name)
            | case.explained_by(keys),
            evidence=(f"no pod with {POD_SELECTOR} on that node",),
            keys=keys,
            decide=(
                decision(
                    f"kubectl get node {target} -o jsonpath='{{.spec.taints}}'",
                    None,
                    ("a taint", "does the DaemonSet tolerate it?"),
                    ("nothing", "compare the node's labels with the DaemonSet's nodeSelector"),
                ),
            ),
            fixes=(
                Fix(
                    label="fix DaemonSet",
                    summary=f"let the DaemonSet calico-node run on {member.name}: tolerations or nodeSelector",
                    risk=Risk.NONE,
                ),
            ),
        )


@cause(
    "exec-forbidden",
    title="The user may not run commands in calico-node pods",
    what="not read: exec forbidden",
    messages={
        "told": "{message:same}",
    },
    meaning="Reading a BIRD through Kubernetes is an exec in its pod, for which RBAC asks `create` on pods/exec "
    "(before v1.35: `get`; KEP-4006).",
    evidence="SelfSubjectAccessReview. Certain.",
    look_alikes="Nothing.",
    mending="The role that `calico-bgp rbac` prints; or read the nodes over SSH.",
    no_demo="`calico-bgp lab up --api-fault exec-forbidden` is such a cluster.",
)
def exec_forbidden(case: Case) -> Iterator[Candidate]:
    """One right is missing, and every pod is unread because of it."""
    state = case.cluster.snapshot.kubernetes
    finding = next(case.of("exec-forbidden"), None)
    if state is None or finding is None:
        return
    _, forbidden = forbidden_pods(state)
    nodes = {pod.node for pod in forbidden}
    unread = frozenset(f.id for f, subject in case.about(NodeSubject, "node-unreadable") if subject.node in nodes)
    yield Candidate(
        kind="exec-forbidden",
        subjects=(ClusterSubject(),),
        title=finding.said or Words("told", message=finding.message),
        explanation="This is no fault of BGP: whether the sessions are up is not known.",
        confidence=Confidence.CERTAIN,
        explains=unread | {finding.id},
        evidence=tuple(
            f"neither get nor create of pods/exec is allowed in the namespace {name}"
            for name in state.forbidden_namespaces
        )
        or ("neither get nor create of pods/exec is allowed",),
        fixes=(
            Fix(
                label="grant access",
                summary="let an administrator apply what 'calico-bgp rbac --user NAME' prints; or read over SSH",
                risk=Risk.NONE,
            ),
        ),
    )
