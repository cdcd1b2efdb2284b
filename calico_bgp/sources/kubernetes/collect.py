"""Lists everything that is read through the API before a pod is asked: Nodes, pods and Calico's resources, a list each.

A list that is refused costs what rests on it and nothing else; that becomes a note. Nodes are what cannot be missing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeVar

from calico_bgp.model.inventory import Host
from calico_bgp.model.kubernetes import KubernetesNode, KubernetesState, NodePod, NotRead, PodKind
from calico_bgp.sources.kubernetes.autodetection import autodetection_of
from calico_bgp.sources.kubernetes.connection.api import API
from calico_bgp.sources.kubernetes.connection.errors import FORBIDDEN, NOT_FOUND, APIError
from calico_bgp.sources.kubernetes.objects import (
    backend_key,
    host_of,
    kept_node,
    node_of,
    pod_of,
    resource_of,
)
from calico_bgp.sources.kubernetes.rights import NAMESPACES
from calico_bgp.sources.resources.kept import as_text, kept
from calico_bgp.upstream import APP_LABEL, CRD, V3

#: Resource → its kind. Both groups have them.
KINDS = {
    "bgpconfigurations": "BGPConfiguration",
    "bgppeers": "BGPPeer",
    "bgpfilters": "BGPFilter",
    "ippools": "IPPool",
    "blockaffinities": "BlockAffinity",
    "caliconodestatuses": "CalicoNodeStatus",
    "felixconfigurations": "FelixConfiguration",
}
#: Without these nothing can be said of what the peers should be.
_NEEDED = ("bgpconfigurations", "bgppeers")
#: What the others tell.
_ABOUT = {
    "ippools": "which routes are announced",
    "bgpfilters": "BGP filters",
    "blockaffinities": "which node has which block",
    "caliconodestatuses": "what calico-node writes about itself",
    "felixconfigurations": "Felix's settings",
}
_OUTPUTS = ("caliconodestatuses",)
_SELECTOR = f"{APP_LABEL} in ({','.join(PodKind)})"
_T = TypeVar("_T")
#: A pod, and the ConfigMap and key of its backend.
_Pod: TypeAlias = tuple[NodePod | None, tuple[str, str] | None]


@dataclass(frozen=True, slots=True)
class Collected:
    """What the API server has.

    Attributes:
        hosts: The nodes that a BIRD is meant to run on, in the API server's order.
        nodes: All Nodes.
        nodes_text: The same as JSON, of each what concerns BGP and its addresses.
        pods: All calico-node pods.
        api_group: Where the resources came from; None when there are none.
        texts: (file name, JSON) of each kind of resource, Nodes among them; empty when there are none.
        resources_failure: Why there are no resources, None when there are.
        pods_listed: Whether the pods could be listed.
        statuses: CalicoNodeStatus objects, whole.
        listed_at: Our clock when these were listed (aware).
        not_read: What could not be read.
    """

    hosts: tuple[Host, ...]
    nodes: tuple[KubernetesNode, ...]
    nodes_text: str
    pods: tuple[NodePod, ...]
    api_group: str | None
    texts: tuple[tuple[str, str], ...]
    resources_failure: APIError | None
    pods_listed: bool
    statuses: tuple[dict[str, Any], ...]
    listed_at: datetime
    not_read: tuple[NotRead, ...]

    @property
    def has_calico(self) -> bool:
        """Whether anything of Calico is in this cluster, as far as it could be seen."""
        nothing_there = self.resources_failure is not None and self.resources_failure.status == NOT_FOUND
        return bool(self.pods) or not self.pods_listed or not nothing_there


async def collect(api: API, source: str | None) -> Collected:
    """Read all lists, several at a time.

    Args:
        api: An open connection.
        source: How to call the cluster in messages: the context's name.

    Raises:
        APIError: The Nodes could not be listed.
    """
    missing: list[NotRead] = []
    items, (pods_and_backends, listed) = await asyncio.gather(
        api.list("/api/v1/nodes", keep=kept_node), _pods(api, missing)
    )
    states = {state.name: (state, item) for item in items if (state := node_of(item)) is not None}
    if len(states) < len(items):
        number = len(items) - len(states)
        missing.append(NotRead(f"{number} Nodes", "they have a name that Kubernetes does not allow, or one name twice"))
    pods, group_read = await _with_backends(api, pods_and_backends, missing)
    group, lists, failure = await _resources(api, group_read, missing)
    listed_at = datetime.now(UTC)
    nodes_text = _text([resource_of(item) for _, item in states.values()])
    texts: tuple[tuple[str, str], ...] = ()
    if failure is None:
        set_in = await autodetection_of(api, {pod.namespace for pod in pods if pod.runs_bird}, missing)
        texts = (*_texts(lists), ("nodes.json", nodes_text), ("autodetection.json", _text(set_in)))
    hosts = tuple(host_of(item, source) for state, item in states.values() if state.without_bird is None)
    return Collected(
        hosts=hosts,
        nodes=tuple(sorted((state for state, _ in states.values()), key=lambda state: state.name)),
        nodes_text=nodes_text,
        pods=pods,
        api_group=group,
        texts=texts,
        resources_failure=failure,
        pods_listed=listed,
        statuses=tuple(lists.get("caliconodestatuses", ())),
        listed_at=listed_at,
        not_read=tuple(missing),
    )


async def _pods(api: API, missing: list[NotRead]) -> tuple[list[_Pod], bool]:
    """The pods of all namespaces, or where that is forbidden of the usual ones; and whether what lacks is missing.

    A DaemonSet has all its pods in one namespace: where none is found in those that may be listed, it is in another.
    """
    try:
        return await api.list("/api/v1/pods", selector=_SELECTOR, keep=_kept_pod), True
    except APIError as error:
        if error.status != FORBIDDEN:
            missing.append(NotRead("the calico-node pods", str(error)))
            return [], False
    pods: list[_Pod] = []
    refused = []
    for namespace in NAMESPACES:
        path = f"/api/v1/namespaces/{namespace}/pods"
        try:
            pods += await api.list(path, selector=_SELECTOR, keep=_kept_pod)
        except APIError as error:
            refused.append(f"{namespace}: {error}")
    has_pods = any(pod is not None for pod, _ in pods)
    if not has_pods:
        empty = f"none is in {' or '.join(NAMESPACES)}, and other namespaces may not be listed"
        missing.append(NotRead("the calico-node pods", "; ".join(refused) or empty))
    return pods, has_pods


async def successor_of(api: API, pod: NodePod) -> NodePod | None:
    """The calico-node pod that is now on the node of one that was there; None where there is none.

    Raises:
        APIError: The pods could not be listed.
    """
    path, fields = f"/api/v1/namespaces/{pod.namespace}/pods", f"spec.nodeName={pod.node}"
    pods = [
        kept_pod for kept_pod, _ in await api.list(path, selector=_SELECTOR, fields=fields, keep=_kept_pod) if kept_pod
    ]
    newest = KubernetesState(pods=tuple(pods)).pods_by_node.get(pod.node or "")
    return None if newest is None else replace(newest, backend=newest.backend or pod.backend)


def _kept_pod(item: dict[str, Any]) -> _Pod:
    # At once: with its volumes and managed fields a pod is 20 kB.
    return pod_of(item), backend_key(item)


async def _with_backends(api: API, items: list[_Pod], missing: list[NotRead]) -> tuple[tuple[NodePod, ...], str | None]:
    """The pods with their backend, which may stand in a ConfigMap; and the group that they read, where they say it."""
    pods = []
    read: dict[tuple[str, str, str], str | None] = {}
    for pod, reference in items:
        if pod is None:
            continue
        if pod.backend is None and reference is not None:
            where = (pod.namespace, *reference)
            if where not in read:
                read[where] = await _value(api, *where, missing)
            pods.append(replace(pod, backend=read[where]))
        else:
            pods.append(pod)
    groups = Counter(pod.api_group for pod in pods if pod.api_group in (V3, CRD))
    return (
        tuple(sorted(pods, key=lambda pod: (pod.namespace, pod.name))),
        groups.most_common(1)[0][0] if groups else None,
    )


async def _value(api: API, namespace: str, name: str, key: str, missing: list[NotRead]) -> str | None:
    try:
        data = (await api.get(f"/api/v1/namespaces/{namespace}/configmaps/{name}")).get("data")
    except APIError as error:
        missing.append(NotRead("whether BIRD is meant to run", f"ConfigMap {namespace}/{name}: {error}"))
        return None
    value = data.get(key) if isinstance(data, dict) else None
    return value[:60] if isinstance(value, str) else None


async def _resources(
    api: API, group_read: str | None, missing: list[NotRead]
) -> tuple[str | None, dict[str, list[dict[str, Any]]], APIError | None]:
    """Calico's resources: of the group that calico-node reads, else of Calico's API where it answers, else CRDs."""
    groups = [group_read] if group_read is not None else [V3, CRD]
    last: APIError | None = None
    for group in groups:
        try:
            kept_lists, refused = await _lists_of(api, group)
        except APIError as error:
            if len(groups) > 1 and group == V3 and error.status != NOT_FOUND:
                missing.append(NotRead("resources of projectcalico.org/v3", f"{error}; read were the CRDs instead"))
            last = error if last is None or error.status != NOT_FOUND else last
            continue
        missing.extend(refused)
        return group, kept_lists, None
    if last is not None and last.status == NOT_FOUND:
        return (
            None,
            {},
            APIError(
                "this cluster has none of Calico's resources: Calico is not installed in it, or keeps them in etcd",
                "with etcd, give them as files with --resources: calicoctl get nodes -o yaml, and bgppeers,"
                " bgpconfigurations, ippools",
                NOT_FOUND,
            ),
        )
    return None, {}, last


async def _lists_of(api: API, group: str) -> tuple[dict[str, list[dict[str, Any]]], list[NotRead]]:
    """The resources of one group by kind, and the kinds that could not be listed.

    Raises:
        APIError: A kind without which nothing can be judged could not be listed.
    """
    kept_lists: dict[str, list[dict[str, Any]]] = {}
    refused: list[NotRead] = []
    results = await asyncio.gather(*(_attempt(_list(api, group, name)) for name in KINDS))
    for kind, result in zip(KINDS, results, strict=True):
        if not isinstance(result, APIError):
            kept_lists[kind] = result
        elif kind in _NEEDED:
            raise result
        elif result.status != NOT_FOUND:
            refused.append(NotRead(_ABOUT[kind], f"{kind} could not be listed: {result}"))
    return kept_lists, refused


async def _list(api: API, group: str, name: str) -> list[dict[str, Any]]:
    def keep(item: dict[str, Any]) -> dict[str, Any]:
        whole = {"apiVersion": group, "kind": KINDS[name], **item}
        # These are what calico-node says, not what it is told: their status is all there is to them.
        return whole if name in _OUTPUTS else dict(kept(whole))

    return await api.list(f"/apis/{group}/{name}", keep=keep)


async def _attempt(call: Awaitable[_T]) -> _T | APIError:
    try:
        return await call
    except APIError as error:
        return error


def _texts(lists: dict[str, list[dict[str, Any]]]) -> tuple[tuple[str, str], ...]:
    return tuple((f"{name}.json", _text(items)) for name, items in lists.items() if name not in _OUTPUTS)


def _text(items: list[dict[str, Any]]) -> str:
    return as_text({"apiVersion": "v1", "kind": "List", "items": items})
