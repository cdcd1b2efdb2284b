"""`calico-bgp hosts`: a hosts.txt from another program's inventory. Reads and writes files; the reading is parse/'s."""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import replace

import click

from calico_bgp.cli.help.help import Command
from calico_bgp.cli.options.kubernetes import ClusterChoice, kubernetes_options
from calico_bgp.cli.sources.files import LONGEST_RESOURCES, decoded, read_bytes, refuse_binary
from calico_bgp.cli.sources.kubernetes import read_kubernetes_nodes, tell_current
from calico_bgp.errors import InventoryError, ParseError
from calico_bgp.messages.words import count
from calico_bgp.model.inventory import Host
from calico_bgp.parse.destination import DestinationError, split_user
from calico_bgp.parse.hosts.forms.form import NodeAddress, what_is_broken
from calico_bgp.parse.hosts.forms.table import read_inventory
from calico_bgp.parse.hosts.reader import parse_hosts
from calico_bgp.parse.hosts.writer import format_hosts
from calico_bgp.store.atomic import write_text_atomic

_ADDRESS = {"internal": NodeAddress.INTERNAL, "external": NodeAddress.EXTERNAL, "hostname": NodeAddress.HOSTNAME}
_KNOWN = "such as `kubectl get nodes -o json`, an Ansible inventory, an ssh_config; calico-bgp hosts --help names all"

EPILOG = """
\b
Examples:
  kubectl get nodes -o json | calico-bgp hosts -          print a hosts.txt
  calico-bgp hosts -o hosts.txt                           kubectl's cluster
  calico-bgp hosts --context prod -o hosts.txt            another one
  calico-bgp hosts nodes.json -o hosts.txt --user ubuntu  write one
  calico-bgp hosts nodes.json --address hostname          reach nodes by name
  calico-bgp hosts inventory.ini                          of Ansible
  calico-bgp hosts ~/.ssh/config                          of SSH

\b
Read are: Nodes as kubectl and calicoctl print them (JSON, YAML, tables),
Ansible's inventories (INI, YAML, ansible-inventory --list), SSH
configurations, known_hosts, /etc/hosts, CSV and other tables,
terraform output -json, and JSON or YAML lists of machines.
"""


def _user(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    del context, parameter
    try:
        if value is not None:
            split_user(f"{value}@")
    except DestinationError as error:
        raise click.BadParameter(error.message) from error
    return value


@click.command(cls=Command, epilog=EPILOG)
@click.argument("inventory", metavar="FILE|-", required=False, type=click.Path(dir_okay=False, allow_dash=True))
@kubernetes_options
@click.option("-o", "--output", metavar="FILE", help="Write to a file, wholly or not at all, instead of printing.")
@click.option("--user", metavar="NAME", callback=_user, help="Log in as this user.")
@click.option(
    "--address",
    type=click.Choice(list(_ADDRESS)),
    default="internal",
    show_default=True,
    help="Which address of a node to reach it by.",
)
def command(
    inventory: str | None, output: str | None, user: str | None, address: str, kubernetes: ClusterChoice
) -> None:
    """Write a hosts.txt from another program's inventory (`-` for standard input), or from a cluster.

    Nodes that run no BIRD (Windows, Fargate, virtual ones) and hosts that are no nodes become comments.
    """
    if inventory is not None and kubernetes:
        raise click.UsageError("give FILE (- for standard input) or --context NAME, not both.")
    if inventory is None:
        if not kubernetes:
            tell_current(_current(kubernetes))
        inventory, text_of_inventory = read_kubernetes_nodes(kubernetes)
    else:
        text_of_inventory = _read(inventory)
    listed = read_inventory(text_of_inventory, source=inventory, address=_ADDRESS[address], user=user)
    if listed is None:
        hosts = _hosts_txt(text_of_inventory, inventory, user)
        text, left_out = format_hosts(hosts), 0
    else:
        hosts, text = listed.hosts, listed.to_text()
        left_out = len(listed.entries) - len(hosts)
        # Two nodes behind one address, say: better told here than by every command that reads the file.
        parse_hosts(text, source=output or "the hosts.txt from this file")
    if output is None or output == "-":
        click.echo(text, nl=False)
    else:
        write_text_atomic(output, text)
        also = f", {left_out:,} left out (comments in it say why)" if left_out else ""
        click.echo(f"{count(len(hosts), 'host')} written to {output}{also}", err=True)


def _current(kubernetes: ClusterChoice) -> str:
    """The current context of the kubeconfig, where nothing was named.

    Raises:
        click.UsageError: There is none; or somebody has piped a file, and left the `-` out.
    """
    if _is_pipe():
        raise click.UsageError("standard input is a pipe: give - to read it, or --context NAME for a cluster.")
    context = kubernetes.current
    if context is None:
        raise click.UsageError(
            "give FILE (- for standard input) or --context NAME; there is no kubeconfig with a current context."
        )
    return context


def _is_pipe() -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode)
    except (OSError, ValueError):
        return False  # it is closed, or no file


def _hosts_txt(text: str, source: str, user: str | None) -> tuple[Host, ...]:
    """The hosts of what may be a hosts.txt already.

    Raises:
        InventoryError: It is none, and nothing else that we know.
    """
    try:
        hosts = parse_hosts(text, source=source)
    except InventoryError as error:
        first, *others = error.problems
        lines = text.splitlines()
        if len(others) + 1 < max(2, len([line for line in lines if line.strip()]) // 2):
            raise  # a hosts.txt with mistakes in it
        if (broken := what_is_broken(text, source)) is not None:
            raise InventoryError((broken,)) from error
        message = "this is no inventory that calico-bgp knows" if text.strip() else "the input is empty"
        raise InventoryError((ParseError(message, source, None, first.text, _KNOWN),)) from error
    return tuple(replace(host, user=user) if user is not None else host for host in hosts)


def _read(name: str) -> str:
    try:
        data = read_bytes(name, limit=LONGEST_RESOURCES)
        refuse_binary(name, data)
        return decoded(data)
    except OSError as error:
        raise InventoryError((ParseError(f"cannot be read: {error.strerror or error}", name),)) from error
    except UnicodeDecodeError as error:
        expected = "UTF-8, or UTF-16 with a byte order mark"
        raise InventoryError((ParseError("this is not UTF-8", name, None, None, expected),)) from error
