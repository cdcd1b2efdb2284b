"""`calico-bgp hosts`: a hosts.txt from `kubectl get nodes -o json`. Reads and writes files; the reading is parse/'s."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from calico_bgp.errors import InventoryError, ParseError
from calico_bgp.parse.destination import DestinationError, split_user
from calico_bgp.parse.hosts.forms.kubernetes import NodeAddress, hosts_from_kubernetes
from calico_bgp.parse.hosts.reader import parse_hosts
from calico_bgp.parse.hosts.writer import format_hosts
from calico_bgp.store.atomic import write_text_atomic

_ADDRESS = {"internal": NodeAddress.INTERNAL, "external": NodeAddress.EXTERNAL, "hostname": NodeAddress.HOSTNAME}

EPILOG = """
\b
Examples:
  kubectl get nodes -o json | calico-bgp hosts -             print a hosts.txt
  calico-bgp hosts nodes.json -o hosts.txt --user ubuntu     write one
  calico-bgp hosts nodes.json --address hostname             reach nodes by name
"""


def _user(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    del context, parameter
    try:
        if value is not None:
            split_user(f"{value}@")
    except DestinationError as error:
        raise click.BadParameter(error.message) from error
    return value


@click.command(epilog=EPILOG)
@click.argument("nodes", metavar="NODES.json|-", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("-o", "--output", metavar="FILE", help="Write to a file, wholly or not at all, instead of printing.")
@click.option("--user", metavar="NAME", callback=_user, help="Log in as this user.")
@click.option(
    "--address",
    type=click.Choice(list(_ADDRESS)),
    default="internal",
    show_default=True,
    help="Which address of a node to reach it by.",
)
def command(nodes: str, output: str | None, user: str | None, address: str) -> None:
    """Write a hosts.txt from what `kubectl get nodes -o json` prints (`-` for standard input)."""
    hosts = hosts_from_kubernetes(_read(nodes), source=nodes, address=_ADDRESS[address], user=user)
    text = format_hosts(hosts)
    # Two nodes behind one address, say: better told here than by every command that reads the file.
    parse_hosts(text, source=output or "the hosts.txt from these nodes")
    if output is None or output == "-":
        click.echo(text, nl=False)
    else:
        write_text_atomic(output, text)
        click.echo(f"{len(hosts)} hosts written to {output}", err=True)


def _read(name: str) -> str:
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return data.decode("utf-8")
    except OSError as error:
        raise InventoryError((ParseError(f"cannot be read: {error.strerror or error}", name),)) from error
    except UnicodeDecodeError as error:
        expected = "UTF-8; PowerShell's > writes UTF-16, use kubectl ... | Out-File -Encoding utf8"
        raise InventoryError((ParseError("this is not UTF-8", name, None, None, expected),)) from error
