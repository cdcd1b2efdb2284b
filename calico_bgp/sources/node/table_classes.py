"""Which nodes hold the same routes, by the hashes that they sent and the whole tables of some. Values in, values out.

No node gets routes that its hash does not prove (table_class.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from calico_bgp.model.peer import Family
from calico_bgp.model.reading import NodeReading
from calico_bgp.model.routes.table import RouteTable, SameAs, TableHash, leads_through_gateway
from calico_bgp.parse.answer.frame import marker_of, parse_answer
from calico_bgp.parse.reduced_tables import Reduced, gateway_lines, read_reduced, reduce_table
from calico_bgp.sources.node.table_class import Node, Route, Side, TableClass, read_lines

#: Classes that a node is compared with: those whose shape is its own, and others.
_MOST_ALIKE, _MOST_OTHERS = 12, 3
#: Whole tables that are tried for what one lacks.
_MOST_SECONDS = 6
#: A whole table is looked at for so many nodes that nothing explains; fewer are sooner asked for their own.
_NODES_A_TRY = 4


@dataclass(frozen=True)
class _Whole:
    """A node that sent all of its tables. Their text stays in the reading: as lines all of them would be gigabytes."""

    reading: NodeReading
    family: Family
    node: Node

    def lines(self) -> dict[bool, list[str]]:
        reduced = _reduced(self.reading, self.family)
        return {
            is_kernel: gateway_lines(table.lines)
            for is_kernel, table in reduced.items()
            if is_kernel in self.node.hashes
        }


class TableClasses:
    """What is known of equal nodes. Readings come in as they are read; no order of them is better."""

    def __init__(self) -> None:
        self._classes: dict[Family, list[TableClass]] = defaultdict(list)
        self._wholes: dict[Family, list[_Whole]] = defaultdict(list)
        #: Those of which no class was made yet.
        self._waiting: dict[tuple[Family, tuple[str, ...]], deque[_Whole]] = defaultdict(deque)

    def add(self, reading: NodeReading) -> None:
        """Take in what a node sent whole; nothing else of it is kept."""
        for table in reading.tables:
            if table.bird_is_whole and not (table.bird_hash or table.kernel_hash or table.wireguard_is_read):
                reduced = _reduced(reading, table.family)
                if table.kernel is None or not table.kernel_is_whole:
                    reduced.pop(True, None)
                hashes = {
                    is_kernel: TableHash(reduced_table.sha256 or "", reduced_table.routes, reduced_table.shape)
                    for is_kernel, reduced_table in reduced.items()
                }
                if False in hashes:
                    whole = _Whole(reading, table.family, _node(reading, table, hashes))
                    self._wholes[table.family].append(whole)
                    self._waiting[table.family, whole.node.shape].append(whole)

    def explained(self, readings: Iterable[NodeReading]) -> list[NodeReading]:
        """The readings with whose routes their own are, as far as that is proven, in their order."""
        explained_readings = list(readings)
        for family in Family:
            lacking: dict[tuple[str, ...], list[int]] = defaultdict(list)
            for place, reading in enumerate(explained_readings):
                table = reading.table(family)
                if table is not None and table.lacks_routes:
                    lacking[_node_of(reading, table).shape].append(place)
            for shape, places in sorted(lacking.items(), key=lambda shape_and_places: -len(shape_and_places[1])):
                self._explain(explained_readings, places, family, shape)
        return explained_readings

    def _explain(self, readings: list[NodeReading], places: list[int], family: Family, shape: tuple[str, ...]) -> None:
        """Explain those that stand alike; with every class that is made for them there are fewer left."""
        tries = max(1, len(places) // _NODES_A_TRY)
        while True:
            places = [place for place in places if not self._is_explained(readings, place, family)]
            waiting = self._waiting_for(family, shape)
            is_new = False
            while waiting and places and tries and not is_new:
                is_new = self._make_class(waiting.popleft(), family)
                tries -= 1
            if not is_new:
                return

    def _waiting_for(self, family: Family, shape: tuple[str, ...]) -> deque[_Whole]:
        """Whole tables of nodes that stand alike; of any as long as there is no class to compare with."""
        if self._classes[family] or self._waiting[family, shape]:
            return self._waiting[family, shape]
        return max((each for key, each in self._waiting.items() if key[0] is family), key=len)

    def _is_explained(self, readings: list[NodeReading], place: int, family: Family) -> bool:
        reading = readings[place]
        table = reading.table(family)
        explained_table = None if table is None else self._in_class(reading, table)
        if explained_table is None:
            return False
        tables = tuple(explained_table if old_table.family is family else old_table for old_table in reading.tables)
        readings[place] = reading.model_copy(update={"tables": tables})
        return True

    def _make_class(self, whole: _Whole, family: Family) -> bool:
        """Make a class of a whole table and another one; whether there is a new one."""
        if self._find(whole.node, family) is not None:
            return False
        lines = whole.lines()
        candidates = [candidate for candidate in self._wholes[family] if candidate is not whole]
        candidates.sort(key=lambda candidate: candidate.node.shape != whole.node.shape)
        for candidate in candidates[:_MOST_SECONDS]:
            with suppress(ValueError):  # a line that is not one route, of a node that prints others than BIRD does
                new_class = self._class(whole, lines, candidate, family)
                if new_class.of(candidate.node) is not None:
                    self._classes[family].append(new_class)
                    return True
        return False

    @staticmethod
    def _class(whole: _Whole, lines: Mapping[bool, Sequence[str]], second: _Whole, family: Family) -> TableClass:
        lines_of_second = second.lines()
        sides = {}
        for is_kernel, own in lines.items():
            routes = read_lines(lines_of_second.get(is_kernel, ()), family, is_kernel=is_kernel)
            more = Counter(
                line
                for line, route in zip(lines_of_second.get(is_kernel, ()), routes, strict=True)
                if route.prefix in whole.node.own
            )
            more -= Counter(own)
            sides[is_kernel] = Side(own, list(more.elements()), family, is_kernel=is_kernel)
        return TableClass(whole.reading.host, whole.node.shape, sides)

    def _find(self, node: Node, family: Family) -> tuple[TableClass, dict[bool, list[int]]] | None:
        alike = [each for each in self._classes[family] if each.shape == node.shape][:_MOST_ALIKE]
        others = [each for each in self._classes[family] if each.shape != node.shape][:_MOST_OTHERS]
        for each in (*alike, *others):
            without = each.of(node)
            if without is not None:
                return each, without
        return None

    def _in_class(self, reading: NodeReading, table: RouteTable) -> RouteTable | None:
        class_and_places = self._find(_node_of(reading, table), table.family)
        if class_and_places is None:
            return None
        table_class, places = class_and_places
        without: dict[bool, tuple[Route, ...]] = {False: (), True: ()}
        more: dict[bool, tuple[Route, ...]] = {False: (), True: ()}
        for is_kernel, removed in places.items():
            side, removed_places = table_class.sides[is_kernel], set(removed)
            without[is_kernel] = tuple(side.routes[place] for place in removed if place not in side.added)
            more[is_kernel] = tuple(side.routes[place] for place in side.added if place not in removed_places)
        return replace(
            table,
            bird=None if table.bird is None else (*table.bird, *more[False]),
            kernel=None if table.kernel is None else (*table.kernel, *more[True]),
            same_as=SameAs(table_class.host, without[False], without[True]),
        )


def _reduced(reading: NodeReading, family: Family) -> dict[bool, Reduced]:
    """What a node printed of its routes, BIRD's (False) and the kernel's (True), of each table that came whole."""
    marker = marker_of(reading.raw)
    answer = None if marker is None else parse_answer(reading.raw, marker)
    tables = {}
    for text in () if answer is None else answer.tables:
        if text.family is family:
            reduced = text.text
            if not text.is_reduced:
                reduced = reduce_table(
                    text.text, is_kernel=text.is_kernel, exit_code=text.exit_code, with_gateways=True
                )
            tables[text.is_kernel] = read_reduced(reduced)
    return {
        is_kernel: table for is_kernel, table in tables.items() if table.exit_code == 0 and table.sha256 is not None
    }


def _node_of(reading: NodeReading, table: RouteTable) -> Node:
    hashes = {False: table.bird_hash, True: table.kernel_hash}
    return _node(
        reading, table, {is_kernel: table_hash for is_kernel, table_hash in hashes.items() if table_hash is not None}
    )


def _node(reading: NodeReading, table: RouteTable, hashes: Mapping[bool, TableHash]) -> Node:
    routes: Iterable[Route] = (*(table.bird or ()), *(table.kernel or ()))
    own = frozenset(route.prefix for route in routes if not leads_through_gateway(route))
    bird = reading.bird(table.family)
    own_addresses: set[object] = {*reading.addresses, reading.ssh_address}
    if bird is not None:
        own_addresses |= {bird.router_id, *(protocol.source_address for protocol in bird.protocols)}
    return Node(own, frozenset(map(str, own_addresses)), hashes)
