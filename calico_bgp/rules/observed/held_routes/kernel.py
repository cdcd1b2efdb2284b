"""Rules about the kernel's routes beside BIRD's: what packets really follow."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.messages.words import some
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import NodeSubject
from calico_bgp.model.routes.kernel_route import BIRD
from calico_bgp.model.routes.observed import Stop
from calico_bgp.routes.missing import missing_at
from calico_bgp.routes.observed.alike.looked_up import Beside, WrittenTwice
from calico_bgp.routes.observed.compare import observed_of
from calico_bgp.rules.observed.held_routes.facts import (
    SHOWN,
    by_place,
    evidence_of,
    look_at_routes,
    tables_of,
)
from calico_bgp.rules.rule import Draft, rule


@rule(
    "kernel-behind",
    Severity.ERROR,
    title="The kernel lacks routes that BIRD has",
    meaning="Packets follow the kernel, not BIRD. A route that BIRD has and the kernel has not, or has from another "
    "writer to "
    "another next hop, loses them: Felix owns the class of routes (programClusterRoutes) and wrote none, another "
    "program holds the network, or BIRD's kernel protocol is down.",
    evidence="BIRD's best paths beside `ip route show`. Of a tunnel only that its route is there counts; the routes of "
    "WireGuard's own table stand before those of `main`.",
    action="Look who wrote the kernel's route (`proto`): delete what is stale, and let one of BIRD and Felix program "
    "it.",
    messages={
        "lacks": "the kernel of {node} lacks {number:count route} that its BIRD has: those of {origins}",
        "elsewhere": "the kernel of {node} leads {number:count route} elsewhere than its BIRD: those of {origins}",
    },
)
def kernel_behind(cluster: Cluster) -> Iterator[Draft]:
    """One finding per node and family."""
    for stop, key in ((Stop.NOT_IN_KERNEL, "lacks"), (Stop.KERNEL_ELSEWHERE, "elsewhere")):
        for family, at, routes in by_place(missing_at(cluster, stop)):
            number = sum(len(one.blocks) for one in routes)
            origins = tuple(sorted({one.origin for one in routes}))
            look = look_at_routes(cluster, at, family, "show route primary")
            subject = NodeSubject(node=at, family=family)
            yield Draft(subject, key, evidence_of(routes), look, node=at, number=number, origins=origins)


@rule(
    "kernel-routes-stale",
    Severity.WARNING,
    title="The kernel has routes of BIRD that BIRD no longer has",
    meaning="BIRD's kernel protocol is `persist`: its routes stay when BIRD dies, and lead to where pods were. BIRD "
    "removes "
    "them within seconds after it has started and recovered.",
    evidence="Kernel routes with `proto bird` whose network is not in BIRD's table. Nodes whose BIRD recovers are "
    "left out.",
    action="Does BIRD run on that node, and is its kernel1 up? Else delete the routes.",
    messages={"stale": "the kernel of {node} has {number:count route} of BIRD that BIRD has not: {networks}"},
)
def kernel_routes_stale(cluster: Cluster) -> Iterator[Draft]:
    """One finding per node and family."""
    for family in observed_of(cluster):
        beside = Beside()
        for node in tables_of(cluster, family):
            if not node.bird_is_whole or not node.is_settled:
                continue
            stale = beside.not_in_bird(node, BIRD)
            if stale:
                names = tuple(str(route.prefix) for route in stale)
                look = look_at_routes(cluster, node.name, family, "show protocols all kernel1")
                subject = NodeSubject(node=node.name, family=family)
                evidence = tuple(f"kernel: {_shown(route)}" for route in stale[:SHOWN])
                yield Draft(subject, "stale", evidence, look, node=node.name, number=len(names), networks=names)


@rule(
    "routes-programmed-twice",
    Severity.WARNING,
    title="BIRD and Felix both write routes to the same networks",
    meaning="programClusterRoutes of FelixConfiguration and of BGPConfiguration must complement each other; nothing "
    "checks "
    "that. Where both write, the kernel takes Felix's, BIRD learns it back and may announce another node's block.",
    evidence="Two routes to one network in the kernel, one of them `proto bird` and one of Felix (80).",
    action="Set programClusterRoutes so that one of them writes each class of routes.",
    messages={"twice": "BIRD and Felix both write {number:count route} on {node}: {networks}"},
)
def routes_programmed_twice(cluster: Cluster) -> Iterator[Draft]:
    """One finding per node and family."""
    for family in observed_of(cluster):
        twice = WrittenTwice()
        for node in tables_of(cluster, family):
            prefixes = twice.written(node)
            if prefixes:
                evidence = tuple(f"kernel: {_shown(route)}" for prefix in prefixes[:3] for route in node.kernel[prefix])
                subject = NodeSubject(node=node.name, family=family)
                names = tuple(map(str, prefixes))
                yield Draft(subject, "twice", evidence, None, node=node.name, number=len(prefixes), networks=names)


def _shown(route: object) -> str:
    prefix, kind, protocol, metric, hops = (
        getattr(route, name) for name in ("prefix", "type", "protocol", "metric", "hops")
    )
    ways = some([f"via {hop.gateway} dev {hop.interface}" for hop in hops]) if hops else kind
    return f"{prefix} {ways} proto {'bird' if protocol == BIRD else protocol} metric {metric}"
