"""`calico-bgp route`: what every session does with one route, and why. routes/path works it out, report/ writes it."""

from __future__ import annotations

import click

from calico_bgp.cli.help.help import Command
from calico_bgp.cli.options.answer import Output, answer_options
from calico_bgp.cli.options.formats import Format, Formats
from calico_bgp.cli.running.signals import tell_interrupted
from calico_bgp.cli.sources.networks import Networks, read_networks, refuse_unknown
from calico_bgp.cli.sources.source import Source, source_options
from calico_bgp.expect.engine import expect
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.peer import family_of
from calico_bgp.model.resources import Resources
from calico_bgp.prefixes import prefix_of
from calico_bgp.report.routes.trace_json import trace_to_json
from calico_bgp.report.routes.trace_text import trace_to_text
from calico_bgp.report.text.names import short_names
from calico_bgp.report.text.sanitize import plain
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.routes.network.network import Network
from calico_bgp.routes.observed.own import with_blocks_seen
from calico_bgp.routes.path.beside_tables import beside_tables
from calico_bgp.routes.path.hop import Trace
from calico_bgp.routes.path.origin import origin_of, read_prefix
from calico_bgp.routes.path.policy import RoutePolicy
from calico_bgp.routes.path.trace import trace

EXITS = {Answer.YES: 0, Answer.NO: 1, Answer.PERHAPS: 3}

EPILOG = """
\b
Examples:
  calico-bgp route 10.244.1.0/26 --to node5 --resources calico/
  calico-bgp route 10.244.1.7 --to node5 --resources calico/
  calico-bgp route 10.244.1.0/26 --to 192.0.2.254 --resources calico/
  calico-bgp route 10.244.1.0/26 --to node5 hosts.txt --resources calico/
  calico-bgp route fd65::40/122 --from node1 --to node5 --snapshot monday/
  calico-bgp route 10.96.0.0/12 --from node1 --to 192.0.2.254 \\
      --resources calico/ --format json

\b
Exit codes: 0 the route arrives; 1 it does not; 2 wrong usage or input;
3 it cannot be told (a filter that was not given, nodes not read);
130 interrupted.
"""


FORMATS: Formats[Trace] = Formats(
    text=Format("the route's way, a session a line", trace_to_text),
    json=Format("the same, as `calico-bgp/route/1`", lambda trace, _: trace_to_json(trace)),
)


@click.command(cls=Command, also_rare=("--pasted", "--limit", "--cluster"), epilog=EPILOG)
@click.argument("prefix")
@source_options
@click.option("--from", "origin", metavar="NODE", help="Who announces it; by default whoever has the block.")
@click.option("--to", "target", metavar="NODE|PEER", required=True, help="A node, or an external peer's address.")
@answer_options("answer", everything="every line and every name", formats=FORMATS)
def command(
    source: Source,
    *,
    prefix: str,
    origin: str | None,
    target: str,
    output: Output[Trace],
    calico_version: CalicoVersion | None,
) -> int:
    """Say what becomes of the route to PREFIX: who offers it, which rule accepts or rejects it, and what arrives.

    The rules are those of BGP (reflection, AS path), of BGPFilters, and Calico's own. With --resources alone every
    session that Calico's resources mean is taken as Established; else those count that stand.
    """
    read = read_networks(source, (), calico_version)
    if read.resources is None:
        raise click.UsageError("what filters do is only in Calico's resources: give them with --resources.")
    trace = _trace(read, read.resources, prefix, (origin, target))
    output.write(trace)
    if read.unknowns and output.is_text:
        click.echo(f"calico-bgp: {read.unknowns.words}", err=True)
    if read.interrupted:
        return tell_interrupted()
    if trace.answer is Answer.NO and read.unknowns:
        return EXITS[Answer.PERHAPS]
    return EXITS[trace.answer]


def _trace(read: Networks, resources: Resources, text: str, ends: tuple[str | None, str]) -> Trace:
    node, target = ends
    _refuse_slips(read.networks, node, target)
    if read.cluster is not None:
        for one in read.networks:
            resources = with_blocks_seen(resources, read.cluster, one.family)
    try:
        prefix, note = read_prefix(text, resources)
    except ValueError as error:
        raise click.UsageError(plain(str(error))) from error
    family = family_of(prefix)
    network = next((network for network in read.networks if network.family is family), None)
    if network is None:
        raise click.UsageError(f"no node speaks BGP over {family.label}, so no such route is announced.")
    owners = dict.fromkeys(a.node for a in resources.block_affinities if a.is_a_nodes and prefix_of(a.cidr) == prefix)
    if node is None and len(owners) > 1:
        raise click.UsageError(f"{short_names(owners)} have {prefix} as their own block; choose one with --from.")
    begin = origin_of(prefix, resources, node)
    node = begin.node
    if node is None:
        tables = "no BlockAffinity" if read.cluster is None else "neither a BlockAffinity nor a node's table of routes"
        raise click.UsageError(f"{tables} says whose {prefix} is; name who announces it with --from.")
    if note is not None:
        begin = begin._replace(notes=(note, *begin.notes))
    reach = reachability(network)
    nodes = frozenset(
        name for wiring in reach.wirings(*_speakers_among(network, node, target)) for name in wiring.ports
    )
    # What the node announces counts as its own block, also where no BlockAffinity says so.
    assumed = (node, prefix) if begin.source == "taken for its own block" else None
    policy = RoutePolicy(expect(resources, version=read.version, only=nodes), family, nodes, assumed)
    traced = trace(reach, policy, begin, node, target)
    return traced if read.cluster is None else beside_tables(traced, begin.route.source, read.cluster)


def _refuse_slips(networks: tuple[Network, ...], node: str | None, target: str) -> None:
    nodes = {speaker.name for network in networks for speaker in network.speakers}
    refuse_unknown("--from", () if node is None else (node,), nodes)
    externals = {session.far for network in networks for session in network.externals}
    refuse_unknown("--to", (target,), nodes | externals)


def _speakers_among(network: Network, *names: str) -> list[str]:
    nodes = {speaker.name for speaker in network.speakers}
    return [name for name in names if name in nodes]
