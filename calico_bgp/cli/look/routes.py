"""`calico-bgp routes`: what each node holds of the others' routes, in BIRD and in the kernel. Nothing here judges."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

import click

from calico_bgp.cli.help.completing import complete_nodes
from calico_bgp.cli.help.help import Command
from calico_bgp.cli.options.answer import Output, answer_options, families_option
from calico_bgp.cli.options.formats import Format, Formats
from calico_bgp.cli.running.signals import tell_interrupted
from calico_bgp.cli.sources.source import Source, require_one, source_options
from calico_bgp.cluster.cluster import Cluster, observe
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.routes.observed import ObservedRoutes
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.report.routes.held_json import RoutesDocument, routes_to_json
from calico_bgp.report.routes.held_text import routes_to_text
from calico_bgp.report.text.page import TextStyle
from calico_bgp.report.text.sanitize import plain
from calico_bgp.routes.observed.compare import observed_of
from calico_bgp.sources.gather import GatherInterrupted

EXIT_MISSING = 1
EXIT_UNKNOWN = 3
NO_TABLES = "no node told its routes"

EPILOG = """
\b
Examples:
  calico-bgp routes                       kubectl's current context
  calico-bgp routes hosts.txt             over SSH
  calico-bgp routes hosts.txt --missing   only nodes that lack something
  calico-bgp routes --snapshot monday/ --node 'rack2-*'
  calico-bgp routes --snapshot monday/ --format json -o routes.json

\b
Exit codes: 0 every node has every other's routes; 1 routes are missing;
2 wrong usage or input; 3 it cannot be told (tables not read, or not as a
whole); 130 interrupted.
"""


class _Content(NamedTuple):
    """What is written, and which nodes people asked for."""

    snapshot: Snapshot
    routes: tuple[ObservedRoutes, ...]
    nodes: tuple[str, ...]
    missing: bool


def _text(content: _Content, style: TextStyle) -> str:
    return routes_to_text(content.routes, style, nodes=content.nodes, missing=content.missing) if content.routes else ""


def _json(content: _Content, _: TextStyle) -> str:
    snapshot = content.snapshot
    return routes_to_json(
        RoutesDocument(cluster=snapshot.cluster, snapshot_at=snapshot.taken_at, families=content.routes)
    )


FORMATS: Formats[_Content] = Formats(
    text=Format("what each node holds and lacks, and where routes stop", _text),
    json=Format("the same of every node, as `calico-bgp/routes/1`", _json),
)


@click.command(cls=Command, also_rare=("--pasted", "--limit", "--cluster"), epilog=EPILOG)
@source_options
@click.option(
    "--node",
    "nodes",
    shell_complete=complete_nodes,
    metavar="PATTERN",
    multiple=True,
    help="Only nodes of this name: node1, 'rr*'. Repeatable.",
)
@click.option("--missing", is_flag=True, help="Only nodes that lack routes, or of which it is not known.")
@families_option
@answer_options("answer", everything="every line and every name", formats=FORMATS)
def command(
    source: Source,
    *,
    nodes: tuple[str, ...],
    missing: bool,
    families: tuple[str, ...],
    output: Output[_Content],
    calico_version: CalicoVersion | None,
) -> int:
    """Show what each node holds of the others' routes, in BIRD and in the kernel, and where routes stop.

    Each node's own blocks are compared with every other node's tables. HOSTS is a file with one host a line; every node
    is read over SSH.
    """
    require_one(source)
    snapshot, interrupted = read_with_routes(source)
    cluster = observe(snapshot, version=calico_version)
    routes = observed(cluster, families)
    if routes or not output.is_text:
        output.write(_Content(snapshot, routes, nodes, missing))
    tell_unread(cluster, routes)
    if interrupted:
        return tell_interrupted()
    return exit_code(cluster, routes)


def read_with_routes(source: Source) -> tuple[Snapshot, bool]:
    """Read the source, routes included however many nodes there are, unless the user said otherwise.

    Returns:
        The snapshot, and whether Ctrl-C ended the reading.
    """
    questions = source.ssh.questions
    questions = replace(questions, routes=True) if questions.routes is None else questions
    source = replace(
        source, ssh=replace(source.ssh, questions=questions), kubernetes=replace(source.kubernetes, questions=questions)
    )
    try:
        return source.read(), False
    except GatherInterrupted as stopped:
        return stopped.snapshot, True


def observed(cluster: Cluster, families: Collection[str]) -> tuple[ObservedRoutes, ...]:
    """What the tables show, of the families that are wanted; of all when none is named."""
    by_family = observed_of(cluster)
    return tuple(routes for family, routes in by_family.items() if not families or family.value in families)


def tell_unread(cluster: Cluster, observed_routes: Collection[ObservedRoutes]) -> None:
    """Which nodes told nothing, on standard error."""
    for failure in cluster.snapshot.failures:
        click.echo(
            f"calico-bgp: {plain(failure.node or failure.host)} was not read: {plain(failure.message)}", err=True
        )
    if not observed_routes:
        click.echo(f"calico-bgp: {NO_TABLES}; read them again with --routes, or gather anew", err=True)


def exit_code(cluster: Cluster, observed_routes: Collection[ObservedRoutes]) -> int:
    """1 where routes are missing, 3 where it cannot be told."""
    if any(routes.missing for routes in observed_routes):
        return EXIT_MISSING
    unknown = not observed_routes or cluster.snapshot.failures or any(routes.unknown for routes in observed_routes)
    return EXIT_UNKNOWN if unknown else 0
