"""The routes of one node, by prefix. Only what was read; judges nothing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TypeAlias

from calico_bgp.cluster.nodes.members import Member
from calico_bgp.model.peer import Family
from calico_bgp.model.routes.bird_reading import BirdReading
from calico_bgp.model.routes.bird_route import Destination, Prefix
from calico_bgp.model.routes.kernel_route import BIRD, KernelRoute
from calico_bgp.model.routes.table import RouteTable, TableRoute
from calico_bgp.upstream import WIREGUARD_INTERFACES

Prefixes: TypeAlias = frozenset[Prefix]

#: BIRD tells its peers of a new configuration within seconds; what is younger than this has not arrived everywhere.
SETTLED = timedelta(seconds=10)
#: Interfaces of pods (Felix's `interfacePrefix`).
POD_INTERFACES = "cali"


@dataclass(frozen=True)
class NodeTables:
    """The routes of one family on one node.

    Attributes:
        name: The node.
        table: What was read of its routes.
        bird: What its BIRD said of itself; None where it was not asked.
    """

    name: str
    table: RouteTable
    bird: BirdReading | None = None

    @property
    def bird_is_whole(self) -> bool:
        """Whether a path that is not here is not in BIRD: its table was read as a whole, and not while it recovers."""
        return self.table.bird is not None and self.table.bird_is_whole and not (self.bird and self.bird.is_recovering)

    @property
    def kernel_is_whole(self) -> bool:
        """Whether a route that is not here is nowhere in the kernel: WireGuard has its routes in another table."""
        has_all = self.table.wireguard_is_read or not self.has_wireguard
        return self.table.kernel is not None and self.table.kernel_is_whole and has_all

    @cached_property
    def has_wireguard(self) -> bool:
        """Whether the node has WireGuard's interface: the kernel has a route over it, or BIRD knows its address."""
        return (
            self.table.wireguard_is_read
            or any(hop.interface in WIREGUARD_INTERFACES for route in self.table.kernel or () for hop in route.hops)
            or any(path.interface in WIREGUARD_INTERFACES for path in self.table.bird or ())
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
    def paths(self) -> dict[Prefix, tuple[TableRoute, ...]]:
        """Prefix → its paths in BIRD."""
        found: dict[Prefix, list[TableRoute]] = defaultdict(list)
        for route in self.table.bird or ():
            found[route.prefix].append(route)
        return {prefix: tuple(routes) for prefix, routes in found.items()}

    def best(self, prefix: Prefix) -> TableRoute | None:
        """BIRD's best path, by its mark; of a table without one the first."""
        paths = self.paths.get(prefix, ())
        return next((path for path in paths if path.is_best), paths[0] if paths else None)

    @cached_property
    def kernel(self) -> dict[Prefix, tuple[KernelRoute, ...]]:
        """Prefix → the kernel's routes, the one that counts first: a table before `main`, then the lowest metric."""
        found: dict[Prefix, list[KernelRoute]] = defaultdict(list)
        for route in self.table.kernel or ():
            found[route.prefix].append(route)
        return {
            prefix: tuple(sorted(routes, key=lambda r: (r.table is None, r.metric))) for prefix, routes in found.items()
        }

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
        return tuple(
            route
            for route in self.table.kernel or ()
            if route.protocol != BIRD and route.prefix.prefixlen == route.prefix.max_prefixlen and route.table is None
        )


def node_tables(member: Member, family: Family) -> NodeTables | None:
    """What was read of a node's routes; None where nothing was."""
    table = None if member.reading is None else member.reading.table(family)
    if table is None or member.reading is None or (table.bird is None and table.kernel is None):
        return None
    return NodeTables(member.name, table, member.reading.bird(family))
