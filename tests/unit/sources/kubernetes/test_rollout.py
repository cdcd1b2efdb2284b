"""Pods that change while they are read, and rights that differ from namespace to namespace."""

import pytest
from aiohttp import web

from calico_bgp.auditing.engine import audit
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Verdict
from calico_bgp.parse.answer.frame import frame_answer, marker_of
from calico_bgp.parse.answer.values import Answer, BirdAnswer
from tests.unit.sources.kubernetes.test_hostile import POD, answers, listed, read_from

BIRD = "BIRD v0.3.3 ready.\nAccess restricted\nname     proto    table    state  since       info\n"


def pod(name, node="n1", *, namespace="kube-system", state=None):
    return {
        "metadata": {**POD["metadata"], "name": name, "namespace": namespace},
        "spec": {**POD["spec"], "nodeName": node},
        "status": {**POD["status"], "containerStatuses": [{"name": "calico-node", "state": state or {"running": {}}}]},
    }


async def speak(request, node="n1"):
    """Answer an exec as a pod does whose BIRDs have no peers."""
    socket = web.WebSocketResponse(protocols=("v5.channel.k8s.io",))
    await socket.prepare(request)
    marker = marker_of(request.query.getall("command")[-1])
    birds = tuple(BirdAnswer(family, "birdcl", 0, BIRD) for family in Family)
    answer = Answer(node=node, rights="root", processes=frozenset({"felix", "bird", "bird6"}), birds=birds)
    await socket.send_bytes(b"\x01" + frame_answer(marker, answer).encode())
    await socket.close()
    return socket


def cluster_in_a_rollout(*now, gone=("calico-node-1",), asked=None):
    """A server that lists `calico-node-1` and no longer has it; the pods of the node are `now` the others."""

    async def handler(request):
        path = request.path
        if path.endswith("/exec"):
            name = path.split("/")[-2]
            if asked is not None:
                asked.append(name)
            return web.json_response({"message": "no"}, status=404) if name in gone else await speak(request)
        if request.query.get("fieldSelector") == "spec.nodeName=n1":
            assert path == "/api/v1/namespaces/kube-system/pods"
            assert "calico-node" in request.query["labelSelector"]
            return web.json_response(listed(*now))
        return web.json_response(answers(path))

    return handler


def test_a_pod_that_was_replaced_is_asked_under_its_new_name():
    asked = []
    snapshot = read_from(cluster_in_a_rollout(pod("calico-node-2"), asked=asked))
    assert asked == ["calico-node-1", "calico-node-2"]
    assert [reading.host for reading in snapshot.readings] == ["n1"]
    assert snapshot.failures == ()
    assert [found.name for found in snapshot.kubernetes.pods] == ["calico-node-2"], "commands name the new one"


def test_it_is_asked_again_once():
    asked = []
    gone = ("calico-node-1", "calico-node-2")
    snapshot = read_from(cluster_in_a_rollout(pod("calico-node-2"), gone=gone, asked=asked))
    assert asked == ["calico-node-1", "calico-node-2"]
    assert snapshot.failures[0].message == "exec: there is no pod calico-node-2 (404)"


@pytest.mark.parametrize("now", [(), (pod("calico-node-1"),), (pod("calico-node-9", "n2"),)])
def test_where_no_other_is_there_the_pod_is_gone(now):
    snapshot = read_from(cluster_in_a_rollout(*now))
    assert snapshot.failures[0].message == "exec: there is no pod calico-node-1 (404)"
    assert audit(snapshot).verdict is not Verdict.HEALTHY


def test_a_new_pod_that_does_not_run_yet_is_told_as_such():
    waiting = {"waiting": {"reason": "ContainerCreating"}}
    snapshot = read_from(cluster_in_a_rollout(pod("calico-node-2", state=waiting)))
    assert "the container calico-node of calico-node-2 does not run (ContainerCreating)" in snapshot.failures[0].message
    assert audit(snapshot).findings[0].rule == "pod-not-running"


def two_namespaces(*, told_before):
    """calico-node in two namespaces, of which one may be asked; the other fails where it must not be explained."""
    nodes = [
        {"metadata": {"name": f"n{n}", "annotations": {"projectcalico.org/IPv4Address": f"192.0.2.{n}/24"}}}
        for n in (1, 2, 3)
    ]
    pods = [pod("a", "n1", namespace="closed"), pod("b", "n2", namespace="open"), pod("c", "n3", namespace="open")]

    async def handler(request):
        if request.path.endswith("selfsubjectaccessreviews"):
            wanted = (await request.json())["spec"]["resourceAttributes"]["namespace"]
            return web.json_response({"status": {"allowed": not told_before or wanted == "open"}})
        if request.path.endswith("/closed/pods/a/exec"):
            return web.json_response({"message": "no"}, status=403)
        if request.path.endswith("/open/pods/b/exec"):
            return web.json_response({"message": "no"}, status=500)
        if request.path.endswith("/exec"):
            return await speak(request, "n3")
        return web.json_response(answers(request.path, nodes=listed(*nodes), pods=listed(*pods)))

    return handler


@pytest.mark.parametrize("told_before", [True, False])
def test_a_right_that_lacks_in_one_namespace_explains_the_nodes_of_that_one(told_before):
    snapshot = read_from(two_namespaces(told_before=told_before))
    assert snapshot.kubernetes.forbidden_namespaces == ("closed",)
    report = audit(snapshot)
    cause = next(cause for cause in report.causes if cause.kind == "exec-forbidden")
    assert cause.title == (
        "the user may not run commands in the calico-node pods of closed (pods/exec), "
        "so BIRD of 1 node could not be asked"
    )
    explained = {f.subject.node for f in report.findings if f.id in cause.findings and f.rule == "node-unreadable"}
    assert explained == {"n1"}
