"""The few calls to the Kubernetes API that we make: get, list, create a review, exec. It knows no kind of object.

aiohttp does HTTP, TLS and WebSockets, over TCP or the Unix socket of a `kubectl proxy`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import aiohttp

from calico_bgp.sources.kubernetes.connection.access import Access
from calico_bgp.sources.kubernetes.connection.answers import (
    first_line,
    json_object,
    not_trusted,
    refuse_redirect,
    refused,
    refused_exec,
    words_of,
)
from calico_bgp.sources.kubernetes.connection.channels import PROTOCOLS, Channels, Executed
from calico_bgp.sources.kubernetes.connection.errors import APIError
from calico_bgp.sources.kubernetes.connection.limits import KubernetesLimits
from calico_bgp.sources.kubernetes.connection.tls import expired_certificate, tls_context
from calico_bgp.store.bounded import read_bounded

#: Objects asked for at once. 5,000 Nodes with their images in one answer are 80 MB (kubectl asks for 500, too).
_PAGE = 500
#: More pages than a cluster of 5,000 nodes could fill: a server that never comes to an end is not followed.
_MOST_PAGES = 400
#: Objects of one kind. 5,000 nodes with 20 blocks each have 100,000 BlockAffinities.
_MOST_ITEMS = 250_000
#: The token of a continuation goes into an address: no server takes a longer one.
_MOST_CONTINUE = 8_000
_MOST_BYTES = 64 * 2**20
_MOST_TOKEN = 64_000
_TLS_END_SECONDS = 0.1
_BY_HAND = "does `kubectl get nodes` work from here?"
_NO_LOGIN = 401
_EXPIRED = 410
_CLOSE_SECONDS = 3.0
_T = TypeVar("_T")


class API:
    """A connection to one API server. Use it in an `async with` block.

    Args:
        access: Whom to ask, and as whom.
        limits: Deadlines and sizes.
        unix_socket: The socket of a `kubectl proxy`, which logs in for us; then only the path of the server counts.
        at_once: How many connections there may be.
    """

    def __init__(
        self,
        access: Access,
        limits: KubernetesLimits | None = None,
        *,
        unix_socket: Path | None = None,
        at_once: int = 64,
    ) -> None:
        self._access = access
        self.limits = limits or KubernetesLimits()
        self._unix_socket = unix_socket
        self._at_once = at_once
        self._session: aiohttp.ClientSession | None = None
        self._sent = b""
        # kubectl proxy takes the path that it is given in the place of the server's own (--append-server-path).
        self._server = access.server if unix_socket is None else f"http://localhost{urlsplit(access.server).path}"

    async def __aenter__(self) -> Self:
        if self._unix_socket is not None:
            connector: aiohttp.BaseConnector = aiohttp.UnixConnector(str(self._unix_socket), limit=self._at_once + 8)
        else:
            secure = self._server.startswith("https://")
            tls = tls_context(self._access) if secure else False
            connector = aiohttp.TCPConnector(limit=self._at_once + 8, ssl=tls)
        # No cookies, no redirects, no settings of the environment: none of it belongs to an API server.
        trace = aiohttp.TraceConfig()
        trace.on_request_redirect.append(refuse_redirect)
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=True,
            trace_configs=[trace],
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await self._session.close()
            # TLS connections end a moment after their session (aiohttp: "Graceful Shutdown").
            await asyncio.sleep(_TLS_END_SECONDS)

    async def get(self, path: str, parameters: Mapping[str, str] | None = None) -> dict[str, Any]:
        """One object.

        Raises:
            APIError: With the status, where one came.
        """
        return await self._request("GET", path, parameters)

    async def create(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Send an object; used for reviews of rights, which the server answers and does not keep.

        Raises:
            APIError: With the status, where one came.
        """
        return await self._request("POST", path, None, body)

    async def list(
        self,
        path: str,
        *,
        selector: str | None = None,
        fields: str | None = None,
        keep: Callable[[dict[str, Any]], _T],
    ) -> list[_T]:
        """All objects of a kind, in pages; of each only what `keep` gives.

        A list whose continuation has expired (410) is begun anew, once.

        Args:
            path: Of the list.
            selector: Which labels the objects have.
            fields: Which fields they have.
            keep: Makes of an object what is kept.

        Raises:
            APIError: With the status, where one came.
        """
        chosen = {"labelSelector": selector, "fieldSelector": fields}
        query = {name: value for name, value in chosen.items() if value}
        try:
            async with asyncio.timeout(self.limits.list):
                try:
                    return [item async for item in self._pages(path, query, keep)]
                except APIError as error:
                    if error.status != _EXPIRED:
                        raise
                return [item async for item in self._pages(path, query, keep)]
        except TimeoutError:
            raise APIError(f"the list {path} did not come to its end within {self.limits.list:g} s") from None

    async def _pages(
        self, path: str, query: Mapping[str, str], keep: Callable[[dict[str, Any]], _T]
    ) -> AsyncIterator[_T]:
        parameters = {"limit": str(_PAGE), **query}
        number = 0
        for _ in range(_MOST_PAGES):
            page = await self._request("GET", path, parameters)
            items = page.get("items")
            if not isinstance(items, list):
                if "items" in page and items is None:  # Go writes an empty list so
                    return
                raise APIError(f"{path} is no list")
            number += len(items)
            if number > _MOST_ITEMS:
                raise APIError(f"{path} has more than {_MOST_ITEMS} objects")
            for item in items:
                if isinstance(item, dict):
                    yield keep(item)
            metadata = page.get("metadata")
            more = metadata.get("continue") if isinstance(metadata, dict) else None
            if more is None or more == "":
                return
            # Read on from nowhere, or from the same place for ever: what came is not the whole list.
            if not isinstance(more, str) or len(more) > _MOST_CONTINUE or more == parameters.get("continue"):
                raise APIError(f"{path} breaks off: the API server does not say where it goes on")
            parameters["continue"] = more
        raise APIError(f"{path} does not come to an end after {_MOST_PAGES} pages")

    async def exec(
        self, namespace: str, pod: str, container: str, command: Sequence[str], *, last: bytes = b""
    ) -> Executed:
        """Run a command in a container, without a terminal and without standard input.

        Args:
            namespace: The pod's namespace.
            pod: The pod.
            container: Which of its containers.
            command: The program and its arguments.
            last: What standard output ends with when all has come; empty: until the command ends.

        Raises:
            APIError: It could not be started, with the status, where one came.
            ExecNotPossibleError: WebSockets do not come through.
        """
        parameters = [("container", container), ("stdout", "true"), ("stderr", "true")]
        parameters += [("command", word) for word in command]
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}/exec"
        channels = Channels(self.limits.output, last)
        try:
            async with asyncio.timeout(self.limits.exec):
                async with self._open.ws_connect(
                    self._server + path,
                    params=parameters,
                    protocols=PROTOCOLS,
                    headers=self._headers(),
                    proxy=self._access.proxy_url if self._unix_socket is None else None,
                    server_hostname=self._access.tls_server_name,
                    autoclose=True,
                    autoping=True,
                    max_msg_size=2**20,
                    compress=0,
                    timeout=aiohttp.ClientWSTimeout(ws_close=1.0),
                ) as socket:
                    async for message in socket:
                        if message.type is aiohttp.WSMsgType.BINARY:
                            channels.take(message.data)
                        if channels.done:
                            break
        except TimeoutError:
            return channels.result(cut=f"it did not end within {self.limits.exec:g} s")
        except aiohttp.WSServerHandshakeError as error:
            raise refused_exec(error, pod) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise APIError(f"the connection to the API server failed: {words_of(error)}") from error
        return channels.result()

    @property
    def _open(self) -> aiohttp.ClientSession:
        assert self._session is not None, "use it in an `async with` block"
        return self._session

    async def _request(
        self, method: str, path: str, parameters: Mapping[str, str] | None, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            async with self._open.request(
                method,
                self._server + path,
                params=parameters,
                json=body,
                headers={"Accept": "application/json", **self._headers()},
                timeout=aiohttp.ClientTimeout(total=self.limits.request, sock_connect=self.limits.connect),
                proxy=self._access.proxy_url if self._unix_socket is None else None,
                server_hostname=self._access.tls_server_name,
                allow_redirects=False,
            ) as response:
                content = bytearray()
                async for part in response.content.iter_any():
                    content += part
                    if len(content) > _MOST_BYTES:
                        raise APIError(f"the answer to {path} is longer than {_MOST_BYTES // 2**20} MiB")
                status, is_text = response.status, response.content_type == "text/plain"
        except TimeoutError:
            said = f"the API server did not answer within {self.limits.request:g} s: {path}"
            raise APIError(said, _BY_HAND) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise self._unreachable(error) from error
        whole = bytes(content)
        if status >= 300 and self._sent:  # some servers repeat a token that they do not like
            whole = whole.replace(self._sent, b"...")
        document = json_object(whole)
        if status >= 300 and document is None and is_text:
            # What is in between says it so: kubectl proxy, whose login plugin failed.
            said = first_line(whole) or f"what answers at {path} says no more"
            raise APIError(f"{said} (HTTP {status})", _BY_HAND, status)
        if status >= 300:
            raise refused(status, path, document, expired_certificate(self._access) if status == _NO_LOGIN else None)
        if document is None:
            raise APIError(f"the answer to {path} is no JSON object", "is that the address of an API server?", status)
        return document

    def _headers(self) -> dict[str, str]:
        if self._unix_socket is not None:
            return {}
        token = self._access.token
        if self._access.token_file is not None:
            try:
                token = read_bounded(self._access.token_file, limit=_MOST_TOKEN).decode("ascii").strip()
            except (OSError, ValueError) as error:
                why = getattr(error, "strerror", None) or "it is no text"
                raise APIError(f"the token in {self._access.token_file} cannot be read: {why}") from error
        if not token:
            return {}
        if not token.isascii() or not token.isprintable():
            raise APIError("the token holds characters that no token has")
        self._sent = token.encode()
        return {"Authorization": f"Bearer {token}"}

    def _unreachable(self, error: Exception) -> APIError:
        host = urlsplit(self._server).netloc.rpartition("@")[2]
        if self._unix_socket is not None:
            host = "kubectl proxy"
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            return not_trusted(host, error.certificate_error)
        if (expired := expired_certificate(self._access)) is not None and "certificate" in str(error).lower():
            return refused(_NO_LOGIN, "", None, expired)
        if isinstance(error, aiohttp.ClientPayloadError):
            return APIError(
                f"the answer of the API server at {host} breaks off in the middle",
                "is there a proxy or a load balancer in between that ends connections?",
            )
        return APIError(f"the API server at {host} does not answer: {words_of(error)}", _BY_HAND)
