"""Tells whether a table is ours and whole. No daemons, and nothing about headings."""

from __future__ import annotations

from dataclasses import dataclass

from calico_bgp.model.peer import PeerType
from calico_bgp.parse.grammar import Record
from calico_bgp.parse.status.peer_cells import peer_type, split_address

#: BIRD's words for what a protocol does (nest/proto.c proto_state_name).
_PROTOCOL_STATES = frozenset({"start", "up", "wait", "feed", "stop", "down", "flush"})


@dataclass(slots=True)
class Table:
    """How far a table has come, to tell a whole one from one cut off."""

    is_bordered: bool = False
    columns: str = ""
    rows: int = 0
    borders_below: int = 0
    is_open_ended: bool = False
    #: The number of the last row's line, where that had no borders.
    borderless_row: int = 0

    @property
    def is_cut(self) -> bool:
        """Whether the closing border is missing from a table that began with one."""
        is_ours = self.rows > 0 or self.columns != ""
        return is_ours and self.is_bordered and self.borders_below < (1 if self.rows else 2)

    @property
    def has_no_end(self) -> bool:
        """Whether it has rows and no borders, so that nothing in it shows that it was not cut behind one."""
        return self.rows > 0 and not self.is_bordered


def is_peer_row(record: Record) -> bool:
    """Whether a row is about a peer: other programs print tables of five columns, too."""
    known_type = "KNOWN_TYPE" in record or isinstance(peer_type(record["PEER_TYPE"]), PeerType)
    return known_type or record["STATE"].lower() in _PROTOCOL_STATES or split_address(record["ADDRESS"])[0] is not None
