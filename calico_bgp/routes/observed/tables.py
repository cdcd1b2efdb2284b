"""The routes of each node, by prefix. Only what was read; judges nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import chain
from typing import TypeAlias

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.model.peer import Family
from calico_bgp.model.routes.bird_reading import BirdReading
from calico_bgp.model.routes.bird_route import Destination
from calico_bgp.model.routes.kernel_route import BIRD, KernelRoute
from calico_bgp.model.routes.table import RouteTable, TableRoute, leads_through_gateway
from calico_bgp.natural_order import natural_key
from calico_bgp.prefixes import Prefix
from calico_bgp.routes.observed.alike.overlay import Overlay, by_prefix, changed_at
from calico_bgp.upstream import POD_INTERFACES, WIREGUARD_INTERFACES

Prefixes: TypeAlias = frozenset[Prefix]

#: BIRD tells its peers of a new configuration within seconds; what is younger than this has not arrived everywhere.
SETTLED = timedelta(seconds=10)


@dataclass(frozen=True)
class NodeTables:
    """The routes of one family on one node.

    Attributes:
        name: The node.
        table: What was read of its routes.
        bird: What its BIRD said of itself; None where it was not asked.
        base: Where the routes stand that the node did not send, as it has the same ones through gateways.
    """

    name: str
    table: RouteTable
    bird: BirdReading | None = None
    base: NodeTables | None = None

    @property
    def bird_is_whole(self) -> bool:
        """Whether a path that is not here is not in BIRD: its table was read as a whole, and not while it recovers."""
        is_whole = self.table.bird_is_whole if self._bird_base is None else self._bird_base.table.bird_is_whole
        return self.table.bird is not None and is_whole and not (self.bird and self.bird.is_recovering)

    @property
    def kernel_is_whole(self) -> bool:
        """Whether a route that is not here is nowhere in the kernel: WireGuard has its routes in another table."""
        base = self._kernel_base
        is_whole = self.table.kernel_is_whole if base is None else base.table.kernel_is_whole
        has_all = self.table.wireguard_is_read or not self.has_wireguard
        return self.table.kernel is not None and is_whole and has_all

    @property
    def why_no_kernel(self) -> str:
        """Why its kernel cannot be judged, where it cannot."""
        if self.has_wireguard and self.table.kernel_is_whole:
            return "WireGuard's routes, in a table of their own, were not read"
        return "the kernel's were not read"

    @property
    def _bird_base(self) -> NodeTables | None:
        return None if self.table.bird_hash is None else self.base

    @property
    def _kernel_base(self) -> NodeTables | None:
        return None if self.table.kernel_hash is None else self.base

    @cached_property
    def has_wireguard(self) -> bool:
        """Whether the node has WireGuard's interface: the kernel has a route over it, or BIRD knows its address."""
        return (
            self.table.wireguard_is_read
            or any(hop.interface in WIREGUARD_INTERFACES for route in self._own_and_odd for hop in route.hops)
            or any(path.interface in WIREGUARD_INTERFACES for path in self._own_and_odd_paths)
        )

    @cached_property
    def is_settled(self) -> bool:
        """Whether BIRD's configuration is old enough that what it tells has arrived."""
        if self.bird is None or self.bird.server_time is None or self.bird.last_reconfiguration is None:
            return True
        times = (self.bird.server_time, self.bird.last_reconfiguration)
        now, changed = (datetime.fromisoformat(text.partition(".")[0]) for text in times)
        return now - changed >= SETTLED

    @cached_property
    def paths(self) -> Mapping[Prefix, tuple[TableRoute, ...]]:
        """Prefix → its paths in BIRD."""
        own = by_prefix(self.table.bird or ())
        base = self._bird_base
        if base is None or self.table.same_as is None:
            return own
        return Overlay(base.paths, changed_at(base.paths, base.own_networks, own, self.table.same_as.bird_without))

    def best(self, prefix: Prefix) -> TableRoute | None:
        """BIRD's best path, by its mark; of a table without one the first."""
        paths = self.paths.get(prefix, ())
        return next((path for path in paths if path.is_best), paths[0] if paths else None)

    @property
    def number_of_paths(self) -> int:
        """All paths in BIRD's table."""
        own = self.table.bird or ()
        if self._bird_base is None or self.table.bird_hash is None:
            return len(own)
        return self.table.bird_hash.routes + sum(not leads_through_gateway(route) for route in own)

    @cached_property
    def kernel(self) -> Mapping[Prefix, tuple[KernelRoute, ...]]:
        """Prefix → the kernel's routes, the one that counts first: a table before `main`, then the lowest metric."""
        own = by_prefix(self.table.kernel or ())
        base = self._kernel_base
        if base is None or self.table.same_as is None:
            return {prefix: tuple(sorted(routes, key=_precedence)) for prefix, routes in own.items()}
        changed = changed_at(base.kernel, base.own_networks, own, self.table.same_as.kernel_without)
        return Overlay(base.kernel, {p: tuple(sorted(routes, key=_precedence)) for p, routes in changed.items()})

    @cached_property
    def static(self) -> Prefixes:
        """What BIRD announces as this node's own: the networks that its static protocol sends nowhere."""
        return frozenset(
            route.prefix
            for route in self.table.bird or ()
            if route.destination is Destination.BLACKHOLE
            and route.protocol.startswith("static")
            and route.prefix.prefixlen < route.prefix.max_prefixlen
        )

    @cached_property
    def blackholes(self) -> Prefixes:
        """The networks that the kernel sends nowhere, whoever wrote that."""
        return frozenset(route.prefix for route in self.table.kernel or () if route.type == "blackhole")

    @cached_property
    def pods(self) -> Prefixes:
        """The addresses of this node's pods, as Felix wrote them into the kernel."""
        return frozenset(
            route.prefix
            for route in self.singles
            if any((hop.interface or "").startswith(POD_INTERFACES) for hop in route.hops)
        )

    @cached_property
    def singles(self) -> tuple[KernelRoute, ...]:
        """The routes of `main` to single addresses that BIRD did not write, and so learns and announces."""
        return tuple(route for route in self._own_and_odd if _is_single(route))

    @cached_property
    def own_networks(self) -> Prefixes:
        """The networks to which it has a route through no gateway, its own blocks among them."""
        bird = (route.prefix for route in self.table.bird or () if not leads_through_gateway(route))
        kernel = (route.prefix for route in self.table.kernel or () if not leads_through_gateway(route))
        return frozenset(chain(bird, kernel))

    @cached_property
    def differs_at(self) -> Prefixes | None:
        """The only networks to which its routes may differ from those of `base`; None where that cannot be told."""
        same_as = self.table.same_as
        if self.base is None or same_as is None or self.table.bird_hash is None:
            return None
        if self.table.kernel_hash is None and (self.table.kernel is not None or self.base.table.kernel is not None):
            return None
        routes = (self.table.bird, self.table.kernel, same_as.bird_without, same_as.kernel_without)
        return self.base.own_networks.union(*({route.prefix for route in each or ()} for each in routes))

    @property
    def kernel_routes(self) -> Iterable[KernelRoute]:
        """All of the kernel's."""
        return self.table.kernel or () if self._kernel_base is None else chain.from_iterable(self.kernel.values())

    @cached_property
    def odd_routes(self) -> tuple[KernelRoute, ...]:
        """Routes through gateways that mean something by themselves, to single addresses or on certain interfaces."""
        return tuple(
            route
            for route in self.table.kernel or ()
            if leads_through_gateway(route)
            and (
                _is_single(route)
                or any((hop.interface or "").startswith((*WIREGUARD_INTERFACES, POD_INTERFACES)) for hop in route.hops)
            )
        )

    @cached_property
    def odd_paths(self) -> tuple[TableRoute, ...]:
        """Likewise of BIRD."""
        paths = (path for path in self.table.bird or () if path.interface in WIREGUARD_INTERFACES)
        return tuple(path for path in paths if leads_through_gateway(path))

    @cached_property
    def learned_from_kernel(self) -> tuple[TableRoute, ...]:
        """The paths through gateways that BIRD has from the kernel."""
        own = (path for path in self.table.bird or () if path.gateway is not None and path.kernel_source is not None)
        return (*own, *self._paths_as_base(lambda base: base.learned_from_kernel))

    @property
    def _own_and_odd(self) -> Iterable[KernelRoute]:
        return chain(self.table.kernel or (), self._routes_as_base(lambda base: base.odd_routes))

    @property
    def _own_and_odd_paths(self) -> Iterable[TableRoute]:
        return chain(self.table.bird or (), self._paths_as_base(lambda base: base.odd_paths))

    def _paths_as_base(self, of_base: Callable[[NodeTables], Iterable[TableRoute]]) -> Iterator[TableRoute]:
        """Some paths of `base`, those that this node has as well."""
        if self._bird_base is not None and self.table.same_as is not None:
            without = self.table.same_as.bird_without
            yield from (path for path in of_base(self._bird_base) if path not in without)

    def _routes_as_base(self, of_base: Callable[[NodeTables], Iterable[KernelRoute]]) -> Iterator[KernelRoute]:
        """Some of the kernel's routes of `base`, those that this node has as well."""
        if self._kernel_base is not None and self.table.same_as is not None:
            without = self.table.same_as.kernel_without
            yield from (route for route in of_base(self._kernel_base) if route not in without)


def _precedence(route: KernelRoute) -> tuple[bool, int]:
    return route.table is None, route.metric


def node_tables(cluster: Cluster, family: Family) -> dict[str, NodeTables]:
    """What was read of each node's routes, by its name."""
    read = [
        (member, member.reading, table) for member in cluster.members if (table := _table(member, family)) is not None
    ]
    whole = {
        reading.host: NodeTables(member.name, table, reading.bird(family))
        for member, reading, table in read
        if reading is not None and table.same_as is None
    }
    by_name = {}
    for member, reading, table in read:
        if reading is None:
            continue
        if table.same_as is None:
            by_name[member.name] = whole[reading.host]
            continue
        base = whole.get(table.same_as.host)
        try:
            tables = NodeTables(member.name, table, reading.bird(family), base)
            if base is None or not base.table.bird_is_whole:
                raise ValueError(base)
            _ = tables.paths, tables.kernel
        except ValueError:
            # Of a snapshot that somebody cut down, or changed.
            why = f"its routes are those of {table.same_as.host}, which are not in the snapshot"
            part = replace(table, same_as=None, bird_hash=None, kernel_hash=None, not_read=why)
            tables = NodeTables(member.name, part, reading.bird(family))
        by_name[member.name] = tables
    return by_name


def _table(member: Member, family: Family) -> RouteTable | None:
    table = None if member.reading is None else member.reading.table(family)
    return None if table is None or (table.bird is None and table.kernel is None) else table


def _is_single(route: KernelRoute) -> bool:
    return route.protocol != BIRD and route.prefix.prefixlen == route.prefix.max_prefixlen and route.table is None


def sent_whole(tables: Mapping[str, NodeTables]) -> tuple[str, ...]:
    """The nodes of a large cluster that sent their tables as they print them, where others send a hash.

    They lack a tool for it, or have WireGuard; each costs the run what a node of a small cluster does.
    """
    if not any(node.table.is_comparable for node in tables.values()):
        return ()
    plain = (name for name, node in tables.items() if node.table.bird is not None and not node.table.is_comparable)
    return tuple(sorted(plain, key=natural_key))
