"""How many sessions stand between which zones, counted. Values only; the picture and the page draw the table."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from calico_bgp.messages.words import count, several_of
from calico_bgp.model.peer import Family
from calico_bgp.natural_order import natural_key
from calico_bgp.report.picture.diagram import EXTERNALS, REFLECTORS, Diagram, LinkState, NodeState

#: So many columns and rows have a place; the others are one together.
_MOST = 12
_OTHERS = "other zones"


@dataclass
class Count:
    """Sessions of a cell."""

    up: int = 0
    down: int = 0
    unknown: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.up + self.down + self.unknown

    @property
    def state(self) -> NodeState:
        """None of them stands, some do not, not all is known, or all stand."""
        if self.down:
            return NodeState.PART if self.up else NodeState.DOWN
        return NodeState.UNKNOWN if self.unknown else NodeState.UP

    @property
    def text(self) -> str:
        """`▲ 5 of 7`: the sign of what is not as it should be, and how many stand."""
        return f"{self._sign}{self.up:,} of {self.total:,}"

    @property
    def short(self) -> str:
        """`▲ 5/7`, for a table of many columns."""
        return f"{self._sign}{self.up:,}/{self.total:,}"

    @property
    def _sign(self) -> str:
        return "" if self.state is NodeState.UP else f"{self.state.symbol} "

    @property
    def words(self) -> str:
        """`5 of 7 sessions Established, 1 not Established, 1 not known`."""
        sentence = f"{self.up:,} of {count(self.total, 'session')} Established"
        if self.down:
            sentence += f", {self.down:,} {LinkState.DOWN.words}"
        return sentence + (f", {self.unknown:,} {LinkState.UNKNOWN.words}" if self.unknown else "")

    def add(self, states: tuple[tuple[Family, LinkState], ...]) -> None:
        """A link's sessions; graceful restart counts as not known, for it may come back."""
        for _, state in states:
            if state is LinkState.UP:
                self.up += 1
            elif state is LinkState.DOWN:
                self.down += 1
            else:
                self.unknown += 1


@dataclass(frozen=True)
class ZoneRow:
    """A zone's line; None where there is no session."""

    title: str
    cells: tuple[Count | None, ...]


@dataclass(frozen=True)
class ZoneMatrix:
    """The whole table."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[ZoneRow, ...]


def zone_matrix(diagram: Diagram) -> ZoneMatrix | None:
    """Zones by reflectors where there are few, else zones by zones; None where a cluster has no session.

    The zones with the most sessions that do not stand come first where not all have a place.
    """
    by_node = 0 < len(diagram.reflectors) <= _MOST
    names = {spot.name: spot.zone for spot in diagram.spots}
    titles_with_row = _titles_with_own_row(diagram)
    outside = several_of(diagram.outside)

    def row_of(name: str) -> str:
        place = diagram.place_of[name]
        if place == EXTERNALS:
            return outside
        if place == REFLECTORS:
            return "route reflectors"
        title = diagram.groups[place].title
        return title if title in titles_with_row else _OTHERS

    def column_of(name: str) -> str:
        if by_node and diagram.place_of[name] == REFLECTORS:
            return f"{name} ({names[name]})" if names[name] else name
        return row_of(name)

    cells: defaultdict[tuple[str, str], Count] = defaultdict(Count)
    for link in diagram.links:
        ends = [link.a, link.b]
        inside = diagram.place_of[link.b] != EXTERNALS
        if by_node and inside and diagram.place_of[link.a] == REFLECTORS:
            ends.reverse()
        squares = {(row_of(ends[0]), column_of(ends[1]))}
        # Both are in the row of the reflectors: each has the session in its column.
        if (by_node and diagram.place_of[link.a] == diagram.place_of[link.b] == REFLECTORS) or (not by_node and inside):
            squares.add((row_of(ends[1]), column_of(ends[0])))
        for square in squares:
            cells[square].add(link.states)
    if not cells:
        return None
    rows = _ordered({row for row, _ in cells}, diagram)
    columns = _ordered({column for _, column in cells}, diagram)
    return ZoneMatrix(
        title="Sessions between zones" if not by_node else "Sessions of each zone with each route reflector",
        columns=tuple(columns),
        rows=tuple(ZoneRow(row, tuple(cells.get((row, column)) for column in columns)) for row in rows),
    )


def _titles_with_own_row(diagram: Diagram) -> frozenset[str]:
    if len(diagram.groups) <= _MOST:
        return frozenset(group.title for group in diagram.groups)
    wrong: defaultdict[int, int] = defaultdict(int)
    for link in diagram.links:
        if link.state is LinkState.DOWN:
            for name in (link.a, link.b):
                wrong[diagram.place_of[name]] += 1
    worst = sorted(range(len(diagram.groups)), key=lambda place: -wrong[place])
    return frozenset(diagram.groups[place].title for place in worst[: _MOST - 1])


def _ordered(titles: set[str], diagram: Diagram) -> list[str]:
    last = [title for title in ("no zone", _OTHERS, "route reflectors", several_of(diagram.outside)) if title in titles]
    reflecting = {f"{s.name} ({s.zone})" if s.zone else s.name: natural_key(s.name) for s in diagram.reflectors}
    first = sorted((title for title in titles if title in reflecting), key=lambda title: reflecting[title])
    others = sorted(titles - set(last) - set(first), key=natural_key)
    return [*first, *others, *last]
