"""Rules about what the failure of one reflector, zone or upgrade takes with it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from calico_bgp.changes.advice import command, label_node
from calico_bgp.changes.change import SetClusterID
from calico_bgp.cluster.cluster import Cluster
from calico_bgp.expect.reflectors import clients, reflecting, served_by
from calico_bgp.messages.steps import step
from calico_bgp.messages.words import count, some
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import ClusterSubject
from calico_bgp.model.resources import CalicoNode
from calico_bgp.rules.resources.mesh import about_nodes
from calico_bgp.rules.rule import Draft, rule
from calico_bgp.upstream import ZONE_LABELS


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
def single_reflector(cluster: Cluster) -> Iterator[Draft]:
    """One finding for the cluster."""
    configured = cluster.configured
    if not reflecting(configured) or configured.mesh_enabled:
        return
    if len(configured.reflectors) == 1:
        only = configured.nodes[configured.reflectors[0]]
        other = next(iter(sorted(node.name for node in clients(configured))))
        node = configured.nodes[other]
        yield Draft(
            ClusterSubject(),
            "only-reflector",
            (f"{only.name}: routeReflectorClusterID {only.cluster_id}",),
            (
                step("label a second reflector as {reflector} is", reflector=only.name),
                step(
                    "then {command}",
                    command=command(SetClusterID(node.name, configured.cluster_id_to_use), node),
                ),
            ),
            reflector=only.name,
            clients=len(clients(configured)),
        )
        return
    single: defaultdict[str, list[str]] = defaultdict(list)
    for node in clients(configured):
        reached = served_by(configured, node.name)
        if len(reached) == 1 and node.name not in configured.with_externals:
            single[next(iter(reached))].append(node.name)
    if single:
        names = sorted(name for names in single.values() for name in names)
        yield Draft(
            about_nodes(names),
            "only-one-reached",
            [f"only {reflector}: {some(sorted(names))}" for reflector, names in sorted(single.items())],
            step("let the BGPPeer's peerSelector match a second reflector for these nodes"),
            nodes=names,
            reflectors=len(configured.reflectors),
        )


@rule(
    "reflectors-in-one-zone",
    Severity.WARNING,
    title="All route reflectors are in one zone",
    meaning="The failure of that zone (label topology.kubernetes.io/zone) takes the routes of all other zones with it.",
    evidence="The zones of the reflectors and of the other nodes.",
    action="Make nodes of other zones reflectors.",
    messages={
        "one-zone": "{reflectors:every route reflector} are in zone {zone}: without it, the nodes of the other zones "
        "lose every route",
    },
)
def reflectors_in_one_zone(cluster: Cluster) -> Iterator[Draft]:
    """One finding for the cluster, if it has more than one zone."""
    configured = cluster.configured
    if len(configured.reflectors) < 2 or not reflecting(configured):
        return
    zones = {node.name: _zone(node) for node in configured.resources.nodes}
    of_reflectors = {zones[name] for name in configured.reflectors}
    elsewhere = sorted(name for name, zone in zones.items() if zone is not None and zone not in of_reflectors)
    zone = next(iter(of_reflectors))
    if len(of_reflectors) != 1 or zone is None or not elsewhere:
        return
    candidate = configured.nodes[elsewhere[0]]
    yield Draft(
        ClusterSubject(),
        "one-zone",
        (
            f"reflectors: {some(configured.reflectors)}",
            *(f"zone {z}: {count(n, 'node')}" for z, n in sorted(Counter(z for z in zones.values() if z).items())),
        ),
        step(
            "make a node of another zone a reflector, with the reflectors' label, for example: {command}",
            command=command(SetClusterID(candidate.name, configured.cluster_id_to_use), candidate),
        ),
        reflectors=len(configured.reflectors),
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
def reflectors_on_control_plane(cluster: Cluster) -> Iterator[Draft]:
    """One finding for the cluster, if it has other nodes."""
    configured = cluster.configured
    nodes = configured.nodes
    if not reflecting(configured) or all(node.is_control_plane for node in nodes.values()):
        return
    if all(nodes[name].is_control_plane for name in configured.reflectors):
        worker = min(name for name, node in nodes.items() if not node.is_control_plane)
        cluster_id = configured.cluster_id_to_use
        yield Draft(
            ClusterSubject(),
            "all-of-them",
            (),
            (
                step(
                    "for a reflector among the workers: {command}",
                    command=command(SetClusterID(worker, cluster_id), nodes[worker]),
                ),
                step(
                    "then {command} or the label that your peerSelector asks for",
                    command=label_node(worker, "route-reflector", "true"),
                ),
            ),
            reflectors=configured.reflectors,
        )
