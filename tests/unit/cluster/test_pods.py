"""What Kubernetes says of a node that was not read: told where something is odd, and nothing where all is well."""

import pytest

from calico_bgp.cluster.cluster import observe
from calico_bgp.cluster.pods import said_by_kubernetes
from calico_bgp.model.inventory import Host
from calico_bgp.model.kubernetes import KubernetesNode, KubernetesState, NodePod, PodKind
from calico_bgp.model.reading import GatherFailure, Stage
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.sources.kubernetes.objects import kept_node, node_of

POD = NodePod(PodKind.CALICO_NODE, "calico-system", "calico-node-x", "n1", phase="Running", ready=True, running=True)


def said(node=None, pod=POD):
    state = KubernetesState(nodes=(node or KubernetesNode("n1", ready=True),), pods=() if pod is None else (pod,))
    failure = GatherFailure(host="n1", node="n1", stage=Stage.TIMEOUT, message="no answer")
    snapshot = Snapshot(hosts=(Host("n1", node="n1"),), failures=(failure,), kubernetes=state)
    return list(said_by_kubernetes(observe(snapshot), "n1"))


def test_nothing_is_said_of_what_is_well():
    assert said() == []
    assert said(pod=None) == [], "rule pod-missing says that"


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (KubernetesNode("n1", ready=False), "Node n1 is not Ready"),
        (KubernetesNode("n1", ready=None), "Node n1 is not known to be Ready: its kubelet does not report"),
        (KubernetesNode("n1", ready=True, cordoned=True), "Node n1 is cordoned"),
        (
            KubernetesNode("n1", ready=False, cordoned=True, taints=("a=b:NoExecute", "c:NoSchedule")),
            "Node n1 is not Ready and is cordoned and has the taints a=b:NoExecute, c:NoSchedule",
        ),
    ],
)
def test_a_node(node, words):
    assert said(node) == [words]


def test_a_pod():
    pod = NodePod(
        PodKind.CALICO_NODE,
        "calico-system",
        "calico-node-x",
        "n1",
        phase="Pending",
        ready=False,
        running=False,
        restarts=7,
        reason="CrashLoopBackOff",
        deleting=True,
    )
    (line,) = said(pod=pod)
    assert line.startswith(
        "pod calico-system/calico-node-x is Pending, waits or ended: CrashLoopBackOff, is not ready, "
    )
    assert line.endswith(" was restarted 7 times, is being deleted")


def test_without_kubernetes_nothing_is_said():
    failure = GatherFailure(host="n1", node="n1", stage=Stage.TIMEOUT, message="no answer")
    assert list(said_by_kubernetes(observe(Snapshot(hosts=(Host("n1"),), failures=(failure,))), "n1")) == []


def test_taints_as_kubectl_writes_them():
    taints = [
        {"key": "node.kubernetes.io/unreachable", "effect": "NoExecute"},
        {"key": "dedicated", "value": "gpu", "effect": "NoSchedule"},
        {"effect": "NoSchedule"},
        "odd",
    ]
    node = node_of(kept_node({"metadata": {"name": "n1"}, "spec": {"taints": taints}}))
    assert node.taints == ("node.kubernetes.io/unreachable:NoExecute", "dedicated=gpu:NoSchedule")
