"""Reads what `calicoctl node status` printed on one node. Pastes are pasted's; BIRD's own answers birdc's."""

from __future__ import annotations

from calico_bgp.errors import ParseError
from calico_bgp.model.peer import Peer
from calico_bgp.model.status import NodeStatus
from calico_bgp.parse.cleaning import split_lines
from calico_bgp.parse.status.block import EXPECTED, StatusBlock
from calico_bgp.parse.status.rows import read_line, read_row


def parse_node_status(text: str, *, source: str = "-", strict: bool = False) -> NodeStatus:
    """Read one node's answer, stdout with or without stderr, whole or half.

    It knows every release's output (calicoctl/calicoctl/commands/node/status.go, v1.0 to v3.33). Chatter before and
    after the answer is passed over; a line inside it that is not understood is kept in `unrecognised`.

    Args:
        text: What the program printed.
        source: The file's name for errors and for `NodeStatus.source`.
        strict: Refuse what is not understood.

    Returns:
        The status. `complete` is False where the answer stops in the middle, lacks a family, or says nothing at all.

    Raises:
        ParseError: Strict, and a line is not understood or the text holds no status.
    """
    block = StatusBlock(source)
    rows: list[Peer] = []
    number = 0
    for number, line in enumerate(split_lines(text), 1):
        peer = read_row(line)
        if peer is not None:
            rows.append(peer)
            continue
        if rows:
            block.add_rows(number - len(rows), rows)
            rows = []
        block.add(number, *read_line(line))
    if rows:
        block.add_rows(number - len(rows) + 1, rows)
    if strict and block.is_empty:
        raise ParseError("no status of a node in this text", source, None, None, EXPECTED)
    status = block.finish(strict=strict)
    # Every release says something of both families (status.go): what ends after one of them was cut there.
    lacks_family = bool(status.felix_running) and len(status.daemons) == 1
    return status.model_copy(update={"complete": False}) if lacks_family else status
