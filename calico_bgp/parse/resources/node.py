"""Nodes, Calico's own and Kubernetes', as Calico sees them. No other kind."""

from __future__ import annotations

import json
from dataclasses import replace

from calico_bgp.model.peer import Address
from calico_bgp.model.resources import CalicoNode
from calico_bgp.parse.addresses import cidr_or_address
from calico_bgp.parse.kubernetes_node import annotated, bgp_address, prefix_of, taints
from calico_bgp.parse.resources.fields import Resource, Section
from calico_bgp.parse.resources.raw import whole_characters
from calico_bgp.parse.status.nodes_without_bird import why_without_bird
from calico_bgp.upstream import INTERNAL_IP, OWN_LABELS


def calico_node(resource: Resource) -> CalicoNode:
    """A projectcalico.org/v3 Node (libcalico-go/lib/apis/v3/node.go); worth nothing when `resource.is_broken`.

    An address that does not parse is none (libcalico-go/lib/backend/syncersv1/updateprocessors/bgpnodeprocessor.go).
    """
    spec = resource.spec()
    bgp = spec.section("bgp")
    labels = resource.metadata.labels("labels")
    return CalicoNode(
        name=resource.name or "",
        labels=_sorted(labels),
        ipv4=bgp_address(bgp.text("ipv4Address"), 4),
        ipv6=bgp_address(bgp.text("ipv6Address"), 6),
        as_number=bgp.as_number("asNumber"),
        cluster_id=bgp.text("routeReflectorClusterID"),
        internal_ips=_internal_ips(spec),
        place=resource.place,
        api_version=resource.api_version,
        ipv4_prefix=prefix_of(bgp.text("ipv4Address")),
        ipv6_prefix=prefix_of(bgp.text("ipv6Address")),
        without_bird=why_without_bird(resource.name or "", labels=labels),
    )


def kubernetes_node(resource: Resource) -> CalicoNode:
    """A Kubernetes Node as Calico reads it (libcalico-go/lib/backend/k8s/resources/node.go K8sNodeToCalico).

    An annotation that is not valid is ignored, as there.
    """
    metadata = resource.metadata
    annotations = metadata.labels("annotations")
    labels = metadata.labels("labels")
    name = resource.name or ""
    read = annotated(annotations)
    keys = taints(resource.raw.value.get("spec"))
    return CalicoNode(
        name=name,
        labels=_sorted({**_own_labels(annotations.get(OWN_LABELS)), **labels}),
        ipv4=read.ipv4,
        ipv6=read.ipv6,
        as_number=read.as_number,
        cluster_id=read.cluster_id,
        internal_ips=_internal_ips(resource.root.section("status")),
        ignored_annotations=read.ignored,
        place=resource.place,
        api_version=resource.api_version,
        ipv4_prefix=read.ipv4_prefix,
        ipv6_prefix=read.ipv6_prefix,
        without_bird=why_without_bird(name, labels=labels, annotations=annotations, taints=keys),
    )


def merged(own: CalicoNode, kubernetes: CalicoNode) -> CalicoNode:
    """One node out of Calico's Node and Kubernetes' of the same name.

    In a Kubernetes datastore the one is made of the other. With etcd, Calico's has the addresses, and kube-controllers
    copies the labels of Kubernetes' over its own.
    """
    has_bgp = any((own.ipv4, own.ipv6, own.as_number is not None, own.cluster_id))
    bgp = own if has_bgp else kubernetes
    return replace(
        own,
        labels=_sorted({**dict(own.labels), **dict(kubernetes.labels)}),
        ipv4=bgp.ipv4,
        ipv6=bgp.ipv6,
        ipv4_prefix=bgp.ipv4_prefix,
        ipv6_prefix=bgp.ipv6_prefix,
        as_number=bgp.as_number,
        cluster_id=bgp.cluster_id,
        internal_ips=kubernetes.internal_ips or own.internal_ips,
        ignored_annotations=kubernetes.ignored_annotations,
        without_bird=kubernetes.without_bird or own.without_bird,
    )


def _sorted(labels: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(labels.items()))


def _own_labels(text: str | None) -> dict[str, str]:
    """The labels that Calico keeps in an annotation; Go reads a mapping of texts or nothing at all."""
    if not text:
        return {}
    try:
        labels = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(labels, dict) or not all(isinstance(value, str | None) for value in labels.values()):
        return {}
    return {whole_characters(key): whole_characters(value or "") for key, value in labels.items()}


def _internal_ips(section: Section) -> tuple[Address, ...]:
    addresses = []
    for entry in section.sections("addresses"):
        if entry.text("type") == INTERNAL_IP:
            address = cidr_or_address(entry.text("address") or "")
            if address is not None:
                addresses.append(address[0])
    return tuple(addresses)
