"""Steps that change Calico's resources: each as kubectl and as calicoctl have it, quoted for a shell.

kubectl changes BGPPeers and BGPConfigurations where Calico's API server runs (projectcalico.org/v3). A node's BGP
fields are annotations of the Kubernetes Node there (libcalico-go/lib/backend/k8s/resources/node.go); with an etcd
datastore only calicoctl has them.
"""

from __future__ import annotations

import json
from shlex import quote
from typing import Any

from calico_bgp.audit.mending import patch
from calico_bgp.model.cause import FixStep
from calico_bgp.model.resources import ResourceKind

_ANNOTATIONS = {
    "routeReflectorClusterID": "RouteReflectorClusterID",
    "asNumber": "ASNumber",
    "ipv4Address": "IPv4Address",
    "ipv6Address": "IPv6Address",
}
_PLURALS = {ResourceKind.BGP_PEER: "bgppeers", ResourceKind.BGP_CONFIGURATION: "bgpconfigurations"}


def label_step(node: str, key: str, value: str) -> FixStep:
    """Give a node a label."""
    pair = quote(f"{key}={value}")
    return FixStep(
        what=f"give {node} the label {key}={value}",
        kubectl=f"kubectl label node {quote(node)} {pair} --overwrite",
        calicoctl=f"calicoctl label nodes {quote(node)} {pair} --overwrite",
    )


def node_step(node: str, field: str, value: str | None, what: str) -> FixStep:
    """Set a field under spec.bgp of a node, or take it away.

    Args:
        node: Its name.
        field: `asNumber`, `routeReflectorClusterID`, `ipv4Address` or `ipv6Address`.
        value: What to write; `$NAME` stands for a shell variable that is asked for; None takes the field away.
        what: What this does, in words.
    """
    annotation = f"projectcalico.org/{_ANNOTATIONS[field]}"
    change = f"{annotation}-" if value is None else f"{annotation}={value}"
    return FixStep(
        what=what,
        kubectl=f"kubectl annotate node {quote(node)} {_expandable(change)} --overwrite",
        calicoctl=f"calicoctl patch node {quote(node)} -p {_expandable(json.dumps({'spec': {'bgp': {field: value}}}))}",
    )


def _expandable(text: str) -> str:
    """Quoted for a shell, with the variables in it still to be filled in."""
    if "$" not in text:
        return quote(text)
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`")
    return f'"{escaped}"'


def spec_step(kind: ResourceKind, name: str, spec: dict[str, Any], what: str) -> FixStep:
    """Change fields of a BGPPeer or BGPConfiguration; None takes a field away."""
    merge = quote(json.dumps({"spec": spec}))
    return FixStep(
        what=what,
        kubectl=f"kubectl patch {_PLURALS[kind]}.projectcalico.org {quote(name)} --type merge -p {merge}",
        calicoctl=patch(kind, name, spec),
    )


def mesh_step(*, on: bool) -> FixStep:
    """Switch the node-to-node mesh."""
    return spec_step(
        ResourceKind.BGP_CONFIGURATION,
        "default",
        {"nodeToNodeMeshEnabled": on},
        f"switch the node-to-node mesh {'on' if on else 'off'}",
    )
