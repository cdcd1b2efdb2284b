"""Rules about which nodes are route reflectors, and whom they serve. Cluster IDs have a file of their own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations

from calico_bgp.changes.advice import label_node, patch_node
from calico_bgp.messages.steps import Steps, step
from calico_bgp.messages.words import count, some
from calico_bgp.model.peer import Family
from calico_bgp.model.report import Severity
from calico_bgp.model.resources import CalicoNode
from calico_bgp.model.subject import ClusterSubject
from calico_bgp.rules.lint_context import LintContext
from calico_bgp.rules.lint_facts import clients, reflecting, served_by
from calico_bgp.rules.resources.mesh import about_nodes
from calico_bgp.rules.rule import Draft, rule
from calico_bgp.upstream import CONTROL_PLANE_LABELS, ZONE_LABELS

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
def client_without_reflector(context: LintContext) -> Iterator[Draft]:
    """One finding for all such nodes. A node without any peer is node-without-peers'."""
    if not reflecting(context):
        return
    peers = context.expectation.peers
    left = [
        node
        for node in clients(context)
        if peers.get(node.name) and not served_by(context, node.name) and node.name not in context.with_externals
    ]
    # One-sided sessions with a reflector have a finding of their own.
    reflectors = set(context.reflectors)
    left = [node for node in left if not any(p.far_node in reflectors for p in context.explicit[node.name])]
    if left:
        names = sorted(node.name for node in left)
        first = min(left, key=lambda node: node.name)
        labels = ", ".join(f"{key}={value}" for key, value in first.labels) or "none"
        yield Draft(
            about_nodes(names),
            "not-served",
            (f"labels of {names[0]}: {labels}",),
            step("label the nodes as the nodeSelector of the reflectors' BGPPeer asks"),
            Severity.WARNING if context.mesh_enabled else None,
            nodes=names,
            reflectors=context.reflectors,
        )


@rule(
    "single-reflector",
    Severity.WARNING,
    title="Fewer than two route reflectors",
    meaning="When the one reflector fails, nobody learns a route any more, and those that are known go after at most "
    "the hold time or the graceful restart time. Calico's documentation advises two for every client.",
    evidence="The nodes with a cluster ID, and which of them each client reaches.",
    action="Make a second node a reflector, best in another zone and on other hardware.",
    messages={
        "only-reflector": "{reflector} is the only route reflector: when it fails, {clients:count node} "
        "{clients:loses|lose} every route",
        "only-one-reached": "{nodes} {nodes:reaches|reach} only one of {reflectors:count reflector}: when it fails, "
        "so do all routes of {nodes:the node|these nodes}",
    },
)
def single_reflector(context: LintContext) -> Iterator[Draft]:
    """One finding for the cluster."""
    if not reflecting(context) or context.mesh_enabled:
        return
    if len(context.reflectors) == 1:
        only = context.nodes[context.reflectors[0]]
        other = next(iter(sorted(node.name for node in clients(context))))
        node = context.nodes[other]
        yield Draft(
            ClusterSubject(),
            "only-reflector",
            (f"{only.name}: routeReflectorClusterID {only.cluster_id}",),
            (
                step("label a second reflector as {reflector} is", reflector=only.name),
                step(
                    "then {command}",
                    command=patch_node(node, "routeReflectorClusterID", context.cluster_id_to_use),
                ),
            ),
            reflector=only.name,
            clients=len(clients(context)),
        )
        return
    single: defaultdict[str, list[str]] = defaultdict(list)
    for node in clients(context):
        reached = served_by(context, node.name)
        if len(reached) == 1 and node.name not in context.with_externals:
            single[min(reached)].append(node.name)
    if single:
        names = sorted(name for names in single.values() for name in names)
        yield Draft(
            about_nodes(names),
            "only-one-reached",
            [f"only {reflector}: {some(sorted(names))}" for reflector, names in sorted(single.items())],
            step("let the BGPPeer's peerSelector match a second reflector for these nodes"),
            nodes=names,
            reflectors=len(context.reflectors),
        )


@rule(
    "reflectors-in-one-zone",
    Severity.WARNING,
    title="All route reflectors are in one zone",
    meaning="The failure of that zone (label topology.kubernetes.io/zone) takes the routes of all other zones with it.",
    evidence="The zones of the reflectors and of the other nodes.",
    action="Make nodes of other zones reflectors.",
    messages={
        "one-zone": "all {reflectors} route reflectors are in zone {zone}: without it, the nodes of the other zones "
        "lose every route",
    },
)
def reflectors_in_one_zone(context: LintContext) -> Iterator[Draft]:
    """One finding for the cluster, if it has more than one zone."""
    if len(context.reflectors) < 2 or not reflecting(context):
        return
    zones = {node.name: _zone(node) for node in context.resources.nodes}
    of_reflectors = {zones[name] for name in context.reflectors}
    elsewhere = sorted(name for name, zone in zones.items() if zone is not None and zone not in of_reflectors)
    zone = next(iter(of_reflectors))
    if len(of_reflectors) != 1 or zone is None or not elsewhere:
        return
    candidate = context.nodes[elsewhere[0]]
    yield Draft(
        ClusterSubject(),
        "one-zone",
        (
            f"reflectors: {some(context.reflectors)}",
            *(f"zone {z}: {count(n, 'node')}" for z, n in sorted(Counter(z for z in zones.values() if z).items())),
        ),
        step(
            "make a node of another zone a reflector, with the reflectors' label, for example: {command}",
            command=patch_node(candidate, "routeReflectorClusterID", context.cluster_id_to_use),
        ),
        reflectors=len(context.reflectors),
        zone=zone,
    )


def _zone(node: CalicoNode) -> str | None:
    return next((zone for label in ZONE_LABELS if (zone := node.label(label))), None)


@rule(
    "reflectors-on-control-plane",
    Severity.INFO,
    title="All route reflectors are control-plane nodes",
    meaning="Works, and is common. But one upgrade of Kubernetes then touches every reflector, and their labels are "
    "Kubernetes' to change: at Reddit, on 14 March 2023, an upgrade of the control plane took all route reflectors "
    "with it. Drain and upgrade them one at a time.",
    evidence="The labels node-role.kubernetes.io/control-plane and node-role.kubernetes.io/master.",
    action="Dedicated nodes, or some reflectors among the workers, and a label of your own.",
    messages={
        "all-of-them": "every route reflector is a control-plane node ({reflectors}): an upgrade of the control "
        "plane touches all of them",
    },
)
def reflectors_on_control_plane(context: LintContext) -> Iterator[Draft]:
    """One finding for the cluster, if it has other nodes."""
    nodes = context.nodes
    if not reflecting(context) or all(_is_control_plane(node) for node in nodes.values()):
        return
    if all(_is_control_plane(nodes[name]) for name in context.reflectors):
        worker = min(name for name, node in nodes.items() if not _is_control_plane(node))
        cluster_id = context.cluster_id_to_use
        yield Draft(
            ClusterSubject(),
            "all-of-them",
            (),
            (
                step(
                    "for a reflector among the workers: {command}",
                    command=patch_node(nodes[worker], "routeReflectorClusterID", cluster_id),
                ),
                step(
                    "then {command} or the label that your peerSelector asks for",
                    command=label_node(worker, "route-reflector", "true"),
                ),
            ),
            reflectors=context.reflectors,
        )


def _is_control_plane(node: CalicoNode) -> bool:
    return any(node.label(label) is not None for label in CONTROL_PLANE_LABELS)


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
def reflectors_not_joined(context: LintContext) -> Iterator[Draft]:
    """One finding for the cluster where clients lose routes, else an info where only reflectors do."""
    if not reflecting(context):
        return
    by_reach: defaultdict[frozenset[str], list[str]] = defaultdict(list)
    for node in clients(context):
        reached = served_by(context, node.name)
        if reached and node.name not in context.with_externals and not context.mesh_enabled:
            by_reach[reached].append(node.name)
    lost = [
        (one, other) for one, other in combinations(sorted(by_reach, key=sorted), 2) if not _passes(context, one, other)
    ]
    if lost:
        one, other = lost[0]
        near, far = sorted(by_reach[one]), sorted(by_reach[other])
        same = any(b in context.neighbours[a] for a in one for b in other)
        yield Draft(
            ClusterSubject(),
            "one-cluster-id" if same else "not-peered",
            [f"{some(sorted(names))}: served by {some(sorted(reach))}" for reach, names in sorted_reach(by_reach)],
            _next_steps(context, one | other, min(other), joined=same),
            near=near,
            far=far,
        )
        return
    apart = [(a, b) for a, b in combinations(context.reflectors, 2) if b not in context.neighbours[a]]
    apart = [(a, b) for a, b in apart if not {a, b} <= context.with_externals and _one_sided_free(context, a, b)]
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


def _next_steps(context: LintContext, reflectors: frozenset[str], changed: str, *, joined: bool) -> Steps:
    """What lets reflectors pass on each other's clients' routes: a session, and cluster IDs that differ."""
    nodes = context.nodes
    new_id = step(
        "give the reflectors different cluster IDs: {command}",
        command=patch_node(nodes[changed], "routeReflectorClusterID", _another_id(context)),
    )
    if joined:
        return new_id
    # Joined with one cluster ID they would drop what the other reflects.
    return (_JOIN, new_id) if len({nodes[name].cluster_id for name in reflectors}) == 1 else _JOIN


def sorted_reach(by_reach: dict[frozenset[str], list[str]]) -> list[tuple[frozenset[str], list[str]]]:
    """In an order that does not change."""
    return sorted(by_reach.items(), key=lambda item: sorted(item[0]))


def _passes(context: LintContext, one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether a route can come from clients of `one` to clients of `other`; where it is hard to say, yes."""
    if one & other:
        return True
    nodes = context.nodes
    ids = {nodes[name].cluster_id for name in one | other}
    if len(ids) == 1:
        return False
    reached, todo = set[str](), [*one]
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            # Outside the cluster, and over eBGP, everything may be passed on.
            if name in context.with_externals and other & context.with_externals:
                return True
            todo += context.neighbours[name] & set(context.reflectors)
    return bool(reached & other)


def _one_sided_free(context: LintContext, a: str, b: str) -> bool:
    """Whether neither end has the other as a peer: a one-sided session has a finding of its own."""
    return not any((x, y, f) in context.explicit_ends for x, y in ((a, b), (b, a)) for f in Family)


def _another_id(context: LintContext) -> str:
    """A cluster ID that no node has, of the kind that Calico's documentation uses."""
    used = {node.cluster_id for node in context.resources.nodes}
    return next(text for number in range(1, 255) if (text := f"244.0.0.{number}") not in used)
