"""`calico-bgp reach`: whose routes each node's BIRD holds. routes/ works it out, report/ writes it."""

from __future__ import annotations

from typing import NamedTuple

import click

from calico_bgp.cli.help.completing import complete_nodes
from calico_bgp.cli.help.help import Command
from calico_bgp.cli.options.answer import Output, answer_options, families_option
from calico_bgp.cli.options.formats import Format, Formats
from calico_bgp.cli.running.again import repeated
from calico_bgp.cli.running.signals import tell_interrupted
from calico_bgp.cli.sources.networks import Networks, read_networks, refuse_unknown
from calico_bgp.cli.sources.source import Source, source_options
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.peer import Family
from calico_bgp.model.routes.observed import ObservedRoutes
from calico_bgp.report.routes.beside_computed import beside_computed, lacked, lacked_to_text
from calico_bgp.report.routes.held_text import routes_line
from calico_bgp.report.routes.reach_json import reach_to_json
from calico_bgp.report.routes.reach_text import (
    ReachView,
    explanation_to_text,
    reach_line,
    reach_to_text,
    trouble_lines,
    verdict,
)
from calico_bgp.report.text.page import TextStyle
from calico_bgp.report.text.sanitize import plain
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import Reachability, reachability
from calico_bgp.routes.network.network import Network
from calico_bgp.routes.observed.compare import observed_of

EXIT_CUT_OFF = 1
EXIT_UNKNOWN = 3
NO_BGP = "no node speaks BGP: there is no session, and none is missing"

EPILOG = """
\b
Examples:
  calico-bgp reach hosts.txt            as the sessions stand now
  calico-bgp reach --snapshot monday/ --resources calico/
  calico-bgp reach --resources calico/  as Calico's resources mean it
  calico-bgp reach --resources calico/ --down node1 --down node2
  calico-bgp reach --resources calico/ --cut node1,node3
  calico-bgp reach --snapshot monday/ --explain node3 node5
  calico-bgp reach --snapshot monday/ --observed   beside the tables of routes
  calico-bgp reach --snapshot monday/ --format json -o reach.json

\b
Exit codes: 0 every node learns every other's routes; 1 routes are missing;
2 wrong usage or input; 3 it cannot be told (nodes not read, or a route that
arrives only perhaps); 130 interrupted.
"""


class _Content(NamedTuple):
    """What is written: beside the answer, what the nodes' tables show.

    Attributes:
        view: The answer.
        families: Those that were asked for.
        tables: What the tables show.
        is_shown: Whether text shows that as well.
    """

    view: ReachView
    families: tuple[Family, ...]
    tables: tuple[ObservedRoutes, ...]
    is_shown: bool


def _text(content: _Content, style: TextStyle) -> str:
    if not content.view.reaches:
        return f"{NO_BGP}\n"
    text = reach_to_text(content.view, style)
    if not content.is_shown:
        return text
    computed = {reach.family: reach for reach in content.view.reaches}
    is_lacking = any(lacked(computed[routes.family], routes) for routes in content.tables)
    first = "MISSING by the tables of routes, see below; by the sessions alone:\n" if is_lacking else ""
    return first + text + beside_computed(content.view.reaches, content.tables, style)


FORMATS: Formats[_Content] = Formats(
    text=Format("who is cut off from whom, and why", _text),
    json=Format(
        "who learns whose routes, as `calico-bgp/reach/1`",
        lambda content, _: reach_to_json(content.view.reaches, content.families, content.tables),
    ),
)


@click.command(cls=Command, also_rare=("--at", "--pasted", "--limit", "--cluster"), epilog=EPILOG)
@source_options
@click.option(
    "--cut",
    "cuts",
    shell_complete=complete_nodes,
    metavar="A,B",
    multiple=True,
    help="As if the session of these two were down; an external peer by its address. Repeatable.",
)
@click.option(
    "--down",
    shell_complete=complete_nodes,
    metavar="NODE",
    multiple=True,
    help="As if this node were gone. Repeatable.",
)
@click.option(
    "--explain",
    shell_complete=complete_nodes,
    nargs=2,
    metavar="A B",
    help="Say along which way A learns B's routes and B A's, or why they do not.",
)
@families_option
@click.option(
    "--observed", is_flag=True, help="Beside it what the nodes' tables of routes show, also where both agree."
)
@answer_options("answer", everything="every line and every name", formats=FORMATS)
def command(
    source: Source,
    *,
    cuts: tuple[str, ...],
    down: tuple[str, ...],
    explain: tuple[str, str] | None,
    families: tuple[str, ...],
    observed: bool,
    output: Output[_Content],
    calico_version: CalicoVersion | None,
) -> int:
    """Say whose routes each node's BIRD holds: who is cut off from whom, and why.

    HOSTS is a file with one host a line; every node is read over SSH. With --resources alone nothing is read, and every
    session that Calico's resources mean is taken as Established.
    """
    if explain is not None and not output.is_text:
        raise click.UsageError("--explain answers in text; leave out --format.")
    if observed and (cuts or down or explain is not None or not output.is_text):
        raise click.UsageError("--observed goes with none of --cut, --down, --explain and --format: `routes` has JSON.")
    read = read_networks(source, families, calico_version)
    if observed and read.cluster is None:
        raise click.UsageError("--observed needs nodes that were read: HOSTS, --snapshot or a cluster.")
    pairs = [_pair(cut) for cut in cuts]
    _refuse_slips(read.networks, pairs, down, explain)
    reaches = tuple(_without(reachability(network), down, pairs) for network in read.networks)
    tables = {} if read.cluster is None or cuts or down else observed_of(read.cluster)
    held = tuple(tables[reach.family] for reach in reaches if reach.family in tables)
    beyond = [one for reach in reaches if reach.family in tables for one in lacked(reach, tables[reach.family])]
    if reaches and explain is not None:
        beyond = [one for one in beyond if {one.learner, one.origin} == set(explain)]
        explained = explanation_to_text(reaches, *explain, output.style)
        output.write_text(explained + lacked_to_text(beyond, output.style))
    else:
        changed = (*(f"the session of {a} and {b}" for a, b in pairs), *(f"node {name}" for name in down))
        view = ReachView(reaches, read.pools, read.unknowns, changed, again=repeated(without=("observed",)))
        output.write(_Content(view, tuple(map(Family, families)) or tuple(Family), held, observed or bool(beyond)))
    if output.form == "json" or output.is_file:
        _tell(reaches, read)
        for routes in held if beyond else ():
            click.echo(f"calico-bgp: by the tables of routes {routes_line(routes)}", err=True)
    if read.interrupted:
        return tell_interrupted()
    return EXIT_CUT_OFF if beyond else _exit_code(_answers(reaches, explain), read)


def _pair(text: str) -> tuple[str, str]:
    ends = [end.strip() for end in text.split(",")]
    if len(ends) != 2 or not all(ends):
        raise click.UsageError(f"--cut {plain(text)}: expected two ends, as in --cut node1,node2.")
    return ends[0], ends[1]


def _refuse_slips(
    networks: tuple[Network, ...], pairs: list[tuple[str, str]], down: tuple[str, ...], explain: tuple[str, str] | None
) -> None:
    """What is not there must not look as if its loss were harmless.

    Raises:
        click.UsageError: It names what was probably meant.
    """
    nodes = {speaker.name for network in networks for speaker in network.speakers}
    outside = {session.far for network in networks for session in network.externals}
    refuse_unknown("--down", down, nodes)
    refuse_unknown("--cut", (end for pair in pairs for end in pair), nodes | outside)
    refuse_unknown("--explain", explain or (), nodes)
    for name in explain or ():
        if name in down:
            raise click.UsageError(f"--explain: {plain(name)} is gone, as --down says.")
    for a, b in pairs:
        if not any(network.joins(a, b) for network in networks):
            raise click.UsageError(f"--cut {plain(a)},{plain(b)}: these two have no session.")


def _without(reach: Reachability, down: tuple[str, ...], pairs: list[tuple[str, str]]) -> Reachability:
    return reach.without(down, pairs=pairs) if down or pairs else reach


def _tell(reaches: tuple[Reachability, ...], read: Networks) -> None:
    """What the form for programs does not hold goes to standard error: what is not known, above all."""
    for reach in reaches:
        click.echo(f"calico-bgp: {reach_line(reach, read.unknowns)}", err=True)
    if not reaches:
        click.echo(f"calico-bgp: {NO_BGP}", err=True)
    for line in trouble_lines(reaches, read.unknowns):
        click.echo(f"  {line}", err=True)


def _answers(reaches: tuple[Reachability, ...], explain: tuple[str, str] | None) -> set[Answer]:
    """Those that count for the exit code: of the pair that was asked about, else of all."""
    if explain is None:
        return {verdict(reach) for reach in reaches}
    node, peer = explain
    with_both = [reach for reach in reaches if node in reach.nodes and peer in reach.nodes]
    answers = {reach.learns(*pair) for reach in with_both for pair in ((node, peer), (peer, node))}
    return answers or {Answer.NO}  # no family is common to them


def _exit_code(answers: set[Answer], read: Networks) -> int:
    if Answer.NO in answers:
        return EXIT_CUT_OFF
    return EXIT_UNKNOWN if Answer.PERHAPS in answers or read.unknowns else 0
