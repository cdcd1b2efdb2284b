"""The change that mends a resource: a YAML line or a command with the names filled in, quoted for a shell.

Nothing is run. A text report breaks a next step at `; `, so no single step may hold that.
"""

from __future__ import annotations

from typing import Any

from calico_bgp import shell_words
from calico_bgp.model.resources import CalicoNode

#: Field under spec.bgp of a node → its annotation on a Kubernetes Node
#: (libcalico-go/lib/backend/k8s/resources/node.go).
ANNOTATIONS = {
    "routeReflectorClusterID": "RouteReflectorClusterID",
    "asNumber": "ASNumber",
    "ipv4Address": "IPv4Address",
    "ipv6Address": "IPv6Address",
}


def yaml_text(text: str) -> str:
    """A text as YAML in single quotes, which is always right for a selector."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def selector_text(text: str) -> str:
    """A selector as a YAML value: in double quotes where it holds single ones, as Calico's own documentation does."""
    if "'" in text and not any(character in text for character in '"\\'):
        return f'"{text}"'
    return yaml_text(text)


def set_field(kind: str, name: str, field: str, value: str) -> str:
    """Write a field; `value` is YAML already."""
    return f"in {kind} {name} write `{field}: {value}`"


def drop_field(kind: str, name: str, field: str) -> str:
    """Take a field out."""
    return f"in {kind} {name} delete the line `{field}:`"


def patch(kind: str, name: str, spec: dict[str, Any]) -> str:
    """`calicoctl patch` with a part of a spec."""
    return f"calicoctl patch {kind.lower()} {shell_words.name(name)} -p {shell_words.quoted_json({'spec': spec})}"


def patch_node(node: CalicoNode, field: str, value: str | None) -> str:
    """Set a field under spec.bgp of a node, or take it away: by annotation where the node is Kubernetes'."""
    if node.api_version != "v1":
        return patch("node", node.name, {"bgp": {field: value}})
    annotation = f"projectcalico.org/{ANNOTATIONS.get(field, field)}"
    change = f"{annotation}-" if value is None else f"{annotation}={value}"
    return f"kubectl annotate node {shell_words.name(node.name)} --overwrite {shell_words.quote(change)}"


def label_node(node: str | None, label: str, value: str = "") -> str:
    """`kubectl label`; None for a node that is asked for."""
    target = '"${NODE:?}"' if node is None else shell_words.name(node)
    return f"kubectl label node {target} {shell_words.label(label, value)}"


def delete(kind: str, name: str) -> str:
    """`calicoctl delete`."""
    return f"calicoctl delete {kind.lower()} {shell_words.name(name)}"
