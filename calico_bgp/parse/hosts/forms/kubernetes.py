"""`kubectl get nodes -o json`: text in, hosts out. Asks no cluster; how hosts.txt is written is in writer."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from ipaddress import ip_address
from typing import Any

from calico_bgp.errors import InventoryError
from calico_bgp.model.inventory import Host, Role
from calico_bgp.model.peer import Address
from calico_bgp.parse.cluster_id import is_annotated_cluster_id
from calico_bgp.parse.destination import DestinationError, parse_destination
from calico_bgp.parse.lines import Problems

# What Calico stores on a Kubernetes Node (libcalico-go/lib/backend/k8s/resources/node.go).
_ADDRESSES = ("projectcalico.org/IPv4Address", "projectcalico.org/IPv6Address")
_CLUSTER_ID = "projectcalico.org/RouteReflectorClusterID"
_EXPECTED = "what `kubectl get nodes -o json` prints"
_NODE_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,252}")


class NodeAddress(StrEnum):
    """Which address of a Node to reach it by (Kubernetes' NodeAddressType)."""

    INTERNAL = "InternalIP"
    EXTERNAL = "ExternalIP"
    HOSTNAME = "Hostname"


def hosts_from_kubernetes(
    text: str, *, source: str = "-", address: NodeAddress = NodeAddress.INTERNAL, user: str | None = None
) -> tuple[Host, ...]:
    """The hosts of a cluster, in the order of the text.

    The addresses (`ip=`) come from Calico's annotations, without their prefix length; one that is no address is
    ignored, as Calico does. A node with a route-reflector cluster ID is a reflector.

    Args:
        text: A List or NodeList of nodes, or one Node, as JSON.
        source: The file's name, for the errors.
        address: Which address to reach a node by; the first of that type counts.
        user: The login for all of them.

    Raises:
        InventoryError: Its `problems` hold every error: not JSON, other kinds, no nodes, nodes without such an address.
    """
    problems = Problems(source)
    document = _json(text, problems)
    hosts = []
    names: set[str] = set()
    for place, item in _nodes(document, problems):
        host = _host(item, place, address, user, problems)
        if host is not None and host.node in names:
            problems.add(f"{place}: the node {host.node} stands twice")
        elif host is not None:
            names.add(str(host.node))
            hosts.append(host)
    if not hosts and not problems.found:
        problems.add("no nodes in it", None, None, _EXPECTED)
    if problems.found:
        raise InventoryError(tuple(problems.found))
    return tuple(hosts)


def _json(text: str, problems: Problems) -> Any:
    text = text.removeprefix("\ufeff")
    try:
        return json.loads(text)
    except RecursionError:
        problems.add("not JSON: nested too deeply", None, None, _EXPECTED)
    except ValueError as error:
        number = getattr(error, "lineno", None)
        first = next((line for line in text.splitlines() if line.strip()), "")
        if not first:
            message, number = "the input is empty", None
        elif re.match(r"\s*(---|apiVersion:|kind:|items:|- )", first):
            message, number = "this is YAML", 1
        elif re.match(r"NAME\s+STATUS\b", first):
            message, number = "this is kubectl's table", 1
        else:
            message = f"not JSON: {getattr(error, 'msg', error)}"
        line = text.splitlines()[number - 1] if number is not None and number <= len(text.splitlines()) else None
        problems.add(message, number, line, _EXPECTED)
    raise InventoryError(tuple(problems.found))


def _nodes(document: Any, problems: Problems) -> list[tuple[str, dict[str, Any]]]:
    """Each Node with its place in the document."""
    kind = document.get("kind") if isinstance(document, dict) else None
    if str(_dict(document).get("apiVersion", "")).startswith("projectcalico.org/"):
        problems.add("these are Calico's own resources, which know no SSH address", None, None, _EXPECTED)
    elif kind == "Node":
        return [("Node", document)]
    elif kind in ("List", "NodeList") and isinstance(document.get("items"), list):
        found = []
        for index, item in enumerate(document["items"]):
            # The items of a NodeList, as the API server sends them, have no kind of their own.
            inner = _dict(item).get("kind", "Node" if kind == "NodeList" else None)
            if inner == "Node":
                found.append((f"items[{index}]", _dict(item)))
            else:
                problems.add(f"items[{index}] is {_called(inner)}, no Node", None, None, _EXPECTED)
            if problems.full:
                break
        return found
    else:
        problems.add(f"this is {_called(kind)}, no list of nodes", None, None, _EXPECTED)
    return []


def _called(kind: Any) -> str:
    return f"a {kind[:60]!r}" if isinstance(kind, str) else "something without a kind"


def _host(node: dict[str, Any], place: str, address: NodeAddress, user: str | None, problems: Problems) -> Host | None:
    metadata = _dict(node.get("metadata"))
    name = metadata.get("name")
    if not isinstance(name, str) or not _NODE_NAME.fullmatch(name):
        problems.add(f"{place} has no name that a Node can have", None, None, "metadata.name")
        return None
    listed = _dict(node.get("status")).get("addresses")
    addresses = [_dict(entry) for entry in listed] if isinstance(listed, list) else []
    found = next((entry.get("address") for entry in addresses if entry.get("type") == address.value), None)
    if found is None:
        types = sorted({str(entry.get("type"))[:40] for entry in addresses})
        has = f"only {', '.join(types)}" if types else "no address at all"
        problems.add(f"node {name} has no {address.value}, {has}", None, None, "another type: --address")
        return None
    try:
        destination = parse_destination(found if isinstance(found, str) else "")
    except DestinationError as error:
        problems.add(f"node {name}: {error.message}", None, None, f"an {address.value}")
        return None
    if destination.user is not None or destination.port is not None:
        problems.add(f"node {name}: {found!r} is no address", None, None, f"an {address.value}")
        return None
    annotations = _dict(metadata.get("annotations"))
    cluster_id = annotations.get(_CLUSTER_ID)
    reflects = isinstance(cluster_id, str) and is_annotated_cluster_id(cluster_id)
    return Host(
        name=destination.name,
        user=user,
        node=name,
        role=Role.REFLECTOR if reflects else None,
        addresses=tuple(found for key in _ADDRESSES if (found := _address(annotations.get(key))) is not None),
    )


def _address(text: Any) -> Address | None:
    """The part before `/`, or None for what Calico ignores."""
    try:
        address = ip_address(text.partition("/")[0].strip()) if isinstance(text, str) else None
    except ValueError:
        return None
    return None if address is None or address.is_unspecified or address.is_multicast else address


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
