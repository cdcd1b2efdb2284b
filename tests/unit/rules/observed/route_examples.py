"""Examples and near misses of the rules of what BIRD and the kernel hold, in groups by their places in the list."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from ipaddress import IPv4Network, ip_address, ip_network

from calico_bgp.lab.cluster import LabCluster, Topology, build_cluster
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.lab.routing.trouble import Trouble
from calico_bgp.model.resources.blocks import BlockAffinity
from calico_bgp.model.resources.pools import IPPool
from calico_bgp.model.routes.bird_reading import RouteLimit
from calico_bgp.model.routes.bird_route import Destination
from calico_bgp.model.routes.kernel_route import KernelHop, KernelRoute
from calico_bgp.model.snapshot import Snapshot
from tests.with_routes import change_protocols, change_table, with_routes

MESH = build_cluster(4, topology=Topology.MESH)
CLIENTS = build_cluster(5)
SWITCHED = build_cluster(4, topology=Topology.MESH, switch=True)
OF_A_POD = KernelHop(None, "cali1")
#: Severity, subject, example, near miss: what rule_examples.py makes its examples of.
Parts = tuple[str, str, Callable[[], Snapshot], Callable[[], Snapshot]]


def sound(cluster: LabCluster = MESH) -> Snapshot:
    return with_routes(cluster)


def troubled(cluster: LabCluster = MESH, **trouble: object) -> Snapshot:
    return with_routes(cluster, trouble=Trouble(**trouble))  # type: ignore[arg-type]


def with_all_resources(cluster: LabCluster = MESH, **more: object) -> Snapshot:
    return sound(cluster).model_copy(update={"resources": lab_resources(cluster).model_copy(update=more)})


def pool(cidr: str) -> tuple[IPPool, ...]:
    return (IPPool(name="pods", cidr=cidr),)


def affinity(node: str) -> tuple[BlockAffinity, ...]:
    return (BlockAffinity(name="a", node=node, cidr="10.244.0.64/26"),)


def limit(action: str, *, hit: bool = True) -> Snapshot:
    limits = (RouteLimit("Import", 1, is_hit=hit, action=action),)
    return change_protocols(sound(), 0, "Mesh_192_0_2_12", limits=limits)


def unreachable(*, also_down: bool = False) -> Snapshot:
    """The first node's BIRD cannot resolve the next hop of the second one's block."""

    def changed(routes: tuple) -> tuple:  # type: ignore[type-arg]
        block = ip_network("10.244.0.128/26")
        kind = Destination.GATEWAY if also_down else Destination.UNREACHABLE
        return tuple(route._replace(destination=kind) if route.prefix == block else route for route in routes)

    def kernel(routes: tuple) -> tuple:  # type: ignore[type-arg]
        kind = {} if also_down else {"type": "unreachable", "hops": ()}
        return tuple(r._replace(**kind) if r.prefix == ip_network("10.244.0.128/26") else r for r in routes)

    return change_table(sound(), 0, bird=changed, kernel=kernel)


def behind_a_router(*, tunnel: bool) -> Snapshot:
    """The first node's way to the second one's block leads through a router, as BIRD finds the next hop."""
    router = ip_address("192.0.2.250")

    def bird(routes: tuple) -> tuple:  # type: ignore[type-arg]
        return tuple(r._replace(gateway=router) if str(r.prefix) == "10.244.0.128/26" else r for r in routes)

    def kernel(routes: tuple) -> tuple:  # type: ignore[type-arg]
        hop = KernelHop(router, "vxlan.calico" if tunnel else "eth0")
        return tuple(r._replace(hops=(hop,)) if str(r.prefix) == "10.244.0.128/26" else r for r in routes)

    return change_table(sound(), 0, bird=bird, kernel=kernel)


def without(block: IPv4Network) -> Callable[[tuple], tuple]:  # type: ignore[type-arg]
    return lambda routes: tuple(route for route in routes if route.prefix != block)


def not_passed_on(*faults: str) -> Snapshot:
    """The last client lacks the routes of another one, and nothing says why."""
    block = ip_network("10.244.0.192/26")
    made = with_routes(CLIENTS, *faults)
    place = len(made.readings) - 1
    return change_table(made, place, bird=without(block), kernel=without(block))


def twice(*, felix: bool) -> Snapshot:
    """Felix's route beside each of BIRD's in the first node's kernel, or one of the administrator's (4)."""

    def doubled(routes: tuple) -> tuple:  # type: ignore[type-arg]
        other = 80 if felix else 4
        bird = [route for route in routes if route.protocol == 12 and route.type == "unicast"]
        return (*routes, *(route._replace(protocol=other) for route in bird))

    return change_table(sound(), 0, kernel=doubled)


def stale(*, settled: bool) -> Snapshot:
    def more(routes: tuple) -> tuple:  # type: ignore[type-arg]
        route = next(route for route in routes if route.protocol == 12 and route.type == "unicast")
        return (*routes, route._replace(prefix=ip_network("10.244.200.0/26"), protocol=12 if settled else 4))

    return change_table(sound(), 0, kernel=more)


def single(address: str, hop: KernelHop = OF_A_POD) -> Snapshot:
    """A single address in the first node's kernel, beside the pool that the lab's pods are of."""

    def more(routes: tuple) -> tuple:  # type: ignore[type-arg]
        return (*routes, KernelRoute(ip_network(address), "unicast", 3, 0, (hop,)))

    return change_table(with_all_resources(ip_pools=pool("10.244.0.0/16")), 0, kernel=more)


def told_of(address: str, *places: int) -> Snapshot:
    """A single address in the first node's kernel, and a route there in those of some others."""
    made = single(address)
    route = KernelRoute(ip_network(address), "unicast", 12, 0, (KernelHop(ip_address("192.0.2.11"), "eth0"),))
    for place in places:
        made = change_table(made, place, kernel=lambda routes: (*routes, route))
    return made


FIRST: dict[str, Parts] = {
    "own-routes-lost": (
        "error",
        "node3 (IPv4)",
        partial(troubled, own_lost=frozenset({"node3"})),
        partial(troubled, kept_back=frozenset({"node3"})),
    ),
    "routes-not-announced": (
        "error",
        "node3 (IPv4)",
        partial(troubled, kept_back=frozenset({"node3"})),
        partial(troubled, own_lost=frozenset({"node3"})),
    ),
    "routes-not-accepted": (
        "error",
        "node3 (IPv4)",
        partial(troubled, limits=frozenset({("node3", "node1")})),
        partial(limit, "block", hit=True),
    ),
    "route-limit-hit": (
        "error",
        "node1 <-> node2 (IPv4)",
        partial(limit, "block"),
        partial(limit, "block", hit=False),
    ),
    "next-hop-unreachable": ("error", "node1 (IPv4)", unreachable, partial(unreachable, also_down=True)),
    "kernel-behind": (
        "error",
        "node4 (IPv4)",
        partial(troubled, kernel_behind=frozenset({"node4"})),
        partial(troubled, own_lost=frozenset({"node4"})),
    ),
    "block-announced-twice": (
        "error",
        "cluster (IPv4)",
        partial(troubled, shared_blocks=(("node1", "node4"),)),
        sound,
    ),
    "routes-not-arriving": (
        "error",
        "cluster (IPv4)",
        not_passed_on,
        # Without sessions to the reflectors it is no wonder.
        partial(not_passed_on, "link-cut:node1,node5", "link-cut:node2,node5"),
    ),
}
SECOND: dict[str, Parts] = {
    "routes-programmed-twice": ("warning", "node1 (IPv4)", partial(twice, felix=True), partial(twice, felix=False)),
    "kernel-routes-stale": ("warning", "node1 (IPv4)", partial(stale, settled=True), partial(stale, settled=False)),
    "pods-behind-a-router": (
        "warning",
        "cluster (IPv4)",
        partial(behind_a_router, tunnel=False),
        partial(behind_a_router, tunnel=True),
    ),
    "blocks-outside-pools": (
        "warning",
        "node1 (IPv4)",
        partial(with_all_resources, ip_pools=pool("10.243.0.0/16"), block_affinities=affinity("node1")),
        partial(with_all_resources, ip_pools=pool("10.244.0.0/16"), block_affinities=affinity("node1")),
    ),
    "routes-to-gone-node": (
        "warning",
        "node9 (IPv4)",
        partial(with_all_resources, block_affinities=affinity("node9")),
        partial(with_all_resources, block_affinities=affinity("node1")),
    ),
    "external-peer-gives-nothing": (
        "warning",
        "192.0.2.1 (IPv4)",
        lambda: _all_four(imported=0),
        lambda: change_protocols(sound(SWITCHED), 0, "Global", imported=0),
    ),
    "nothing-exported": (
        "warning",
        "node1 <-> node2 (IPv4)",
        lambda: change_protocols(sound(), 0, "Mesh_192_0_2_12", exported=0),
        partial(troubled, kept_back=frozenset({"node1"})),
    ),
}
THIRD: dict[str, Parts] = {
    "graceful-restart-lacking": (
        "info",
        "node2 (IPv4)",
        lambda: change_protocols(sound(), 0, "Mesh_192_0_2_12", capabilities=("refresh", "AS4")),
        lambda: change_protocols(sound(SWITCHED), 0, "Global", capabilities=("refresh", "AS4")),
    ),
    "addresses-outside-blocks": (
        "warning",
        "node1 (IPv4)",
        partial(single, "10.244.0.130/32", KernelHop(ip_address("192.0.2.50"), "eth1")),
        # Felix's own route to an address that another node has borrowed.
        partial(single, "10.244.0.130/32", KernelHop(ip_address("192.0.2.13"), "vxlan.calico")),
    ),
}


def _all_four(**changes: object) -> Snapshot:
    made = sound(SWITCHED)
    for place in range(4):
        made = change_protocols(made, place, "Global", **changes)
    return made


def _without(block: str, *places: int, made: Snapshot | None = None, kernel: bool = False) -> Snapshot:
    """Some nodes' kernel without a block, and their BIRD, unless it is the kernel alone."""
    gone = without(ip_network(block))
    made = sound() if made is None else made
    for place in places:
        made = change_table(made, place, kernel=gone) if kernel else change_table(made, place, bird=gone, kernel=gone)
    return made


#: (rule, message) → what the rules' own examples do not show.
MORE: dict[tuple[str, str], Callable[[], Snapshot]] = {
    ("own-routes-lost", "kernel"): lambda: change_protocols(sound(), 0, "kernel1", state="down"),
    ("own-routes-lost", "blocks"): lambda: _without(
        "10.244.0.64/26",
        *range(4),
        made=with_all_resources(ip_pools=pool("10.244.0.0/16"), block_affinities=affinity("node1")),
    ),
    ("own-routes-lost", "pods"): lambda: _without("10.244.0.64/26", *range(4)),
    ("routes-not-announced", "some"): partial(troubled, mute=frozenset({("node3", "node1")})),
    ("kernel-behind", "lacks"): lambda: _without("10.244.0.128/26", 0, kernel=True),
    ("external-peer-gives-nothing", "refused"): lambda: _all_four(imported=0, imports_filtered=5),
    ("addresses-outside-blocks", "borrowed"): lambda: told_of("10.244.0.140/32", 1, 2, 3),
    ("addresses-outside-blocks", "unreached"): lambda: told_of("10.244.0.140/32", 2),
    ("addresses-outside-blocks", "left"): lambda: single("10.244.9.1/32"),
    ("addresses-outside-blocks", "outside"): lambda: single("203.0.113.7/32"),
}
