"""The kernel's routes beside BIRD's on many nodes that print much alike. Judges nothing.

Equal routes of many nodes are one object, as in judged.py: what was looked up at one node is known at the next.
"""

from __future__ import annotations

from collections import defaultdict

from calico_bgp.model.routes.kernel_route import BIRD, FELIX, KernelRoute
from calico_bgp.model.routes.table import RouteTable
from calico_bgp.prefixes import Prefix, prefix_key
from calico_bgp.routes.observed.tables import NodeTables


class Beside:
    """What was looked up so far.

    It keeps the tables that it was shown, since identities are a route's own only while it lives.
    """

    def __init__(self) -> None:
        self._shown: list[RouteTable] = []
        self._seen: set[int] = set()
        self._paths_to: dict[Prefix, set[int]] = defaultdict(set)
        self._paths_beside: dict[int, set[int]] = {}
        self._of_base: dict[tuple[str, int], list[KernelRoute]] = {}

    def not_in_bird(self, tables: NodeTables, writer: int) -> list[KernelRoute]:
        """The kernel's routes of one writer, sorted, to networks that BIRD's table has no path to."""
        if tables.base is None:
            return sorted(self._of_one(tables.table, writer), key=_route_key)
        changed = tables.differs_at
        if changed is None:
            routes = [route for route in tables.kernel_routes if route.prefix not in tables.paths]
            return sorted((route for route in routes if route.protocol == writer), key=_route_key)
        key = (tables.base.name, writer)
        if key not in self._of_base:
            self._of_base[key] = self._of_one(tables.base.table, writer)
        routes = [route for route in self._of_base[key] if route.prefix not in changed]
        for prefix in changed:
            if prefix not in tables.paths:
                routes += [route for route in tables.kernel.get(prefix, ()) if route.protocol == writer]
        return sorted(routes, key=_route_key)

    def _of_one(self, table: RouteTable, writer: int) -> list[KernelRoute]:
        self._shown.append(table)
        bird = set(map(id, table.bird or ()))
        if new := bird - self._seen:
            for path in table.bird or ():
                if id(path) in new:
                    self._paths_to[path.prefix].add(id(path))
            self._seen |= new
        routes = []
        for route in table.kernel or ():
            if route.protocol != writer:
                continue
            paths = self._paths_beside.get(id(route))
            if paths is None:
                # The set that grows with what later nodes hold.
                paths = self._paths_beside[id(route)] = self._paths_to[route.prefix]
            if paths.isdisjoint(bird):
                routes.append(route)
        return routes


class WrittenTwice:
    """Networks to which both BIRD and Felix write routes; what was worked out for one node is known at the next."""

    def __init__(self) -> None:
        self._of_base: dict[str, list[Prefix]] = {}

    def written(self, node: NodeTables) -> list[Prefix]:
        """Those of one node, sorted."""
        changed = node.differs_at
        if node.base is None or changed is None:
            return sorted(self._all(node), key=prefix_key)
        if node.base.name not in self._of_base:
            self._of_base[node.base.name] = self._all(node.base)
        prefixes = [prefix for prefix in self._of_base[node.base.name] if prefix not in changed]
        return sorted([*prefixes, *(prefix for prefix in changed if _is_twice(node, prefix))], key=prefix_key)

    @staticmethod
    def _all(node: NodeTables) -> list[Prefix]:
        of_felix = {route.prefix for route in node.kernel_routes if route.protocol == FELIX and route.table is None}
        return [prefix for prefix in of_felix if _is_twice(node, prefix)]


def _is_twice(node: NodeTables, prefix: Prefix) -> bool:
    # What is beside `main` takes nothing from what BIRD writes there: WireGuard's routes stand before it.
    routes = (route for route in node.kernel.get(prefix, ()) if route.table is None)
    writers = {route.protocol for route in routes if route.type == "unicast"}
    if FELIX not in writers:
        return False
    paths = node.paths.get(prefix, ())
    learned = any(path.kernel_source == FELIX and not path.is_best for path in paths)
    return BIRD in writers or (learned and any(path.not_in_kernel for path in paths))


def _route_key(route: KernelRoute) -> tuple[int, int]:
    return prefix_key(route.prefix)
