"""The grammar of `calicoctl node status`, and the fast way through it for ordinary rows. One line at a time.

Here is what makes a mesh of hundreds cheap: the row's rule is tried alone (it is the template's first, so nothing else
could have matched), and equal rows and equal addresses share one object. Whatever is odd about a row leaves it to the
slow way.
"""

from __future__ import annotations

from functools import lru_cache
from operator import methodcaller

from calico_bgp.model.peer import Family, Peer, PeerType
from calico_bgp.parse.cleaning import clean_line
from calico_bgp.parse.grammar import Record, grammar
from calico_bgp.parse.status.peer_cells import cached_address, cached_info

#: templates/calicoctl_node_status.textfsm
GRAMMAR = grammar("calicoctl_node_status.textfsm")

_match_row = GRAMMAR.first_rule(("ADDRESS", "PEER_TYPE", "STATE", "SINCE", "INFO"))
_cells = methodcaller("groups", "")
# The rows of a mesh of 150 in both families fit. The limits bound what a hostile node can make us remember: no real
# line is longer than the longest IPv6 address with a port and the longest error.
_ROWS_REMEMBERED = 32_768
_LINES_REMEMBERED = 1_024
_LONGEST = 240

_TYPES: dict[str, PeerType] = {kind.value: kind for kind in PeerType}
_STATES = frozenset({"start", "up", "wait", "feed", "stop", "down", "flush"})
_IPV4, _IPV6 = Family.IPV4, Family.IPV6


@lru_cache(_ROWS_REMEMBERED)
def _read_row(line: str) -> Peer | None:
    if _match_row is None or (match := _match_row(line)) is None or not line.isprintable():
        return None
    address_text, type_text, protocol_state, since, info = _cells(match)
    address, port = cached_address(address_text)
    peer_type = _TYPES.get(type_text)
    bgp_state, error = cached_info(info)
    if address is None or peer_type is None or protocol_state not in _STATES or (bgp_state is None and error is None):
        return None
    family = _IPV4 if address.version == 4 else _IPV6
    return Peer(family, address, address_text, port, peer_type, protocol_state, bgp_state, since or None, info, error)


def read_row(line: str) -> Peer | None:
    """The Peer of a line that is a whole ordinary row; None for every other line, rows with peculiarities included.

    A Peer does not name its node, so equal lines share one object.
    """
    return _read_row(line) if len(line) <= _LONGEST else None


@lru_cache(_LINES_REMEMBERED)
def _read_line(line: str) -> tuple[str, Record]:
    cleaned = clean_line(line)
    return cleaned, GRAMMAR.read(cleaned)


def read_line(line: str) -> tuple[str, Record]:
    """Any line, cleaned, and what the template says about it."""
    return _read_line(line) if len(line) <= _LONGEST else _read_line.__wrapped__(line)


def forget() -> None:
    """Empty what this room and peer_cells remember: for measurements."""
    for remembered in (_read_row, _read_line, cached_address, cached_info):
        remembered.cache_clear()
