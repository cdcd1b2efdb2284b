"""What the user may do in the cluster, asked before it is tried, and the role that gives what is missing.

Exec over WebSocket is an HTTP GET: before Kubernetes v1.35 RBAC asks for `get` on pods/exec, from then on for `create`
too (KEP-4006). Both are asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, NamedTuple

from calico_bgp.sources.kubernetes.connection.api import API
from calico_bgp.sources.kubernetes.connection.errors import APIError
from calico_bgp.upstream import CALICO_GROUP, CALICO_NODE, CRD_GROUP

_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_CALICO = (CALICO_GROUP, CRD_GROUP)
_RESOURCES = (
    "bgppeers",
    "bgpconfigurations",
    "bgpfilters",
    "ippools",
    "blockaffinities",
    "caliconodestatuses",
    "felixconfigurations",
)
_NAME = "calico-bgp-reader"
_READ = ("get", "list")
#: Where Calico's operator and its manifests put calico-node (operator: pkg/common/common.go).
NAMESPACES = ("calico-system", "kube-system")
_RBAC = "rbac.authorization.k8s.io"


class Right(NamedTuple):
    """A rule of RBAC."""

    verb: str
    resource: str
    subresource: str = ""
    namespace: str = ""

    def __str__(self) -> str:
        what = f"{self.resource}/{self.subresource}" if self.subresource else self.resource
        where = f" in the namespace {self.namespace}" if self.namespace else ""
        return f"{self.verb} {what}{where}"


async def missing_exec(api: API, namespaces: Iterable[str]) -> tuple[Right, ...] | None:
    """Which rights to run commands in pods the user lacks, of the namespaces in which no server would allow it.

    Who has one of the two verbs may try: which of them counts is for the server to say.

    Returns:
        None where the server does not say.
    """
    spaces = sorted(set(namespaces))
    rights = [tuple(Right(verb, "pods", "exec", space) for verb in ("get", "create")) for space in spaces]
    try:
        allowed = await asyncio.gather(*(_allowed(api, right) for pair in rights for right in pair))
    except APIError:
        return None
    pairs = zip(rights, zip(allowed[::2], allowed[1::2], strict=True), strict=True)
    return tuple(right for pair, has in pairs if not any(has) for right in pair)


async def _allowed(api: API, right: Right) -> bool:
    attributes = {key: value for key, value in right._asdict().items() if value}
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    status = (await api.create(_REVIEWS, body)).get("status")
    allowed = status.get("allowed") if isinstance(status, dict) else None
    if not isinstance(allowed, bool):
        raise APIError("the API server does not say what the user may do")
    return allowed


def roles(namespaces: Iterable[str], *, with_exec: bool = True) -> list[dict[str, Any]]:
    """The ClusterRole, and a Role for each namespace of calico-node, that let calico_bgp read everything it reads.

    Args:
        namespaces: Where calico-node runs.
        with_exec: Whether pods may be asked. Exec in calico-node is root on the host: RBAC cannot restrict the command.
    """
    cluster = [
        {"apiGroups": [""], "resources": ["nodes"], "verbs": [*_READ]},
        {"apiGroups": list(_CALICO), "resources": list(_RESOURCES), "verbs": [*_READ]},
        {"apiGroups": ["operator.tigera.io"], "resources": ["installations"], "verbs": [*_READ]},
    ]
    inside: list[dict[str, Any]] = [
        {"apiGroups": [""], "resources": ["pods"], "verbs": [*_READ]},
        {"apiGroups": ["apps"], "resources": ["daemonsets"], "resourceNames": [CALICO_NODE], "verbs": ["get"]},
        {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["calico-config"], "verbs": ["get"]},
    ]
    if with_exec:
        inside.append({"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create", "get"]})
    documents = [_role("ClusterRole", {"name": _NAME}, cluster)]
    documents += [_role("Role", {"name": _NAME, "namespace": namespace}, inside) for namespace in namespaces]
    return documents


def bindings(namespaces: Iterable[str], subject: dict[str, str]) -> list[dict[str, Any]]:
    """Give the roles to somebody.

    Args:
        namespaces: As for `roles`.
        subject: A subject of RBAC: `kind`, `name` and what goes with them.
    """

    def binding(kind: str, metadata: dict[str, str]) -> dict[str, Any]:
        reference = {"apiGroup": _RBAC, "kind": kind, "name": _NAME}
        head = {"apiVersion": f"{_RBAC}/v1", "kind": f"{kind}Binding", "metadata": metadata}
        return {**head, "subjects": [subject], "roleRef": reference}

    inside = [binding("Role", {"name": _NAME, "namespace": namespace}) for namespace in namespaces]
    return [binding("ClusterRole", {"name": _NAME}), *inside]


def _role(kind: str, metadata: dict[str, str], rules: list[dict[str, Any]]) -> dict[str, Any]:
    return {"apiVersion": f"{_RBAC}/v1", "kind": kind, "metadata": metadata, "rules": rules}
