"""Where one route gets to: the rules of rules.py, again and again until nothing changes.

As sets, not as paths: with add-paths the paths multiply factorially, and where `localASNumber` hides the real AS they
lap a ring for ever. A route that another one covers is not followed (Route.covers), which ends both.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from calico_bgp.routes.computed.rules import Refusal, Route, best_of, pass_on
from calico_bgp.routes.network.wiring import Port, Wiring

#: How many times every node may change its mind before we call a network without add-paths undecided.
_ROUNDS = 60

#: A table: the routes of one node, by the session they came over.
Table = dict[Port | None, tuple[Route, ...]]


@dataclass
class Spread:
    """Where a route got to.

    Attributes:
        first: Node → the route that arrived there first, by the shortest way.
        tables: Node → all its routes that count.
        settled: Whether it came to rest; where not, nodes without add-paths chase each other's choices.
    """

    first: dict[str, Route]
    tables: dict[str, Table]
    settled: bool = True

    def transit(self) -> set[str]:
        """The nodes that stand between the origin and some learner, on the ways that `way` tells."""
        nodes: set[str] = set()
        visited: set[int] = set()
        for route in self.first.values():
            # Up to the origin: a node passes on other routes, too, than the one that it got first itself.
            parent = route.parent
            while parent is not None and parent.port is not None and id(parent) not in visited:
                visited.add(id(parent))
                nodes.add(parent.node)
                parent = parent.parent
        return nodes

    def routes(self, node: str) -> Iterator[Route]:
        """All routes of a node that count."""
        for routes in self.tables.get(node, {}).values():
            yield from routes


def spread(
    wiring: Wiring,
    sources: Collection[Route],
    *,
    enough: Collection[str] | None = None,
    gone: Collection[str] = (),
) -> Spread:
    """Let routes for one block spread to the fixed point.

    Args:
        wiring: The nodes and their sessions.
        sources: The routes to begin with: the origin's own, or those that unknowns may bring, one a session.
        enough: Stop when all of these nodes have one; None to find everything. Not heeded without add-paths, where
            later routes take earlier ones away.
        gone: Nodes that are not there.
    """
    if wiring.monotone:
        return _spread_all(wiring, sources, enough, gone)
    return _settle(wiring, sources, gone)


def _spread_all(
    wiring: Wiring, sources: Collection[Route], enough: Collection[str] | None, gone: Collection[str]
) -> Spread:
    """With add-paths everywhere a route once sent is never taken back, so each is followed once."""
    result = Spread({}, _tables(wiring, sources))
    queue = deque(sources)
    for route in sources:
        result.first.setdefault(route.node, route)
    lacking = set(enough or ()) - result.first.keys()
    while queue and (lacking or enough is None):
        route = queue.popleft()
        if route not in result.tables[route.node][route.port]:
            continue  # one that covers it came before, or meanwhile
        outs = wiring.ports[route.node] if route.port is None else route.port.targets
        for out in outs:
            if out.far in gone:
                continue
            new = pass_on(route, out)
            if not isinstance(new, Refusal):
                _add(result.tables[new.node], new)
                queue.append(new)
                result.first.setdefault(new.node, new)
                lacking.discard(new.node)
    return result


def _tables(wiring: Wiring, sources: Iterable[Route]) -> dict[str, Table]:
    """The tables of all nodes, with the routes to begin with."""
    tables: dict[str, Table] = {name: {} for name in wiring.ports}
    for route in sources:
        tables[route.node][route.port] = (route,)
    return tables


def _add(table: Table, new: Route) -> None:
    """Put a route into a table, unless one there covers it; take out those that it covers."""
    there = table.get(new.port, ())
    if not any(route.covers(new) for route in there):
        table[new.port] = (*(route for route in there if not new.covers(route)), new)


def _settle(wiring: Wiring, sources: Collection[Route], gone: Collection[str]) -> Spread:
    """Without add-paths a node offers its best only, and a better one takes the former away: repeat to rest."""
    tables = _tables(wiring, sources)
    waiting = deque(dict.fromkeys(route.node for route in sources))
    budget = _ROUNDS * len(tables)
    while waiting and budget:
        budget -= 1
        name = waiting.popleft()
        routes = [route for group in tables[name].values() for route in group]
        for out in wiring.ports[name]:
            if out.far in gone:
                continue
            arrived: Table = {}
            for route in offered(routes, out):
                new = pass_on(route, out, count_length=True)
                if not isinstance(new, Refusal):
                    _add(arrived, new)
            if _replace(tables[out.far], out.opposite, arrived.get(out.opposite, ())) and out.far not in waiting:
                waiting.append(out.far)
    first = {name: best_of(r for group in table.values() for r in group) for name, table in tables.items() if table}
    for route in first.values():
        _reroute(route, tables)
    return Spread(first, tables, settled=not waiting)


def offered(routes: list[Route], out: Port) -> list[Route]:
    """What a node offers over a session, before any rule: everything, or without add-paths its one choice."""
    return routes if out.add_paths or not routes else [best_of(routes)]


def _replace(table: Table, port: Port, routes: tuple[Route, ...]) -> bool:
    """Put what now comes over a session in place of what came before; False when no rule can tell the difference."""
    before = table.get(port, ())
    if len(before) == len(routes) and all(any(new.same_as(old) for old in before) for new in routes):
        return False
    if routes:
        table[port] = routes
    else:
        table.pop(port, None)
    return True


def _reroute(route: Route, tables: dict[str, Table]) -> None:
    """Let the parents of a route be those that stand in the tables in the end; equal ones may have come and gone."""
    for _ in tables:
        parent = route.parent
        if parent is None:
            return
        standing = tables[parent.node].get(parent.port, ())
        route.parent = next((other for other in standing if other.same_as(parent)), parent)
        route = route.parent
