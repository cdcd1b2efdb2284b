"""Rules about who has any peer at all: the node-to-node mesh, and what takes its place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from calico_bgp.changes.advice import command
from calico_bgp.changes.change import SetMesh
from calico_bgp.cluster.cluster import Cluster
from calico_bgp.expect.configured import Configured
from calico_bgp.messages.declared import Words
from calico_bgp.messages.steps import step
from calico_bgp.messages.words import count, some
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.about import about_configuration
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import ClusterSubject, NodeSubject, Subject
from calico_bgp.model.resources import Resources
from calico_bgp.rules.rule import Draft, rule

#: "Full-mesh works great for ... 100 nodes or less" (Calico's documentation, Configure BGP peering).
MESH_LIMIT = 100
#: Stands for everything outside the cluster, behind which we do not see.
_OUTSIDE = ""


def set_mesh(resources: Resources, *, on: bool) -> str:
    """The command that switches the mesh on, or off; it makes the BGPConfiguration where there is none."""
    return command(SetMesh(on=on), of=Resources(bgp_configurations=resources.bgp_configurations))


def about_nodes(names: tuple[str, ...] | list[str]) -> Subject:
    """One node, or the cluster where several are meant."""
    return NodeSubject(node=names[0]) if len(names) == 1 else ClusterSubject()


def idle_reflectors(configured: Configured) -> list[str]:
    """The nodes with a cluster ID that have no session with any node; cluster-id-without-peers speaks of them."""
    return [
        name
        for name in configured.reflectors
        if not any(peer.far_node is not None for peer in configured.explicit.get(name, ()))
        and (configured.nodes[name].ipv4 or configured.nodes[name].ipv6)
    ]


@rule(
    "nodes-not-joined",
    Severity.ERROR,
    title="The mesh is disabled and no BGPPeer joins the nodes",
    meaning="Pods on different nodes cannot reach each other over unencapsulated pools (and IPIP pools up to Calico "
    "v3.32): nobody tells a node the routes of the others. What is joined through peers outside the cluster, such as "
    "top-of-rack switches, counts as joined, for what they pass on is not in these resources. A warning where there "
    "are no Nodes to look at. Source: Calico's documentation, Disable the default BGP node-to-node mesh.",
    evidence="nodeToNodeMeshEnabled, and the peers that the BGPPeers make.",
    action="Add the BGPPeers first, or switch the mesh on again.",
    messages={
        "no-nodes": "the mesh is disabled and there is no BGPPeer among these resources, so no node has a peer",
        "no-bgp-peer": "the mesh is disabled and there is no BGPPeer, so none of {nodes:count node} has a "
        "peer{harmless}",
        "peers-make-none": "the mesh is disabled and the {peers:count BGPPeer} make none, so none of "
        "{nodes:count node} has a peer{harmless}",
        "groups": "over {family:and} the nodes fall into {groups} groups that no BGPPeer joins, so they do not learn "
        "each other's routes: {apart} {apart:is|are} apart from {largest}",
        "without-bgp": "; the IPPools are VXLAN and do without",
    },
)
def nodes_not_joined(cluster: Cluster) -> Iterator[Draft]:
    """One finding for the cluster when there is no peer at all, else one per family that falls into groups."""
    configured = cluster.configured
    resources = configured.resources
    config = resources.global_config
    if not configured.has_nodes:
        if config is not None and not resources.mesh_enabled and not resources.bgp_peers:
            yield Draft(
                about_configuration(config, "spec.nodeToNodeMeshEnabled"),
                "no-nodes",
                (),
                set_mesh(resources, on=True),
                Severity.WARNING,
            )
        return
    able = [node.name for node in resources.nodes if node.ipv4 or node.ipv6]
    if config is None or resources.mesh_enabled or any(map(configured.expectation.peers.has_any, configured.nodes)):
        yield from _groups(configured)
        return
    # Where broken selectors are the reason, they are the findings.
    if len(able) < 2 or (resources.bgp_peers and len(configured.broken_peers) == len(resources.bgp_peers)):
        return
    yield Draft(
        about_configuration(config, "spec.nodeToNodeMeshEnabled"),
        "peers-make-none" if resources.bgp_peers else "no-bgp-peer",
        ("nodeToNodeMeshEnabled: false", *(f"BGPPeer {peer.name}: makes no peer" for peer in resources.bgp_peers[:3])),
        set_mesh(resources, on=True),
        None if configured.needs_bgp else Severity.INFO,
        peers=len(resources.bgp_peers),
        nodes=len(able),
        harmless=_harmless(configured),
    )


def _harmless(configured: Configured) -> Words | None:
    return None if configured.needs_bgp else Words("without-bgp")


def _groups(configured: Configured) -> Iterator[Draft]:
    idle = set(idle_reflectors(configured))
    for family in Family:
        groups = [group for group in _joined(configured, family) if not set(group) <= idle]
        if len(groups) > 1:
            yield Draft(
                ClusterSubject(family=family),
                "groups",
                [f"{count(len(group), 'node')}: {some(group)}" for group in groups],
                step(
                    "add a BGPPeer whose nodeSelector matches nodes of one group and whose peerSelector matches "
                    "reflectors of the other"
                ),
                None if configured.needs_bgp else Severity.INFO,
                family=family,
                groups=len(groups),
                apart=groups[1],
                largest=groups[0],
            )


def _joined(configured: Configured, family: Family) -> list[list[str]]:
    """The groups of nodes with any peer that are joined by sessions, the largest first."""
    links: defaultdict[str, set[str]] = defaultdict(set)
    members = configured.mesh_members[family]
    for one, other in pairwise(members):
        _link(links, one.name, other.name)
    for node, peers in configured.explicit.items():
        for peer in peers:
            if peer.family is not family:
                continue
            if peer.far_node is None:
                _link(links, node, _OUTSIDE)
            else:
                # One-sided sessions count here: they have a finding of their own.
                _link(links, node, peer.far_node)
    # Reflectors that leave each other's clients apart are rule reflectors-not-joined's.
    serving = [name for name in configured.reflectors if configured.neighbours[name] - set(configured.reflectors)]
    for near, far in pairwise([name for name in serving if name in links]):
        _link(links, near, far)
    groups = []
    ungrouped = set(links)
    while ungrouped:
        group, todo = set[str](), [next(iter(ungrouped))]
        while todo:
            name = todo.pop()
            if name not in group:
                group.add(name)
                todo += links[name]
        ungrouped -= group
        groups.append(sorted(group - {_OUTSIDE}))
    return sorted(groups, key=lambda group: (-len(group), group))


def _link(links: defaultdict[str, set[str]], one: str, other: str) -> None:
    links[one].add(other)
    links[other].add(one)


@rule(
    "node-without-peers",
    Severity.ERROR,
    title="A node gets no peer",
    meaning="The node neither learns routes nor announces those of its pods, while others have peers. Calico calls "
    "such a node ready. Source: confd/pkg/backends/calico/client.go updatePeersV1.",
    evidence="The node's labels, and the BGPPeers, none of which makes it a peer.",
    action="Label the node so that a BGPPeer selects it, or add a BGPPeer.",
    messages={
        "mesh-off": "{nodes} {nodes:gets|get} no peer: the mesh is disabled and no BGPPeer selects {nodes:it|them}",
        "alone-in-mesh": "{nodes} {nodes:gets|get} no peer: nobody else is in the mesh and no BGPPeer selects "
        "{nodes:it|them}",
    },
)
def node_without_peers(cluster: Cluster) -> Iterator[Draft]:
    """One finding for all such nodes. Those without an address and idle reflectors have rules of their own."""
    configured = cluster.configured
    resources = configured.resources
    peers = configured.expectation.peers
    able = [node for node in resources.nodes if node.ipv4 or node.ipv6]
    pods = {name for workload in configured.expectation.workloads for name in workload.nodes}
    # Who is the far end of somebody's peer lacks the other half: another rule says why.
    far_ends = {far for _, far, _ in configured.explicit_ends}
    lonely = [
        node
        for node in able
        if not peers.has_any(node.name) and not node.cluster_id and node.name not in pods | far_ends
    ]
    if not lonely or len(able) < 2 or not any(map(peers.has_any, peers)) or configured.spoiled_peers:
        return
    names = sorted(node.name for node in lonely)
    selectors = [
        f"BGPPeer {peer.name}: nodeSelector {peer.node_selector}" for peer in resources.bgp_peers if peer.node_selector
    ]
    yield Draft(
        about_nodes(names),
        "alone-in-mesh" if resources.mesh_enabled else "mesh-off",
        (f"labels of {names[0]}: {configured.nodes[names[0]].labels_text}", *selectors),
        step("label the nodes as a nodeSelector above asks") if selectors else step("add a BGPPeer for these nodes"),
        None if configured.needs_bgp else Severity.INFO,
        nodes=names,
    )


@rule(
    "mesh-beside-reflectors",
    Severity.INFO,
    title="The mesh is still on beside route reflectors",
    meaning="Harmless but costly: every client keeps a session with every other one as well, and learns every route "
    "twice. While you move from the mesh to reflectors that is as it should be; afterwards switch the mesh off. "
    "Source: Calico's documentation, Change from node-to-node mesh to route reflectors without any traffic disruption.",
    evidence="The nodes with a cluster ID, and the size of the mesh.",
    action="When every client has its reflectors, disable the mesh.",
    messages={
        "mesh-on": "the mesh is on beside {reflectors:count reflector}: {sessions:count session} that the reflectors "
        "make superfluous",
    },
)
def mesh_beside_reflectors(cluster: Cluster) -> Iterator[Draft]:
    """One finding for the cluster, once reflectors serve somebody."""
    configured = cluster.configured
    members = {node.name for nodes in configured.mesh_members.values() for node in nodes}
    served = [name for name in sorted(members) if configured.neighbours[name] & set(configured.reflectors)]
    if served and len(members) > 1:
        sessions = sum(len(nodes) * (len(nodes) - 1) // 2 for nodes in configured.mesh_members.values())
        config = configured.resources.global_config
        yield Draft(
            ClusterSubject() if config is None else about_configuration(config, "spec.nodeToNodeMeshEnabled"),
            "mesh-on",
            (f"reflectors: {some(configured.reflectors)}", f"in the mesh: {some(sorted(members))}"),
            set_mesh(configured.resources, on=False),
            reflectors=len(configured.reflectors),
            sessions=sessions,
        )


@rule(
    "mesh-over-100-nodes",
    Severity.WARNING,
    title="A mesh of more than 100 nodes",
    meaning="Every node keeps a session with every other one, so that sessions, memory and the time after a restart "
    "grow with the square of the nodes. Calico advises route reflectors beyond 100 nodes. Source: Calico's "
    "documentation, Configure BGP peering, Full-mesh.",
    evidence="The nodes that take part in the mesh.",
    action="Move to route reflectors.",
    messages={
        "too-large": "the mesh has {nodes} nodes, more than the {limit} up to which Calico advises it{harmless}",
        "without-bgp": "; the IPPools are VXLAN and do without",
    },
)
def mesh_over_100_nodes(cluster: Cluster) -> Iterator[Draft]:
    """One finding for the cluster."""
    configured = cluster.configured
    number = max(len(nodes) for nodes in configured.mesh_members.values())
    if number > MESH_LIMIT:
        config = configured.resources.global_config
        yield Draft(
            ClusterSubject() if config is None else about_configuration(config, "spec.nodeToNodeMeshEnabled"),
            "too-large",
            (f"{number - 1} sessions on every node, {number * (number - 1) // 2} in all",),
            (
                step(
                    "give two or more nodes a routeReflectorClusterID and a label, add a BGPPeer with nodeSelector "
                    "all() and that label as peerSelector"
                ),
                step("then disable the mesh"),
            ),
            None if configured.needs_bgp else Severity.INFO,
            nodes=number,
            limit=MESH_LIMIT,
            harmless=_harmless(configured),
        )
