"""The columns of peers, findings and causes, once for the table, CSV, frames and HTML. No rendering in this file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Literal, NamedTuple, TypeAlias, TypeVar

from calico_bgp.model.peer import Peer
from calico_bgp.model.reading import NodeReading
from calico_bgp.model.reports.report import Finding
from calico_bgp.model.snapshot import Snapshot

Cell: TypeAlias = str | int | bool | None
RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class Column(Generic[RowT]):
    """One column.

    Attributes:
        key: Its name in CSV and frames; the same word as in JSON.
        heading: Its name in tables for people.
        kind: Its type in frames; every column may hold None except booleans.
        value: The cell of a row, as the node printed it: sanitising is the renderer's.
        in_table: Whether tables for people show it; CSV and frames show all.
    """

    key: str
    heading: str
    kind: Literal["text", "integer", "boolean"]
    value: Callable[[RowT], Cell]
    in_table: bool = True


class PeerRow(NamedTuple):
    """A peer and the reading it stands in."""

    reading: NodeReading
    peer: Peer


def peer_rows(snapshot: Snapshot) -> list[PeerRow]:
    """Every peer of every node, in the order of readings and tables."""
    return [PeerRow(reading, peer) for reading in snapshot.readings for peer in reading.peers]


def _text(value: object) -> str | None:
    return None if value is None else str(value)


PEER_COLUMNS: tuple[Column[PeerRow], ...] = (
    Column("node", "NODE", "text", lambda r: r.reading.name),
    Column("host", "HOST", "text", lambda r: r.reading.host, in_table=False),
    Column("family", "FAMILY", "text", lambda r: str(r.peer.family), in_table=False),
    Column("address", "ADDRESS", "text", lambda r: _text(r.peer.address), in_table=False),
    Column("address_text", "PEER ADDRESS", "text", lambda r: r.peer.address_text),
    Column("port", "PORT", "integer", lambda r: r.peer.port, in_table=False),
    Column("peer_type", "PEER TYPE", "text", lambda r: str(r.peer.peer_type)),
    Column("protocol_state", "STATE", "text", lambda r: r.peer.protocol_state),
    Column("bgp_state", "BGP STATE", "text", lambda r: _text(r.peer.bgp_state), in_table=False),
    Column("since", "SINCE", "text", lambda r: r.peer.since),
    Column("info", "INFO", "text", lambda r: r.peer.info),
    Column("error_class", "ERROR", "text", lambda r: r.peer.error and str(r.peer.error.error_class), in_table=False),
    Column("error_message", "MESSAGE", "text", lambda r: r.peer.error and r.peer.error.message, in_table=False),
    Column("is_established", "ESTABLISHED", "boolean", lambda r: r.peer.is_established, in_table=False),
)

FINDING_COLUMNS: tuple[Column[Finding], ...] = (
    Column("severity", "SEVERITY", "text", lambda f: str(f.severity)),
    Column("rule", "RULE", "text", lambda f: f.rule),
    Column("subject_kind", "KIND", "text", lambda f: f.subject.kind, in_table=False),
    Column("subject", "SUBJECT", "text", lambda f: str(f.subject)),
    Column("message", "MESSAGE", "text", lambda f: f.message),
    Column("evidence", "EVIDENCE", "text", lambda f: "\n".join(f.evidence), in_table=False),
    Column("next_step", "NEXT STEP", "text", lambda f: f.next_step),
    Column("id", "ID", "text", lambda f: f.id, in_table=False),
    Column("cause_id", "CAUSE", "text", lambda f: f.cause_id, in_table=False),
)
