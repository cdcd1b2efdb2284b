"""`calico-bgp status`: all peers of all nodes as one table. Nothing here judges."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import click

from calico_bgp.cli.help.completing import complete_nodes, complete_states
from calico_bgp.cli.help.help import Command
from calico_bgp.cli.options.answer import Output, families_option, with_output
from calico_bgp.cli.options.formats import Format, Formats
from calico_bgp.cli.running.show import show_options
from calico_bgp.cli.running.signals import tell_interrupted
from calico_bgp.cli.sources.source import Source, require_one, source_options
from calico_bgp.model.peer import BGPState, Family, PeerType
from calico_bgp.model.reading import GatherFailure, NodeReading
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.near_names import or_which
from calico_bgp.report.status.choice import DOWN, PeerFilter, narrow, status_rows
from calico_bgp.report.status.csv import status_to_csv
from calico_bgp.report.status.json import status_to_json
from calico_bgp.report.status.table import BIRD_DOWN, silences, status_to_text
from calico_bgp.report.text.columns import PeerRow
from calico_bgp.report.text.names import compress_names
from calico_bgp.report.text.sanitize import plain
from calico_bgp.sources.gather import GatherInterrupted

EXIT_DOWN = 1
EXIT_UNREAD = 3
_PROTOCOL_STATES = ("start", "up", "wait", "feed", "stop", "flush")
TYPES = {
    "mesh": PeerType.MESH,
    "global": PeerType.GLOBAL,
    "node": PeerType.NODE,
    "local-workload": PeerType.LOCAL_WORKLOAD,
}

EPILOG = """
\b
Examples:
  calico-bgp status hosts.txt                 every peer of every node
  calico-bgp status hosts.txt --state down    all that is not Established
  calico-bgp status hosts.txt --wide          with AS number and routes
  calico-bgp status --snapshot monday/ --node 'rr*' --type node
  calico-bgp status --state down --exit-code  for a script
  calico-bgp status --pasted ticket.txt --format csv -o peers.csv

\b
Exit codes: 0; with --exit-code 1 when a peer that is shown is not
Established or a BIRD does not run; 2 wrong usage or input; 3 some nodes
could not be read; 130 interrupted.
"""


class _Content(NamedTuple):
    """What is written: what was read, and what of it is asked for."""

    snapshot: Snapshot
    peer_filter: PeerFilter
    wide: bool

    @property
    def rows(self) -> list[PeerRow]:
        """The peers, in order."""
        return status_rows(self.snapshot, self.peer_filter)


FORMATS: Formats[_Content] = Formats(
    text=Format(
        "a table",
        lambda content, style: status_to_text(content.snapshot, content.peer_filter, style, wide=content.wide),
    ),
    json=Format(
        "every field, as `calico-bgp/status/1`",
        lambda content, _: status_to_json(narrow(content.snapshot, content.peer_filter), content.rows),
    ),
    csv=Format("for a spreadsheet", lambda content, _: status_to_csv(content.rows)),
)


@click.command(also_rare=("--at", "--cluster", "--limit", "--type"), cls=Command, epilog=EPILOG)
@source_options
@click.option(
    "--node",
    shell_complete=complete_nodes,
    metavar="PATTERN",
    multiple=True,
    help="Only nodes of this name: node1, 'rr*'. Repeatable.",
)
@click.option(
    "--state",
    shell_complete=complete_states,
    metavar="STATE",
    multiple=True,
    help="Only peers in this state: Established, Idle, start ...; 'down' is all that is not Established. Repeatable.",
)
@click.option(
    "--type", "types", type=click.Choice(list(TYPES)), multiple=True, help="Only peers of this type. Repeatable."
)
@families_option
@FORMATS.option("table")
@click.option("--wide", is_flag=True, help="Add AS number and routes in and out, - where the node did not say.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 when a peer that is shown is not Established.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Write to a file instead.")
@show_options
@with_output(FORMATS)
def command(
    source: Source,
    *,
    node: tuple[str, ...],
    state: tuple[str, ...],
    types: tuple[str, ...],
    families: tuple[str, ...],
    wide: bool,
    exit_code: bool,
    output: Output[_Content],
) -> int:
    """Show all peers of all nodes as one table.

    HOSTS is a file with one host a line; every node is read over SSH.
    """
    require_one(source)
    interrupted = False
    try:
        snapshot = source.read()
    except GatherInterrupted as stop:
        snapshot, interrupted = stop.snapshot, True
    peer_filter = PeerFilter(node, state, tuple(TYPES[t] for t in types), tuple(Family(f) for f in families))
    _refuse_slips(peer_filter, snapshot)
    output.write(_Content(snapshot, peer_filter, wide))
    # The table says itself who was not read.
    unread = _unread(snapshot)
    if not output.is_text or not peer_filter.passes_silence:
        for reason, names in unread.items():
            click.echo(f"calico-bgp: not read: {compress_names(names)}: {reason}", err=True)
    if interrupted:
        return tell_interrupted()
    if exit_code and not _is_up(snapshot, peer_filter):
        return EXIT_DOWN
    return EXIT_UNREAD if unread or snapshot.resources_failure else 0


def _refuse_slips(peer_filter: PeerFilter, snapshot: Snapshot) -> None:
    """A filter that can match nothing is a slip, and must not look like a healthy cluster.

    Raises:
        click.UsageError: It says which words are possible.
    """
    states = {DOWN, *_PROTOCOL_STATES, *(state.value.lower() for state in BGPState)}
    for state in peer_filter.states:
        if state.lower() not in states:
            raise click.UsageError(f"no such state '{state}'; there are {', '.join(sorted(states))}.")
    everyone: list[NodeReading | GatherFailure] = [*snapshot.readings, *snapshot.failures]
    for pattern in peer_filter.nodes:
        if not any(PeerFilter(nodes=(pattern,)).passes_node(node) for node in everyone):
            which = or_which(pattern, [node.node or node.host for node in everyone])
            raise click.UsageError(plain(f"no node is called '{pattern}'{which}"))


def _is_up(snapshot: Snapshot, peer_filter: PeerFilter) -> bool:
    """Whether all that is shown, and was read, is up."""
    dead = peer_filter.passes_silence and any(silence.state == BIRD_DOWN for silence in silences(snapshot, peer_filter))
    return not dead and all(row.peer.is_established for row in status_rows(snapshot, peer_filter))


def _unread(snapshot: Snapshot) -> dict[str, list[str]]:
    """The nodes that could not be read, or not wholly, by reason; a paste lacks no nodes."""
    reasons: dict[str, list[str]] = {}
    for failure in snapshot.failures:
        reasons.setdefault(plain(failure.message), []).append(failure.node or failure.host)
    for reading in snapshot.readings:
        if not reading.complete:
            reasons.setdefault("the answer was cut short", []).append(reading.name)
    return reasons
