"""An API server that is broken or means harm: a sentence comes of it, in time, and no healthy cluster."""

import asyncio
import json
import threading
import time
from contextlib import contextmanager

import pytest
from aiohttp import web

from calico_bgp.auditing.engine import audit
from calico_bgp.errors import GatherError
from calico_bgp.model.reports.report import Verdict
from calico_bgp.sources.kubernetes.connection.access import Access
from calico_bgp.sources.kubernetes.connection.limits import KubernetesLimits
from calico_bgp.sources.kubernetes.source import KubernetesOptions, read_cluster

OPTIONS = KubernetesOptions(limits=KubernetesLimits(connect=2, request=2, list=3, exec=2))
NODE = {"metadata": {"name": "n1", "annotations": {"projectcalico.org/IPv4Address": "192.0.2.1/24"}}}
POD = {
    "metadata": {"name": "calico-node-1", "namespace": "kube-system", "labels": {"k8s-app": "calico-node"}},
    "spec": {"nodeName": "n1", "containers": [{"name": "calico-node"}]},
    "status": {"phase": "Running", "containerStatuses": [{"name": "calico-node", "state": {"running": {}}}]},
}


def listed(*items, **metadata):
    return {"kind": "List", "metadata": metadata, "items": list(items)}


def answers(path, **instead):
    """What a small cluster answers to a path; `instead` by the last word of it."""
    last = path.rpartition("/")[2]
    usual = {"nodes": listed(NODE), "pods": listed(POD), "selfsubjectaccessreviews": {"status": {"allowed": True}}}
    return (usual | instead).get(last, listed())


@contextmanager
def server(handler):
    """A server on loopback whose every request `handler` answers."""
    loop = asyncio.new_event_loop()
    application = web.Application(client_max_size=2**24)
    application.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    loop.run_until_complete(runner.setup())
    loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", 0).start())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield Access(context="bad", server=f"http://127.0.0.1:{runner.addresses[0][1]}", token="s3cr3t-t0ken")
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


def read_from(handler):
    with server(handler) as access:
        return read_cluster(access, OPTIONS)


def with_answers(**instead):
    async def handler(request):
        return web.json_response(answers(request.path, **instead))

    return handler


def with_exec(speak):
    async def handler(request):
        if not request.path.endswith("/exec"):
            return web.json_response(answers(request.path))
        socket = web.WebSocketResponse(protocols=("v5.channel.k8s.io",))
        await socket.prepare(request)
        await speak(socket)
        return socket

    return handler


async def ended(socket, status):
    await socket.send_bytes(b"\x01nothing of ours\n")
    await socket.send_bytes(b"\x03" + json.dumps(status).encode())
    await socket.close()


@pytest.mark.parametrize(
    "status",
    [
        {"reason": "NonZeroExitCode", "details": "no object"},
        {"reason": "NonZeroExitCode", "details": {"causes": ["text", 7, None, {"reason": "ExitCode", "message": "²"}]}},
        {"reason": "NonZeroExitCode", "details": {"causes": {"reason": "ExitCode"}}},
        {"message": ["a", "list"]},
        ["no", "object"],
    ],
)
def test_a_status_of_any_shape_costs_its_own_node(status):
    snapshot = read_from(with_exec(lambda socket: ended(socket, status)))
    assert [failure.host for failure in snapshot.failures] == ["n1"]
    assert "please report" not in str(snapshot.failures[0].hint)
    assert audit(snapshot).verdict is not Verdict.HEALTHY


def test_single_bytes_for_megabytes_do_not_hold_up_the_loop():
    async def speak(socket):
        for _ in range(60_000):
            await socket.send_bytes(b"\x01x")
        await socket.close()

    before = time.process_time()
    assert len(read_from(with_exec(speak)).failures) == 1
    assert time.process_time() - before < 20


@pytest.mark.parametrize("kind", ["text", "empty", "unknown-channel", "huge", "nothing"])
def test_frames_of_odd_kinds(kind):
    async def speak(socket):
        if kind == "text":
            await socket.send_str("\x01hello")
        elif kind == "empty":
            await socket.send_bytes(b"")
        elif kind == "unknown-channel":
            await socket.send_bytes(b"\xffhello")
        elif kind == "huge":
            await socket.send_bytes(b"\x01" + bytes(2**21))
        await socket.close()

    snapshot = read_from(with_exec(speak))
    assert len(snapshot.failures) == 1
    assert audit(snapshot).verdict is not Verdict.HEALTHY


def test_another_program_than_ours_is_said_in_words_of_pods():
    snapshot = read_from(with_exec(lambda socket: ended(socket, {"status": "Success"})))
    failure = snapshot.failures[0]
    assert failure.message.endswith("ran another program than ours; it said: nothing of ours")
    assert failure.hint == "kubectl describe pod -n kube-system calico-node-1"


def test_an_exec_is_not_redirected_and_the_login_goes_nowhere_else():
    came = []

    async def elsewhere(request):
        came.append(request.headers.get("Authorization"))
        return web.Response()

    with server(elsewhere) as other:

        async def handler(request):
            if request.path.endswith("/exec"):
                return web.Response(status=302, headers={"Location": f"{other.server}/exec"})
            return web.json_response(answers(request.path))

        snapshot = read_from(handler)
    assert came == []
    assert "another address" in snapshot.failures[0].message


@pytest.mark.parametrize("last", ["metadata", "continue"])
@pytest.mark.parametrize("odd", ["text", 7, ["a"], {"a": 1}, True])
def test_metadata_of_any_type_ends_in_words(last, odd):
    page = listed(NODE) | ({"metadata": odd} if last == "metadata" else {"metadata": {"continue": odd}})
    try:
        snapshot = read_from(with_answers(nodes=page))
    except GatherError:
        return
    assert [host.name for host in snapshot.hosts] == ["n1"]


def test_a_list_that_goes_on_at_the_same_place_is_no_list():
    with pytest.raises(GatherError, match="does not say where it goes on"):
        read_from(with_answers(nodes=listed(NODE, **{"continue": "again"})))


def test_a_list_has_a_deadline_as_a_whole():
    number = iter(range(10_000))

    async def handler(request):
        await asyncio.sleep(0.5)
        return web.json_response(listed(NODE, **{"continue": str(next(number))}))

    began = time.monotonic()
    with pytest.raises(GatherError, match="did not come to its end within 3 s"):
        read_from(handler)
    assert time.monotonic() - began < 15


ODD = [None, "text", 7, -1, 1e400, True, ["a"], [{"a": ["b"]}], {"a": {"b": []}}, "\x1b[31m$(id)`id`'\"", "é" * 5000]


def twisted(value, odd):
    """Every object that differs from this one in a single field, which is `odd`."""
    if isinstance(value, dict):
        for key in value:
            yield value | {key: odd}
            yield from (value | {key: each} for each in twisted(value[key], odd))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield [*value[:index], odd, *value[index + 1 :]]
            yield from ([*value[:index], each, *value[index + 1 :]] for each in twisted(item, odd))


NODE_WHOLE = {
    "metadata": {
        "name": "n1",
        "labels": {"kubernetes.io/os": "linux", "type": "x"},
        "annotations": {"projectcalico.org/IPv4Address": "192.0.2.1/24"},
    },
    "spec": {"taints": [{"key": "a"}], "unschedulable": True},
    "status": {
        "conditions": [{"type": "Ready", "status": "True"}],
        "nodeInfo": {"kubeletVersion": "v1"},
        "addresses": [{"type": "InternalIP", "address": "192.0.2.1"}],
    },
}
POD_WHOLE = {
    "metadata": {**POD["metadata"], "deletionTimestamp": "2026-01-01T00:00:00Z"},
    "spec": {
        "nodeName": "n1",
        "containers": [
            {
                "name": "calico-node",
                "env": [
                    {"name": "CALICO_API_GROUP", "value": "x"},
                    {
                        "name": "CALICO_NETWORKING_BACKEND",
                        "valueFrom": {"configMapKeyRef": {"name": "calico-config", "key": "k"}},
                    },
                ],
            }
        ],
    },
    "status": {
        "phase": "Running",
        "reason": "r",
        "message": "m",
        "conditions": [
            {"type": "Ready", "status": "True"},
            {"type": "PodScheduled", "status": "False", "message": "m"},
        ],
        "containerStatuses": [
            {
                "name": "calico-node",
                "restartCount": 3,
                "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}, "waiting": {"reason": "r", "message": "m"}},
            }
        ],
    },
}


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_an_odd_type_in_any_field_of_a_node_or_a_pod(odd):
    from calico_bgp.sources.kubernetes import objects

    for node in twisted(NODE_WHOLE, odd):
        kept = objects.kept_node(node)
        if objects.node_of(kept) is not None:
            objects.host_of(kept, "x")
            objects.resource_of(kept)
    for pod in twisted(POD_WHOLE, odd):
        found = objects.pod_of(pod)
        objects.backend_key(pod)
        assert found is None or "$" not in found.namespace + found.name + str(found.node)


def test_a_review_that_says_nothing_is_no_refusal():
    snapshot = read_from(with_answers(selfsubjectaccessreviews={"status": {"allowed": "yes"}}))
    assert snapshot.kubernetes.exec_forbidden is None


def test_pods_in_a_namespace_that_may_not_be_listed_are_not_missing():
    async def handler(request):
        if request.path in ("/api/v1/pods", "/api/v1/namespaces/calico-system/pods"):
            return web.json_response({"message": "no"}, status=403)
        return web.json_response(answers(request.path, pods=listed()))

    snapshot = read_from(handler)
    assert "could not be listed" in snapshot.failures[0].message
    assert any(each.what == "the calico-node pods" for each in snapshot.kubernetes.not_read)
    assert not any(finding.rule == "pod-missing" for finding in audit(snapshot).findings)


def test_calicos_api_that_refuses_is_said_where_the_crds_are_read_instead():
    async def handler(request):
        if request.path.startswith("/apis/projectcalico.org/v3/"):
            return web.json_response({"message": "no"}, status=403)
        return web.json_response(answers(request.path))

    snapshot = read_from(handler)
    assert snapshot.kubernetes.api_group == "crd.projectcalico.org/v1"
    assert any("read were the CRDs instead" in each.why for each in snapshot.kubernetes.not_read)


def test_no_token_in_what_is_kept_or_said():
    async def handler(request):
        if request.path.endswith("/exec"):
            return web.Response(status=500, text=request.headers["Authorization"])
        return web.json_response(answers(request.path))

    snapshot = read_from(handler)
    assert "s3cr3t" not in repr(snapshot) + snapshot.model_dump_json()
    assert "s3cr3t" not in audit(snapshot).model_dump_json()


def test_no_token_in_what_a_server_repeats():
    async def handler(request):
        return web.json_response({"message": f"bad token {request.headers['Authorization']}"}, status=400)

    with pytest.raises(GatherError, match=r"refused \(400\): bad token Bearer \.\.\.$"):
        read_from(handler)


@pytest.mark.parametrize("proxy", ["http://user:hunter2@[bad", "http://user:hunter2@a:port"])
def test_no_login_of_a_proxy_in_a_message(proxy):
    access = Access(context="c", server="https://127.0.0.1:9", token="t", proxy_url=proxy)
    with pytest.raises(GatherError) as refused:
        read_cluster(access, OPTIONS)
    assert "hunter2" not in str(refused.value) + repr(access)


def test_a_proxy_that_refuses_is_named_without_ours():
    async def handler(request):
        return web.Response(status=502)

    with server(handler) as proxy:
        address = proxy.server.replace("//", "//user:hunter2@")
        access = Access(context="c", server="https://192.0.2.1", token="t", proxy_url=address)
        with pytest.raises(GatherError) as refused:
            read_cluster(access, OPTIONS)
    assert "127.0.0.1" in str(refused.value), "the proxy is named"
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("backend", ["vxlan", "none"])
def test_a_backend_without_bird_is_a_cluster_without_bgp(backend):
    env = [{"name": "CALICO_NETWORKING_BACKEND", "value": backend}]
    pod = POD | {"spec": {"nodeName": "n1", "containers": [{"name": "calico-node", "env": env}]}}
    snapshot = read_from(with_answers(pods=listed(pod)))
    assert snapshot.failures == ()
    assert [finding.rule for finding in audit(snapshot).findings] == ["no-bgp"]


@pytest.mark.parametrize(
    "extra",
    [
        {"spec": {"taints": [{"key": "virtual-kubelet.io/provider"}]}},
        {"status": {"nodeInfo": {"kubeletVersion": "v1.25.3-vk-azure-aci-1.6"}}},
        {"metadata": {"name": "w1", "labels": {"kubernetes.io/os": "windows"}}},
        {"metadata": {"name": "w1", "annotations": {"kwok.x-k8s.io/node": "fake"}}},
        {"metadata": {"name": "fargate-ip-10-0-0-1.ec2.internal"}},
    ],
)
def test_a_node_without_bird_is_nobodys_unread_node(extra):
    odd = {"metadata": {"name": "w1"}} | extra
    snapshot = read_from(with_answers(nodes=listed(NODE, odd)))
    assert [host.name for host in snapshot.hosts] == ["n1"]
    named = {failure.host for failure in snapshot.failures}
    assert named == {"n1"}
    unread = [finding for finding in audit(snapshot).findings if finding.rule in ("node-unreadable", "pod-missing")]
    assert all(odd["metadata"]["name"] not in finding.message for finding in unread)


def test_a_refusal_in_plain_words_is_told():
    """kubectl proxy answers so where the login plugin fails."""

    async def handler(request):
        return web.Response(
            text="getting credentials: exec: executable aws failed with exit code 255\nmore", status=500
        )

    with pytest.raises(GatherError) as caught:
        read_from(handler)
    assert caught.value.message == "getting credentials: exec: executable aws failed with exit code 255 (HTTP 500)"
    assert "kubectl get nodes" in caught.value.hint


def test_a_page_of_html_is_not_told():
    async def handler(request):
        return web.Response(text="<html>Bad Gateway</html>", status=502, content_type="text/html")

    with pytest.raises(GatherError, match=r"refused \(502\): /api/v1/nodes"):
        read_from(handler)
