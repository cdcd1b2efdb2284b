"""Tables that are alike: what was judged by one node's table is not judged again by another's. Judges nothing itself.

Equal routes of many nodes are one object, as they are read (parse.bird.table, parse.kernel_routes): that two are the
same object tells at once that they are equal. Where it does not, both are looked at, which costs time and nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

from calico_bgp.model.peer import Address
from calico_bgp.model.routes.bird_route import Destination
from calico_bgp.model.routes.kernel_route import KernelRoute
from calico_bgp.model.routes.table import TableRoute
from calico_bgp.prefixes import Prefix
from calico_bgp.routes.observed.tables import NodeTables

_RouteT = TypeVar("_RouteT", TableRoute, KernelRoute)
#: Distinct tables that are remembered: one for each set of reflectors, as a rule.
MOST = 64


class Before(NamedTuple):
    """What was judged before.

    Attributes:
        arrive: How many nodes' routes all arrive, as at another node with the same routes.
        blocks: How many blocks those have.
        others: Those that have to be looked at, the node itself among them.
        tables: The node's routes to the blocks of those.
    """

    arrive: int
    blocks: int
    others: frozenset[str]
    tables: NodeTables


@dataclass(frozen=True)
class _Kept:
    """One table, with its routes by identity; holding it keeps the identities its own."""

    tables: NodeTables
    arrive: frozenset[str]
    blocks: int
    others: frozenset[str]
    bird: Mapping[int, Prefix]
    kernel: Mapping[int, Prefix]
    routes_to: Mapping[Prefix, frozenset[int]]


class Alike:
    """The tables that were judged.

    Args:
        blocks: Node → its blocks, of all nodes that are compared.
    """

    def __init__(self, blocks: Mapping[str, Collection[Prefix]]) -> None:
        self._blocks = blocks
        self._names = frozenset(blocks)
        self._owners: dict[Prefix, set[str]] = defaultdict(set)
        for name, prefixes in blocks.items():
            for prefix in prefixes:
                self._owners[prefix].add(name)
        self._kept = 0
        self._holder: dict[int, _Kept] = {}
        self._numbers: dict[frozenset[str], int] = {}

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
        arriving = frozenset(arrive)
        blocks = sum(len(self._blocks[name]) for name in arriving)
        others = self._names - arriving
        entry = _Kept(tables, arriving, blocks, others, bird_of, kernel_of, frozen)
        self._kept += 1
        self._holder.update(dict.fromkeys(bird_of, entry))

    def before(self, tables: NodeTables) -> Before | None:
        """What needs no second look at this table; None where that is less than half of it."""
        bird = tables.table.bird or ()
        probes = (bird[len(bird) * quarter // 4] for quarter in (1, 2, 3)) if bird else ()
        entries = {id(entry): entry for probe in probes if (entry := self._holder.get(id(probe))) is not None}
        for entry in entries.values():
            if entry.tables.kernel_is_whole == tables.kernel_is_whole:
                before = self._beside(entry, tables)
                if 2 * len(before.others) <= len(self._names):
                    return before
        return None

    def beside(self, arrive: frozenset[str], tables: NodeTables, differs_at: Iterable[Prefix]) -> Before:
        """What needs no second look at a table that differs from a judged one at known networks only.

        Args:
            arrive: The nodes whose routes all arrive there, as in `keep`.
            tables: The one to be judged.
            differs_at: The networks.
        """
        touched = {name for prefix in differs_at for name in self._owners.get(prefix, ())} | {tables.name}
        unaffected = arrive - touched
        blocks = self._blocks_of(arrive) - sum(len(self._blocks[name]) for name in touched & arrive)
        return Before(len(unaffected), blocks, self._names - unaffected, tables)

    def _blocks_of(self, names: frozenset[str]) -> int:
        number = self._numbers.get(names)
        if number is None:
            number = self._numbers[names] = sum(len(self._blocks[name]) for name in names)
        return number

    def _beside(self, entry: _Kept, tables: NodeTables) -> Before:
        bird, kernel = tables.table.bird or (), _kernel(tables)
        places, in_kernel = _places(bird), _places(kernel)
        changed = set()
        needed = set()
        for before, now, routes in ((entry.bird, places, bird), (entry.kernel, in_kernel, kernel)):
            more = now.keys() - before.keys()
            needed |= more
            changed |= {routes[now[number]].prefix for number in more}
            changed |= {before[number] for number in before.keys() - now.keys()}
        touched = {name for prefix in changed for name in self._owners.get(prefix, ())} | {tables.name}
        anew = touched & entry.arrive
        others = entry.others | touched
        for name in others:
            for prefix in self._blocks[name]:
                needed |= entry.routes_to.get(prefix, frozenset())
        table = replace(
            tables.table,
            bird=_only(bird, places, needed),
            kernel=_only(kernel, in_kernel, needed),
            # WireGuard's interface may be on a route that is left out.
            kernel_is_whole=tables.kernel_is_whole,
        )
        blocks = entry.blocks - sum(len(self._blocks[name]) for name in anew)
        return Before(len(entry.arrive) - len(anew), blocks, others, replace(tables, table=table))


def _places(routes: tuple[_RouteT, ...]) -> dict[int, int]:
    """The identity of each route → where it first stands."""
    return dict(zip(map(id, reversed(routes)), range(len(routes) - 1, -1, -1), strict=True))


def _only(routes: tuple[_RouteT, ...], places: Mapping[int, int], needed: set[int]) -> tuple[_RouteT, ...]:
    """Those that are wanted, each once, in their order."""
    return tuple(routes[place] for place in sorted(places[number] for number in needed if number in places))


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
    if (
        first is None
        or first.type != "unicast"
        or any((other.table, other.metric) == (first.table, first.metric) for other in others)
    ):
        return False
    return all(hop.gateway is None or owner(hop.gateway) == origin for hop in first.hops)
