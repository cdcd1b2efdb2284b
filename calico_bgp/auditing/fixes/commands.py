"""Steps that change Calico's resources: each as kubectl and as calicoctl have it, quoted for a shell.

kubectl changes BGPPeers and BGPConfigurations where Calico's API server runs (projectcalico.org/v3). A node's BGP
fields are annotations of the Kubernetes Node there (libcalico-go/lib/backend/k8s/resources/node.go); with an etcd
datastore only calicoctl has them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from shlex import quote
from typing import Any

from calico_bgp.auditing.mending import ANNOTATIONS, patch
from calico_bgp.model.cause import FixStep
from calico_bgp.model.resources import ResourceKind

_PLURALS = {ResourceKind.BGP_PEER: "bgppeers", ResourceKind.BGP_CONFIGURATION: "bgpconfigurations"}


def label_step(node: str, key: str, value: str, *, asked: Collection[str] = ()) -> FixStep:
    """Give a node a label. `asked` as in node_step."""
    name, pair = _quoted(node, asked), quote(f"{key}={value}")
    return FixStep(
        what=f"give {node} the label {key}={value}",
        kubectl=f"kubectl label node {name} {pair} --overwrite",
        calicoctl=f"calicoctl label nodes {name} {pair} --overwrite",
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
    change = _quoted(f"{annotation}-" if value is None else f"{annotation}={value}", asked)
    merge = _quoted(json.dumps({"spec": {"bgp": {field: value}}}), asked)
    name = _quoted(node, asked)
    return FixStep(
        what=what,
        kubectl=f"kubectl annotate node {name} {change} --overwrite",
        calicoctl=f"calicoctl patch node {name} -p {merge}",
    )


def _quoted(text: str, asked: Collection[str]) -> str:
    """Quoted for a shell, with the variables that are asked for still to be filled in."""
    parts = re.split(r"\$(" + "|".join(map(re.escape, asked)) + r")\b", text) if asked else [text]
    if len(parts) == 1:
        return quote(text)
    # Every second part is the name of a variable. With `:?` the shell runs nothing while it is not filled in: an
    # annotation without its prefix length would take the node out of BGP.
    return '"' + "".join(f"${{{part}:?}}" if place % 2 else _escaped(part) for place, part in enumerate(parts)) + '"'


def _escaped(text: str) -> str:
    """For between double quotes (POSIX, Shell Command Language, 2.2.3)."""
    return re.sub(r'([\\"`$])', r"\\\1", text)


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
