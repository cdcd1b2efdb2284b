"""The kernel's routes beside BIRD's on many nodes that print much alike. Judges nothing.

Equal routes of many nodes are one object, as in alike.py: what was looked up at one node is known at the next.
"""

from __future__ import annotations

from collections import defaultdict

from calico_bgp.model.routes.bird_route import Prefix
from calico_bgp.model.routes.kernel_route import KernelRoute
from calico_bgp.model.routes.table import RouteTable


class Beside:
    """What was looked up so far.

    It keeps the tables that it was shown, since identities are a route's own only while it lives.
    """

    def __init__(self) -> None:
        self._shown: list[RouteTable] = []
        self._seen: set[int] = set()
        self._paths_to: dict[Prefix, set[int]] = defaultdict(set)
        self._paths_beside: dict[int, set[int]] = {}

    def not_in_bird(self, table: RouteTable, writer: int) -> list[KernelRoute]:
        """The kernel's routes of one writer, in its order, to networks that BIRD's table has no path to."""
        self._shown.append(table)
        bird = set(map(id, table.bird or ()))
        if new := bird - self._seen:
            for path in table.bird or ():
                if id(path) in new:
                    self._paths_to[path.prefix].add(id(path))
            self._seen |= new
        found = []
        for route in table.kernel or ():
            if route.protocol != writer:
                continue
            paths = self._paths_beside.get(id(route))
            if paths is None:
                # The set that grows with what later nodes hold.
                paths = self._paths_beside[id(route)] = self._paths_to[route.prefix]
            if paths.isdisjoint(bird):
                found.append(route)
        return found
