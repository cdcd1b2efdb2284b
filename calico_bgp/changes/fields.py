"""What a resource says under `spec`, by Calico's names of its fields; as it would be written. No command, no change.

A Node's fields are those under `spec.bgp`; Kubernetes' Nodes have them as annotations (libcalico-go/lib/backend/k8s/
resources/node.go). Only what decides about BGP is known here, so what is there is patched and never replaced.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from calico_bgp.changes.ask import Ask, Secret
from calico_bgp.model.resources import ResourceKind

#: A value as JSON holds it, with an Ask where somebody is asked for it; None where the field is not there.
Written: TypeAlias = Any

_NODE = {"as_number": "asNumber", "cluster_id": "routeReflectorClusterID"}
#: Field of model.resources → Calico's name of it, in the order of a manifest (api/pkg/apis/projectcalico/v3).
_SPECS = {
    ResourceKind.BGP_PEER: {
        "node": "node",
        "node_selector": "nodeSelector",
        "peer_ip": "peerIP",
        "as_number": "asNumber",
        "peer_selector": "peerSelector",
        "local_as_number": "localASNumber",
        "local_workload_selector": "localWorkloadSelector",
        "reverse_peering": "reversePeering",
        "source_address": "sourceAddress",
        "reachable_by": "reachableBy",
        "max_restart_time": "maxRestartTime",
        "ttl_security": "ttlSecurity",
        "next_hop_mode": "nextHopMode",
        "keep_original_next_hop": "keepOriginalNextHop",
        "num_allowed_local_as_numbers": "numAllowedLocalASNumbers",
        "has_password": "password",
        "filters": "filters",
    },
    ResourceKind.BGP_CONFIGURATION: {
        "as_number": "asNumber",
        "node_to_node_mesh_enabled": "nodeToNodeMeshEnabled",
        "listen_port": "listenPort",
        "node_mesh_max_restart_time": "nodeMeshMaxRestartTime",
        "has_node_mesh_password": "nodeMeshPassword",
        "program_cluster_routes": "programClusterRoutes",
    },
    ResourceKind.IP_POOL: {
        "cidr": "cidr",
        "ipip_mode": "ipipMode",
        "vxlan_mode": "vxlanMode",
        "disabled": "disabled",
        "disable_bgp_export": "disableBGPExport",
        "node_selector": "nodeSelector",
    },
}
_PASSWORDS = frozenset({"has_password", "has_node_mesh_password"})
#: Flags of which false is not what they are where nothing is written.
_FALSE_COUNTS = frozenset({"node_to_node_mesh_enabled"})
#: Where a password is that some resource has, and that is not known here.
SECRET = Secret(
    Ask("SECRET_NAME", "the name of the Secret that holds the password", "-"),
    Ask("SECRET_KEY", "the key in it under which the password stands", "-"),
)


def spec_of(kind: ResourceKind, resource: Any, asked: dict[str, Any]) -> dict[str, Written]:
    """Every field that is known here.

    Args:
        kind: The kind.
        resource: It, of model.resources.
        asked: Field → what stands in its place, where a change asks for it or names a Secret.
    """

    def value(field: str) -> Any:
        return asked.get(field, getattr(resource, field))

    if kind is ResourceKind.NODE:
        addresses = {f"{name}Address": _address(value(name), value(f"{name}_prefix")) for name in ("ipv4", "ipv6")}
        return addresses | {calico: value(field) for field, calico in _NODE.items()}
    return {calico: _written(field, value(field)) for field, calico in _SPECS[kind].items()}


def asks_in(value: Written) -> Iterator[Ask[Any]]:
    """What is asked for in a value, in order."""
    if isinstance(value, Ask):
        yield value
    elif isinstance(value, Parts):
        yield from (part for part in value if isinstance(part, Ask))
    elif isinstance(value, dict):
        for each in value.values():
            yield from asks_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from asks_in(each)


class Parts(tuple[Any, ...]):
    """A text of several values, some of which may be asked for."""

    __slots__ = ()

    def __str__(self) -> str:
        return "".join(map(str, self))


def _address(address: Any, prefix: Any) -> Written:
    """An address as Calico writes it, with its prefix length where that is known."""
    if address is None:
        return None
    parts = (address,) if prefix is None else (address, "/", prefix)
    text = Parts(part if isinstance(part, Ask) else str(part) for part in parts)
    return text if any(asks_in(text)) else str(text)


def _written(field: str, value: Any) -> Written:
    if field in _PASSWORDS and value:
        secret = value if isinstance(value, Secret) else SECRET
        return {"secretKeyRef": {"name": secret.name, "key": secret.key}}
    if value is False and field not in _FALSE_COUNTS:
        return None
    return (list(value) or None) if isinstance(value, tuple) else value
