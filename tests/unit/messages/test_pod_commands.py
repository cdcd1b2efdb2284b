"""Commands for calico-node of a node: by the pod's own name where Kubernetes was read, else by a look-up."""

import pytest

from calico_bgp.lab import Lab, build_cluster
from calico_bgp.messages.pod_commands import Pods, pods_of
from calico_bgp.messages.steps import as_line
from calico_bgp.model.kubernetes import KubernetesState, NodePod, PodKind
from calico_bgp.model.peer import Family
from calico_bgp.sources.kubernetes.connection.kubeconfig import load_kubeconfig
from calico_bgp.sources.kubernetes.source import read_cluster


def pod(name="calico-node-x7k2p", **changes):
    given = {"kind": PodKind.CALICO_NODE, "namespace": "calico-system", "name": name, "node": "n1", "running": True}
    return NodePod(**(given | changes))


def known(*pods):
    return pods_of(KubernetesState(pods=pods))


def test_a_known_pod_is_named():
    pods = known(pod())
    where = "-n calico-system calico-node-x7k2p"
    assert pods.restart_step("n1").kubectl == f"kubectl delete pod {where}"
    assert pods.restart("n1", "why").steps[0].kubectl == f"kubectl delete pod {where}"
    assert pods.birdcl("n1", Family.IPV6, "show status") == (
        f"kubectl exec {where} -c calico-node -- birdcl -s /var/run/calico/bird6.ctl show status"
    )
    assert pods.log_of("n1").command == f"kubectl logs -c calico-node --tail=200 {where}"
    assert pods.shown("n1") == f"kubectl get pod {where} -o wide"
    assert as_line(pods.look_at("n1")) == f"kubectl logs -c calico-node --tail=200 {where}"


@pytest.mark.parametrize(
    "pods",
    [
        Pods({}),
        pods_of(None),
        known(pod(node="n2")),
        known(pod(node=None)),
        known(pod(deleting=True)),
        known(pod(kind=PodKind.WINDOWS)),
    ],
)
def test_another_pod_is_looked_up(pods):
    found = "pods -A -l k8s-app=calico-node --field-selector spec.nodeName=n1"
    names = "-o jsonpath='{range .items[*]}-n {.metadata.namespace} {.metadata.name}{end}'"
    assert pods.restart_step("n1").kubectl == f"kubectl delete {found}"
    assert pods.log_of("n1").command == f"kubectl logs -c calico-node --tail=200 $(kubectl get {found} {names})"
    assert pods.shown("n1") == ("kubectl get pods -A -l k8s-app=calico-node -o wide --field-selector spec.nodeName=n1")
    assert as_line(pods.look_at("n1")).endswith("spec.nodeName=n1; then kubectl logs of that pod")


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_pods_the_one_that_runs_is_named(order):
    two = [pod("calico-node-aaaaa"), pod("calico-node-zzzzz", running=False)][::order]
    assert known(*two).restart_step("n1").kubectl == "kubectl delete pod -n calico-system calico-node-aaaaa"


FAULTS = [
    "socket-missing:node5",
    "bird-down:node4",
    "disabled-peer:node2,node3",
    "felix-down:node1",
    "port-taken:node6",
]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_cluster_read_through_its_api_is_told_short_commands(fault):
    from calico_bgp.auditing.engine import audit

    with Lab(build_cluster(6), faults=[fault]) as lab:
        snapshot = read_cluster(load_kubeconfig([lab.kubeconfig]).access())
    names = {pod.name for pod in snapshot.kubernetes.pods}
    report = audit(snapshot)
    commands = [
        *(command for cause in report.causes for fix in cause.fixes for step in fix.steps if (command := step.kubectl)),
        *(each.command for cause in report.causes for each in cause.decide),
        *(finding.next_step for finding in report.findings if finding.next_step),
    ]
    about_pods = [command for command in commands if "calico-node" in command and "kubectl" in command]
    assert about_pods
    for command in about_pods:
        assert "k8s-app=" not in command
        assert any(name in command for name in names)
        assert len(command) < 200


def test_a_restart_says_how_many_sessions_it_ends():
    pods = pods_of(None, {"n1": frozenset({"n1-n2", "n1-n3"}), "n2": frozenset({"n1-n2"})})
    assert (pods.restart("n1", "restart it").summary, pods.restart("n1", "restart it").restarts) == ("restart it", 2)
    assert pods.ended_by(["n1", "n2"]) == pods.ended_by_all == 2  # one is of both
    assert pods.ended_by(["n8", "n9"]) == 0
