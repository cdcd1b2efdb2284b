"""A Kubernetes Node, read as Calico reads it: its annotations, and whether BIRD runs there. No other kinds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from calico_bgp.model.peer import Address
from calico_bgp.parse.addresses import cidr_or_address
from calico_bgp.parse.cluster_id import is_annotated_cluster_id
from calico_bgp.parse.resources.fields import read_as_number
from calico_bgp.parse.status.nodes_without_bird import why_without_bird
from calico_bgp.parse.untyped import as_list, as_mapping
from calico_bgp.upstream import AS_NUMBER, CLUSTER_ID, IPV4_ADDRESS, IPV6_ADDRESS


class Annotated(NamedTuple):
    """What Calico keeps in a Node's annotations; what is not valid counts as absent.

    Attributes:
        ipv4: The BGP address.
        ipv6: Likewise.
        ipv4_prefix: The prefix length that is written behind it; None when none is.
        ipv6_prefix: Likewise.
        as_number: The node's own.
        cluster_id: routeReflectorClusterID.
        ignored: (name, value) of the annotations that are not valid.
    """

    ipv4: Address | None
    ipv6: Address | None
    ipv4_prefix: int | None
    ipv6_prefix: int | None
    as_number: int | None
    cluster_id: str | None
    ignored: tuple[tuple[str, str], ...]

    @property
    def addresses(self) -> tuple[Address, ...]:
        """The addresses that there are."""
        return tuple(address for address in (self.ipv4, self.ipv6) if address is not None)


def annotated(annotations: Mapping[str, Any]) -> Annotated:
    """Read the annotations (libcalico-go/lib/backend/k8s/resources/node.go K8sNodeToCalico)."""
    names = (IPV4_ADDRESS, IPV6_ADDRESS, AS_NUMBER, CLUSTER_ID)
    texts = {name: text for name in names if isinstance(text := annotations.get(name), str)}
    ipv4, ipv6 = bgp_address(texts.get(IPV4_ADDRESS), 4), bgp_address(texts.get(IPV6_ADDRESS), 6)
    as_number = read_as_number(texts.get(AS_NUMBER, ""))
    cluster_id = texts.get(CLUSTER_ID)
    if cluster_id is not None and not is_annotated_cluster_id(cluster_id):
        cluster_id = None
    read = {IPV4_ADDRESS: ipv4, IPV6_ADDRESS: ipv6, AS_NUMBER: as_number, CLUSTER_ID: cluster_id}
    return Annotated(
        ipv4,
        ipv6,
        prefix_of(texts.get(IPV4_ADDRESS)),
        prefix_of(texts.get(IPV6_ADDRESS)),
        as_number,
        cluster_id,
        tuple((name, texts[name]) for name, value in read.items() if value is None and texts.get(name)),
    )


def bgp_address(text: str | None, version: int) -> Address | None:
    """The address of a family in `address/length` or `address`."""
    network = cidr_or_address(text) if text else None
    return network[0] if network is not None and network[0].version == version else None


def prefix_of(text: str | None) -> int | None:
    """The prefix length that is written behind an address."""
    network = cidr_or_address(text) if text and "/" in text else None
    return None if network is None else network[1]


def node_without_bird(name: str, node: Mapping[str, Any]) -> str | None:
    """Why a Node runs no calico-node with BIRD, None where nothing says so.

    Args:
        name: Its name.
        node: The object as Kubernetes gives it. Whatever is missing or of another type counts as not said.
    """
    metadata, spec, status = (as_mapping(node.get(key)) for key in ("metadata", "spec", "status"))
    info = as_mapping(status.get("nodeInfo"))
    labels = as_mapping(metadata.get("labels"))
    return why_without_bird(
        name,
        labels={key: text for key, text in labels.items() if isinstance(text, str)},
        annotations=as_mapping(metadata.get("annotations")),
        taints=taints(spec),
        system=str(info.get("operatingSystem") or ""),
        version=str(info.get("kubeletVersion") or ""),
    )


def taints(spec: Any) -> list[str]:
    """The keys of a Node's taints."""
    keys = [as_mapping(entry).get("key") for entry in as_list(as_mapping(spec).get("taints"))]
    return [key for key in keys if isinstance(key, str)]
