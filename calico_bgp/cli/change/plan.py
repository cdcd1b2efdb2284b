"""`calico-bgp plan reflectors`: the steps to route reflectors or back. plan/ plans and judges, report/ writes."""

from __future__ import annotations

from typing import NamedTuple

import click

from calico_bgp.auditing.plan_lint import step_findings
from calico_bgp.cli.help.completing import complete_nodes
from calico_bgp.cli.help.help import Group
from calico_bgp.cli.options.answer import Output, answer_options
from calico_bgp.cli.options.formats import Format, Formats
from calico_bgp.cli.sources.resource_files import read_resources
from calico_bgp.errors import ChangeError
from calico_bgp.expect.version import NEWEST, CalicoVersion
from calico_bgp.model.reports.report import Finding
from calico_bgp.plan.joining import read_joining
from calico_bgp.plan.mesh import plan_mesh
from calico_bgp.plan.plan import Plan, PlanVerdict
from calico_bgp.plan.reflectors import plan_reflectors
from calico_bgp.report.plan.json import plan_to_json
from calico_bgp.report.plan.markdown import plan_to_markdown
from calico_bgp.report.plan.text import plan_to_text, plan_words
from calico_bgp.report.text.sanitize import plain

EXIT_NO_PLAN = 1

EPILOG = """
\b
Examples:
  calico-bgp plan reflectors resources/         two reflectors, chosen
  calico-bgp plan reflectors resources/ -v      with all commands
  calico-bgp plan reflectors resources/ --count 3
  calico-bgp plan reflectors resources/ --nodes node3,node7
  calico-bgp plan reflectors resources/ --joining rr1=192.0.2.9
                                                           no node is drained
  calico-bgp plan reflectors resources/ --back  to a mesh again
  calico-bgp plan reflectors resources/ --format markdown -o change.md

\b
Nothing is run: you run the commands, one step after the other, and let the
audit find nothing down before the next. Plan again whenever you like: what is
done already is left out.

\b
Exit codes: 0 a plan that keeps every route but those of nodes that it has you
drain, or nothing to do; 1 no such plan, and why; 2 wrong usage or input.
"""


class _Content(NamedTuple):
    """What is written: the plan, and what the lint will say after each step."""

    plan: Plan
    findings: tuple[tuple[Finding, ...], ...]


FORMATS: Formats[_Content] = Formats(
    text=Format("what it costs, and a table of the steps", lambda content, style: plan_to_text(*content, style)),
    json=Format("every step with its commands, as `calico-bgp/plan/1`", lambda content, _: plan_to_json(*content)),
    markdown=Format("a change request with boxes to tick", lambda content, _: plan_to_markdown(*content)),
)


@click.group(cls=Group)
def command() -> None:
    """Plan a change of the whole cluster in steps that lose nothing."""


@command.command(short_help="Print the steps to route reflectors, or back.", epilog=EPILOG)
@click.argument("resources", nargs=-1, required=True, metavar="RESOURCES...")
@click.option(
    "--count",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many reflectors in all. [default: 2, with more than 200 nodes 3]",
)
@click.option(
    "--nodes",
    shell_complete=complete_nodes,
    metavar="NODE[,NODE...]",
    help="Which nodes become reflectors, instead of a choice.",
)
@click.option(
    "--joining",
    multiple=True,
    metavar="NAME=IPV4[,IPV6]",
    help="A node that is to join the cluster as a reflector, never in the mesh: then no node is drained. Repeatable.",
)
@click.option("--back", is_flag=True, help="The way back: from reflectors to a mesh.")
@click.option(
    "--leaving",
    shell_complete=complete_nodes,
    metavar="NODE[,NODE...]",
    help="With --back: reflectors that leave the cluster instead of going into the mesh.",
)
@answer_options("plan", everything="the commands of each step, and why", formats=FORMATS)
def reflectors(
    resources: tuple[str, ...],
    *,
    count: int | None,
    nodes: str | None,
    joining: tuple[str, ...],
    back: bool,
    leaving: str | None,
    output: Output[_Content],
    calico_version: CalicoVersion | None,
) -> int:
    """Print the steps from a mesh to route reflectors, with their commands, each one checked to lose no route.

    RESOURCES are files and folders with Calico's Nodes, BGPPeers and BGPConfigurations as YAML or JSON; - is standard
    input. Reflectors that are there already are kept.
    """
    if count is not None and nodes is not None:
        raise click.UsageError("give --count N or --nodes a,b,c, not both.")
    if back and (count is not None or nodes is not None or joining):
        raise click.UsageError("--back takes every reflector back; it goes without --count, --nodes and --joining.")
    if leaving is not None and not back:
        raise click.UsageError("--leaving says which reflectors leave on the way back; give --back, too.")
    names, leave = _names("--nodes", nodes), _names("--leaving", leaving)
    version = calico_version or NEWEST
    read = read_resources(resources)
    try:
        if back:
            plan = plan_mesh(read, leaving=leave, version=version)
        else:
            new = [read_joining(text) for text in joining]
            plan = plan_reflectors(read, count, names, joining=new, version=version)
    except ChangeError as error:
        raise click.UsageError(plain(str(error))) from error
    findings = step_findings(plan, version=version)
    output.write(_Content(plan, findings))
    if output.form == "json" or output.is_file:
        click.echo(f"calico-bgp: {plan.verdict}: {plain(plan_words(plan))}", err=True)
        for problem in plan.problems:
            click.echo(f"  {plain(problem)}", err=True)
    return EXIT_NO_PLAN if plan.verdict is PlanVerdict.LOSES else 0


def _names(option: str, text: str | None) -> list[str]:
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    if text is not None and not names:
        raise click.UsageError(f"{option} names no node.")
    return names
