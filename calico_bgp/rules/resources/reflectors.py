"""Rules about which nodes are route reflectors, and whom they serve. Cluster IDs have a file of their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from calico_bgp.changes.advice import command
from calico_bgp.changes.change import SetClusterID
from calico_bgp.cluster.cluster import Cluster
from calico_bgp.expect.configured import Configured
from calico_bgp.expect.reflectors import clients, reflecting, served_by
from calico_bgp.messages.steps import Steps, step
from calico_bgp.messages.words import some
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import ClusterSubject
from calico_bgp.rules.resources.mesh import about_nodes
from calico_bgp.rules.rule import Draft, rule

_JOIN = step(
    "add a BGPPeer whose nodeSelector and peerSelector both match the reflectors, or use nodeSelector: all() in the "
    "one that joins clients and reflectors"
)


@rule(
    "client-without-reflector",
    Severity.ERROR,
    title="No reflector serves a node",
    meaning="The node peers with some nodes, but with no route reflector and nobody outside the cluster. Nodes that "
    "are no reflectors pass nothing on, so it learns only the routes of those it peers with. A warning while the mesh "
    "is on: then only the routes of the reflectors' own pods are missing.",
    evidence="The node's labels, and which nodes the reflectors serve.",
    action="Label the node so that the BGPPeer of the reflectors selects it.",
    messages={
        "not-served": "no route reflector serves {nodes}, though {reflectors} {reflectors:serves|serve} others",
    },
)
def client_without_reflector(cluster: Cluster) -> Iterator[Draft]:
    """One finding for all such nodes. A node without any peer is node-without-peers'."""
    configured = cluster.configured
    if not reflecting(configured):
        return
    peers = configured.expectation.peers
    unserved = [
        node
        for node in clients(configured)
        if peers.has_any(node.name)
        and not served_by(configured, node.name)
        and node.name not in configured.with_externals
    ]
    # One-sided sessions with a reflector have a finding of their own.
    reflectors = set(configured.reflectors)
    unserved = [node for node in unserved if not any(p.far_node in reflectors for p in configured.explicit[node.name])]
    if unserved:
        names = sorted(node.name for node in unserved)
        yield Draft(
            about_nodes(names),
            "not-served",
            (f"labels of {names[0]}: {configured.nodes[names[0]].labels_text}",),
            step("label the nodes as the nodeSelector of the reflectors' BGPPeer asks"),
            Severity.WARNING if configured.mesh_enabled else None,
            nodes=names,
            reflectors=configured.reflectors,
        )


@rule(
    "reflectors-not-joined",
    Severity.ERROR,
    title="Reflectors do not pass their clients' routes to each other",
    meaning="Two clients that share no reflector learn each other's routes only when their reflectors peer with each "
    "other and have different cluster IDs: a reflector does not hand its clients a route that carries its own cluster "
    "ID. Where every client reaches every reflector nothing is lost but the routes between the reflectors' own pods, "
    "and the finding is an info. It is what `nodeSelector: '!has(route-reflector)'` in quotes leads to. Source: RFC "
    "4456 section 8; BIRD proto/bgp/attrs.c.",
    evidence="Which clients reach which reflectors.",
    action="Join the reflectors by a BGPPeer, or let every client reach a common reflector.",
    messages={
        "one-cluster-id": "{near} and {far} never learn each other's routes, for their reflectors have one cluster ID",
        "not-peered": "{near} and {far} never learn each other's routes, for their reflectors do not peer with each "
        "other",
        "reflectors-apart": "reflectors {reflectors} do not all peer with each other: their own pods do not reach "
        "each other over BGP's routes, those of the clients do",
    },
)
def reflectors_not_joined(cluster: Cluster) -> Iterator[Draft]:
    """One finding for the cluster where clients lose routes, else an info where only reflectors do."""
    configured = cluster.configured
    if not reflecting(configured):
        return
    by_reach: defaultdict[frozenset[str], list[str]] = defaultdict(list)
    for node in clients(configured):
        reached = served_by(configured, node.name)
        if reached and node.name not in configured.with_externals and not configured.mesh_enabled:
            by_reach[reached].append(node.name)
    apart_reaches = [
        (one, other)
        for one, other in combinations(sorted(by_reach, key=sorted), 2)
        if not _passes(configured, one, other)
    ]
    if apart_reaches:
        one, other = apart_reaches[0]
        near, far = sorted(by_reach[one]), sorted(by_reach[other])
        are_joined = any(b in configured.neighbours[a] for a in one for b in other)
        yield Draft(
            ClusterSubject(),
            "one-cluster-id" if are_joined else "not-peered",
            [f"{some(sorted(names))}: served by {some(sorted(reach))}" for reach, names in sorted_reach(by_reach)],
            _next_steps(configured, one | other, min(other), joined=are_joined),
            near=near,
            far=far,
        )
        return
    apart = [(a, b) for a, b in combinations(configured.reflectors, 2) if not _are_joined(configured, a, b)]
    apart = [(a, b) for a, b in apart if not {a, b} <= configured.with_externals and _one_sided_free(configured, a, b)]
    if apart:
        names = sorted({name for pair in apart for name in pair})
        yield Draft(
            ClusterSubject(),
            "reflectors-apart",
            [f"no session: {a} and {b}" for a, b in apart],
            _JOIN,
            Severity.INFO,
            reflectors=names,
        )


def _next_steps(configured: Configured, reflectors: frozenset[str], changed: str, *, joined: bool) -> Steps:
    """What lets reflectors pass on each other's clients' routes: a session, and cluster IDs that differ."""
    nodes = configured.nodes
    new_id = step(
        "give the reflectors different cluster IDs: {command}",
        command=command(SetClusterID(changed, _another_id(configured)), nodes[changed]),
    )
    if joined:
        return new_id
    # Joined with one cluster ID they would drop what the other reflects.
    return (_JOIN, new_id) if len({nodes[name].cluster_id for name in reflectors}) == 1 else _JOIN


def sorted_reach(by_reach: dict[frozenset[str], list[str]]) -> list[tuple[frozenset[str], list[str]]]:
    """In an order that does not change."""
    return sorted(by_reach.items(), key=lambda item: sorted(item[0]))


def _passes(configured: Configured, one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether a route can come from clients of `one` to clients of `other`; where it is hard to say, yes."""
    if one & other:
        return True
    nodes = configured.nodes
    ids = {nodes[name].cluster_id for name in one | other}
    if len(ids) == 1:
        return False
    reached, todo = set[str](), [*one]
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            # Outside the cluster, and over eBGP, everything may be passed on.
            if name in configured.with_externals and other & configured.with_externals:
                return True
            todo += configured.neighbours[name] & set(configured.reflectors)
    return bool(reached & other)


def _are_joined(configured: Configured, a: str, b: str) -> bool:
    """Whether they peer with each other, or reflectors with other cluster IDs stand between them."""
    ids = {configured.nodes[name].cluster_id for name in (a, b)}
    between = {name for name in configured.reflectors if configured.nodes[name].cluster_id not in ids}
    reached, todo = set[str](), [a]
    while todo:
        name = todo.pop()
        if b in configured.neighbours[name]:
            return True
        reached.add(name)
        todo += configured.neighbours[name] & between - reached
    return False


def _one_sided_free(configured: Configured, a: str, b: str) -> bool:
    """Whether neither end has the other as a peer: a one-sided session has a finding of its own."""
    return not any((near, far, f) in configured.explicit_ends for near, far in ((a, b), (b, a)) for f in Family)


def _another_id(configured: Configured) -> str:
    """A cluster ID that no node has, of the kind that Calico's documentation uses."""
    used = {node.cluster_id for node in configured.resources.nodes}
    return next(text for number in range(1, 255) if (text := f"244.0.0.{number}") not in used)
