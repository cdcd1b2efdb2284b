"""Ways to run a command in a pod: over our own WebSocket, or, where that does not come through, by `kubectl exec`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Sequence
from typing import Protocol

from calico_bgp.sources.kubernetes.connection.access import Access
from calico_bgp.sources.kubernetes.connection.api import API
from calico_bgp.sources.kubernetes.connection.channels import Executed
from calico_bgp.sources.kubernetes.connection.errors import NOT_FOUND, APIError, ExecNotPossibleError
from calico_bgp.sources.kubernetes.connection.kubectl import Kubectl, end_group
from calico_bgp.sources.kubernetes.connection.limits import KubernetesLimits


class Exec(Protocol):
    """Runs a command in a container; see `API.exec`."""

    def __call__(
        self, namespace: str, pod: str, container: str, command: Sequence[str], *, last: bytes = b""
    ) -> Awaitable[Executed]:
        """See there."""
        ...


#: `kubectl exec` costs 80 to 110 ms of CPU and 60 MB each.
_KUBECTLS_AT_ONCE = 8
_END_SECONDS = 3.0


class ExecWithFallback:
    """Our own WebSocket until it is clear that none comes through, then `kubectl exec`.

    Args:
        api: An open connection.
        access: Whose kubeconfig kubectl reads; a pod has none, and no proxy in between either.
        kubectl: The program, None where there is none.
    """

    def __init__(self, api: API, access: Access, kubectl: Kubectl | None) -> None:
        self._api = api
        self._kubectl = kubectl if access.kubeconfig else None
        self._places = asyncio.Semaphore(_KUBECTLS_AT_ONCE)
        self.fell_back = False
        self._comes_through = False

    async def __call__(
        self, namespace: str, pod: str, container: str, command: Sequence[str], *, last: bytes = b""
    ) -> Executed:
        """Run a command.

        Raises:
            APIError: It could not be run.
        """
        if not self.fell_back:
            try:
                answer = await self._api.exec(namespace, pod, container, command, last=last)
            except ExecNotPossibleError:
                # Where others came through it is this pod's own (its container may be called otherwise).
                if self._kubectl is None or self._comes_through:
                    raise
                self.fell_back = True
            else:
                self._comes_through = True
                return answer
        assert self._kubectl is not None
        async with self._places:
            return await _by_kubectl(
                self._kubectl.command("exec", "-n", namespace, pod, "-c", container, "--", *command), self._api.limits
            )


async def _by_kubectl(command: Sequence[str], limits: KubernetesLimits) -> Executed:
    """What it printed until it ended; until its time was up, or it had printed too much, what came by then."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        process_group=0,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    output, complaints = _Printed(limits.output), _Printed(64_000)
    cut: str | None = None
    exit_code: int | None = None
    try:
        async with asyncio.timeout(limits.exec):
            await asyncio.gather(output.take(process.stdout), complaints.take(process.stderr))
            if output.full:
                cut = f"more than {limits.output // 2**20} MiB of output"
            else:
                exit_code = await process.wait()
    except TimeoutError:
        cut = f"it did not end within {limits.exec:g} s"
    finally:
        if process.returncode is None or cut is not None or exit_code is None:
            end_group(process.pid)
            # What left the group and holds its output open would hold up this wait as well.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_END_SECONDS):
                    await process.communicate()
    errors = complaints.text.strip()
    if exit_code and not output.content:
        status = NOT_FOUND if "(NotFound)" in errors else None
        raise APIError(f"kubectl exec: {errors.partition(chr(10))[0][:300] or f'exit code {exit_code}'}", None, status)
    return Executed(output.text, errors, exit_code, None, cut)


class _Printed:
    """What a process prints, up to a number of bytes: it is there also when nobody waits for the rest any more."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.content = bytearray()

    @property
    def full(self) -> bool:
        return len(self.content) >= self._most

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    async def take(self, stream: asyncio.StreamReader) -> None:
        while not self.full and (part := await stream.read(65_536)):
            self.content += part[: self._most - len(self.content)]
