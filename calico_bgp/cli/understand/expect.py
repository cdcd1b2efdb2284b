"""`calico-bgp expect`: the peers that Calico's resources mean. expect/ works them out, report/ writes them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import click

from calico_bgp.cli.help.completing import complete_nodes
from calico_bgp.cli.help.help import Command
from calico_bgp.cli.options.answer import Output, with_output
from calico_bgp.cli.options.formats import Format, Formats
from calico_bgp.cli.options.version import version_option
from calico_bgp.cli.running.show import show_options
from calico_bgp.cli.sources.resource_files import read_resources
from calico_bgp.expect.engine import Expectation, expect
from calico_bgp.expect.version import NEWEST, CalicoVersion
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import Resources
from calico_bgp.near_names import or_which
from calico_bgp.report.resources.expected_bird import expected_to_bird
from calico_bgp.report.resources.expected_json import expected_to_json
from calico_bgp.report.resources.expected_text import expected_to_text, trouble
from calico_bgp.report.text.sanitize import plain

EXIT_TROUBLE = 1
_SHOWN_TROUBLE = 20

EPILOG = """
\b
Examples:
  calico-bgp expect nodes.yaml bgp.yaml      every peer of every node, and why
  calico-bgp expect resources/ --node node7  of one node
  kubectl get nodes.v1,bgppeers,bgpconfigurations -o json |
      calico-bgp expect -
  calico-bgp expect resources/ --format json -o expected.json
  calico-bgp expect resources/ --node node7 --family ipv4 --format bird

\b
Get the resources with:
  for kind in nodes bgppeers bgpconfigurations ippools; do
      calicoctl get $kind -o json > resources/$kind.json
  done

\b
Exit codes: 0; 1 when the resources do not mean one thing (BIRD refuses a
configuration, BGPPeers contradict each other, a selector does not parse);
2 wrong usage or input.
"""


class _Content(NamedTuple):
    """What is written, and of which families where these are different files."""

    expectation: Expectation
    families: tuple[Family, ...]


FORMATS: Formats[_Content] = Formats(
    text=Format(
        "every peer of every node, and why", lambda content, style: expected_to_text(content.expectation, style)
    ),
    json=Format("the same, as `calico-bgp/expect/1`", lambda content, _: expected_to_json(content.expectation)),
    bird=Format(
        "the `protocol bgp` blocks of bird.cfg",
        lambda content, _: expected_to_bird(content.expectation, content.families),
    ),
)


@click.command(cls=Command, epilog=EPILOG)
@click.argument("resources", nargs=-1, required=True, metavar="RESOURCES...")
@click.option(
    "--node", shell_complete=complete_nodes, metavar="NODE", multiple=True, help="Only this node. Repeatable."
)
@click.option("--family", type=click.Choice([f.value for f in Family]), help="Only this family (with --format bird).")
@FORMATS.option("answer")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Write to a file instead.")
@version_option
@show_options
@with_output(FORMATS)
def command(
    resources: tuple[str, ...],
    *,
    node: tuple[str, ...],
    family: str | None,
    output: Output[_Content],
    calico_version: CalicoVersion | None,
) -> int:
    """Show the peers that every node should have, as Calico would configure them, and why each is there.

    RESOURCES are files and folders with Calico's Nodes, BGPPeers and BGPConfigurations as YAML or JSON; - is standard
    input.
    """
    if family is not None and output.form != "bird":
        raise click.UsageError("--family goes with --format bird: its two families are two files.")
    resources_read = read_resources(resources)
    _refuse_slips(node, resources_read)
    expectation = expect(resources_read, version=calico_version or NEWEST, only=set(node) if node else None)
    content = _Content(expectation, tuple(Family) if family is None else (Family(family),))
    output.write(content)
    if not output.is_text:
        _say(expectation)
    return 0 if expectation.is_clear else EXIT_TROUBLE


def _refuse_slips(names: tuple[str, ...], resources: Resources) -> None:
    """A node that is not there must not look like a node without peers.

    Raises:
        click.UsageError: It names the one that was probably meant, or those that there are.
    """
    if not resources.nodes:
        raise click.UsageError("there is no Node in these resources, so nobody could have a peer; give the nodes, too.")
    if not resources.tells_nodes:
        number = len(resources.nodes)
        every_node = "the one Node" if number == 1 else f"any of the {number:,} Nodes"
        raise click.UsageError(
            f"there is no address of Calico's on {every_node}, so nothing can be said about "
            "who has which peer: where Calico keeps its data in etcd, Kubernetes' Nodes lack it; give the output of "
            "`calicoctl get nodes -o yaml`."
        )
    for name in names:
        if name not in resources.nodes_by_name:
            which = or_which(name, resources.nodes_by_name)
            raise click.UsageError(plain(f"no node is called '{name}' in these resources{which}"))


def _say(expectation: Expectation) -> None:
    """What the forms for programs do not hold goes to standard error."""
    for heading, lines in trouble(expectation).items():
        click.echo(f"calico-bgp: {heading}", err=True)
        for line in lines[:_SHOWN_TROUBLE]:
            click.echo(f"  {plain(line)}", err=True)
        if len(lines) > _SHOWN_TROUBLE:
            click.echo(f"  and {len(lines) - _SHOWN_TROUBLE:,} more", err=True)
