"""One API server over HTTP: the session, the login and one answer of JSON. It knows no path and no kind of object.

aiohttp does HTTP, TLS and WebSockets, over TCP or the Unix socket of a `kubectl proxy`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp

from calico_bgp.sources.kubernetes.connection.access import Access
from calico_bgp.sources.kubernetes.connection.answers import (
    first_line,
    json_object,
    not_trusted,
    refuse_redirect,
    refused,
    words_of,
)
from calico_bgp.sources.kubernetes.connection.errors import UNAUTHORIZED, APIError
from calico_bgp.sources.kubernetes.connection.limits import KubernetesLimits
from calico_bgp.sources.kubernetes.connection.tls import expired_certificate, tls_context
from calico_bgp.store.bounded import read_bounded

_MOST_BYTES = 64 * 2**20
_MOST_TOKEN = 64_000
_TLS_END_SECONDS = 0.1
_CLOSE_SECONDS = 3.0
_BY_HAND = "does `kubectl get nodes` work from here?"


class Server:
    """A connection to one API server. Use it in an `async with` block.

    Args:
        access: Whom to ask, and as whom.
        limits: Deadlines and sizes.
        unix_socket: The socket of a `kubectl proxy`, which logs in for us; then only the path of the server counts.
        at_once: How many connections there may be.
    """

    def __init__(self, access: Access, limits: KubernetesLimits, *, unix_socket: Path | None, at_once: int) -> None:
        self._access = access
        self._limits = limits
        self._unix_socket = unix_socket
        self._at_once = at_once
        self._session: aiohttp.ClientSession | None = None
        self._sent_token = b""
        # kubectl proxy takes the path that it is given in the place of the server's own (--append-server-path).
        self._address = access.server if unix_socket is None else f"http://localhost{urlsplit(access.server).path}"

    async def __aenter__(self) -> Self:
        if self._unix_socket is not None:
            connector: aiohttp.BaseConnector = aiohttp.UnixConnector(str(self._unix_socket), limit=self._at_once + 8)
        else:
            secure = self._address.startswith("https://")
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

    async def request(
        self, method: str, path: str, parameters: Mapping[str, str] | None, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """One answer, which is a JSON object.

        Raises:
            APIError: With the status, where one came.
        """
        try:
            async with self._open.request(
                method,
                self._address + path,
                params=parameters,
                json=body,
                headers={"Accept": "application/json", **self._headers()},
                timeout=aiohttp.ClientTimeout(total=self._limits.request, sock_connect=self._limits.connect),
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
            message = f"the API server did not answer within {self._limits.request:g} s: {path}"
            raise APIError(message, _BY_HAND) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise self._unreachable(error) from error
        whole = bytes(content)
        if status >= 300 and self._sent_token:  # some servers repeat a token that they do not like
            whole = whole.replace(self._sent_token, b"...")
        document = json_object(whole)
        if status >= 300 and document is None and is_text:
            # What is in between says it so: kubectl proxy, whose login plugin failed.
            message = first_line(whole) or f"what answers at {path} says no more"
            raise APIError(f"{message} (HTTP {status})", _BY_HAND, status)
        if status >= 300:
            raise refused(status, path, document, expired_certificate(self._access) if status == UNAUTHORIZED else None)
        if document is None:
            raise APIError(f"the answer to {path} is no JSON object", "is that the address of an API server?", status)
        return document

    @asynccontextmanager
    async def websocket(
        self, path: str, parameters: Sequence[tuple[str, str]], protocols: Sequence[str]
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """An open WebSocket; what aiohttp raises is the caller's."""
        async with self._open.ws_connect(
            self._address + path,
            params=parameters,
            protocols=protocols,
            headers=self._headers(),
            proxy=self._access.proxy_url if self._unix_socket is None else None,
            server_hostname=self._access.tls_server_name,
            autoclose=True,
            autoping=True,
            max_msg_size=2**20,
            compress=0,
            timeout=aiohttp.ClientWSTimeout(ws_close=1.0),
        ) as socket:
            yield socket

    @property
    def _open(self) -> aiohttp.ClientSession:
        assert self._session is not None, "use it in an `async with` block"
        return self._session

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
        self._sent_token = token.encode()
        return {"Authorization": f"Bearer {token}"}

    def _unreachable(self, error: Exception) -> APIError:
        host = urlsplit(self._address).netloc.rpartition("@")[2]
        if self._unix_socket is not None:
            host = "kubectl proxy"
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            return not_trusted(host, error.certificate_error)
        if (expired := expired_certificate(self._access)) is not None and "certificate" in str(error).lower():
            return refused(UNAUTHORIZED, "", None, expired)
        if isinstance(error, aiohttp.ClientPayloadError):
            return APIError(
                f"the answer of the API server at {host} breaks off in the middle",
                "is there a proxy or a load balancer in between that ends connections?",
            )
        return APIError(f"the API server at {host} does not answer: {words_of(error)}", _BY_HAND)
