"""Nodes and calico-node pods of the Kubernetes API: objects in, values out. Asks nothing.

Whatever field is missing or of another type than Kubernetes gives it is taken as not said: an object comes from a
server, and one that is odd must not end the reading of the others.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from calico_bgp.model.inventory import Host
from calico_bgp.model.kubernetes import KubernetesNode, NodePod, PodKind
from calico_bgp.parse.kubernetes_node import annotated, node_without_bird
from calico_bgp.parse.untyped import as_list, as_mapping
from calico_bgp.sources.resources.kept import kept
from calico_bgp.upstream import APP_LABEL, BACKEND, CALICO_NODE, REVISION_LABEL

#: Kubernetes allows no other names (k8s.io/apimachinery/pkg/util/validation IsDNS1123Subdomain).
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_API_GROUP = "CALICO_API_GROUP"
#: What `kept_node` adds to a Node.
_OURS = frozenset({"ready", "cordoned", "taints", "without_bird"})
_MOST_TAINTS = 20


def kept_node(item: dict[str, Any]) -> dict[str, Any]:
    """Of a Node what says something of BGP, and whether a calico-node is to be expected there."""
    spec, status = as_mapping(item.get("spec")), as_mapping(item.get("status"))
    return dict(kept({"apiVersion": "v1", "kind": "Node", **item})) | {
        "ready": _condition(status, "Ready"),
        "cordoned": spec.get("unschedulable") is True,
        "taints": tuple(
            taint for entry in as_list(spec.get("taints"))[:_MOST_TAINTS] if (taint := _taint(as_mapping(entry)))
        ),
        "without_bird": node_without_bird(_name(item) or "", item),
    }


def node_of(item: dict[str, Any]) -> KubernetesNode | None:
    """A Node that `kept_node` gave; None when its name is none that a Node can have."""
    name = _name(item)
    if name is None:
        return None
    state = {key: item[key] for key in _OURS}
    return KubernetesNode(name=name, **state)


def host_of(item: dict[str, Any], source: str | None) -> Host:
    """A Node as a host of the inventory: its name and its BGP addresses."""
    metadata = as_mapping(item.get("metadata"))
    name = str(metadata.get("name"))
    addresses = annotated(as_mapping(metadata.get("annotations"))).addresses
    return Host(name, node=name, addresses=addresses, source=source)


def resource_of(item: dict[str, Any]) -> dict[str, Any]:
    """The Node as it is saved beside Calico's resources."""
    return {key: value for key, value in item.items() if key not in _OURS}


def pod_of(item: dict[str, Any]) -> NodePod | None:
    """A pod; None when it is not one of Calico's, or its names are none that Kubernetes allows."""
    metadata, spec, status = (as_mapping(item.get(key)) for key in ("metadata", "spec", "status"))
    name, namespace = _name(item), metadata.get("namespace")
    kind = _text(as_mapping(metadata.get("labels")).get(APP_LABEL), 60)
    if name is None or kind not in set(PodKind) or not isinstance(namespace, str) or not _NAME.fullmatch(namespace):
        return None
    node = spec.get("nodeName")
    container = next(
        (
            as_mapping(entry)
            for entry in as_list(status.get("containerStatuses"))
            if as_mapping(entry).get("name") == CALICO_NODE
        ),
        {},
    )
    state = as_mapping(container.get("state"))
    stopped = as_mapping(state.get("waiting")) or as_mapping(state.get("terminated"))
    restarts = container.get("restartCount")
    ended = as_mapping(as_mapping(container.get("lastState")).get("terminated"))
    return NodePod(
        kind=PodKind(kind),
        namespace=namespace,
        name=name,
        node=node if isinstance(node, str) and _NAME.fullmatch(node) else None,
        phase=str(status.get("phase") or "Unknown")[:20],
        ready=_condition(status, "Ready"),
        running=("running" in state) if state else None,
        restarts=restarts if type(restarts) is int and restarts >= 0 else 0,
        reason=_text(stopped.get("reason"), 60) or _text(status.get("reason"), 60),
        message=_text(stopped.get("message"), 300) or _text(status.get("message"), 300) or _unscheduled(status),
        started_at=_time(as_mapping(state.get("running")).get("startedAt")),
        deleting=metadata.get("deletionTimestamp") is not None,
        backend=_variable(spec, BACKEND),
        api_group=_variable(spec, _API_GROUP),
        revision=_text(as_mapping(metadata.get("labels")).get(REVISION_LABEL), 60),
        last_ended=_text(ended.get("reason"), 60),
        last_ran=_seconds(_time(ended.get("startedAt")), _time(ended.get("finishedAt"))),
    )


def _seconds(begun: datetime | None, ended: datetime | None) -> int | None:
    return None if begun is None or ended is None else max(0, round((ended - begun).total_seconds()))


def backend_key(item: dict[str, Any]) -> tuple[str, str] | None:
    """The ConfigMap and the key from which a pod takes its backend (manifests/calico.yaml), None when from none."""
    for entry in _environment(as_mapping(item.get("spec"))):
        reference = as_mapping(as_mapping(entry.get("valueFrom")).get("configMapKeyRef"))
        name, key = reference.get("name"), reference.get("key")
        if entry.get("name") == BACKEND and isinstance(name, str) and _NAME.fullmatch(name) and isinstance(key, str):
            return name, key
    return None


def _environment(spec: dict[str, Any]) -> list[dict[str, Any]]:
    containers = [as_mapping(entry) for entry in as_list(spec.get("containers"))]
    own = next((entry for entry in containers if entry.get("name") == CALICO_NODE), {})
    return [as_mapping(entry) for entry in as_list(own.get("env"))]


def _variable(spec: dict[str, Any], name: str) -> str | None:
    return next((_text(entry.get("value"), 60) for entry in _environment(spec) if entry.get("name") == name), None)


def _condition(status: dict[str, Any], kind: str) -> bool | None:
    for entry in as_list(status.get("conditions")):
        if as_mapping(entry).get("type") == kind:
            return {"True": True, "False": False}.get(str(as_mapping(entry).get("status")))
    return None


def _unscheduled(status: dict[str, Any]) -> str | None:
    for entry in as_list(status.get("conditions")):
        if as_mapping(entry).get("type") == "PodScheduled" and as_mapping(entry).get("status") == "False":
            return _text(as_mapping(entry).get("message"), 300)
    return None


def _taint(entry: dict[str, Any]) -> str | None:
    key, value, effect = (_text(entry.get(field), 300) for field in ("key", "value", "effect"))
    return None if key is None else f"{key}{f'={value}' if value else ''}{f':{effect}' if effect else ''}"


def _time(value: Any) -> datetime | None:
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return time if time is not None and time.tzinfo is not None else None


def _name(item: dict[str, Any]) -> str | None:
    name = as_mapping(item.get("metadata")).get("name")
    return name if isinstance(name, str) and _NAME.fullmatch(name) else None


def _text(value: Any, most: int) -> str | None:
    return value[:most] if isinstance(value, str) and value else None
