"""Reads where this cluster tells calico-node how to find its address: the Installation, else the DaemonSet. No more.

Nothing of BGP rests on it; a fix for a wrong address names the place. Of both objects only those settings are kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from calico_bgp.model.kubernetes import NotRead
from calico_bgp.parse.untyped import as_list, as_mapping
from calico_bgp.sources.kubernetes.connection.api import API
from calico_bgp.sources.kubernetes.connection.errors import NOT_FOUND, APIError
from calico_bgp.upstream import CALICO_NODE

_OPERATOR = "operator.tigera.io/v1"
_APPS = "apps/v1"
_WHAT = "where calico-node is told how to find its addresses"
#: tigera/operator api/v1 CalicoNetworkSpec.
_FIELDS = ("nodeAddressAutodetectionV4", "nodeAddressAutodetectionV6")
#: calico-node's environment (node/pkg/lifecycle/startup).
_VARIABLES = ("IP_AUTODETECTION_METHOD", "IP6_AUTODETECTION_METHOD")


async def autodetection_of(api: API, namespaces: Iterable[str], missing: list[NotRead]) -> list[dict[str, Any]]:
    """The Installation, or where there is none the DaemonSet of calico-node, as resources.

    Args:
        api: An open connection.
        namespaces: Where calico-node runs.
        missing: Gets what was refused.
    """
    try:
        installations = await api.list(f"/apis/{_OPERATOR}/installations", keep=_installation)
    except APIError as error:
        _note(error, "installations.operator.tigera.io", missing)
        installations = []
    if installations:
        return installations
    daemon_sets = []
    for namespace in sorted(namespaces):
        path = f"/apis/{_APPS}/namespaces/{namespace}/daemonsets/{CALICO_NODE}"
        try:
            daemon_sets.append(_daemon_set(await api.get(path), namespace))
        except APIError as error:
            _note(error, f"DaemonSet {namespace}/{CALICO_NODE}", missing)
    return daemon_sets


def _note(error: APIError, what: str, missing: list[NotRead]) -> None:
    if error.status != NOT_FOUND:
        missing.append(NotRead(_WHAT, f"{what}: {error}"))


def _installation(item: dict[str, Any]) -> dict[str, Any]:
    network = as_mapping(as_mapping(item.get("spec")).get("calicoNetwork"))
    fields = {field: network[field] for field in _FIELDS if field in network}
    metadata = {"name": as_mapping(item.get("metadata")).get("name")}
    return {
        "apiVersion": _OPERATOR,
        "kind": "Installation",
        "metadata": metadata,
        "spec": {"calicoNetwork": fields},
    }


def _daemon_set(item: dict[str, Any], namespace: str) -> dict[str, Any]:
    owners = as_list(as_mapping(item.get("metadata")).get("ownerReferences"))
    pod = as_mapping(as_mapping(as_mapping(item.get("spec")).get("template")).get("spec"))
    own = [one for one in map(as_mapping, as_list(pod.get("containers"))) if one.get("name") == CALICO_NODE]
    environment = [
        {"name": entry["name"], "value": entry.get("value")}
        for container in own
        for entry in map(as_mapping, as_list(container.get("env")))
        if entry.get("name") in _VARIABLES
    ]
    return {
        "apiVersion": _APPS,
        "kind": "DaemonSet",
        "metadata": {
            "name": CALICO_NODE,
            "namespace": namespace,
            "ownerReferences": [{"kind": as_mapping(owner).get("kind")} for owner in owners],
        },
        "spec": {"template": {"spec": {"containers": [{"name": CALICO_NODE, "env": environment}]}}},
    }
