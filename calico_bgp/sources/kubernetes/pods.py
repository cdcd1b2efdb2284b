"""PodGatherer: asks the calico-node pods of many nodes at once. What an answer means is decided in readings.py."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from calico_bgp.errors import CommandFailed, GatherError, GatherTimeout
from calico_bgp.model.inventory import Host
from calico_bgp.model.kubernetes import NodePod
from calico_bgp.parse.answer.frame import new_marker
from calico_bgp.sources.gather import Result, failure_of
from calico_bgp.sources.kubernetes.connection.channels import Executed
from calico_bgp.sources.kubernetes.connection.errors import FORBIDDEN, NOT_FOUND, APIError
from calico_bgp.sources.kubernetes.connection.exec import Exec
from calico_bgp.sources.kubernetes.connection.loop import BackgroundLoop
from calico_bgp.sources.kubernetes.pod_command import pod_command
from calico_bgp.sources.kubernetes.readings import reading_of_pod, reading_without_bird, why_not_asked
from calico_bgp.sources.node.questions import Questions
from calico_bgp.upstream import CALICO_NODE

_log = logging.getLogger(__name__)


class PodGatherer:
    """Reads nodes by one exec in each calico-node pod.

    Args:
        loop: Where it runs.
        run: Runs a command in a pod.
        pods: Node name → its pod.
        at_once: How many pods are asked at once. The API server sets no bound to exec (it is a long-running request),
            and each costs a connection to a kubelet and a process on the node.
        pods_listed: Whether the pods could be listed, so that a missing one is missing.
        forbidden: Namespace → why no pod in it may be asked, as far as that is known beforehand.
        successor: The pod that is on the node of one that is gone.
        questions: What BIRD is asked beside its peers.
        run_timeout: Seconds for all pods together, from the first that is asked; None for no limit.

    Attributes:
        replaced: Node → the pod that was asked in the place of the one that was listed.
    """

    def __init__(
        self,
        loop: BackgroundLoop,
        run: Exec,
        pods: Mapping[str, NodePod],
        *,
        at_once: int,
        pods_listed: bool = True,
        forbidden: Mapping[str, APIError] | None = None,
        successor: Callable[[NodePod], Awaitable[NodePod | None]] | None = None,
        questions: Questions | None = None,
        run_timeout: float | None = None,
    ) -> None:
        self._loop = loop
        self._run = run
        self._pods = pods
        self._at_once = at_once
        self._pods_listed = pods_listed
        #: Who is refused once is refused for every pod of the namespace: the others need not ask.
        self._forbidden = dict(forbidden or {})
        self._successor = successor
        self._questions = questions or Questions()
        self._run_timeout = run_timeout
        self._run_until: float | None = None
        self.replaced: dict[str, NodePod] = {}

    @property
    def forbidden(self) -> tuple[str, ...]:
        """The namespaces in whose pods the user may run nothing, as far as that is known by now."""
        return tuple(sorted(self._forbidden))

    def read(self, hosts: Sequence[Host]) -> Iterator[Result]:
        """One result per host, as they come in; see `gather()`."""
        return self._loop.stream(self._results(hosts, self._questions.of_hosts(hosts)))

    def read_whole(self, hosts: Sequence[Host]) -> Iterator[Result]:
        """Ask pods once more, with all of their nodes' routes, that had sent hashes."""
        return self._loop.stream(self._results(hosts, self._questions.of_whole_tables(hosts)))

    async def _results(self, hosts: Sequence[Host], questions: Questions) -> AsyncIterator[Result]:
        whole = frozenset(questions.whole)
        waiting = iter(hosts)
        running: dict[asyncio.Task[Result], Host] = {}
        try:
            while True:
                for host in waiting:
                    task = asyncio.create_task(self._result(host, questions, lines=host.label in whole))
                    running[task] = host
                    if len(running) >= self._at_once:
                        break
                if not running:
                    return
                done, _ = await asyncio.wait(running, timeout=self._seconds_left(), return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    del running[task]
                    yield task.result()
                if not done:
                    why = GatherTimeout("the time for the whole run was up", "allow more time for the run")
                    for host in [*running.values(), *waiting]:
                        yield failure_of(host, why)
                    return
        finally:
            for task in running:
                task.cancel()

    def _seconds_left(self) -> float | None:
        """Seconds until the time for all pods is up, which begins when this is first asked."""
        if self._run_timeout is None:
            return None
        now = asyncio.get_running_loop().time()
        if self._run_until is None:
            self._run_until = now + self._run_timeout
        return max(0.0, self._run_until - now)

    async def _result(self, host: Host, questions: Questions, *, lines: bool) -> Result:
        pod = self._pods.get(host.node or host.name)
        try:
            return await self._reading(host, pod, partial(pod_command, questions=questions, lines=lines))
        except GatherError as error:
            return failure_of(host, error)
        except Exception as error:  # noqa: BLE001 - a mistake of ours with one pod's answer must not cost the others
            _log.info("%s could not be read", host.label, exc_info=True)
            what = f"calico_bgp failed while it read {host.name}: {type(error).__name__}"
            return failure_of(host, CommandFailed(what, "please report it"))

    async def _reading(self, host: Host, pod: NodePod | None, command: Callable[[str], Sequence[str]]) -> Result:
        now = datetime.now(UTC)
        if pod is not None and not pod.runs_bird and why_not_asked(host, pod, pods_listed=True) is None:
            return reading_without_bird(host, pod, now)
        reason = why_not_asked(host, pod, pods_listed=self._pods_listed)
        if reason is not None:
            raise reason
        assert pod is not None
        if pod.namespace in self._forbidden:
            raise self._forbidden[pod.namespace]
        marker = new_marker()
        try:
            answer = await self._ask(pod, marker, command(marker))
        except APIError as error:
            newer = await self._successor_of(pod) if error.status == NOT_FOUND else None
            if newer is None:
                raise
            pod = newer
            reason = why_not_asked(host, pod, pods_listed=True)
            if reason is not None:
                raise reason from error
            answer = await self._ask(pod, marker, command(marker))
        return reading_of_pod(answer, marker, host, pod, datetime.now(UTC))

    async def _ask(self, pod: NodePod, marker: str, command: Sequence[str]) -> Executed:
        try:
            return await self._run(pod.namespace, pod.name, CALICO_NODE, command, last=f"{marker} end".encode())
        except APIError as error:
            if error.status == FORBIDDEN:
                self._forbidden[pod.namespace] = error
            raise

    async def _successor_of(self, pod: NodePod) -> NodePod | None:
        """The pod that has come in the place of one that is gone since it was listed, as in a rollout."""
        newer = None if self._successor is None else await self._successor(pod)
        if newer is None or newer.name == pod.name:
            return None
        self.replaced[newer.node or ""] = newer
        return newer
