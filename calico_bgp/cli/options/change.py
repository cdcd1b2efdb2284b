"""The options that say what would be changed, as changes in the order in which they were given. Judges nothing."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from typing import Any

import click

from calico_bgp.changes.change import (
    ApplyResources,
    Change,
    DeleteResource,
    RemoveNode,
    SetClusterID,
    SetLabel,
    SetMesh,
    Unlabel,
    read_kind,
)
from calico_bgp.cli.help.completing import complete_nodes
from calico_bgp.cli.help.help import Command
from calico_bgp.cli.sources.resource_files import read_resources

_ORDER = "calico_bgp.order_of_options"
NO_CLUSTER_ID = "none"


class OrderedCommand(Command):
    """A command that remembers in which order its options came: click itself only keeps it within one option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, and remember the order."""
        _, _, order = self.make_parser(ctx).parse_args(args=list(args))
        ctx.meta[_ORDER] = [parameter.name for parameter in order]
        return super().parse_args(ctx, args)


def _removals(text: str) -> Iterator[Change]:
    for name in text.split(","):
        if not name.strip():
            raise click.UsageError(f"--remove {text}: expected names with commas between them, as in node1,node2.")
        yield RemoveNode(name.strip())


def _label(node_and_label: tuple[str, str]) -> Iterator[Change]:
    node, label = node_and_label
    key, equals, value = label.partition("=")
    if not equals or not key:
        raise click.UsageError(f"--label {node} {label}: expected KEY=VALUE.")
    yield SetLabel(node, key, value)


def _delete(text: str) -> Iterator[Change]:
    kind, slash, name = text.partition("/")
    if not slash or not name:
        raise click.UsageError(f"--delete {text}: expected KIND/NAME, as in bgppeer/peer-with-reflectors.")
    yield DeleteResource(read_kind(kind), name)


#: Parameter → what one use of its option changes.
_READERS: dict[str, Callable[[Any], Iterator[Change]]] = {
    "remove": _removals,
    "unlabel": lambda given: iter((Unlabel(*given),)),
    "label": _label,
    "cluster_id": lambda given: iter((SetClusterID(given[0], None if given[1] == NO_CLUSTER_ID else given[1]),)),
    "mesh": lambda given: iter((SetMesh(given == "on"),)),
    "apply": lambda given: iter((ApplyResources(read_resources([given]), given),)),
    "delete": _delete,
}


def change_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; `read_changes` makes changes of their values."""
    options = (
        click.option(
            "--remove",
            metavar="NODE[,NODE...]",
            multiple=True,
            shell_complete=complete_nodes,
            help="As if these nodes were gone.",
        ),
        click.option(
            "--unlabel",
            shell_complete=complete_nodes,
            nargs=2,
            metavar="NODE LABEL",
            multiple=True,
            help="Take a label from a node.",
        ),
        click.option(
            "--label",
            shell_complete=complete_nodes,
            nargs=2,
            metavar="NODE K=V",
            multiple=True,
            help="Give a node a label.",
        ),
        click.option(
            "--cluster-id",
            shell_complete=complete_nodes,
            nargs=2,
            metavar="NODE ID|none",
            multiple=True,
            help="Make a node a route reflector with this cluster ID, or none.",
        ),
        click.option(
            "--mesh", type=click.Choice(["on", "off"]), multiple=True, help="Turn the node-to-node mesh on or off."
        ),
        click.option(
            "--apply", metavar="FILE", multiple=True, help="Apply new or changed resources, YAML or JSON; - for stdin."
        ),
        click.option("--delete", metavar="KIND/NAME", multiple=True, help="Delete a resource: bgppeer/NAME."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def read_changes(values: dict[str, Any]) -> tuple[Change, ...]:
    """The changes, in the order of the command line of the current OrderedCommand.

    Args:
        values: The values of the options that `change_options` added, by parameter.

    Raises:
        click.UsageError: An option's value is not what it should be.
        ChangeError: A kind that does not decide about BGP.
        CalicoBGPError: A file cannot be read.
    """
    unread_values: dict[str, deque[Any]] = defaultdict(deque)
    for name in _READERS:
        unread_values[name].extend(values[name])
    changes: list[Change] = []
    for name in click.get_current_context().meta[_ORDER]:
        if unread_values.get(name):
            changes += _READERS[name](unread_values[name].popleft())
    return tuple(changes)
