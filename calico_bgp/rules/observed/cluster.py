"""Rules about the cluster as a whole: no peers anywhere, nodes in groups, the mesh and its size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.nodes.apart import apart
from calico_bgp.cluster.nodes.members import Member, Table
from calico_bgp.cluster.sessions.judged import is_recovering
from calico_bgp.disjoint_sets import DisjointSets
from calico_bgp.messages.steps import LOOK_AT_RESOURCES, step
from calico_bgp.messages.words import count, some
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import ClusterSubject
from calico_bgp.model.topology import TopologyKind
from calico_bgp.rules.rule import Draft, rule

#: Calico's documentation advises route reflectors above this number of nodes (networking/configuring/bgp).
MESH_ADVISED_UP_TO = 100


@rule(
    "no-peers-anywhere",
    Severity.ERROR,
    title="No node has any peer",
    meaning="BIRD runs and has no peers on any node: the node-to-node mesh is off and nothing takes its place. "
    "This is what is left when "
    "all route reflectors lose their labels and cluster IDs, for instance because the control plane was "
    "reinstalled. Pods on "
    "different nodes cannot reach each other; calico-node is `ready` on all of them, for a node without peers is "
    "ready.",
    evidence="No node that was read shows a peer: `No IPv4 peers found.` on each.",
    action="Look at the resources. Either give the reflectors their label and routeReflectorClusterID back, or "
    "switch the mesh on: "
    '`calicoctl patch bgpConfiguration default -p \'{"spec": {"nodeToNodeMeshEnabled": true}}\'`.',
    messages={
        "only-node": "{node} has no peers: right only if it is the cluster's only node",
        "no-node": "no node has any peer ({nodes:count node} read): pods on different nodes cannot reach each other",
        "none-read": "none of the {nodes:count node} read has any peer, of the others nothing is known",
    },
)
def no_peers_anywhere(cluster: Cluster) -> Iterator[Draft]:
    """One finding, when BIRD answers somewhere and nobody shows a peer. A cluster of one node has none by right."""
    if cluster.sessions:
        return
    has_reflectors = bool(cluster.reflectors)
    # A family of which a node did not say that it has no peers may have some: nothing is known of it.
    read = [m for m in cluster.members if m.reading is not None]
    if any(m.table(family) not in {Table.WHOLE, Table.NOT_RUNNING} for m in read for family in Family):
        return
    answering = [m for m in read if any(m.table(family) is Table.WHOLE for family in Family)]
    if not answering and (not has_reflectors or is_part(cluster)):
        return
    # Of a part of the cluster rule configuration-behind says all that is known: these nodes lack their peers.
    behind = {deviation.node for deviation in cluster.judged.deviations.behind}
    if is_part(cluster) and behind and behind.issuperset(member.name for member in answering):
        return
    answering = answering or read
    if not answering:
        return
    single = len(cluster.members) == 1 and not has_reflectors and not cluster.snapshot.limited
    if single:
        name = cluster.members[0].name
        pasted = not cluster.snapshot.hosts
        severity = Severity.WARNING if pasted else Severity.INFO
        evidence = (f"{name}: no peers found",)
        yield Draft(ClusterSubject(), "only-node", evidence, LOOK_AT_RESOURCES, severity, node=name)
        return
    whole = len(read) == len(cluster.members)
    yield Draft(
        ClusterSubject(),
        "no-node" if whole else "none-read",
        [f"{member.name}: {_no_peers(member)}" for member in answering[:5]],
        LOOK_AT_RESOURCES,
        nodes=len(answering) if whole else len(read),
    )


def is_part(cluster: Cluster) -> bool:
    """Whether others are out of sight by right: a paste, or `--limit`."""
    return cluster.snapshot.limited or not cluster.snapshot.hosts


def _no_peers(member: Member) -> str:
    """`no peers`, unless BIRD runs for no family and so cannot have any."""
    tables = {member.table(family) for family in Family}
    return "BIRD does not run" if tables <= {Table.NOT_RUNNING, Table.UNKNOWN} else "no peers"


@rule(
    "partitioned",
    Severity.ERROR,
    title="The nodes fall into groups that do not peer with each other",
    meaning="No chain of Established sessions leads from one group of nodes to another, so neither can learn the "
    "other's routes. It is judged where nothing else says which sessions there should be: explicit peers whose design "
    "is not known.",
    evidence="The groups.",
    action="Look which BGPPeer should join them; reflectors of different racks need peers among themselves.",
    messages={
        "groups": "the nodes fall into {number} groups that do not peer with each other over {family:and}",
    },
    shape_only=True,
)
def partitioned(cluster: Cluster) -> Iterator[Draft]:
    """One finding per family; none where an external peer may join the groups, or where nodes are out of sight.

    Nor where pasted nodes show nothing of each other: those may be of several clusters.
    """
    for family in () if apart(cluster) else cluster.families:
        if any(key.family is family for key in cluster.expected) or cluster.snapshot.limited:
            continue
        if cluster.identity.unclaimed[family] or cluster.identity.unplaced[family]:
            continue
        groups = [group for group in _groups(cluster, family) if len(group) > 1]
        if len(groups) > 1:
            yield Draft(
                ClusterSubject(family=family),
                "groups",
                [f"{count(len(group), 'node')}: {some(sorted(group))}" for group in groups],
                LOOK_AT_RESOURCES,
                number=len(groups),
                family=family,
            )


def _groups(cluster: Cluster, family: Family) -> list[set[str]]:
    """The nodes that Established sessions connect, biggest group first. A session in graceful restart connects, too."""
    pairs = [
        (session.key.a, session.key.b)
        for session in cluster.in_order
        if session.key.family is family and (session.is_up or is_recovering(session))
    ]
    names = dict.fromkeys(name for pair in pairs for name in pair)
    sets = DisjointSets(names)
    for one, other in pairs:
        sets.join(one, other)
    groups: dict[str, set[str]] = defaultdict(set)
    for name in names:
        groups[sets.root(name)].add(name)
    return sorted(groups.values(), key=lambda group: (-len(group), min(group)))


@rule(
    "mixed-mesh-and-reflectors",
    Severity.WARNING,
    title="The mesh is still on beside explicit peers between nodes",
    meaning="Nodes peer through the node-to-node mesh and through reflectors at once: harmless while a migration "
    "goes on, costly after "
    "it, for every node keeps a session to every other.",
    evidence="Peers of type `node-to-node mesh` beside `global` or `node specific` ones between nodes.",
    action="When all reflector sessions are Established, switch the mesh off: nodeToNodeMeshEnabled: false in "
    "BGPConfiguration default.",
    messages={
        "mesh-on": "the node-to-node mesh is on beside explicit peers between nodes",
    },
    shape_only=True,
)
def mixed_mesh_and_reflectors(cluster: Cluster) -> Iterator[Draft]:
    """One finding for the cluster."""
    if cluster.shape.kind is TopologyKind.MIXED:
        yield Draft(ClusterSubject(), "mesh-on", (), LOOK_AT_RESOURCES)


@rule(
    "mesh-too-large",
    Severity.WARNING,
    title="A mesh of more than 100 nodes",
    meaning="In a full mesh every node keeps a session to every other; Calico's documentation advises route "
    "reflectors above 100 nodes.",
    evidence="The number of nodes that take part in the mesh.",
    action="Plan a move to route reflectors.",
    messages={
        "too-large": "the mesh has {size} nodes and {sessions:,} sessions; above {limit} reflectors are advised",
    },
    shape_only=True,
)
def mesh_too_large(cluster: Cluster) -> Iterator[Draft]:
    """One finding for the cluster."""
    if cluster.shape.kind not in {TopologyKind.MESH, TopologyKind.MIXED}:
        return
    size = max((sum(cluster.takes_part(m, family) for m in cluster.members) for family in cluster.families), default=0)
    if size > MESH_ADVISED_UP_TO:
        sessions = size * (size - 1) // 2
        yield Draft(ClusterSubject(), "too-large", size=size, sessions=sessions, limit=MESH_ADVISED_UP_TO)


@rule(
    "roles-unclear",
    Severity.INFO,
    title="It cannot be told who the reflectors are",
    meaning="Nodes peer explicitly, but the shape of the sessions does not show who reflects, so only what one end "
    "shows is compared with "
    "the other end; a session that both ends lack is not noticed.",
    evidence="The shape of the sessions.",
    action="Add role=reflector to the reflectors in hosts.txt.",
    messages={
        "shape": "{shape:same}",
    },
    shape_only=True,
)
def roles_unclear(cluster: Cluster) -> Iterator[Draft]:
    """One finding where explicit peers between nodes make no shape that we know."""
    shape = cluster.shape
    names = cluster.by_name
    between_nodes = any(key.a in names and key.b in names for key in cluster.sessions)
    if (
        shape.kind in {TopologyKind.EXPLICIT, TopologyKind.MIXED, TopologyKind.REFLECTORS}
        and not shape.uniform
        and between_nodes
    ):
        roles = step("add role=reflector to the reflectors in hosts.txt")
        yield Draft(ClusterSubject(), "shape", (), roles, shape=shape.evidence)
