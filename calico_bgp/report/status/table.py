"""All peers of all nodes as one table for people. A node that shows none has a row as well, which says why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.text import Text

from calico_bgp.cluster.nodes.identity import identify
from calico_bgp.cluster.nodes.membership import members_of
from calico_bgp.messages.words import count
from calico_bgp.model.peer import Address, BGPState, ErrorClass, Family, Peer, PeerType
from calico_bgp.model.reading import Daemon, DaemonState, NodeReading
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.natural_order import natural_key
from calico_bgp.report.status.choice import PeerFilter, narrow, status_rows
from calico_bgp.report.text.age import age_of
from calico_bgp.report.text.columns import PeerRow
from calico_bgp.report.text.grid import Cell, Heading, show_grid
from calico_bgp.report.text.page import Page, TextStyle
from calico_bgp.report.text.sanitize import plain

#: What is not there: never empty, so that `awk` counts columns.
NONE = "-"
BIRD_DOWN = "BIRD down"
_HEADINGS = tuple(Heading(text) for text in ("NODE", "PEER", "ADDRESS", "TYPE", "STATE", "AGE"))
_WIDE = (Heading("AS", right=True), Heading("IN", right=True), Heading("OUT", right=True))
_LAST = Heading("LAST ERROR")
_TYPES: dict[PeerType | str, str] = {
    PeerType.MESH: "mesh",
    PeerType.GLOBAL: "global",
    PeerType.NODE: "node",
    PeerType.LOCAL_WORKLOAD: "workload",
}
_DAEMON_STATES = {
    DaemonState.NOT_RUNNING: (BIRD_DOWN, "bold red", "BIRD is not running"),
    DaemonState.UNREACHABLE: ("unknown", "yellow", "BIRD could not be asked"),
    DaemonState.UNKNOWN: ("unknown", "yellow", "its peers are not known"),
}


class Silence(NamedTuple):
    """A node that shows no peer of a family, or none at all.

    Attributes:
        node: Its name.
        state: What is known of it, in two words.
        style: The colour of that.
        why: The reason.
    """

    node: str
    state: str
    style: str
    why: str


def silences(snapshot: Snapshot, peer_filter: PeerFilter | None = None) -> list[Silence]:
    """The nodes without answers or with a dead BIRD, that belong to what is asked for.

    BIRD of a family of which no node shows a peer is not missed, unless no node shows any: IPv4 alone is no fault.
    """
    peer_filter = peer_filter or PeerFilter()
    narrowed = narrow(snapshot, peer_filter)
    used = {peer.family for reading in snapshot.readings for peer in reading.peers} or set(Family)
    families = [family for family in peer_filter.families or Family if family in used]
    silent_nodes = [silence for reading in narrowed.readings for silence in _of_reading(reading, families)]
    silent_nodes += [
        Silence(failure.node or failure.host, "not read", "yellow", plain(failure.message))
        for failure in narrowed.failures
    ]
    if not snapshot.complete and not peer_filter.nodes:
        hosts_with_result = {reading.host for reading in snapshot.readings} | {
            failure.host for failure in snapshot.failures
        }
        silent_nodes += [
            Silence(host.node or host.label, "not read", "yellow", "not asked: interrupted")
            for host in snapshot.hosts
            if host.label not in hosts_with_result
        ]
    return silent_nodes


def _of_reading(reading: NodeReading, families: Sequence[Family]) -> Iterator[Silence]:
    daemons = [daemon for family in families if (daemon := reading.status.daemon(family)) is not None]
    shows = {peer.family for peer in reading.peers}
    silent = [daemon for daemon in daemons if daemon.state in _DAEMON_STATES and daemon.family not in shows]
    by_words: dict[tuple[str, str, str], list[str]] = {}
    for daemon in silent:
        state, style, why = _DAEMON_STATES[daemon.state]
        by_words.setdefault((state, style, _with_message(why, daemon)), []).append(daemon.family.label)
    for (state, style, why), labels in by_words.items():
        only = "" if len(labels) == len(daemons) else f"{' and '.join(labels)}: "
        yield Silence(reading.name, state, style, f"{only}{why}")
    if reading.peers or silent:
        return
    if reading.status.daemons:
        yield Silence(reading.name, "no peers", "yellow", NONE)
    else:
        yield Silence(reading.name, "unknown", "yellow", "no table: Felix or calicoctl is in the way")


def _with_message(why: str, daemon: Daemon) -> str:
    """BIRD's own words behind ours, where they are others than those of a process that does not run."""
    message = plain(daemon.message or "")
    return why if not message or daemon.state is DaemonState.NOT_RUNNING else f"{why}: {message}"


def status_to_text(
    snapshot: Snapshot, peer_filter: PeerFilter | None = None, style: TextStyle | None = None, *, wide: bool = False
) -> str:
    """The peers as a table, sorted as people count, then how many are up.

    Args:
        snapshot: All that was read: who has which address is worked out from all tables, whatever is shown.
        peer_filter: What to show; everything by default.
        style: How.
        wide: Whether to add the AS number and the routes in and out, `-` where the node did not say.
    """
    peer_filter, style = peer_filter or PeerFilter(), style or TextStyle()
    rows, silent = (
        status_rows(snapshot, peer_filter),
        silences(snapshot, peer_filter) if peer_filter.passes_silence else [],
    )
    names = identify(members_of(snapshot).members, whole=not snapshot.limited).owner
    page = Page(style)
    lines = sorted([*_peers(rows, names, wide=wide), *_silent(silent, wide=wide)], key=lambda line: line[0])
    if lines:
        show_grid(page, (*_HEADINGS, *(_WIDE if wide else ()), _LAST), _cells(lines), style)
        page.blank()
    page.line(*_summary(narrow(snapshot, peer_filter), rows))
    return page.text()


#: What a row is sorted by, and its cells.
_Line = tuple[tuple[object, ...], list[Cell]]


def _peers(rows: Sequence[PeerRow], names: dict[Address, str], *, wide: bool) -> Iterator[_Line]:
    keys: dict[str, tuple[object, ...]] = {}
    for reading, peer in rows:
        node, address = plain(reading.name), plain(peer.address_text)
        name = names.get(peer.address) if peer.address is not None else None
        shown_name = NONE if name is None else plain(name)
        for key in (node, shown_name):
            if key not in keys:
                keys[key] = natural_key(key)
        state, colour = _state(peer)
        cells: list[Cell] = [
            (node, ""),
            (shown_name, ""),
            (address, ""),
            (plain(_TYPES.get(peer.peer_type, str(peer.peer_type)) if peer.peer_type else NONE), ""),
            (state, colour),
            (plain(age_of(peer.since, reading.clock) or NONE), ""),
            *(_numbers(reading, peer) if wide else ()),
            (_error(peer), colour),
        ]
        # Peers without a name, which are not nodes of this cluster as far as is known, come last.
        number = 0 if peer.address is None else int(peer.address)
        yield (keys[node], 0, peer.family.value, name is None, keys[shown_name], number, address), cells


def _silent(silent: Sequence[Silence], *, wide: bool) -> Iterator[_Line]:
    for node, state, colour, why in silent:
        name = plain(node)
        blank: list[Cell] = [(NONE, "")] * 3
        empty_cells: list[Cell] = [(NONE, "")] * (1 + (len(_WIDE) if wide else 0))
        yield (natural_key(name), 1, why), [(name, ""), *blank, (state, colour), *empty_cells, (why, colour)]


def _cells(lines: Sequence[_Line]) -> list[list[Cell]]:
    """The rows of the table; a node's name is bold in the first of its rows."""
    previous = None
    cells_by_row = []
    for _, cells in lines:
        node = cells[0][0]
        cells_by_row.append([(node, "bold" if node != previous else "dim"), *cells[1:]])
        previous = node
    return cells_by_row


def _state(peer: Peer) -> Cell:
    if peer.is_established:
        return "Established", "green"
    if peer.bgp_state is BGPState.ESTABLISHED:
        return "restarting", "yellow"
    return plain(str(peer.bgp_state or peer.protocol_state)), "red"


def _numbers(reading: NodeReading, peer: Peer) -> Iterator[Cell]:
    """AS number, routes from the peer and to it, as BIRD itself says them."""
    protocol = reading.protocol_of(peer)
    for number in (
        (None, None, None) if protocol is None else (protocol.neighbor_as, protocol.imported, protocol.exported)
    ):
        yield NONE if number is None else str(number), ""


def _error(peer: Peer) -> str:
    if peer.error is None:
        return NONE
    whose, message = peer.error
    if not message or whose is ErrorClass.SOCKET:
        return plain(message or str(whose))  # an errno speaks for itself
    return plain(f"{whose}: {message}")


def _summary(snapshot: Snapshot, rows: Sequence[PeerRow]) -> Iterator[str | Text]:
    established = sum(row.peer.is_established for row in rows)
    total = sum(len(reading.peers) for reading in snapshot.readings)
    nodes = f" on {count(len(snapshot.readings), 'node')}"
    if len(rows) < total:
        # Of those that are down none is up: what matters is how many there are.
        yield Text(f"{len(rows):,} of {count(total, 'peer')}", "bold")
        yield f"{nodes}, {established:,} of them Established"
    else:
        yield Text(f"{established:,} of {count(len(rows), 'peer')} Established", "bold")
        yield nodes
    if snapshot.failures:
        yield Text(f"; {count(len(snapshot.failures), 'node')} not read", "yellow")
    cut = sum(not reading.complete for reading in snapshot.readings)
    if cut:
        yield Text(f"; the answer of {count(cut, 'node')} was cut short, peers may be missing", "yellow")
