"""kubectl and calicoctl on the rig's bastion refuse what the real ones refuse; what they take is in the datastore."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.rig.machines.calico_rig import PEER, baseline
from tests.rig.machines.datastore import ANNOTATIONS, NAMESPACE, Datastore, calico_node
from tests.rig.standins import calicoctl_bastion
from tests.rig.standins import kubectl as kubectl_standin
from tests.rig.standins.command_line import CommandError
from tests.rig.standins.jsonpath import PathError, evaluate

CLUSTER_ID = ANNOTATIONS["routeReflectorClusterID"]
#: What a report prints to find a pod in whatever namespace it is.
NAMESPACE_AND_NAME = "jsonpath={range .items[*]}-n {.metadata.namespace} {.metadata.name}{end}"


class RecordedPods:
    """Pods that only remember what was done to them."""

    def __init__(self) -> None:
        self.restarted: list[str] = []
        self.executed: list[tuple[str, list[str]]] = []

    def pod_names(self) -> dict[str, str]:
        return {f"node{n}": f"calico-node-0000{n}" for n in range(1, 7)}

    def restart(self, node: str) -> None:
        self.restarted.append(node)

    def execute(self, node: str, command: list[str]) -> tuple[int, str]:
        self.executed.append((node, command))
        return 0, ""

    def logs(self, node: str) -> str:
        return f"log of {node}\n"


@pytest.fixture
def store(tmp_path: Path) -> Datastore:
    found = Datastore(tmp_path / "datastore")
    found.restore(baseline("reflectors"))
    return found


@pytest.fixture
def pods() -> RecordedPods:
    return RecordedPods()


@pytest.mark.parametrize(
    "line",
    [
        "",
        "lable node node1 a=b",
        "label",
        "label nodes",
        "label node node1",
        "label node a=b",
        "label node node9 a=b",
        "label nodez node1 a=b",
        "label node node1 route-reflector=no",
        "label node node1 a=b --overwrites",
        "label node node1 a=b -x",
        "label node node1 a=b c",
        "label node node1 bad^key=b",
        "label node node1 a=-b",
        "label node node1 a=b --all",
        f"annotate node node1 {CLUSTER_ID}=1.2.3.4",
        "patch node node1",
        "patch node node1 -p {not",
        "patch node node1 -p [1]",
        'patch node node1 -p {"specs":{}}',
        'patch node node1 -p {"spec":{}} --type=sideways',
        f'patch bgppeer {PEER} -p {{"spec":{{"peerSelector":"all()"}}}}',
        f'patch bgppeer {PEER} --type=merge -p {{"spec":{{"peerSelect":"all()"}}}}',
        f'patch bgppeer {PEER} --type=merge -p {{"spec":{{"asNumber":65001}}}}',
        f'patch bgppeer {PEER} --type=merge -p {{"spec":{{"reversePeering":"manual"}}}}',
        'patch bgppeer rr --type=merge -p {"spec":{}}',
        'patch bgpconfiguration default --type=merge -p {"spec":{"nodeToNodeMeshEnabled":"true"}}',
        "delete bgppeer",
        "delete bgppeer rr",
        "delete bgppeers.calico.org rr",
        f"delete bgppeer {PEER} --force-it",
        "delete pod calico-node-00001",
        "delete pods -l k8s-app=calico-node calico-node-00001",
        "delete pods -A --field-selector spec.node=node1",
        "get nodes -o table",
        "get nodes -o jsonpath={.items",
        "exec calico-node-00001 -c calico-node -- birdcl",
        f"exec -n {NAMESPACE} calico-node-00001 -c calico-node birdcl",
        f"exec -n {NAMESPACE} calico-node-00001 -c bird -- birdcl",
        f"exec -n {NAMESPACE} calico-node-00009 -c calico-node -- birdcl",
        f"rollout restart ds/calico-nodes -n {NAMESPACE}",
        "rollout restart ds/calico-node",
        "rollout undo ds/calico-node",
        f"set env ds/calico-node -n {NAMESPACE}",
        "apply -f nowhere.yaml",
    ],
)
def test_kubectl_refuses(line: str, store: Datastore, pods: RecordedPods) -> None:
    before = store.all()
    with pytest.raises(CommandError) as caught:
        kubectl_standin.run(line.split(), store, pods)
    assert caught.value.code != 0
    assert store.all() == before
    assert (pods.restarted, pods.executed) == ([], [])


@pytest.mark.parametrize(
    "line",
    [
        "",
        "lable node node1 a=b",
        "label node node1",
        "label node node1 a",
        "label node node1 a=b=c",
        "label node node1 a=b c=d",
        "label node node9 a=b",
        "label pod node1 a=b",
        "label node node1 route-reflector=false",
        "label node node1 route-reflector=false --remove",
        "label node node1 no-such-label --remove",
        "label node node1 route-reflector --remove --overwrite",
        "patch node node1",
        "patch node -p {}",
        "patch node node1 -p {not",
        "patch node node1 -p []",
        'patch node node1 -p {"specs":{}}',
        'patch node node1 -p {"spec":{"bgp":{"clusterID":"1.2.3.4"}}}',
        'patch node node1 -p {"spec":{"bgp":{"routeReflectorClusterID":"one"}}}',
        'patch node node1 -p {"spec":{"bgp":{"ipv4Address":"2001:db8::1/64"}}}',
        'patch node node1 -p {"spec":{}} --type=sideways',
        'patch node node1 -p {"spec":{}} --overwrite',
        f'patch bgppeer {PEER} -p {{"spec":{{"peerSelector":"has(a"}}}}',
        f'patch bgppeer {PEER} -p {{"spec":{{"peerIP":"192.0.2.1"}}}}',
        'patch bgppeer rr -p {"spec":{}}',
        'patch bgpconfig default -p {"spec":{"asNumber":"65001.x"}}',
        "delete bgppeer",
        "delete bgppeer rr",
        f"delete bgppeer {PEER} -x",
        f"delete bgppeer {PEER} --all",
        "apply",
        "apply -f nowhere.yaml",
        "get bgppeers -o table",
        "get pods",
        "get node node9",
        "node status",
    ],
)
def test_calicoctl_refuses(line: str, store: Datastore) -> None:
    before = store.all()
    with pytest.raises(CommandError) as caught:
        calicoctl_bastion.run(line.split(), store)
    assert caught.value.code != 0
    assert store.all() == before


@pytest.mark.parametrize("program", ["kubectl", "calicoctl"])
@pytest.mark.parametrize(
    "manifest",
    [
        "{not yaml: [",
        "",
        "apiVersion: projectcalico.org/v1\nkind: BGPPeer\nmetadata: {name: a}\nspec: {}\n",
        "apiVersion: projectcalico.org/v3\nkind: BGPPeers\nmetadata: {name: a}\nspec: {}\n",
        "apiVersion: projectcalico.org/v3\nkind: BGPPeer\nmetadata: {name: a}\nspec: {peerIp: 192.0.2.1}\n",
        "apiVersion: projectcalico.org/v3\nkind: BGPPeer\nmetadata: {name: a}\n",
        "apiVersion: projectcalico.org/v3\nkind: BGPPeer\nmetadata: {name: a}\nspec: {peerIP: 192.0.2, asNumber: 1}\n",
    ],
)
def test_both_refuse_manifests(program: str, manifest: str, store: Datastore, pods: RecordedPods) -> None:
    before = store.all()
    apply = {
        "kubectl": lambda: kubectl_standin.run(["apply", "-f", "-"], store, pods, manifest),
        "calicoctl": lambda: calicoctl_bastion.run(["apply", "-f", "-"], store, manifest),
    }
    with pytest.raises(CommandError):
        apply[program]()
    assert store.all() == before


def test_both_set_and_remove_a_cluster_id(store: Datastore, pods: RecordedPods) -> None:
    kubectl_standin.run(["annotate", "node", "node3", f"{CLUSTER_ID}=1.2.3.4"], store, pods)
    assert store.resources().nodes_by_name["node3"].cluster_id == "1.2.3.4"
    calicoctl_bastion.run(["patch", "node", "node3", "-p", '{"spec":{"bgp":{"routeReflectorClusterID":null}}}'], store)
    assert store.resources().nodes_by_name["node3"].cluster_id is None


def test_labels_of_calicoctl_stand_beside_those_of_kubernetes(store: Datastore, pods: RecordedPods) -> None:
    calicoctl_bastion.run(["label", "nodes", "node3", "route-reflector=true"], store)
    assert store.resources().nodes_by_name["node3"].label("route-reflector") == "true"
    kubectl_standin.run(["label", "no", "node3", "route-reflector=false"], store, pods)
    assert store.resources().nodes_by_name["node3"].label("route-reflector") == "false"
    kubectl_standin.run(["label", "no/node3", "route-reflector-"], store, pods)
    assert store.resources().nodes_by_name["node3"].label("route-reflector") == "true"
    calicoctl_bastion.run(["label", "node", "node3", "route-reflector", "--remove"], store)
    assert store.resources().nodes_by_name["node3"].label("route-reflector") is None


def test_a_patch_of_a_bgppeer_keeps_the_rest(store: Datastore, pods: RecordedPods) -> None:
    change = json.dumps({"spec": {"peerSelector": "has(rr)"}})
    kubectl_standin.run(["patch", "bgppeers.projectcalico.org", PEER, "--type", "merge", "-p", change], store, pods)
    (peer,) = store.resources().bgp_peers
    assert (peer.node_selector, peer.peer_selector) == ("all()", "has(rr)")


def test_what_calicoctl_prints_can_be_applied_again(store: Datastore) -> None:
    before = store.resources()
    for kind in ("nodes", "bgppeers", "bgpconfigurations"):
        printed = calicoctl_bastion.run(["get", kind, "-o", "yaml"], store)
        calicoctl_bastion.run(["apply", "-f", "-"], store, printed)
    assert store.resources().bgp_peers == before.bgp_peers
    assert [node.labels for node in store.resources().nodes] == [node.labels for node in before.nodes]


def test_a_pod_is_found_by_its_node_and_deleted(store: Datastore, pods: RecordedPods) -> None:
    choose = ["-A", "-l", "k8s-app=calico-node", "--field-selector", "spec.nodeName=node4"]
    found = kubectl_standin.run(["get", "pods", *choose, "-o", NAMESPACE_AND_NAME], store, pods)
    assert found == (0, f"-n {NAMESPACE} calico-node-00004")
    kubectl_standin.run(["delete", "pods", *choose], store, pods)
    assert pods.restarted == ["node4"]


def test_a_command_in_a_pod_keeps_its_own_options(store: Datastore, pods: RecordedPods) -> None:
    bird = ["birdcl", "-s", "/var/run/calico/bird6.ctl", "enable", "Mesh_1"]
    line = ["exec", "-n", NAMESPACE, "calico-node-00002", "-c", "calico-node", "--", *bird]
    assert kubectl_standin.run(line, store, pods) == (0, "")
    assert pods.executed == [("node2", bird)]


def test_a_restart_of_the_daemonset_restarts_every_pod(store: Datastore, pods: RecordedPods) -> None:
    kubectl_standin.run(["rollout", "restart", "ds/calico-node", "-n", NAMESPACE], store, pods)
    assert pods.restarted == [f"node{n}" for n in range(1, 7)]


def test_a_node_looks_alike_to_both(store: Datastore, pods: RecordedPods) -> None:
    code, printed = kubectl_standin.run(["get", "node", "node1", "-o", "json"], store, pods)
    assert code == 0
    shown = json.loads(calicoctl_bastion.run(["get", "node", "node1", "-o", "json"], store))
    assert shown == calico_node(json.loads(printed))
    assert shown["spec"]["bgp"]["routeReflectorClusterID"] == "244.0.0.1"


@pytest.mark.parametrize(
    ("template", "printed"),
    [
        ("{.items[0].metadata.name}", "a"),
        ("{.items[*].metadata.name}", "a b"),
        ('{range .items[*]}{.metadata.name}{"\\n"}{end}', "a\nb\n"),
        (".items[1].metadata.name", "b"),
        ("{.missing}", ""),
    ],
)
def test_jsonpath(template: str, printed: str) -> None:
    assert evaluate(template, {"items": [{"metadata": {"name": name}} for name in "ab"]}) == printed


@pytest.mark.parametrize("template", ["{.items", "{range .items[*]}x", "{end}", "{.items[5]}", "{.a b}"])
def test_jsonpath_refuses(template: str) -> None:
    with pytest.raises(PathError):
        evaluate(template, {"items": []})
