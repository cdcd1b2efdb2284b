"""The commands of a plan: calicoctl and kubectl, with names filled in and quoted for a shell. Nothing is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf
from typing import Any, assert_never

import yaml

from calico_bgp import shell_words
from calico_bgp.changes.advice import delete, label_node, patch, patch_node
from calico_bgp.changes.change import (
    ApplyResources,
    DeleteResource,
    RemoveNode,
    SetClusterID,
    SetLabel,
    SetMesh,
    Unlabel,
)
from calico_bgp.model.resources import GLOBAL_CONFIG, BGPPeer, CalicoNode, Resources
from calico_bgp.plan.choice import is_control_plane
from calico_bgp.plan.joining import CreateNode, StartNode
from calico_bgp.plan.plan import Action, Drain, Plan, PlanStep, Uncordon

_API = "projectcalico.org/v3"
_KUBERNETES = "v1"
_CLUSTER_ID = "projectcalico.org/RouteReflectorClusterID"
#: BGPPeer's field -> Calico's name of it, in the order of a manifest. Only what a plan writes.
_FIELDS = {
    "node": "node",
    "node_selector": "nodeSelector",
    "peer_ip": "peerIP",
    "as_number": "asNumber",
    "peer_selector": "peerSelector",
    "source_address": "sourceAddress",
    "max_restart_time": "maxRestartTime",
    "ttl_security": "ttlSecurity",
    "next_hop_mode": "nextHopMode",
    "keep_original_next_hop": "keepOriginalNextHop",
    "filters": "filters",
}


class _OneLineDumper(yaml.SafeDumper):
    """Writes every text on one line: one that goes on below could end what a shell reads."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if text.isprintable() else '"')


_OneLineDumper.add_representer(str, _text)


def commands(step: PlanStep) -> list[str]:
    """One for each action, in order; one that carries a manifest has several lines."""
    return [command(action, step.before) for action in step.actions]


def command(action: Action, resources: Resources) -> str:
    """The command of one action.

    Args:
        action: What is done.
        resources: As they are before, which tells whose a node is and whether there is a BGPConfiguration.
    """
    match action:
        case ApplyResources():
            return _apply_peers(action.resources.bgp_peers, {peer.name: peer for peer in resources.bgp_peers})
        case DeleteResource():
            return delete(action.kind, action.name)
        case SetLabel():
            return f"{label_node(action.node, action.key, action.value)} --overwrite"
        case Unlabel():
            return f"kubectl label node {shell_words.name(action.node)} {shell_words.label_key(action.label)}-"
        case SetClusterID():
            return patch_node(resources.nodes_by_name[action.node], "routeReflectorClusterID", action.cluster_id)
        case SetMesh():
            spec = {"nodeToNodeMeshEnabled": action.on}
            if resources.global_config is None:
                return _apply([_manifest("BGPConfiguration", GLOBAL_CONFIG, spec)])
            return patch("BGPConfiguration", GLOBAL_CONFIG, spec)
        case CreateNode():
            return _create_node(action.node)
        case StartNode():
            # What joins a node is not known here; this prints the command of those that kubeadm made.
            return "kubeadm token create --print-join-command"
        case RemoveNode():
            return f"kubectl delete node {shell_words.name(action.node)}"
        case Drain():
            return f"kubectl drain {shell_words.name(action.node)} --ignore-daemonsets"
        case Uncordon():
            return f"kubectl uncordon {shell_words.name(action.node)}"
        case _:
            assert_never(action)


def with_etcd(step: PlanStep) -> list[str]:
    """What stands in the place of `kubectl create` where Calico keeps its resources in etcd; nothing where it does not.

    In a Kubernetes datastore Calico creates no Node (libcalico-go/lib/backend/k8s/resources/node.go Create). Resources
    that were read as Kubernetes Nodes come from one; others may.
    """
    made = [action.node for action in step.actions if isinstance(action, CreateNode)]
    return [_create_calico_node(node) for node in made if node.api_version != _KUBERNETES]


def audit_command(plan: Plan) -> str:
    """What must find no error before the next step: every node is asked, and one of them for the resources."""
    nodes = sorted(plan.before.nodes, key=lambda node: (not is_control_plane(node), node.name))
    return f"calico-bgp audit hosts.txt --resources-from {shell_words.quote(nodes[0].name)}"


def _create_node(node: CalicoNode) -> str:
    annotations = {_CLUSTER_ID: node.cluster_id}
    metadata = {"name": node.name, "labels": dict(node.labels), "annotations": annotations}
    document = {"apiVersion": _KUBERNETES, "kind": "Node", "metadata": metadata, "spec": {"unschedulable": True}}
    return shell_words.with_input("kubectl create -f -", _yaml([document]))


def _create_calico_node(node: CalicoNode) -> str:
    metadata = {"name": node.name, "labels": dict(node.labels)}
    spec = {"bgp": {"routeReflectorClusterID": node.cluster_id}}
    document = {"apiVersion": _API, "kind": "Node", "metadata": metadata, "spec": spec}
    return shell_words.with_input("calicoctl create -f -", _yaml([document]))


def _apply_peers(peers: Sequence[BGPPeer], there: Mapping[str, BGPPeer]) -> str:
    """A manifest for what is new. What is there is patched: a manifest would take away what is not known here."""
    lines = [
        patch(
            "BGPPeer", peer.name, {_FIELDS[field]: getattr(peer, field) for field in _changed(peer, there[peer.name])}
        )
        for peer in peers
        if peer.name in there
    ]
    new = [_manifest("BGPPeer", peer.name, _spec(peer)) for peer in peers if peer.name not in there]
    return "\n".join([*lines, *([_apply(new)] if new else [])])


def _changed(peer: BGPPeer, was: BGPPeer) -> Iterator[str]:
    return (field for field in _FIELDS if getattr(peer, field) != getattr(was, field))


def _apply(documents: list[dict[str, Any]]) -> str:
    return shell_words.with_input("calicoctl apply -f -", _yaml(documents))


def _yaml(documents: list[dict[str, Any]]) -> str:
    return yaml.dump_all(documents, Dumper=_OneLineDumper, sort_keys=False, width=inf, allow_unicode=False)


def _manifest(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": _API, "kind": kind, "metadata": {"name": name}, "spec": spec}


def _spec(peer: BGPPeer) -> dict[str, Any]:
    values = ((calico, getattr(peer, field)) for field, calico in _FIELDS.items())
    return {calico: list(value) if isinstance(value, tuple) else value for calico, value in values if value}
