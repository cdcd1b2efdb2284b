"""A whole cluster through its API server: inventory, resources and readings in one run, as one Snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

from calico_bgp.errors import CommandFailed, GatherError, ResourceError
from calico_bgp.model.inventory import Host
from calico_bgp.model.kubernetes import KubernetesState, NodePod, Transport
from calico_bgp.model.reading import GatherFailure, Stage
from calico_bgp.model.resources import Resources
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.resources.reader import parse_resources
from calico_bgp.sources.gather import GatherInterrupted, Result, gather
from calico_bgp.sources.kubernetes.collect import Collected, collect, successor_of
from calico_bgp.sources.kubernetes.connection.access import Access
from calico_bgp.sources.kubernetes.connection.api import API
from calico_bgp.sources.kubernetes.connection.errors import FORBIDDEN, APIError
from calico_bgp.sources.kubernetes.connection.exec import ExecWithFallback
from calico_bgp.sources.kubernetes.connection.kubectl import find_kubectl, kubectl_proxy
from calico_bgp.sources.kubernetes.connection.limits import KubernetesLimits
from calico_bgp.sources.kubernetes.connection.loop import BackgroundLoop
from calico_bgp.sources.kubernetes.pods import PodGatherer
from calico_bgp.sources.kubernetes.rights import Right, missing_exec
from calico_bgp.sources.kubernetes.second_best import second_best
from calico_bgp.sources.node.questions import Questions

#: The resources, or why there are none.
_Given: TypeAlias = tuple[Resources | None, GatherFailure | None]


@dataclass(frozen=True, slots=True)
class KubernetesOptions:
    """What a user may choose about reading through the API.

    Attributes:
        at_once: How many pods are asked at once.
        limits: Deadlines and sizes.
        questions: What BIRD is asked beside its peers.
    """

    at_once: int = 64
    limits: KubernetesLimits = field(default_factory=KubernetesLimits)
    questions: Questions = field(default_factory=Questions)


@dataclass(frozen=True, slots=True)
class OpenCluster:
    """A cluster that is open for reading: its inventory is known, its pods are not asked yet.

    Attributes:
        collected: What the lists gave.
        forbidden: The rights that are missing to ask pods; None where that is not known.
    """

    collected: Collected
    forbidden: tuple[Right, ...] | None
    _loop: BackgroundLoop
    _api: API
    _run: ExecWithFallback
    _access: Access
    _options: KubernetesOptions

    @property
    def hosts(self) -> tuple[Host, ...]:
        """The nodes that a BIRD is meant to run on."""
        return self.collected.hosts

    def require_calico(self) -> None:
        """Refuse a cluster that is probably not meant.

        Raises:
            CommandFailed: There is nothing of Calico in it.
        """
        if not self.collected.has_calico:
            raise CommandFailed(
                f"the cluster of context {self._access.context} has no calico-node pod and none of Calico's resources",
                "is it the right context? `kubectl config get-contexts` lists them",
            )

    def read(
        self,
        hosts: Sequence[Host] | None = None,
        *,
        on_result: Callable[[Host, Result], object] | None = None,
        on_round: Callable[[Sequence[Host]], object] | None = None,
        now: datetime | None = None,
        cluster: str | None = None,
    ) -> Snapshot:
        """Ask the pods and put everything together.

        Args:
            hosts: Which of `self.hosts`; all of them by default.
            on_result: Called with each result as it comes in.
            on_round: Called with the hosts that are asked once more; see `gather()`.
            now: When the reading began (aware); the clock when None.
            cluster: A name for the snapshot.

        Raises:
            GatherInterrupted: Ctrl-C; it carries what had come in.
        """
        chosen = self.hosts if hosts is None else tuple(hosts)
        # Before there are answers: reading 5,000 Nodes takes as much memory for a moment as all answers do for good.
        resources = self._resources()
        gatherer = PodGatherer(
            self._loop,
            self._run,
            self._state().pods_by_node,
            at_once=self._options.at_once,
            pods_listed=self.collected.pods_listed,
            forbidden=self._refusals(),
            successor=lambda pod: successor_of(self._api, pod),
            questions=self._options.questions,
            run_timeout=self._options.limits.run,
        )
        try:
            snapshot = gather(chosen, gatherer, on_result=on_result, on_round=on_round, now=now, cluster=cluster)
        except GatherInterrupted as stopped:
            raise GatherInterrupted(self._completed(stopped.snapshot, resources, gatherer)) from None
        return self._completed(snapshot, resources, gatherer)

    def _refusals(self) -> dict[str, APIError]:
        return {
            right.namespace: APIError(
                f"the user may not run commands in the pods of {right.namespace} (pods/exec)",
                "`calico-bgp rbac` prints the role to apply",
                FORBIDDEN,
            )
            for right in self.forbidden or ()
        }

    def _completed(self, snapshot: Snapshot, resources: _Given, gatherer: PodGatherer) -> Snapshot:
        state, collected = self._state(gatherer), self.collected
        readings, failures = second_best(
            snapshot.failures,
            collected.statuses,
            collected.listed_at,
            lambda node: _may_run(state, node, collected.pods_listed),
        )
        by_host = {reading.host: reading for reading in (*snapshot.readings, *readings)}
        return snapshot.model_copy(
            update={
                "readings": tuple(by_host[host.label] for host in snapshot.hosts if host.label in by_host),
                "failures": failures,
                "limited": len(snapshot.hosts) < len(self.hosts),
                "resources": resources[0],
                "resources_failure": resources[1],
                "resources_raw": self.collected.texts,
                "kubernetes": state,
            }
        )

    def _state(self, gatherer: PodGatherer | None = None) -> KubernetesState:
        collected = self.collected
        forbidden = {right.namespace for right in self.forbidden or ()}
        replaced: Mapping[str, NodePod] = {}
        if gatherer is not None:
            forbidden.update(gatherer.forbidden)
            replaced = gatherer.replaced
        kept = [pod for pod in collected.pods if pod.node not in replaced]
        transport: Transport = "kubectl proxy" if self._access.needs_kubectl else "direct"
        return KubernetesState(
            context=self._access.context,
            transport="kubectl exec" if self._run.fell_back else transport,
            api_group=collected.api_group,
            nodes=collected.nodes,
            pods=tuple(sorted([*kept, *replaced.values()], key=lambda pod: (pod.namespace, pod.name))),
            not_read=collected.not_read,
            exec_forbidden=None if self.forbidden is None and not forbidden else bool(forbidden),
            forbidden_namespaces=tuple(sorted(forbidden)),
        )

    def _resources(self) -> _Given:
        name = self._access.context or "this cluster"
        if self.collected.resources_failure is not None:
            return None, _failure(name, self.collected.resources_failure)
        try:
            return parse_resources((f"{name}:{file}", text) for file, text in self.collected.texts), None
        except ResourceError as error:
            more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
            message = f"a resource is not what it should be: {error.problems[0]}{more}"
            return None, GatherFailure(host=name, stage=Stage.PARSE, message=message)


@contextmanager
def open_cluster(access: Access, options: KubernetesOptions | None = None) -> Iterator[OpenCluster]:
    """Connect, list what there is, and end everything that was started when the block ends.

    Args:
        access: From a kubeconfig, or that of the pod that we run in.
        options: Deadlines and bounds.

    Raises:
        GatherError: The API server cannot be reached, does not accept the login, or does not list its Nodes; or kubectl
            is needed and not there.
    """
    options = options or KubernetesOptions()
    kubectl = find_kubectl(access)
    if access.needs_kubectl is None:
        with _connected(access, options, API(access, options.limits, at_once=options.at_once)) as cluster:
            yield cluster
        return
    if kubectl is None:
        raise CommandFailed(
            f"{access.needs_kubectl}, which is kubectl's business, and there is no kubectl on the PATH",
            "install kubectl, or use a context whose user has a token or a client certificate",
        )
    with kubectl_proxy(kubectl) as socket:
        api = API(access, options.limits, unix_socket=socket, at_once=options.at_once)
        with _connected(access, options, api) as cluster:
            yield cluster


@contextmanager
def _connected(access: Access, options: KubernetesOptions, api: API) -> Iterator[OpenCluster]:
    with BackgroundLoop() as loop:
        loop.run(api.__aenter__())
        try:
            collected = loop.run(collect(api, access.context))
            forbidden = loop.run(missing_exec(api, {pod.namespace for pod in collected.pods if pod.runs_bird}))
            run = ExecWithFallback(api, access, find_kubectl(access))
            yield OpenCluster(collected, forbidden, loop, api, run, access, options)
        finally:
            loop.run(api.__aexit__(None, None, None))


def read_cluster(
    access: Access,
    options: KubernetesOptions | None = None,
    *,
    on_result: Callable[[Host, Result], object] | None = None,
    now: datetime | None = None,
    cluster: str | None = None,
) -> Snapshot:
    """Read every node of a cluster, with its resources, through the Kubernetes API.

    Args:
        access: `load_kubeconfig(kubeconfig_files(None, os.environ)).access()`, or `in_cluster_access(os.environ)`.
        options: Deadlines and bounds.
        on_result: Called with each result as it comes in, in this thread.
        now: When the reading began (aware); the clock when None.
        cluster: A name for the snapshot.

    Raises:
        GatherError: The API server cannot be reached, or does not list its Nodes.
        GatherInterrupted: Ctrl-C; it carries what had come in.
    """
    with open_cluster(access, options) as opened:
        return opened.read(on_result=on_result, now=now or datetime.now(UTC), cluster=cluster)


def _may_run(state: KubernetesState, node: str, pods_listed: bool) -> bool:
    """Whether calico-node may be running on a node, by all that Kubernetes says of its pod."""
    pod = state.pods_by_node.get(node)
    return not pods_listed if pod is None else pod.running is not False


def _failure(name: str, error: GatherError) -> GatherFailure:
    return GatherFailure(
        host=name, stage=Stage(error.stage), message=error.message, hint=error.hint, reason=error.reason
    )
