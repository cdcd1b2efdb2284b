"""`calico-bgp risks`: what hurts most when it fails. whatif/ works it out, report/ writes it."""

from __future__ import annotations

from typing import NamedTuple

import click

from calico_bgp.cli.help.help import Command
from calico_bgp.cli.look.reach import EXIT_UNKNOWN, NO_BGP
from calico_bgp.cli.options.answer import Output, answer_options, families_option
from calico_bgp.cli.options.formats import Format, Formats
from calico_bgp.cli.running.signals import tell_interrupted
from calico_bgp.cli.sources.networks import Networks, read_networks
from calico_bgp.cli.sources.source import Source, source_options
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.report.html.answers import risks_to_html
from calico_bgp.report.routes.risks_json import risks_to_json
from calico_bgp.report.routes.risks_text import risks_line, risks_to_text
from calico_bgp.report.text.page import TextStyle
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.whatif.risks import Risks, risks, zones_of

EXIT_SINGLE_POINT = 1

EPILOG = """
\b
Examples:
  calico-bgp risks --resources calico/  as Calico's resources mean it
  calico-bgp risks hosts.txt            as the sessions stand now
  calico-bgp risks --snapshot monday/ --resources calico/ --verbose
  calico-bgp risks --resources calico/ --format json -o risks.json

\b
Zones are those of the label topology.kubernetes.io/zone, so they need
--resources (or a snapshot that holds resources).

\b
Exit codes: 0 no single point of failure; 1 there is one, or pairs are cut off
already; 2 wrong usage or input; 3 it cannot be told; 130 interrupted.
"""


class _Content(NamedTuple):
    """What is written."""

    risks: tuple[Risks, ...]
    read: Networks


def _text(content: _Content, style: TextStyle) -> str:
    if not content.risks:
        return f"{NO_BGP}\n"
    return risks_to_text(content.risks, content.read.pools, content.read.unknowns, style)


FORMATS: Formats[_Content] = Formats(
    text=Format("what hurts most, worst first", _text),
    json=Format("the whole ranking, as `calico-bgp/risks/1`", lambda content, _: risks_to_json(content.risks)),
    html=Format(
        "a page to send", lambda content, _: risks_to_html(content.risks, content.read.pools, content.read.unknowns)
    ),
)


@click.command(cls=Command, also_rare=("--pasted", "--limit", "--cluster"), epilog=EPILOG)
@source_options
@families_option
@answer_options("answer", everything="every row and every name", formats=FORMATS)
def command(
    source: Source,
    *,
    families: tuple[str, ...],
    output: Output[_Content],
    calico_version: CalicoVersion | None,
) -> int:
    """Take away every node, every pair of reflectors and every zone in turn, and say what hurts most.

    HOSTS is a file with one host a line; every node is read over SSH. With --resources alone nothing is read, and every
    session that Calico's resources mean is taken as Established.
    """
    read = read_networks(source, families, calico_version)
    zones = zones_of(read.resources)
    ranked = tuple(risks(network, zones) for network in read.networks)
    output.write(_Content(ranked, read))
    if output.is_file or not output.is_text:
        for of_family in ranked:
            click.echo("calico-bgp: {}: {}".format(*risks_line(of_family, read.unknowns)), err=True)
        for line in read.unknowns.node_lines():
            click.echo(f"calico-bgp: not read: {line}", err=True)
    if read.interrupted:
        return tell_interrupted()
    answers = {of_family.answer for of_family in ranked}
    if Answer.NO in answers:
        return EXIT_SINGLE_POINT
    return EXIT_UNKNOWN if Answer.PERHAPS in answers or read.unknowns else 0
