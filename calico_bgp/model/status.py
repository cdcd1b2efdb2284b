"""What one text says of a node: the answer of `calicoctl node status`. Values only.

It stands alone, so that reading a pasted table need not load what else a node can be asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pydantic import with_config

from calico_bgp.model.frozen import VALUES, Frozen
from calico_bgp.model.peer import Address, Family, Peer
from calico_bgp.model.unrecognised import UnrecognisedLine


class DaemonState(StrEnum):
    """What is known of one family's BIRD. Unknown is not empty: only `running` makes an empty table mean "no peers"."""

    RUNNING = "running"
    NOT_RUNNING = "not_running"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


@with_config(VALUES)
@dataclass(frozen=True, slots=True)
class Daemon:
    """One family's BIRD. A family that the text does not mention has no Daemon."""

    family: Family
    state: DaemonState
    message: str | None = None


class NodeStatus(Frozen):
    """What one text says: the answer of `calicoctl node status`, or of BIRD itself.

    Attributes:
        node: The node's name where the text shows it (a prompt), else None.
        host: What the text calls it, also where that is no node's name: a pod, an address. None where it does not say.
        addresses: The node's own addresses where the text shows them (BIRD's source address, a header).
        felix_running: None when the text does not say.
        daemons: At most one per family, only families that the text mentions.
        peers: In the order of the text.
        messages: Every message of the program that is neither a table nor about one daemon, verbatim.
        unrecognised: Lines of the block that no rule understood.
        complete: False when the text stops in the middle (a cut paste, `i/o timeout`).
        origin: What it is out of: a program that printed it, or a CalicoNodeStatus. Only `birdc` shows disabled
            protocols; a CalicoNodeStatus has no error texts.
        source: The file's name as given, `-` for standard input.
        line: Where the block begins in that source, from 1.
    """

    node: str | None = None
    host: str | None = None
    addresses: tuple[Address, ...] = ()
    felix_running: bool | None = None
    daemons: tuple[Daemon, ...] = ()
    peers: tuple[Peer, ...] = ()
    messages: tuple[str, ...] = ()
    unrecognised: tuple[UnrecognisedLine, ...] = ()
    complete: bool = True
    origin: Literal["calicoctl", "birdc", "calico-node-status"] = "calicoctl"
    source: str = "-"
    line: int = 1

    def daemon(self, family: Family) -> Daemon | None:
        """The daemon of a family, or None when the text does not mention it."""
        return next((daemon for daemon in self.daemons if daemon.family is family), None)
