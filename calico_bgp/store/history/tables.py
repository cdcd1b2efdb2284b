"""Tables of routes as little JSON: each distinct route once, and of what changed only that. No database here.

The nodes of a cluster hold mostly the same routes: a mesh of 1,000 has two million, of which four thousand differ.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from pydantic import TypeAdapter

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.table import BirdTable, KernelTable, RouteTable
from calico_bgp.store.history.rows import from_ranges, to_ranges

Tables: TypeAlias = tuple[RouteTable, ...]
_Routes: TypeAlias = tuple[Any, ...]
_ADAPTERS: dict[str, TypeAdapter[Any]] = {"bird": TypeAdapter(BirdTable), "kernel": TypeAdapter(KernelTable)}
_READINGS: TypeAdapter[Tables] = TypeAdapter(Tables)
_TABLE: TypeAdapter[RouteTable] = TypeAdapter(RouteTable)
#: A table in which more routes are new is compared with another node's as well.
_MANY = 16
#: In a patch, in the place of a table: it is what it was. And in the place of a base: the node's own table.
_SAME, _OWN = 0, -1


@dataclass
class Pool:
    """Distinct routes, each with its number. The routes that are asked for must live as long as the pool."""

    _routes: dict[str, dict[Any, int]] = field(default_factory=lambda: {kind: {} for kind in _ADAPTERS})
    #: Equal routes mostly are one object, and to look that up is far cheaper.
    _numbers: dict[int, int] = field(default_factory=dict)

    def number(self, kind: str, route: Any) -> int:
        """The number of a route; the next one if it is new."""
        number = self._numbers.get(id(route))
        if number is None:
            numbers = self._routes[kind]
            number = self._numbers[id(route)] = numbers.setdefault(route, len(numbers))
        return number

    def to_json(self) -> dict[str, Any]:
        """The routes of each kind, in the order of their numbers."""
        return {
            kind: adapter.dump_python(tuple(self._routes[kind]), mode="json") for kind, adapter in _ADAPTERS.items()
        }


class PooledRoutes:
    """The routes of `Pool.to_json`.

    Args:
        pool: It; None where no table has any.
    """

    def __init__(self, pool: Mapping[str, Any] | None) -> None:
        self.of = {kind: adapter.validate_python((pool or {}).get(kind, ())) for kind, adapter in _ADAPTERS.items()}


def tables_of_json(tables: Any) -> Tables:
    """The tables from a reading's own JSON, in which the first histories kept them."""
    return _READINGS.validate_python(tables)


def json_of_tables(tables: Tables) -> Any:
    """The other direction."""
    return _READINGS.dump_python(tables, mode="json")


def packed_tables(tables: Tables, pool: Pool) -> list[Any]:
    """A node's tables as JSON, their routes as numbers of a pool."""
    return [
        [
            _beside(table),
            *(
                None if routes is None else to_runs([pool.number(kind, r) for r in routes])
                for kind, routes in _of(table)
            ),
        ]
        for table in tables
    ]


def unpacked_tables(packed: Iterable[list[Any]], routes: PooledRoutes) -> Tables:
    """The tables of `packed_tables`."""
    return tuple(
        _table(
            beside,
            {
                kind: None if runs is None else tuple(map(routes.of[kind].__getitem__, from_runs(runs)))
                for kind, runs in zip(_ADAPTERS, table, strict=True)
            },
        )
        for beside, *table in packed
    )


class TablesDelta:
    """What the tables of many nodes differ in from those before; nodes that differ alike stand together.

    Args:
        before: Host → its tables before, of all hosts.
        after: Host → its tables now, of all hosts.
    """

    def __init__(self, before: Mapping[str, Tables], after: Mapping[str, Tables]) -> None:
        self._before = before
        self._places = {host: place for place, host in enumerate(sorted(before))}
        self._largest: dict[tuple[Family, str], tuple[int, _Routes]] = {}
        self.pool = Pool()
        groups: dict[str, list[int]] = defaultdict(list)
        for place, host in enumerate(sorted(after)):
            old, new = before.get(host, ()), after[host]
            if old != new:
                groups[json.dumps(self._patch(old, new))].append(place)
        #: [nodes, patch] of each way to change.
        self.groups: list[Any] = [[to_ranges(places), json.loads(patch)] for patch, places in groups.items()]

    def _patch(self, old: Tables, new: Tables) -> list[Any]:
        was = {table.family: dict(_of(table)) for table in old}
        return [
            [_beside(table), *(self._part(table.family, kind, was, routes) for kind, routes in _of(table))]
            for table in new
        ]

    def _part(
        self, family: Family, kind: str, was: Mapping[Family, Mapping[str, _Routes | None]], new: _Routes | None
    ) -> Any:
        own = was.get(family, {}).get(kind)
        if new is None:
            return None
        if own == new:
            return _SAME
        base, delta = _OWN, difference(own or (), new)
        if len(delta[1]) > _MANY:
            place, routes = self._largest_of(family, kind)
            delta_of_largest = difference(routes, new)
            if len(delta_of_largest[1]) < len(delta[1]):
                base, delta = place, delta_of_largest
        removed, added = delta
        numbers = [number for place, route in added for number in (place, self.pool.number(kind, route))]
        return [base, to_ranges(removed), numbers]

    def _largest_of(self, family: Family, kind: str) -> tuple[int, _Routes]:
        """The largest table of before, and whose it is: a node that comes back holds most of it."""
        if (family, kind) not in self._largest:
            candidates = (
                (self._places[host], dict(_of(table))[kind] or ())
                for host, tables in sorted(self._before.items())
                for table in tables
                if table.family is family
            )
            self._largest[family, kind] = max(candidates, key=lambda candidate: len(candidate[1]), default=(_OWN, ()))
        return self._largest[family, kind]


def apply_groups(
    groups: Iterable[Any], before: Mapping[str, Tables], after: Sequence[str], routes: PooledRoutes
) -> dict[str, Tables]:
    """Host → its tables, of those that `TablesDelta.groups` changes.

    Args:
        groups: As `TablesDelta.groups` gives them.
        before: Host → its tables before, of all hosts.
        after: All hosts of now, sorted.
        routes: What its pool holds.
    """
    places = sorted(before)

    def routes_of(tables: Tables, family: Family, kind: str) -> _Routes | None:
        return next((dict(_of(table))[kind] for table in tables if table.family is family), None)

    def part(host: str, family: Family, kind: str, patch_of_kind: Any) -> _Routes | None:
        if patch_of_kind is None:
            return None
        own = before.get(host, ())
        if patch_of_kind == _SAME:
            return routes_of(own, family, kind)
        base, removed, numbers = patch_of_kind
        old = routes_of(own if base == _OWN else before[places[base]], family, kind) or ()
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        return patched(old, from_ranges(removed), [(place, routes.of[kind][number]) for place, number in pairs])

    tables_by_host: dict[str, Tables] = {}
    for ranges, patch in groups:
        for place in from_ranges(ranges):
            host = after[place]
            tables_by_host[host] = tuple(
                _table(
                    beside,
                    {
                        kind: part(host, Family(beside["family"]), kind, patch_of_kind)
                        for kind, patch_of_kind in zip(_ADAPTERS, parts, strict=True)
                    },
                )
                for beside, *parts in patch
            )
    return tables_by_host


def difference(old: Sequence[Any], new: Sequence[Any]) -> tuple[list[int], list[tuple[int, Any]]]:
    """Which places of the old table go, and at which places of the new one what stands that was not there."""
    shorter = min(len(old), len(new))
    start = end = 0
    while start < shorter and old[start] == new[start]:
        start += 1
    while end < shorter - start and old[-1 - end] == new[-1 - end]:
        end += 1
    until, after = len(old) - end, len(new) - end
    were, are = set(old[start:until]), set(new[start:after])
    common = are & were
    stays = [route for route in old[start:until] if route in common]
    if len(were) < until - start or len(are) < after - start or stays != [r for r in new[start:after] if r in common]:
        common = set()
    return (
        [place for place in range(start, until) if old[place] not in common],
        [(place, new[place]) for place in range(start, after) if new[place] not in common],
    )


def patched(old: Sequence[Any], removed: Iterable[int], added: Iterable[tuple[int, Any]]) -> _Routes:
    """The old table with what `difference` found applied."""
    removed_places = set(removed)
    routes = [route for place, route in enumerate(old) if place not in removed_places] if removed_places else list(old)
    for place, route in added:
        routes.insert(place, route)
    return tuple(routes)


def to_runs(numbers: Sequence[int]) -> list[int]:
    """Numbers as `first, length, first, length...` of those that follow one another."""
    runs: list[int] = []
    for number in numbers:
        if runs and number == runs[-2] + runs[-1]:
            runs[-1] += 1
        else:
            runs += [number, 1]
    return runs


def from_runs(runs: Sequence[int]) -> list[int]:
    """The numbers of `to_runs`."""
    return [
        number for first, length in zip(runs[::2], runs[1::2], strict=True) for number in range(first, first + length)
    ]


def _of(table: RouteTable) -> tuple[tuple[str, _Routes | None], ...]:
    return (("bird", table.bird), ("kernel", table.kernel))


def _beside(table: RouteTable) -> dict[str, Any]:
    """All of a table but its routes, as JSON: whatever fields a table has or will have."""
    fields: dict[str, Any] = _TABLE.dump_python(table, mode="json", exclude=set(_ADAPTERS), exclude_defaults=True)
    return fields


def _table(beside: Mapping[str, Any], routes: Mapping[str, _Routes | None]) -> RouteTable:
    return _TABLE.validate_python({**beside, **routes})
