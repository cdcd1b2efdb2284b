"""Peers as rows of plain values and back, and many rows as columns, which compress well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import ip_address
from typing import Any, TypeAlias

from calico_bgp.model.peer import BGPState, ErrorClass, Family, Peer, PeerError, PeerType

#: family, address as printed, type | protocol state, BGP state, since, info, error class, error text | address, port
Row: TypeAlias = list[Any]
FAMILY, ADDRESS_TEXT, TYPE, PROTOCOL_STATE, BGP_STATE, SINCE, INFO, ERROR_CLASS, ERROR_TEXT, ADDRESS, PORT = range(11)
#: What of a row may change while it stays the same peer.
CHANGING = slice(PROTOCOL_STATE, ADDRESS)
_TYPES: dict[str, PeerType | str] = {str(kind): kind for kind in PeerType}
_STATES = {str(state): state for state in BGPState}
_CLASSES: dict[str, ErrorClass | str] = {str(kind): kind for kind in ErrorClass}


def row_of(peer: Peer) -> Row:
    """A peer as plain values. An address that is what its text says is left out."""
    text = peer.address_text
    address = None if peer.address is None else str(peer.address)
    error = peer.error
    return [
        peer.family.value,
        text,
        str(peer.peer_type),
        peer.protocol_state,
        None if peer.bgp_state is None else str(peer.bgp_state),
        peer.since,
        peer.info,
        None if error is None else str(error.error_class),
        None if error is None else error.message,
        True if address == text else address,
        peer.port,
    ]


def peer_of(row: Row) -> Peer:
    """The peer of a row."""
    family, text, kind, protocol_state, bgp_state, since, info, error_class, error_text, address, port = row
    stated = text if address is True else address
    return Peer(
        family=Family(family),
        address=None if stated is None else ip_address(stated),
        address_text=text,
        port=port,
        peer_type=_TYPES.get(kind) or kind,
        protocol_state=protocol_state,
        bgp_state=None if bgp_state is None else _STATES[bgp_state],
        since=since,
        info=info,
        error=None if error_class is None else PeerError(_CLASSES.get(error_class) or error_class, error_text),
    )


def is_up(row: Row) -> bool:
    """Whether a row is Established, as `Peer.is_established` says."""
    if row[PROTOCOL_STATE] != "up":
        return False
    return row[BGP_STATE] == BGPState.ESTABLISHED.value or (row[BGP_STATE] is None and not row[INFO])


def to_columns(rows: Sequence[Row]) -> list[list[Any]]:
    """The columns of rows: what is alike stands together."""
    return [list(column) for column in zip(*rows, strict=True)]


def from_columns(columns: Iterable[Sequence[Any]]) -> list[Row]:
    """The rows of columns."""
    return [list(row) for row in zip(*columns, strict=True)]


def to_ranges(numbers: Sequence[int]) -> list[int]:
    """Ascending numbers as `gap, length, gap, length...`: runs cost two numbers, whatever their length."""
    ranges: list[int] = []
    start = end = None
    last = 0
    for number in numbers:
        if end is not None and number == end:
            end += 1
            continue
        if start is not None and end is not None:
            ranges += [start - last, end - start]
            last = end
        start, end = number, number + 1
    if start is not None and end is not None:
        ranges += [start - last, end - start]
    return ranges


def from_ranges(ranges: Sequence[int]) -> list[int]:
    """The numbers of `to_ranges`."""
    numbers: list[int] = []
    last = 0
    for gap, length in zip(ranges[::2], ranges[1::2], strict=True):
        start = last + gap
        last = start + length
        numbers += range(start, last)
    return numbers
