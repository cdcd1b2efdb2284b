"""The API server itself: HTTP and WebSockets on loopback, over TLS. What it has comes from a World, anew each time.

It knows what kubectl needs to find its way (discovery), lists with `limit` and `continue`, single objects, reviews of
rights, and exec over WebSocket. Nothing can be written.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

from calico_bgp.lab.printing.render import Printed
from calico_bgp.lab.servers.kubernetes.certificates import new_certificates
from calico_bgp.lab.servers.kubernetes.discovery import discovery
from calico_bgp.lab.servers.kubernetes.faults import APIFaultKind
from calico_bgp.lab.servers.kubernetes.world import UNREACHABLE, World
from calico_bgp.lab.servers.listeners import LabError
from calico_bgp.upstream import V3

_PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
_START_SECONDS = 10.0
#: How long a command that hangs may do so: the client has given up long before.
_HANG_SECONDS = 120.0
_ENDLESS = b"\x01" + b"calico-bgp lab: a line without meaning, and another one after it\n" * 1000
_ENDLESS_FRAMES = 2_000


class LabAPI:
    """A running server.

    Args:
        world: What it shows, asked for each request.
        token: The only token that it accepts.
        port: 0 to choose a free one.
    """

    def __init__(self, world: Callable[[], World], token: str, *, port: int = 0) -> None:
        self._world = world
        self._token = token
        self._port = port
        self._certificates = new_certificates()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="lab-kubernetes", daemon=True)
        self._started = threading.Event()
        self._failure: OSError | None = None
        self.requests = 0

    @property
    def authority(self) -> bytes:
        """The certificate authority, as PEM."""
        return self._certificates.authority

    @property
    def server(self) -> str:
        """Its address, `https://127.0.0.1:PORT`."""
        return f"https://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it.

        Raises:
            LabError: The port is taken.
        """
        self._thread.start()
        if not self._started.wait(_START_SECONDS):
            raise LabError("the simulated Kubernetes API did not start")
        if self._failure is not None:
            raise LabError(f"cannot listen on loopback port {self._port}: {self._failure.strerror}")

    def stop(self) -> None:
        """Stop it and close its connections."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_START_SECONDS)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        application = web.Application(middlewares=[self._checked])
        application.router.add_get("/api/v1/namespaces/{namespace}/pods/{pod}/exec", self._exec)
        application.router.add_post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", self._review)
        application.router.add_get("/{path:.*}", self._get)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.2)
        try:
            self._loop.run_until_complete(runner.setup())
            site = web.TCPSite(runner, "127.0.0.1", self._port, ssl_context=self._tls())
            self._loop.run_until_complete(site.start())
            self._port = runner.addresses[0][1]
        except OSError as error:
            self._failure = error
            self._started.set()
            self._loop.run_until_complete(runner.cleanup())
            return
        self._started.set()
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(runner.cleanup())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    def _tls(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as folder:  # mode 0700
            path = Path(folder) / "server.pem"
            path.write_bytes(self._certificates.server)
            context.load_cert_chain(path)
        return context

    @web.middleware
    async def _checked(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.requests += 1
        if request.headers.get("Authorization") != f"Bearer {self._token}":
            return _refusal(401, "Unauthorized")
        response: web.StreamResponse = await handler(request)
        return response

    async def _get(self, request: web.Request) -> web.StreamResponse:
        world = self._world()
        path = "/" + request.match_info["path"].rstrip("/")
        if path.startswith(f"/apis/{V3}") and world.has(APIFaultKind.API_GROUP_DOWN):
            return _refusal(503, "the server is currently unable to handle the request")
        discovered = discovery(path)
        if discovered is not None:
            return web.json_response(discovered)
        items = world.objects(path)
        if items is not None:
            if _number(request, "continue") is None or _number(request, "limit") is None:
                return _refusal(400, "limit or continue is none that this server gave")
            if path == "/api/v1/nodes" and world.has(APIFaultKind.ANSWER_CUT):
                return await _cut(request, json.dumps(_list(items, request)).encode())
            return web.json_response(_list(items, request))
        folder, _, name = path.rpartition("/")
        named_item = next((item for item in world.objects(folder) or () if item["metadata"]["name"] == name), None)
        return _refusal(404, f"{name} not found") if named_item is None else web.json_response(named_item)

    async def _review(self, request: web.Request) -> web.StreamResponse:
        # kubectl sends protobuf. Of either form only this much matters here: is it about exec?
        about_exec = b"exec" in await request.read()
        allowed = not (about_exec and self._world().has(APIFaultKind.EXEC_FORBIDDEN))
        review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": {}}
        return web.json_response({**review, "status": {"allowed": allowed}}, status=201)

    async def _exec(self, request: web.Request) -> web.StreamResponse:
        world = self._world()
        namespace, pod = request.match_info["namespace"], request.match_info["pod"]
        if world.has(APIFaultKind.TOKEN_EXPIRES):
            return _refusal(401, "Unauthorized")
        if world.has(APIFaultKind.EXEC_FORBIDDEN):
            return _refusal(403, f'pods "{pod}" is forbidden: User "lab" cannot create resource "pods/exec"')
        # In a thread: on the rig it is a real command, and a BIRD that hangs must not hold up the others.
        printed = await asyncio.to_thread(world.run, pod, request.query.getall("command", []))
        if printed is None:
            return _refusal(404, f'pods "{pod}" not found in {namespace}')
        if printed.exit_code == UNREACHABLE:
            return _refusal(500, "error dialing backend: dial tcp: i/o timeout")
        socket = web.WebSocketResponse(protocols=_PROTOCOLS, compress=False)
        if not socket.can_prepare(request).ok:
            return _refusal(400, "Upgrade request required")
        await socket.prepare(request)
        node = world.node_of(pod)
        if world.has(APIFaultKind.EXEC_ENDLESS, node):
            await _send_without_end(socket)
        elif world.has(APIFaultKind.EXEC_HANGS, node):
            await _until_closed(socket)
        else:
            await _send(printed, socket)
        return socket


async def _send(printed: Printed, socket: web.WebSocketResponse) -> None:
    """Send what a command prints, each stream by its channel; where it has no exit code, it hangs then."""
    if printed.stdout:
        await socket.send_bytes(b"\x01" + printed.stdout.encode())
    if printed.stderr:
        await socket.send_bytes(b"\x02" + printed.stderr.encode())
    if printed.exit_code is None:
        await _until_closed(socket)
        return
    await socket.send_bytes(b"\x03" + json.dumps(_status(printed.exit_code)).encode())
    await socket.close()


async def _send_without_end(socket: web.WebSocketResponse) -> None:
    """Send lines until the client has enough, or until any client should."""
    for _ in range(_ENDLESS_FRAMES):
        if socket.closed:
            break
        try:
            await socket.send_bytes(_ENDLESS)
        except ConnectionError:
            break


async def _until_closed(socket: web.WebSocketResponse) -> None:
    try:
        async with asyncio.timeout(_HANG_SECONDS):
            while (await socket.receive()).type not in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.ERROR):
                pass
    except TimeoutError:
        pass


async def _cut(request: web.Request, content: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = len(content)
    await response.prepare(request)
    await response.write(content[: len(content) // 2])
    if request.transport is not None:
        request.transport.abort()
    return response


def _list(items: Sequence[dict[str, Any]], request: web.Request) -> dict[str, Any]:
    items = [item for item in items if _matches(item, request.query.get("labelSelector", ""))]
    limit = _number(request, "limit") or 0
    start = _number(request, "continue") or 0
    page = items[start : start + limit] if limit else items[start:]
    metadata: dict[str, Any] = {"resourceVersion": "1"}
    if limit and start + limit < len(items):
        metadata["continue"] = str(start + limit)
    kind = f"{items[0]['kind']}List" if items else "List"
    version = items[0]["apiVersion"] if items else "v1"
    # As the API server writes it: the items of a list have no kind of their own.
    bare = [{key: value for key, value in item.items() if key not in ("apiVersion", "kind")} for item in page]
    return {"kind": kind, "apiVersion": version, "metadata": metadata, "items": bare}


def _number(request: web.Request, name: str) -> int | None:
    """A number of the query, 0 where there is none; None where it is no number, or longer than any of ours."""
    text = request.query.get(name, "")
    return int(text or 0) if len(text) < 7 and (not text or (text.isascii() and text.isdecimal())) else None


def _matches(item: dict[str, Any], selector: str) -> bool:
    """Whether the labels fit `k8s-app in (a,b)` or `k8s-app=a`: all that is asked of the lab."""
    if not selector:
        return True
    key, _, values = selector.replace("==", "=").replace(" in ", "=").partition("=")
    allowed = {word.strip() for word in values.strip(" ()").split(",")}
    return (item["metadata"].get("labels") or {}).get(key.strip()) in allowed


def _status(exit_code: int) -> dict[str, Any]:
    if exit_code == 0:
        return {"metadata": {}, "status": "Success"}
    causes = [{"reason": "ExitCode", "message": str(exit_code)}]
    return {"metadata": {}, "status": "Failure", "reason": "NonZeroExitCode", "details": {"causes": causes}}


def _refusal(status: int, message: str) -> web.Response:
    reason = {401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 503: "ServiceUnavailable"}.get(
        status, "BadRequest"
    )
    document = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message}
    return web.json_response({**document, "reason": reason, "code": status}, status=status)
