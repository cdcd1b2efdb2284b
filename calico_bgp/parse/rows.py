"""The grammar of `calicoctl node status`, and the fast way through it for ordinary rows. One line at a time."""

from __future__ import annotations

from functools import lru_cache

from calico_bgp.model.peer import Peer
from calico_bgp.parse.grammar import grammar
from calico_bgp.parse.peer_cells import make_peer

#: templates/calicoctl_node_status.textfsm
GRAMMAR = grammar("calicoctl_node_status.textfsm")

_ROW_CELLS = ("ADDRESS", "PEER_TYPE", "STATE", "SINCE", "INFO")
_match_row = GRAMMAR.first_rule(_ROW_CELLS)
# Rows of a mesh of 150 in both families, and of small fleets, fit. No real row is longer.
_ROWS_REMEMBERED = 32_768
_LONGEST_ROW = 240


@lru_cache(_ROWS_REMEMBERED)
def _read_row(line: str) -> Peer | None:
    if _match_row is None:
        return None
    line = line.rstrip()
    found = _match_row(line) if line.isprintable() else None
    if found is None:
        return None
    address, type_text, state, since, info = found.groups()
    peer = make_peer(address, type_text, state, since, info or "")
    # A masked address does not tell its family, and rows that calicoctl wrote itself show a state or an error.
    return peer if peer.address is not None and (peer.bgp_state is not None or peer.error is not None) else None


def read_row(line: str) -> Peer | None:
    """The Peer of a line that is a whole ordinary row; None for every other line, rows with peculiarities included.

    A Peer does not name its node, so equal lines share one object.
    """
    return _read_row(line) if len(line) <= _LONGEST_ROW else None
