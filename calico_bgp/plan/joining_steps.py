"""The steps of a plan for a node that joins as a reflector, and for one that leaves the cluster again."""

from __future__ import annotations

from collections.abc import Sequence

from calico_bgp.changes.change import CreateNode, RemoveNode, SetClusterID, SetLabel
from calico_bgp.model.resources import BGPPeer, CalicoNode
from calico_bgp.plan.builder import Builder, apply_peers
from calico_bgp.plan.joining import Joining, StartNode
from calico_bgp.plan.plan import Action, Drain


def create_node(
    builder: Builder, joining: Joining, label: tuple[str, str], cluster_id: str, peers: Sequence[BGPPeer]
) -> None:
    """A Node with label and cluster ID, before its machine starts.

    Args:
        builder: Takes the step.
        joining: The node.
        label: Key and value.
        cluster_id: Its cluster ID.
        peers: The BGPPeers from it to others that are to be reflectors.
    """
    name = joining.name
    there = builder.resources.nodes_by_name.get(name)
    actions: list[Action] = []
    if there is None:
        # What reads one Kubernetes Node reads them all as such.
        api = (
            "v1" if any(node.api_version == "v1" for node in builder.resources.nodes) else CalicoNode(name).api_version
        )
        actions.append(CreateNode(CalicoNode(name=name, labels=(label,), cluster_id=cluster_id, api_version=api)))
    else:
        actions += [SetLabel(name, *label)] if there.label(label[0]) != label[1] else []
        actions += [SetClusterID(name, cluster_id)] if there.cluster_id != cluster_id else []
    builder.add(
        f"Create the Node {name} before its machine starts",
        f"kubelet takes the Node that is there and keeps its labels and annotations. All of this must be there before "
        f"calico-node first starts on {name}: then {name} never is in the mesh, and no session has to change. Until "
        "calico-node writes its address nobody peers with it. It is cordoned, so that no pods come. A cloud provider's "
        "controller deletes Nodes without a machine: there make it beside a machine whose kubelet has not started.",
        [*actions, *apply_peers(peers)],
    )


def start_node(builder: Builder, joining: Joining, peers: Sequence[BGPPeer]) -> None:
    """Its machine starts and joins.

    Args:
        builder: Takes the step.
        joining: The node.
        peers: The BGPPeers from other reflectors to it.
    """
    addresses = [str(address) for address in (joining.ipv4, joining.ipv6) if address is not None]
    builder.add(
        f"Start {joining.name}, and let it join the cluster",
        f"Start its machine with the address{'es' if len(addresses) > 1 else ''} {' and '.join(addresses)}, and let it "
        f"join under the name {joining.name} by whatever makes nodes join here; with kubeadm run on it what the last "
        f"command prints, with --node-name {joining.name}. It begins as a reflector with a "
        "session to every node, beside the mesh, which nothing touches. Established must stand with up: with wait its "
        "BIRD still recovers, and passes nothing on.",
        [*apply_peers(peers), StartNode(joining)],
    )


def leave_cluster(builder: Builder, name: str, actions: Sequence[Action]) -> None:
    """A reflector goes, with its Node.

    Args:
        builder: Takes the steps.
        name: The reflector.
        actions: What else goes with it.
    """
    builder.add(
        f"Drain {name}",
        f"{name} leaves the cluster, so what pods it has leave first.",
        [Drain(name)],
    )
    builder.add(
        f"Take {name} out of the cluster",
        "Stop its machine first; with kubeadm run kubeadm reset on it. The nodes that stay have one another's routes "
        "from the mesh or from other reflectors.",
        [RemoveNode(name), *actions],
    )
