"""Prints what calicoctl and birdc print, byte for byte. Text only; what the rows say is decided in tables.py.

Sources: calicoctl/calicoctl/commands/node/status.go; BIRD 1.6 nest/proto.c proto_cmd_show.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from calico_bgp.lab.printing.go_table import Layout, format_table
from calico_bgp.lab.printing.protocols import FamilyTable, Protocol
from calico_bgp.model.peer import Peer
from calico_bgp.model.reading import Daemon, DaemonState, NodeStatus

HEADINGS = ("PEER ADDRESS", "PEER TYPE", "STATE", "SINCE", "INFO")
BIRD_BANNER = "BIRD v0.3.3+birdv1.6.8 ready."


class Printed(NamedTuple):
    """What a command printed, and how it ended; exit code None: it printed that much and hangs."""

    stdout: str
    stderr: str = ""
    exit_code: int | None = 0


def render_node_status(status: NodeStatus, layout: Layout) -> Printed:
    """What `calicoctl node status` prints for these daemons and rows.

    Felix not running ends the command at once: exit 1, the message on stderr (since v3.8).
    """
    if not status.felix_running:
        return Printed("", "Calico process is not running.\n", 1)
    parts = ["Calico process is running.\n"]
    if all(daemon.state is DaemonState.NOT_RUNNING for daemon in status.daemons):
        parts.append("\nThe BGP backend process (BIRD) is not running.\n")
    else:
        parts += [_family(daemon, status.peers, layout) for daemon in status.daemons]
    return Printed("".join(parts) + "\n")


def _family(daemon: Daemon, peers: Sequence[Peer], layout: Layout) -> str:
    rows = [_cells(peer) for peer in peers if peer.family is daemon.family]
    label, process = f"BIRDv{daemon.family.version}", daemon.family.process
    if daemon.state is DaemonState.NOT_RUNNING:
        return f"\nINFO: {label} process: '{process}' is not running.\n"
    heading = f"\n{daemon.family.label} BGP status\n"
    if daemon.state is DaemonState.UNREACHABLE:
        # No newline: the next heading follows directly. It names the second of the two sockets that were tried.
        socket = f"/var/run/bird/{process}.ctl"
        reason = f"unable to connect to {label} socket: dial unix {socket}: connect: no such file or directory"
        return f"{heading}Error querying BIRD: {reason}"
    if not rows:
        return f"{heading}No {daemon.family.label} peers found.\n"
    return heading + format_table(HEADINGS, rows, layout)


def _cells(peer: Peer) -> tuple[str, ...]:
    return (peer.address_text, peer.peer_type, peer.protocol_state, peer.since or "", peer.info)


def render_show_protocols(table: FamilyTable, *, numbered: bool = False) -> str:
    """What BIRD answers to `show protocols`; the empty text when it does not run or has no socket.

    Args:
        table: The family's BIRD.
        numbered: The bare socket's form with reply codes, rather than birdc's plain text.
    """
    if table.state is not DaemonState.RUNNING:
        return ""
    own = [("static1", "Static"), ("kernel1", "Kernel"), ("device1", "Device"), ("direct1", "Direct")]
    rows = [bird_row(name, kind, "up", table.started, "") for name, kind in own]
    rows += [bird_row(row.name, "BGP", row.state, row.since, _bird_info(row)) for row in table.protocols]
    heading = f"{'name':<8} {'proto':<8} {'table':<8} {'state':<6} {'since':<11} info"
    if not numbered:
        return "\n".join([BIRD_BANNER, heading, *rows]) + "\n"
    return (
        "\n".join(
            [f"0001 {BIRD_BANNER}", f"2002-{heading}", f"1002-{rows[0]}", *(f" {row}" for row in rows[1:]), "0000 "]
        )
        + "\n"
    )


def bird_row(name: str, kind: str, state: str, since: str, info: str = "") -> str:
    """A protocol's line, without the feed of a line (nest/proto.c proto_cmd_show)."""
    return f"{name:<8} {kind:<8} {'master':<8} {state:<6} {since:<10}  {info}"


def _bird_info(row: Protocol) -> str:
    """`%-14s%s`: state word, then the last error; a protocol that is down has no state word."""
    return row.error if row.bgp_state is None else f"{row.bgp_state:<14}{row.error}"
