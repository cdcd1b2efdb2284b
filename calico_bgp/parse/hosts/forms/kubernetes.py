"""Kubernetes' Nodes and Calico's, as kubectl and calicoctl print them with -o json or -o yaml. No table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from calico_bgp.model.inventory import Host, Role
from calico_bgp.model.peer import Address
from calico_bgp.parse.addresses import read_address
from calico_bgp.parse.destination import Destination, DestinationError, parse_destination
from calico_bgp.parse.hosts.forms.form import Entry, Foreign, Form, LeftOut, Listed, NodeAddress
from calico_bgp.parse.kubernetes_node import annotated, node_without_bird
from calico_bgp.parse.lines import Problems
from calico_bgp.parse.untyped import as_list, as_mapping
from calico_bgp.upstream import CALICO_GROUP, ROLE_LABEL, ZONE_LABELS

_CONTROL_PLANE = frozenset({"control-plane", "master", "controlplane"})
_NODE_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,252}")


def _objects(foreign: Foreign) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every Kubernetes object of the text with its place, out of the lists."""
    documents = foreign.documents
    for number, document in enumerate(documents, 1):
        where = f"document {number}, " if len(documents) > 1 else ""
        members = document if isinstance(document, list) else [document]
        for index, member in enumerate(members):
            place = f"{where}[{index}]" if isinstance(document, list) else where.rstrip(", ")
            yield from _out_of_list(as_mapping(member), place)


def _out_of_list(value: dict[str, Any], place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    kind, items = value.get("kind"), value.get("items")
    if kind not in ("List", "NodeList") or not isinstance(items, list):
        yield place or str(kind), value
        return
    for index, item in enumerate(items):
        # The items of a NodeList, as the API server sends them, have no kind of their own.
        inherited = {"kind": "Node", "apiVersion": value.get("apiVersion")} if kind == "NodeList" else {}
        yield f"{place}{' ' if place else ''}items[{index}]", {**inherited, **as_mapping(item)}


def _is_nodes(foreign: Foreign) -> bool:
    """Whether there is a Node among the objects, or a list that could hold some."""
    return any(
        value.get("kind") in ("Node", "NodeList") or (value.get("kind") == "List" and value.get("items") == [])
        for document in foreign.documents
        for value in (document if isinstance(document, list) else [document, *_items(document)])
        if isinstance(value, dict)
    )


def _items(document: Any) -> list[Any]:
    return as_list(as_mapping(document).get("items"))


def _read(foreign: Foreign, problems: Problems) -> Iterator[Entry]:
    names: set[str] = set()
    for place, value in _objects(foreign):
        if problems.full:
            return
        if value.get("kind") != "Node":
            continue
        metadata = as_mapping(value.get("metadata"))
        name = metadata.get("name")
        if not isinstance(name, str) or not _NODE_NAME.fullmatch(name):
            problems.add(f"{place} has no name that a Node can have", None, None, "metadata.name")
        elif name in names:
            problems.add(f"{place}: the node {name} stands twice")
        else:
            names.add(name)
            entry = _entry(name, metadata, value, foreign.address, problems)
            if entry is not None:
                yield entry


def _entry(
    name: str, metadata: dict[str, Any], node: dict[str, Any], address: NodeAddress, problems: Problems
) -> Entry | None:
    labels = {key: text for key, text in as_mapping(metadata.get("labels")).items() if isinstance(text, str)}
    spec, status = as_mapping(node.get("spec")), as_mapping(node.get("status"))
    why = node_without_bird(name, node)
    if why is not None:
        return LeftOut(name, why)
    is_calico = str(node.get("apiVersion")).startswith(f"{CALICO_GROUP}/")
    bgp, read = as_mapping(spec.get("bgp")), annotated(as_mapping(metadata.get("annotations")))
    texts = [bgp.get("ipv4Address"), bgp.get("ipv6Address")]
    written = [parsed for text in texts if (parsed := _address(text)) is not None] if is_calico else read.addresses
    addresses = tuple(address for address in written if not (address.is_unspecified or address.is_multicast))
    listed = [as_mapping(one) for one in as_list(spec.get("addresses") if is_calico else status.get("addresses"))]
    if is_calico and address is NodeAddress.INTERNAL and not any(one.get("type") == address for one in listed):
        listed = [{"type": address.value, "address": str(parsed)} for parsed in addresses]
    destination = _destination(name, listed, address, problems)
    if destination is None:
        return None
    cluster_id = bgp.get("routeReflectorClusterID") if is_calico else read.cluster_id
    host = Host(
        name=destination.name,
        node=name,
        role=Role.REFLECTOR if isinstance(cluster_id, str) and cluster_id.strip() else None,
        addresses=addresses,
    )
    return Listed(host, _remark(labels))


def _destination(
    name: str, listed: list[dict[str, Any]], address: NodeAddress, problems: Problems
) -> Destination | None:
    text = next((entry.get("address") for entry in listed if entry.get("type") == address.value), None)
    if text is None:
        types = sorted({str(entry.get("type"))[:40] for entry in listed})
        has = f"only {', '.join(types)}" if types else "no address at all"
        problems.add(f"node {name} has no {address.value}, {has}", None, None, "another type: --address")
        return None
    try:
        destination = parse_destination(text if isinstance(text, str) else "")
    except DestinationError as error:
        problems.add(f"node {name}: {error.message}", None, None, f"an {address.value}")
        return None
    if destination.user is not None or destination.port is not None:
        problems.add(f"node {name}: {text!r} is no address", None, None, f"an {address.value}")
        return None
    return destination


def _remark(labels: dict[str, str]) -> str | None:
    """What hosts.txt has no key for: whether the node is of the control plane, and its zone."""
    control_plane = any(key.removeprefix(ROLE_LABEL) in _CONTROL_PLANE for key in labels if key.startswith(ROLE_LABEL))
    zone = next((labels[key] for key in ZONE_LABELS if labels.get(key)), None)
    words = [*(["control plane"] if control_plane else []), *([f"zone {zone}"] if zone else [])]
    return ", ".join(words) or None


def _address(text: Any) -> Address | None:
    """The part before `/`."""
    return read_address(text.partition("/")[0].strip()) if isinstance(text, str) else None


def _kinds(foreign: Foreign) -> set[str]:
    """The kinds of a text whose every document is a Kubernetes object; empty for any other text."""
    kinds = set()
    for document in foreign.documents:
        for value in document if isinstance(document, list) else [document]:
            if not (isinstance(value, dict) and isinstance(value.get("kind"), str)):
                return set()
            kinds.add(value["kind"])
    return kinds


NODES = Form("what kubectl or calicoctl prints of Nodes", _is_nodes, _read)
OTHER_KINDS = Form(
    "a file of Kubernetes resources without a Node",
    lambda foreign: bool(_kinds(foreign) - {"Config"}) and "apiVersion" in foreign.text[:100_000],
    instead="the Nodes: kubectl get nodes -o json | calico-bgp hosts - > hosts.txt; other resources: --resources FILE",
)
KUBECONFIG = Form(
    "a kubeconfig",
    lambda foreign: _kinds(foreign) == {"Config"},
    instead="kubectl --kubeconfig FILE get nodes -o json | calico-bgp hosts - > hosts.txt",
)
