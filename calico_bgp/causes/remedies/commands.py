"""Steps that change Calico's resources: each as kubectl and as calicoctl have it, quoted for a shell.

kubectl changes BGPPeers and BGPConfigurations where Calico's API server runs (projectcalico.org/v3). A node's BGP
fields are annotations of the Kubernetes Node there (libcalico-go/lib/backend/k8s/resources/node.go); with an etcd
datastore only calicoctl has them.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from calico_bgp import shell_words
from calico_bgp.changes.advice import ANNOTATIONS, patch
from calico_bgp.model.cause import FixStep
from calico_bgp.model.resources import ResourceKind

_PLURALS = {ResourceKind.BGP_PEER: "bgppeers", ResourceKind.BGP_CONFIGURATION: "bgpconfigurations"}


def label_step(node: str, key: str, value: str, *, asked: Collection[str] = ()) -> FixStep:
    """Give a node a label. `asked` as in node_step."""
    target, pair = _node(node, asked), shell_words.label(key, value)
    return FixStep(
        what=f"give {node} the label {key}={value}",
        kubectl=f"kubectl label node {target} {pair} --overwrite",
        calicoctl=f"calicoctl label nodes {target} {pair} --overwrite",
    )


def unlabel_step(node: str, key: str) -> FixStep:
    """Take a label from a node. calicoctl cannot take one away that Kubernetes gives the node."""
    return FixStep(
        what=f"take the label {key} from {node}",
        kubectl=f"kubectl label node {shell_words.name(node)} {shell_words.label_key(key)}-",
    )


def node_step(node: str, field: str, value: str | None, what: str, *, asked: Collection[str] = ()) -> FixStep:
    """Set a field under spec.bgp of a node, or take it away.

    Args:
        node: Its name.
        field: `asNumber`, `routeReflectorClusterID`, `ipv4Address` or `ipv6Address`.
        value: What to write; None takes the field away.
        what: What this does, in words.
        asked: The shell variables that `node` and `value` may hold as `$NAME`: they are asked for. Every other `$` is
            one.
    """
    annotation = f"projectcalico.org/{ANNOTATIONS[field]}"
    change = shell_words.filled_in(f"{annotation}-" if value is None else f"{annotation}={value}", asked)
    merge = shell_words.filled_in(json.dumps({"spec": {"bgp": {field: value}}}), asked)
    target = _node(node, asked)
    return FixStep(
        what=what,
        kubectl=f"kubectl annotate node {target} {change} --overwrite",
        calicoctl=f"calicoctl patch node {target} -p {merge}",
    )


def _node(node: str, asked: Collection[str]) -> str:
    return shell_words.filled_in(node, asked) if node.removeprefix("$") in asked else shell_words.name(node)


def spec_step(kind: ResourceKind, name: str, spec: dict[str, Any], what: str) -> FixStep:
    """Change fields of a BGPPeer or BGPConfiguration; None takes a field away."""
    merge = shell_words.quoted_json({"spec": spec})
    return FixStep(
        what=what,
        kubectl=f"kubectl patch {_PLURALS[kind]}.projectcalico.org {shell_words.name(name)} --type merge -p {merge}",
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
