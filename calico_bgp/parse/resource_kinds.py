"""One resource's fields to its value in model.resources: which field goes where, and what Calico makes of odd ones."""

from __future__ import annotations

import json
from typing import Any

from calico_bgp.model.peer import Address, Family
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, CalicoNode, FieldLine, IPPool, YAMLTag
from calico_bgp.parse.addresses import go_address
from calico_bgp.parse.resource_fields import MAX_AS, Fields, parse_as_number

_INTERNAL = "InternalIP"
#: What Calico stores on a Kubernetes Node (libcalico-go/lib/backend/k8s/resources/node.go).
_IPV4 = "projectcalico.org/IPv4Address"
_IPV6 = "projectcalico.org/IPv6Address"
_AS_NUMBER = "projectcalico.org/ASNumber"
_CLUSTER_ID = "projectcalico.org/RouteReflectorClusterID"
_LABELS = "projectcalico.org/labels"
_METADATA = "projectcalico.org/metadata"
#: How Calico stores its resources in Kubernetes, what its API leaves on them, and what `kubectl apply` does.
_STORED_FORM = "crd.projectcalico.org/"
_METADATA = "projectcalico.org/metadata"
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def calico_node(name: str, fields: Fields, api_version: str) -> CalicoNode:
    """A projectcalico.org/v3 Node."""
    bgp = fields.inner("spec").inner("bgp")
    return CalicoNode(
        name=name,
        labels=_sorted(fields.inner("metadata").labels("labels")),
        ipv4=node_address(bgp.text("ipv4Address"), Family.IPV4),
        ipv6=node_address(bgp.text("ipv6Address"), Family.IPV6),
        as_number=bgp.as_number("asNumber"),
        cluster_id=bgp.text("routeReflectorClusterID"),
        internal_ips=_internal_ips(fields.inner("spec")),
        place=fields.raw.place,
        api_version=api_version,
    )


def kubernetes_node(name: str, fields: Fields, api_version: str) -> CalicoNode:
    """A Kubernetes v1 Node, which Calico reads as its own: labels, and annotations that it wrote there."""
    metadata = fields.inner("metadata")
    annotations = metadata.labels("annotations")
    as_number = parse_as_number(annotations.get(_AS_NUMBER))
    cluster_id = annotations.get(_CLUSTER_ID, "")
    return CalicoNode(
        name=name,
        labels=_sorted(_own_labels(annotations.get(_LABELS)) | metadata.labels("labels")),
        # An annotation that is not what it should be is ignored (node.go getAnnotation).
        ipv4=node_address(annotations.get(_IPV4), Family.IPV4),
        ipv6=node_address(annotations.get(_IPV6), Family.IPV6),
        as_number=as_number if as_number is not None and as_number <= MAX_AS else None,
        cluster_id=cluster_id if node_address(cluster_id, Family.IPV4) is not None else None,
        internal_ips=_internal_ips(fields.inner("status")),
        place=fields.raw.place,
        api_version=api_version,
    )


def bgp_peer(name: str, fields: Fields, api_version: str) -> BGPPeer:
    """A BGPPeer."""
    spec = fields.inner("spec")
    return BGPPeer(
        name=name,
        node=spec.text("node"),
        node_selector=spec.text("nodeSelector"),
        peer_ip=spec.text("peerIP"),
        peer_selector=spec.text("peerSelector"),
        as_number=spec.as_number("asNumber") or None,
        local_as_number=spec.as_number("localASNumber") or None,
        local_workload_selector=spec.text("localWorkloadSelector"),
        reverse_peering=spec.text("reversePeering"),
        keep_original_next_hop=spec.flag("keepOriginalNextHop") or False,
        next_hop_mode=spec.text("nextHopMode"),
        num_allowed_local_as_numbers=spec.number("numAllowedLocalASNumbers", 0, 2**31 - 1),
        source_address=spec.text("sourceAddress"),
        reachable_by=spec.text("reachableBy"),
        max_restart_time=spec.text("maxRestartTime"),
        ttl_security=spec.number("ttlSecurity", 0, 255),
        has_password=spec.inner("password").has("secretKeyRef"),
        filters=spec.texts("filters"),
        tags=_tags(spec),
        lines=_lines(fields, spec),
        place=fields.raw.place,
        api_version=api_version,
        by_hand=_is_by_hand(fields, api_version),
    )


def bgp_configuration(name: str, fields: Fields, api_version: str) -> BGPConfiguration:
    """A BGPConfiguration."""
    spec = fields.inner("spec")
    return BGPConfiguration(
        name=name,
        as_number=spec.as_number("asNumber"),
        node_to_node_mesh_enabled=spec.flag("nodeToNodeMeshEnabled"),
        listen_port=spec.number("listenPort", 0, 65_535) or None,
        node_mesh_max_restart_time=spec.text("nodeMeshMaxRestartTime"),
        has_node_mesh_password=spec.inner("nodeMeshPassword").has("secretKeyRef"),
        program_cluster_routes=spec.text("programClusterRoutes"),
        tags=_tags(spec),
        lines=_lines(fields, spec),
        place=fields.raw.place,
        api_version=api_version,
        by_hand=_is_by_hand(fields, api_version),
    )


def ip_pool(name: str, fields: Fields, api_version: str) -> IPPool:
    """An IPPool."""
    spec = fields.inner("spec")
    cidr = spec.text("cidr")
    if cidr is None:
        spec.wrong("cidr", "a CIDR, such as 10.244.0.0/16")
    return IPPool(
        name=name,
        cidr=cidr or "",
        ipip_mode=spec.text("ipipMode"),
        vxlan_mode=spec.text("vxlanMode"),
        disabled=spec.flag("disabled") or False,
        disable_bgp_export=spec.flag("disableBGPExport") or False,
        node_selector=spec.text("nodeSelector"),
        place=fields.raw.place,
        api_version=api_version,
        by_hand=_is_by_hand(fields, api_version),
    )


def node_address(text: str | None, family: Family) -> Address | None:
    """The address before `/`; None for what is absent or no address of the family, which is the same to Calico."""
    if not text:
        return None
    address = go_address(text.partition("/")[0])
    return address if address is not None and (address.version == 4) is (family is Family.IPV4) else None


def _is_by_hand(fields: Fields, api_version: str) -> bool:
    """Whether it is Calico's stored form, but did not come through Calico's API, which leaves an annotation.

    libcalico-go/lib/backend/k8s/resources/resources.go. What has a UID and no trace of `kubectl apply` may be the
    operator's, which writes that form, too.
    """
    metadata = fields.inner("metadata")
    annotations = metadata.labels("annotations")
    if not api_version.startswith(_STORED_FORM) or _METADATA in annotations:
        return False
    return not metadata.has("uid") or _APPLIED in annotations


def _internal_ips(fields: Fields) -> tuple[Address, ...]:
    found = []
    for entry in fields.items("addresses"):
        if entry.text("type") == _INTERNAL:
            address = go_address((entry.text("address") or "").partition("/")[0])
            if address is not None:
                found.append(address)
    return tuple(found)


def _own_labels(text: str | None) -> dict[str, str]:
    """Calico's own labels, which it keeps as JSON in an annotation; the Kubernetes Node's stand over them."""
    if not text:
        return {}
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _by_hand(fields: Fields, api_version: str) -> bool:
    """Whether a datastore object lacks what Calico's API writes into it (backend/k8s/resources/resources.go)."""
    annotations = fields.inner("metadata").labels("annotations")
    return api_version.startswith("crd.") and _METADATA not in annotations


def _sorted(labels: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(labels.items()))


def _tags(spec: Fields) -> tuple[YAMLTag, ...]:
    return spec.tags()


def _lines(fields: Fields, spec: Fields) -> tuple[FieldLine, ...]:
    return (*fields.inner("metadata").lines(), *spec.lines())
