"""The few calls to the Kubernetes API that we make: get, list, create a review, exec. It knows no kind of object."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp

from calico_bgp.sources.kubernetes.connection.access import Access
from calico_bgp.sources.kubernetes.connection.answers import refused_exec, words_of
from calico_bgp.sources.kubernetes.connection.channels import PROTOCOLS, Channels, Executed
from calico_bgp.sources.kubernetes.connection.errors import EXPIRED, APIError
from calico_bgp.sources.kubernetes.connection.limits import KubernetesLimits
from calico_bgp.sources.kubernetes.connection.server import Server

#: Objects asked for at once. 5,000 Nodes with their images in one answer are 80 MB (kubectl asks for 500, too).
_PAGE = 500
#: More pages than a cluster of 5,000 nodes could fill: a server that never comes to an end is not followed.
_MOST_PAGES = 400
#: Objects of one kind. 5,000 nodes with 20 blocks each have 100,000 BlockAffinities.
_MOST_ITEMS = 250_000
#: The token of a continuation goes into an address: no server takes a longer one.
_MOST_CONTINUE = 8_000
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
        self.limits = limits or KubernetesLimits()
        self._server = Server(access, self.limits, unix_socket=unix_socket, at_once=at_once)

    async def __aenter__(self) -> Self:
        await self._server.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._server.__aexit__(kind, error, trace)

    async def get(self, path: str, parameters: Mapping[str, str] | None = None) -> dict[str, Any]:
        """One object.

        Raises:
            APIError: With the status, where one came.
        """
        return await self._server.request("GET", path, parameters)

    async def create(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Send an object; used for reviews of rights, which the server answers and does not keep.

        Raises:
            APIError: With the status, where one came.
        """
        return await self._server.request("POST", path, None, body)

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
                    if error.status != EXPIRED:
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
            page = await self._server.request("GET", path, parameters)
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
                async with self._server.websocket(path, parameters, PROTOCOLS) as socket:
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
