"""`calico-bgp parse`: turns status tables into JSON or a list. Options, files and exit codes; no parsing."""

from __future__ import annotations

from collections.abc import Iterable

import click

from calico_bgp.cli.help.help import Command
from calico_bgp.cli.options.formats import Format, Formats
from calico_bgp.cli.running.paste_progress import paste_progress
from calico_bgp.cli.running.show import write
from calico_bgp.cli.sources.files import called, decoded, read_bytes, refuse_binary
from calico_bgp.errors import CalicoBGPError
from calico_bgp.model.peer import Family
from calico_bgp.model.status import Daemon, DaemonState, NodeStatus
from calico_bgp.parse.pasted.reader import parse_pasted

EXIT_NOTHING_FOUND = 2

EPILOG = """
\b
Examples:
  calico-bgp parse node1.txt node2.txt           what files hold, as a list
  sudo calicoctl node status | calico-bgp parse -  what this node says
  calico-bgp parse --format json ticket.txt      the same for programs
  calico-bgp parse --strict node1.txt            refuse what is not understood

\b
Exit codes: 0 at least one status was found, 2 none, or a file that cannot
be read.
"""


class UnreadableFile(CalicoBGPError):
    """A file that was named cannot be read."""


def _text(statuses: list[NodeStatus]) -> str:
    return "\n\n".join("\n".join(_lines(status)) for status in statuses) + "\n" * bool(statuses)


def _json(statuses: list[NodeStatus]) -> str:
    from calico_bgp.report.status.parsed_json import statuses_to_json  # noqa: PLC0415 - a list needs none of it

    return statuses_to_json(statuses)


FORMATS: Formats[list[NodeStatus]] = Formats(
    text=Format("a list", lambda statuses, _: _text(statuses)),
    json=Format("every field, as `calico-bgp/parse/1`", lambda statuses, _: _json(statuses)),
)


@click.command("parse", cls=Command, epilog=EPILOG)
@click.argument("files", nargs=-1, metavar="[FILE...|-]")
@FORMATS.option("output")
@click.option("--strict", is_flag=True, help="Fail at a line inside a status that is not understood.")
def command(files: tuple[str, ...], form: str, strict: bool) -> int:
    """Turn the text of `calicoctl node status` into peers.

    FILE holds what the command printed on one node or on several, or what somebody pasted into a ticket; `-` is
    standard input, also when no FILE is given.
    """
    statuses: list[NodeStatus] = []
    for name in files or ("-",):
        text = _read(name)
        with paste_progress(text):
            statuses += parse_pasted(text, source=name, strict=strict)
    write(FORMATS.render(form, statuses), None)
    if not statuses:
        where = ", ".join(map(called, files or ("-",)))
        click.echo(f"calico-bgp: no `calicoctl node status` in {where}", err=True)
        return EXIT_NOTHING_FOUND
    return 0


def _read(name: str) -> str:
    """The text of a file; what is not UTF-8 becomes U+FFFD, as one bad byte must not hide a table."""
    try:
        data = read_bytes(name)
    except OSError as error:
        raise UnreadableFile(f"cannot read {name}: {error.strerror or error}") from error
    refuse_binary(name, data)
    return decoded(data, lenient=True)


def _lines(status: NodeStatus) -> Iterable[str]:
    yield f"{status.source}:{status.line}" + (f" {status.node or status.host}" if status.node or status.host else "")
    felix = {True: "running", False: "not running", None: "not mentioned"}[status.felix_running]
    yield f"  Felix: {felix}"
    for family in Family:
        daemon = status.daemon(family)
        peers = [peer for peer in status.peers if peer.family is family]
        yield f"  {family.label}: {_daemon_words(daemon, len(peers))}"
        columns = [
            (each.address_text, str(each.peer_type), each.protocol_state, each.since or "-", each.info or "-")
            for each in peers
        ]
        widths = [max(map(len, column)) for column in zip(*columns, strict=True)]
        for cells in columns:
            yield "    " + "  ".join(map(str.ljust, cells, widths)).rstrip()
    yield from (f"  says: {message}" for message in status.messages)
    yield from (f"  not understood: {status.source}:{each.line}: {each.text}" for each in status.unrecognised)
    if not status.complete:
        yield "  incomplete: a part of the status is missing"


def _daemon_words(daemon: Daemon | None, peers: int) -> str:
    if daemon is None:
        return "not mentioned"
    if daemon.state is DaemonState.RUNNING:
        return f"running, {peers} peer{'' if peers == 1 else 's'}" if peers else "running, no peers"
    return daemon.state.value.replace("_", " ") + (f": {daemon.message}" if daemon.message else "")
