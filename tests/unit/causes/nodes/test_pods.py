"""What Kubernetes says of calico-node pods: which are down, missing, or closed to us, and what to do about each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calico_bgp.causes.nodes.pods import exec_forbidden, pod_down, pod_missing, pod_restarting
from calico_bgp.model.kubernetes import NodePod, PodKind
from tests.unit.causes.asked import case_of, told
from tests.unit.rules.observed.rule_snapshots import pod, restarted, through_kubernetes


def pods_of(*nodes, namespace="calico-system", **fields):
    return [
        NodePod(PodKind.CALICO_NODE, namespace, f"calico-node-{name}", name, running=True, backend="bird", **fields)
        for name in nodes
    ]


@pytest.mark.parametrize(
    ("fields", "label", "what"),
    [
        # It ran once: its log says why it ended.
        ({"restarts": 3, "reason": "CrashLoopBackOff"}, "read log", "the log of calico-node-a says"),
        ({"restarts": 1, "reason": "Error"}, "read log", "the log of calico-node-a says"),
        ({"restarts": 0, "reason": "CrashLoopBackOff"}, "read log", "the log of calico-node-a says"),
        # It was never started.
        ({"restarts": 0, "reason": "ImagePullBackOff"}, "read events", "the events of the pod say"),
        # It had no memory left.
        (
            {"restarts": 3, "reason": "CrashLoopBackOff", "last_ended": "OOMKilled"},
            "raise limit",
            "raise the memory limit",
        ),
    ],
)
def test_what_to_do_about_a_container_that_does_not_run(fields, label, what):
    case = case_of(through_kubernetes(replace(pod(running=False), **fields)))
    (candidate,) = pod_down(case)
    assert told([candidate]) == [("pod-crash-looping", ["node1"])]
    (fix,) = candidate.fixes
    assert fix.label == label
    assert what in fix.summary


@pytest.mark.parametrize(
    ("fields", "why", "restarts"),
    [
        ({"reason": "Error", "restarts": 2, "last_ended": "OOMKilled"}, "Error, after OOMKilled", 2),
        ({"reason": "Error"}, "Error", None),
        ({"reason": None, "phase": "Pending"}, "Pending", None),
    ],
)
def test_why_it_does_not_run(fields, why, restarts):
    (candidate,) = pod_down(case_of(through_kubernetes(replace(pod(running=False), **fields))))
    assert candidate.title.values["why"] == why
    said = candidate.title.values["restarts"]
    assert (None if said is None else said.values["times"]) == restarts


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"message": "back-off 5m0s", "reason": "CrashLoopBackOff", "phase": "Running"}, "back-off 5m0s"),
        ({"reason": "CrashLoopBackOff", "phase": "Running"}, "CrashLoopBackOff"),
        ({"reason": None, "phase": "Pending"}, "Pending"),
    ],
)
def test_what_kubernetes_said(fields, line):
    (candidate,) = pod_down(case_of(through_kubernetes(replace(pod(running=False), **fields))))
    assert candidate.evidence == (f"pod calico-system/calico-node-a: {line}",)


def test_the_pod_that_is_down_explains_what_it_takes_with_it():
    case = case_of(through_kubernetes(pod(running=False)))
    (candidate,) = pod_down(case)
    rules = {finding.rule for finding in case.findings if finding.id in candidate.explains}
    assert rules >= {"pod-not-running", "node-unreadable", "isolated-node"}
    assert len(candidate.keys) == 3
    assert list(pod_missing(case)) == []
    assert list(pod_restarting(case)) == []


def test_a_node_without_a_pod():
    case = case_of(through_kubernetes(None))
    (candidate,) = pod_missing(case)
    assert told([candidate]) == [("pod-missing", ["node1"])]
    rules = {finding.rule for finding in case.findings if finding.id in candidate.explains}
    assert rules >= {"pod-missing", "node-unreadable", "isolated-node"}
    assert len(candidate.keys) == 3
    assert list(pod_down(case)) == []


def test_of_two_nodes_each_has_what_it_has():
    """node1 has a pod that is down, node2 none; and the other way round."""
    case = case_of(through_kubernetes(pod(running=False), None, failed=2))
    assert told(pod_down(case)) == [("pod-crash-looping", ["node1"])]
    assert told(pod_missing(case)) == [("pod-missing", ["node2"])]
    case = case_of(through_kubernetes(None, replace(pod(running=False), node="node2"), failed=2))
    assert told(pod_down(case)) == [("pod-crash-looping", ["node2"])]
    assert told(pod_missing(case)) == [("pod-missing", ["node1"])]


@pytest.mark.parametrize("why", ["OOMKilled", "Error"])
def test_a_pod_that_ends_again_and_again(why):
    made = restarted(why)
    assert made.kubernetes is not None
    pods = tuple(replace(one, last_ran=60) if one.node == "node1" else one for one in made.kubernetes.pods)
    case = case_of(made.model_copy(update={"kubernetes": made.kubernetes.model_copy(update={"pods": pods})}))
    (candidate,) = pod_restarting(case)
    assert (candidate.title.values["why"], candidate.title.values["times"]) == (why, 7)
    assert candidate.evidence == (f"pod calico-system/calico-node-a: 7 restarts, ended by {why}",)
    assert candidate.fixes[0].label == ("raise limit" if why == "OOMKilled" else "read log")
    assert "pod-restarting" in {finding.rule for finding in case.findings if finding.id in candidate.explains}


@pytest.mark.parametrize(
    ("pods", "nodes"),
    [
        (pods_of("node1", "node2"), {"node1", "node2"}),
        # Whose pod does not run, or runs no BIRD, was not read for another reason.
        ([pod(running=False), *pods_of("node2")], {"node2"}),
        ([pod(running=True, backend="vxlan"), *pods_of("node2")], {"node2"}),
        # The right is missing in one namespace.
        ([*pods_of("node1", namespace="kube-system"), *pods_of("node2")], {"node2"}),
    ],
    ids=["both", "one down", "one without BIRD", "one elsewhere"],
)
def test_which_nodes_were_not_read_because_a_right_is_missing(pods, nodes):
    made = through_kubernetes(*pods, allowed=False, failed=2)
    assert made.kubernetes is not None
    state = made.kubernetes.model_copy(update={"forbidden_namespaces": ("calico-system",)})
    case = case_of(made.model_copy(update={"kubernetes": state}))
    (candidate,) = exec_forbidden(case)
    unread = [
        finding for finding in case.findings if finding.id in candidate.explains and finding.rule == "node-unreadable"
    ]
    assert {finding.subject.node for finding in unread} == nodes
    assert case.ids("exec-forbidden") <= candidate.explains
    assert candidate.evidence == ("neither get nor create of pods/exec is allowed in the namespace calico-system",)


def test_where_no_namespace_is_named():
    (candidate,) = exec_forbidden(case_of(through_kubernetes(*pods_of("node1"), allowed=False)))
    assert candidate.evidence == ("neither get nor create of pods/exec is allowed",)
    assert list(exec_forbidden(case_of(through_kubernetes(*pods_of("node1"))))) == []
