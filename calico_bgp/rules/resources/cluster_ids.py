"""Rules about cluster IDs: who should have one, what it must look like, and what equal and different ones cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from calico_bgp.changes.advice import command
from calico_bgp.changes.change import SetClusterID
from calico_bgp.cluster.cluster import Cluster
from calico_bgp.expect.reflectors import is_called_reflector, reflecting, selected_without_id
from calico_bgp.messages.steps import step
from calico_bgp.messages.words import some
from calico_bgp.model.reports.about import about_node, about_peer
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import ClusterSubject
from calico_bgp.parse.cluster_id import is_plain_cluster_id, read_cluster_id
from calico_bgp.rules.resources.mesh import about_nodes, idle_reflectors
from calico_bgp.rules.rule import Draft, rule
from calico_bgp.upstream import CLUSTER_ID


@rule(
    "reflector-label-without-cluster-id",
    Severity.WARNING,
    title="A node is selected as a route reflector but has no cluster ID",
    meaning="Only a node with a routeReflectorClusterID reflects. The others peer with it and learn its own routes, "
    "nothing else. An error where that leaves clients without any reflector. Source: confd's bird.cfg: `rr client` is "
    "written on a node with a cluster ID only.",
    evidence="The label or the peerSelector that says it is a reflector.",
    action="Give the node a cluster ID, or take the label away.",
    messages={
        "selected": "peerSelector of {peer} selects {nodes}, but without a routeReflectorClusterID "
        "{nodes:it reflects|they reflect} nothing",
        "labelled": "{node} {node:is|are} labelled as a route reflector, but {node:has|have} no "
        "routeReflectorClusterID",
    },
)
def reflector_label_without_cluster_id(cluster: Cluster) -> Iterator[Draft]:
    """One finding per BGPPeer that selects such nodes, and one for those that only a label names."""
    configured = cluster.configured
    nodes = configured.nodes
    reported: set[str] = set()
    for peer, suspects, near, of_all in selected_without_id(configured):
        reported |= set(suspects)
        all_lost = of_all and not configured.mesh_enabled
        yield Draft(
            about_peer(peer, "spec.peerSelector"),
            "selected",
            (f"peerSelector: {peer.peer_selector}", f"peer with {some(suspects)}: {some(sorted(near))}"),
            command(SetClusterID(suspects[0], configured.cluster_id_to_use), nodes[suspects[0]]),
            Severity.ERROR if all_lost else None,
            peer=peer.name,
            nodes=suspects,
        )
    for node in configured.resources.nodes:
        if node.name not in reported and not node.cluster_id and is_called_reflector(node):
            if configured.neighbours[node.name]:
                continue
            yield Draft(
                about_node(node),
                "labelled",
                [f"label {key}={value}" for key, value in node.labels if "reflector" in key.lower()],
                command(SetClusterID(node.name, configured.cluster_id_to_use), node),
                Severity.INFO,
                node=node.name,
            )


@rule(
    "cluster-id-without-peers",
    Severity.ERROR,
    title="A node has a cluster ID, and no node peers with it",
    meaning="A routeReflectorClusterID takes the node out of the mesh, on both sides. Without a BGPPeer that selects "
    "it nobody has it as a peer: its pods are cut off, and it reflects nothing. A warning where it has peers outside "
    "the cluster, which may pass its routes on. Source: bgp_processor.go processMeshPeers.",
    evidence="The node's labels, and the peerSelectors, none of which matches it.",
    action="Label the node so that the reflectors' BGPPeer selects it, or take the cluster ID away.",
    messages={
        "no-peer": "{nodes} {nodes:has|have} a routeReflectorClusterID and so {nodes:is|are} in no mesh, but no "
        "BGPPeer joins {nodes:it|them} with any node",
        "only-outside": "{nodes} {nodes:has|have} a routeReflectorClusterID and so {nodes:is|are} in no mesh, but no "
        "BGPPeer joins {nodes:it|them} with any node, only with peers outside the cluster",
    },
)
def cluster_id_without_peers(cluster: Cluster) -> Iterator[Draft]:
    """One finding for all such nodes of one severity."""
    configured = cluster.configured
    # Where a broken selector may be the reason, it is the finding.
    if len(configured.resources.nodes) < 2 or any(
        configured.peers_by_name[n].peer_selector for n in configured.broken_peers
    ):
        return
    nodes = configured.nodes
    groups: defaultdict[Severity, list[str]] = defaultdict(list)
    idle = idle_reflectors(configured)
    outside = bool(configured.with_externals - set(idle))
    for name in idle:
        groups[Severity.WARNING if outside and name in configured.with_externals else Severity.ERROR].append(name)
    selectors = [p for p in configured.resources.bgp_peers if p.peer_selector is not None]
    for severity, names in groups.items():
        labels = nodes[names[0]].labels_text
        yield Draft(
            about_nodes(names),
            "only-outside" if severity is Severity.WARNING else "no-peer",
            (
                f"labels of {names[0]}: {labels}",
                *(f"BGPPeer {p.name}: peerSelector {p.peer_selector}" for p in selectors),
            ),
            (
                step("label the node as a peerSelector above asks"),
                step(
                    "or take it back into the mesh: {command}",
                    command=command(SetClusterID(names[0], None), nodes[names[0]]),
                ),
            ),
            severity,
            nodes=names,
        )


@rule(
    "cluster-id-malformed",
    Severity.ERROR,
    title="A cluster ID is not a dotted quad",
    meaning="BIRD takes an IPv4 address or a number as `rr cluster id`. Anything else makes it refuse the whole "
    "configuration: the node keeps the old one, and every later change on it is lost. In an annotation of a Kubernetes "
    "Node it is ignored, and the node is no reflector. A warning for a number, which BIRD takes. Source: BIRD "
    "proto/bgp/config.Y.",
    evidence="The node's routeReflectorClusterID.",
    action="Write it like an IPv4 address that nobody uses, 244.0.0.1.",
    messages={
        "annotation": "the cluster ID {cluster_id!r} of {node} is no dotted quad, so Calico ignores it and the node "
        "is no route reflector",
        "number": "the routeReflectorClusterID {cluster_id!r} of {node} is no dotted quad, which BIRD takes as {taken}",
        "refused": "the routeReflectorClusterID {cluster_id!r} of {node} is no dotted quad, so BIRD refuses the "
        "whole configuration of the node",
    },
)
def cluster_id_malformed(cluster: Cluster) -> Iterator[Draft]:
    """One finding per node."""
    configured = cluster.configured
    for node in configured.resources.nodes:
        for annotation, value in node.ignored_annotations:
            if annotation == CLUSTER_ID:
                yield Draft(
                    about_node(node),
                    "annotation",
                    (f"{annotation}: {value}",),
                    command(SetClusterID(node.name, configured.cluster_id_to_use), node),
                    cluster_id=value,
                    node=node.name,
                )
        if not node.cluster_id or is_plain_cluster_id(node.cluster_id):
            continue
        number = read_cluster_id(node.cluster_id)
        better = str(number or configured.cluster_id_to_use)
        yield Draft(
            about_node(node),
            "number" if number else "refused",
            (f"routeReflectorClusterID: {node.cluster_id}",),
            command(SetClusterID(node.name, better), node),
            Severity.WARNING if number else None,
            cluster_id=node.cluster_id,
            node=node.name,
            taken=None if number is None else str(number),
        )


@rule(
    "reflector-cluster-ids",
    Severity.INFO,
    title="What the reflectors' cluster IDs cost",
    meaning="With one cluster ID for all, reflectors keep each other's clients' routes for their own pods only and do "
    "not hand them on, which saves memory; in return every client must reach a common reflector, and one that loses "
    "its session with one reflector loses the clients that only that one serves. With different IDs each is the "
    "other's client and hands everything on: nothing depends on who reaches whom, but every client gets every route "
    "once per reflector and path. Both are right. Source: RFC 4456 sections 7 and 8; BIRD proto/bgp/attrs.c.",
    evidence="The cluster ID of every reflector.",
    action="Nothing; know which of the two you have.",
    messages={
        "one-id": "the {reflectors} reflectors have one cluster ID: they do not hand on each other's clients' "
        "routes, so any two clients need a reflector in common",
        "several-ids": "the {reflectors} reflectors have {ids} cluster IDs: they hand on each other's clients' "
        "routes, which costs memory",
    },
)
def reflector_cluster_ids(cluster: Cluster) -> Iterator[Draft]:
    """One finding for the cluster, with two reflectors or more."""
    configured = cluster.configured
    if len(configured.reflectors) < 2 or not reflecting(configured):
        return
    by_id: defaultdict[str, list[str]] = defaultdict(list)
    for name in configured.reflectors:
        by_id[configured.nodes[name].cluster_id or ""].append(name)
    yield Draft(
        ClusterSubject(),
        "one-id" if len(by_id) == 1 else "several-ids",
        [f"{cluster_id}: {some(names)}" for cluster_id, names in sorted(by_id.items())],
        reflectors=len(configured.reflectors),
        ids=len(by_id),
    )
