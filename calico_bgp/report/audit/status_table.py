"""All peers of all nodes as one table: for people, and as CSV. JSON is in json.py, the columns in text/columns.py."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from rich.text import Text

from calico_bgp.model.peer import BGPState, Family, Peer, PeerType
from calico_bgp.model.reading import DaemonState, GatherFailure, NodeReading
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.report.text.columns import PEER_COLUMNS, PeerRow, peer_rows
from calico_bgp.report.text.grid import Cell, Heading, show_grid
from calico_bgp.report.text.names import compress_names
from calico_bgp.report.text.page import Page, TextStyle
from calico_bgp.report.text.sanitize import csv_cell, plain

_COLUMNS = tuple(column for column in PEER_COLUMNS if column.in_table)
#: What is compared must stay in one piece; INFO may wrap.
_HEADINGS = tuple(
    Heading(column.heading, wraps=True, least=18) if column.key == "info" else Heading(column.heading)
    for column in _COLUMNS
)


@dataclass(frozen=True, slots=True)
class PeerFilter:
    """Which peers to show; an empty field lets every peer pass.

    Attributes:
        nodes: Shell patterns of node or host names.
        states: Protocol or BGP states in any case; `down` is every peer that is not Established.
        types: Peer types.
        families: Address families.
    """

    nodes: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    types: tuple[PeerType, ...] = ()
    families: tuple[Family, ...] = ()

    def passes_node(self, node: NodeReading | GatherFailure) -> bool:
        """Whether the node is one of those asked for."""
        names = {node.host, node.node or node.host}
        return not self.nodes or any(fnmatchcase(name, pattern) for pattern in self.nodes for name in names)

    def passes(self, peer: Peer) -> bool:
        """Whether the peer is one of those asked for, wherever it stands."""
        states = {peer.protocol_state.lower(), str(peer.bgp_state or "").lower()}
        if not peer.is_established:
            states.add("down")
        return (
            (not self.states or any(state.lower() in states for state in self.states))
            and (not self.types or peer.peer_type in self.types)
            and (not self.families or peer.family in self.families)
        )


def narrow(snapshot: Snapshot, which: PeerFilter) -> Snapshot:
    """The snapshot with the nodes that pass only."""
    readings = tuple(reading for reading in snapshot.readings if which.passes_node(reading))
    failures = tuple(failure for failure in snapshot.failures if which.passes_node(failure))
    return snapshot.model_copy(update={"readings": readings, "failures": failures})


def status_rows(snapshot: Snapshot, which: PeerFilter | None = None) -> list[PeerRow]:
    """The peers that pass, in the order of the snapshot."""
    which = which or PeerFilter()
    return [row for row in peer_rows(narrow(snapshot, which)) if which.passes(row.peer)]


def status_to_csv(rows: Sequence[PeerRow]) -> str:
    """Every column of PEER_COLUMNS; the header stands even when there is no peer, and no cell is a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([column.key for column in PEER_COLUMNS])
    for row in rows:
        cells = (column.value(row) for column in PEER_COLUMNS)
        writer.writerow(
            ["" if c is None else str(c).lower() if isinstance(c, bool) else csv_cell(str(c)) for c in cells]
        )
    return buffer.getvalue()


def status_to_text(snapshot: Snapshot, rows: Sequence[PeerRow], style: TextStyle | None = None) -> str:
    """The peers as a table, then the nodes without a table and why: unknown peers are not the same as no peers."""
    style = style or TextStyle()
    page = Page(style)
    if rows:
        show_grid(page, _HEADINGS, list(_cells(rows)), style)
        page.blank()
    number = len(snapshot.readings)
    established = sum(row.peer.is_established for row in rows)
    total = sum(len(reading.peers) for reading in snapshot.readings)
    part = f", of {total} in all" if len(rows) < total else ""
    page.line(
        Text(f"{established} of {len(rows)} peers Established", "bold"),
        f"{part} on {number} node{'' if number == 1 else 's'}",
    )
    for why, nodes in _without_peers(snapshot).items():
        page.line(f"{why}: {compress_names(nodes)}", hang=2)
    return page.text()


def _cells(rows: Sequence[PeerRow]) -> Iterator[list[Cell]]:
    """The rows of the table; a node's name is bold in the first of its rows."""
    previous = None
    for row in rows:
        texts = [plain("" if (value := column.value(row)) is None else str(value)) for column in _COLUMNS]
        cells: list[Cell] = [(text, "") for text in texts]
        cells[0] = (texts[0], "bold" if row.reading is not previous else "dim")
        cells[-1] = (texts[-1], _colour(row))
        previous = row.reading
        yield cells


def _colour(row: PeerRow) -> str:
    if row.peer.is_established:
        return "green"
    return "yellow" if row.peer.bgp_state is BGPState.ESTABLISHED else "red"


_DAEMON_WORDS = {
    DaemonState.NOT_RUNNING: "BIRD is not running",
    DaemonState.UNREACHABLE: "BIRD could not be asked",
    DaemonState.UNKNOWN: "peers unknown",
    DaemonState.RUNNING: "no peers",
}


def _without_peers(snapshot: Snapshot) -> dict[str, list[str]]:
    """Nodes that show no peer of a family, by reason."""
    reasons: dict[str, list[str]] = {}
    for family in Family:
        for reading in snapshot.readings:
            daemon = reading.status.daemon(family)
            if daemon is not None and not any(peer.family is family for peer in reading.peers):
                reasons.setdefault(f"{family.label}: {_DAEMON_WORDS[daemon.state]}", []).append(reading.name)
    silent = [r.name for r in snapshot.readings if not r.status.daemons and not r.peers]
    if silent:
        reasons["no table shown (Felix or calicoctl is in the way)"] = silent
    incomplete = [reading.name for reading in snapshot.readings if not reading.complete]
    if incomplete:
        reasons["answer cut short, peers may be missing"] = incomplete
    if snapshot.failures:
        reasons["not read"] = [failure.node or failure.host for failure in snapshot.failures]
    return reasons
