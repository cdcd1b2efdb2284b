"""Tables that are alike: what was judged by one node's table is not judged again by another's. Judges nothing itself.

Equal routes of many nodes are one object, as they are read (parse.bird.table, parse.kernel_routes): that two are the
same object tells at once that they are equal. Where it does not, both are looked at, which costs time and nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from calico_bgp.model.peer import Address
from calico_bgp.model.routes.bird_route import Destination, Prefix
from calico_bgp.model.routes.kernel_route import KernelRoute
from calico_bgp.model.routes.table import TableRoute
from calico_bgp.routes.observed.tables import NodeTables

#: Distinct tables that are remembered: one for each set of reflectors, as a rule.
MOST = 64


class Before(NamedTuple):
    """What was judged before.

    Attributes:
        arrive: Nodes whose routes all arrive, as at another node with the same routes.
        others: Those that have to be looked at, the node itself among them.
        tables: The node's routes to the blocks of those.
    """

    arrive: frozenset[str]
    others: frozenset[str]
    tables: NodeTables


@dataclass(frozen=True)
class _Kept:
    """One table, with its routes by identity; holding it keeps the identities its own."""

    tables: NodeTables
    arrive: frozenset[str]
    bird: Mapping[int, Prefix]
    kernel: Mapping[int, Prefix]
    routes_to: Mapping[Prefix, frozenset[int]]


class Alike:
    """The tables that were judged.

    Args:
        blocks: Node → its blocks, of all nodes that are compared.
    """

    def __init__(self, blocks: Mapping[str, Iterable[Prefix]]) -> None:
        self._blocks = blocks
        self._names = frozenset(blocks)
        self._owners: dict[Prefix, set[str]] = defaultdict(set)
        for name, prefixes in blocks.items():
            for prefix in prefixes:
                self._owners[prefix].add(name)
        self._kept = 0
        self._holder: dict[int, _Kept] = {}

    @property
    def is_full(self) -> bool:
        """Whether no more tables are remembered."""
        return self._kept >= MOST

    def keep(self, tables: NodeTables, arrive: Iterable[str]) -> None:
        """Remember a table.

        Args:
            tables: What was judged.
            arrive: The nodes whose routes all arrive at it, by nothing but its routes to their blocks: with the same
                routes in whatever order they do at any node.
        """
        kernel = _kernel(tables)
        bird_of = {id(route): route.prefix for route in tables.table.bird or ()}
        kernel_of = {id(route): route.prefix for route in kernel}
        routes_to: dict[Prefix, set[int]] = defaultdict(set)
        for each in (bird_of, kernel_of):
            for number, prefix in each.items():
                routes_to[prefix].add(number)
        frozen = {prefix: frozenset(numbers) for prefix, numbers in routes_to.items()}
        kept = _Kept(tables, frozenset(arrive), bird_of, kernel_of, frozen)
        self._kept += 1
        self._holder.update(dict.fromkeys(bird_of, kept))

    def before(self, tables: NodeTables) -> Before | None:
        """What needs no second look at this table; None where that is less than half of it."""
        bird = tables.table.bird or ()
        probes = (bird[len(bird) * quarter // 4] for quarter in (1, 2, 3)) if bird else ()
        found = {id(kept): kept for probe in probes if (kept := self._holder.get(id(probe))) is not None}
        for kept in found.values():
            if kept.tables.kernel_is_whole == tables.kernel_is_whole:
                before = self._beside(kept, tables)
                if 2 * len(before.others) <= len(self._names):
                    return before
        return None

    def _beside(self, kept: _Kept, tables: NodeTables) -> Before:
        bird, kernel = tables.table.bird or (), _kernel(tables)
        numbers, in_kernel = set(map(id, bird)), set(map(id, kernel))
        more, kernel_more = numbers - kept.bird.keys(), in_kernel - kept.kernel.keys()
        changed = {route.prefix for route in bird if id(route) in more} if more else set()
        changed |= {route.prefix for route in kernel if id(route) in kernel_more} if kernel_more else set()
        changed |= {kept.bird[number] for number in kept.bird.keys() - numbers}
        changed |= {kept.kernel[number] for number in kept.kernel.keys() - in_kernel}
        touched = {name for prefix in changed for name in self._owners.get(prefix, ())}
        arrive = kept.arrive - touched - {tables.name}
        others = self._names - arrive
        wanted = more | kernel_more
        for name in others:
            for prefix in self._blocks[name]:
                wanted |= kept.routes_to.get(prefix, frozenset())
        return Before(arrive, others, _only(tables, bird, kernel, wanted))


def _only(
    tables: NodeTables, bird: tuple[TableRoute, ...], kernel: tuple[KernelRoute, ...], wanted: set[int]
) -> NodeTables:
    """The tables with these routes alone, in their order; whether they are whole is as it was."""
    table = replace(
        tables.table,
        bird=tuple(route for route in bird if id(route) in wanted),
        kernel=tuple(route for route in kernel if id(route) in wanted),
        # WireGuard's interface may be on a route that is left out.
        kernel_is_whole=tables.kernel_is_whole,
    )
    return replace(tables, table=table)


def _kernel(tables: NodeTables) -> tuple[KernelRoute, ...]:
    """The kernel's routes where they count."""
    return tables.table.kernel or () if tables.kernel_is_whole else ()


def arrives_alike(
    learner: NodeTables, origin: str, blocks: Iterable[Prefix], owner: Callable[[Address], str | None]
) -> bool:
    """Whether a node's routes all arrive at any node that has the same routes to them, in whatever order.

    Stricter than the comparison: what hangs on who the learner is, or on the order of its routes, does not count.

    Args:
        learner: One such node.
        origin: Whose routes.
        blocks: Its blocks.
        owner: Address → the node that has it.
    """
    return all(_arrives(learner, origin, block, owner) for block in blocks)


def _arrives(learner: NodeTables, origin: str, block: Prefix, owner: Callable[[Address], str | None]) -> bool:
    paths = learner.paths.get(block, ())
    best = learner.best(block)
    if best is None or block in learner.static or (len(paths) > 1 and sum(path.is_best for path in paths) != 1):
        return False
    if best.destination is Destination.UNREACHABLE or not best.is_resolved:
        return False
    if not learner.kernel_is_whole:
        return True
    first, *others = learner.kernel.get(block, ()) or (None,)
    if first is None or first.type != "unicast" or any(other.metric == first.metric for other in others):
        return False
    return all(hop.gateway is None or owner(hop.gateway) == origin for hop in first.hops)
