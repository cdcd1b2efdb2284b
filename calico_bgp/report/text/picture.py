"""The compact picture of who has whom: per family a matrix of nodes. Symbols only; colour and place are the screen's.

A row is what that node's own table says, a column is whom it says it of; so a session that only one end shows is seen.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import Enum

from calico_bgp.messages.words import count
from calico_bgp.model.inventory import Role
from calico_bgp.model.peer import BGPState, Family, Peer, family_of
from calico_bgp.model.reading import DaemonState, NodeReading
from calico_bgp.model.reports.report import Report
from calico_bgp.model.reports.subject import SessionSubject
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.model.topology import TopologyNode
from calico_bgp.natural_order import natural_key

#: Above this a picture no longer fits beside everything else on one screen.
MOST_NODES = 12
#: Of a node whose BIRD says so, it is known which peers it has.
_ANSWERING = frozenset({DaemonState.RUNNING, DaemonState.NOT_RUNNING})
_REFLECTOR = " (reflector)"


class Cell(Enum):
    """What a row's node says of a column's node: (symbol, ASCII symbol, words, colour)."""

    ESTABLISHED = ("●", "*", "Established", "green")
    RESTARTING = ("◐", "w", "graceful restart", "yellow")
    DOWN = ("✗", "x", "down", "bold red")
    MISSING = ("○", "o", "missing", "bold red")
    NONE = ("·", ".", "none expected", "dim")
    UNKNOWN = ("?", "?", "not known", "yellow")
    SELF = (" ", " ", "", "")

    @property
    def words(self) -> str:
        """What the symbol means."""
        return self.value[2]

    @property
    def style(self) -> str:
        """Its colour, in rich's words."""
        return self.value[3]

    def symbol(self, *, unicode: bool) -> str:
        """One character; an ASCII one where the terminal cannot show others."""
        return self.value[0] if unicode else self.value[1]


@dataclass(frozen=True, slots=True)
class Row:
    """One node's line of a matrix; `note` says in words what no symbol can."""

    name: str
    cells: tuple[Cell, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Matrix:
    """Who has whom in the families named; the columns are the rows' nodes in the same order."""

    families: tuple[Family, ...]
    rows: tuple[Row, ...]

    @property
    def legend(self) -> list[Cell]:
        """The symbols that occur, in the order of Cell."""
        used = {cell for row in self.rows for cell in row.cells} - {Cell.SELF}
        return [cell for cell in Cell if cell in used]


def matrices(report: Report, snapshot: Snapshot) -> list[Matrix]:
    """A matrix per family, families that look alike in one.

    None for a cluster that is too big or has no peers, and none of a family of which less than a third is known.
    """
    nodes = tuple(sorted(report.topology.nodes, key=lambda node: natural_key(node.name)))
    if not 1 < len(nodes) <= MOST_NODES:
        return []
    by_rows: dict[tuple[Row, ...], list[Family]] = {}
    for family in report.topology.families:
        rows = _rows(report, snapshot, nodes, family)
        cells = [cell for row in rows for cell in row.cells if cell is not Cell.SELF]
        if cells.count(Cell.UNKNOWN) * 3 <= len(cells) * 2:
            by_rows.setdefault(rows, []).append(family)
    return [Matrix(tuple(families), rows) for rows, families in by_rows.items()]


def _rows(report: Report, snapshot: Snapshot, nodes: tuple[TopologyNode, ...], family: Family) -> tuple[Row, ...]:
    owner = {address: node.name for node in nodes for address in node.addresses}
    readings = {reading.name: reading for reading in snapshot.readings}
    peers: dict[str, defaultdict[str, list[Peer]]] = {node.name: defaultdict(list) for node in nodes}
    external: defaultdict[str, list[Peer]] = defaultdict(list)
    for node in nodes:
        for peer in readings[node.name].peers if node.name in readings else ():
            if peer.family is family:
                neighbour = owner.get(peer.address) if peer.address is not None else None
                (external[node.name] if neighbour is None else peers[node.name][neighbour]).append(peer)
    # A finding about a session that this end does not show means that it ought to.
    expected = {
        frozenset((f.subject.a, f.subject.b))
        for f in (*report.findings, *(ignored.finding for ignored in report.ignored))
        if isinstance(f.subject, SessionSubject) and f.subject.family is family
    }

    def cell(node: TopologyNode, far: TopologyNode) -> Cell:
        if far is node:
            return Cell.SELF
        if peers[node.name][far.name]:
            return _cell(peers[node.name][far.name])
        daemon = _state(readings.get(node.name), family)
        # The table was not read, or it names addresses of which one may be this node's.
        may_be_there = external[node.name] and not any(family_of(address) is family for address in far.addresses)
        if daemon not in _ANSWERING or may_be_there:
            return Cell.UNKNOWN
        if frozenset((node.name, far.name)) in expected or peers[far.name][node.name]:
            return Cell.DOWN if daemon is DaemonState.NOT_RUNNING else Cell.MISSING
        return Cell.NONE

    return tuple(
        Row(
            _label(node),
            tuple(cell(node, far) for far in nodes),
            _note(readings.get(node.name), family, external[node.name]),
        )
        for node in nodes
    )


def _label(node: TopologyNode) -> str:
    return f"{node.name}{_REFLECTOR}" if node.role is Role.REFLECTOR else node.name


def node_name(label: str) -> str:
    """The name alone, of a row's: a column has no room for more."""
    return label.removesuffix(_REFLECTOR)


def _state(reading: NodeReading | None, family: Family) -> DaemonState | None:
    daemon = None if reading is None else reading.status.daemon(family)
    return None if daemon is None else daemon.state


def _cell(peers: list[Peer]) -> Cell:
    if any(peer.is_established for peer in peers):
        return Cell.ESTABLISHED
    if any(peer.bgp_state is BGPState.ESTABLISHED for peer in peers):
        return Cell.RESTARTING
    return Cell.DOWN


def _note(reading: NodeReading | None, family: Family, external: list[Peer]) -> str:
    notes = []
    if reading is not None and _state(reading, family) is DaemonState.NOT_RUNNING:
        notes.append("BIRD not running")
    elif reading is not None and _state(reading, family) is DaemonState.UNREACHABLE:
        notes.append("BIRD not asked")
    if external:
        established = sum(peer.is_established for peer in external)
        notes.append(f"{established} of {count(len(external), 'other peer')} Established")
    return ", ".join(notes)
