"""`calico-bgp demo`: the outage this project began with, played on a lab. Words and their order only."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from textwrap import fill

import click

from calico_bgp.changes.change import RemoveNode
from calico_bgp.cli.demonstration.api_fault import play_api_fault
from calico_bgp.cli.demonstration.fault import play_fault
from calico_bgp.cli.demonstration.lab import INDENT, audit_lab_cluster, resources_of, speaker
from calico_bgp.cli.demonstration.watching import play_hour, refuse_beside
from calico_bgp.cli.help.completing import complete_all_faults
from calico_bgp.cli.help.help import Command
from calico_bgp.cli.options.duration import parse_duration
from calico_bgp.cli.options.metrics import Endpoint, parse_endpoint
from calico_bgp.cli.running.show import show_options, text_style
from calico_bgp.cli.simulated.lab import fault_list
from calico_bgp.lab.cluster import LabCluster, Topology, build_cluster
from calico_bgp.lab.lab import Lab
from calico_bgp.lab.printing.render import render_node_status
from calico_bgp.lab.servers.kubernetes.faults import APIFaultKind, is_of_api
from calico_bgp.model.reports.report import Report, Verdict
from calico_bgp.report.audit.screen import headline, report_to_text
from calico_bgp.report.routes.whatif_text import whatif_line
from calico_bgp.report.text.page import TextStyle
from calico_bgp.whatif.question import what_if_resources
from calico_bgp.whatif.verdict import Safety, WhatIf

NAMES = ("cp-1", "cp-2", "worker-1", "worker-2", "worker-3", "worker-4")
#: The rule that the outage is about.
OUTAGE = "no-peers-anywhere"
#: The cause that the resources tell.
CAUSE = "no-reflector-left"

EXAMPLES = """
\b
Examples:
  calico-bgp demo                 needs no cluster, no root, no network
  calico-bgp demo --no-color      for a file
  calico-bgp demo --fault one-way:node4,node1
  calico-bgp demo --fault exec-forbidden
  calico-bgp demo --monitor       an hour of a cluster that is watched
  calico-bgp demo --list-faults   what else can be shown
  calico-bgp lab up               a simulated cluster to play with

\b
{}
"""
_OF_API = fill("Faults of the Kubernetes API: " + ", ".join(APIFaultKind), 76, break_on_hyphens=False)


@click.command(cls=Command, epilog=EXAMPLES.format(_OF_API))
@click.option(
    "--fault",
    metavar="KIND[:NODE[,NODE]]",
    shell_complete=complete_all_faults,
    help="Show this fault instead, of BGP or of the Kubernetes API: what is broken, what the audit says of it.",
)
@click.option(
    "--topology",
    type=click.Choice([Topology.MESH.value, Topology.REFLECTORS.value]),
    help="Where to show it.  [default: reflectors]",
)
@click.option("--monitor", is_flag=True, help="Show an hour of a watched cluster, in a minute.")
@click.option("--pace", type=parse_duration, metavar="DURATION", help="With --monitor: at least so long for a poll.")
@click.option("--metrics", type=parse_endpoint, metavar="[HOST:]PORT", help="With --monitor: serve /metrics meanwhile.")
@click.option(
    "--history", type=click.Path(path_type=Path), metavar="FILE", help="With --monitor: keep the history there."
)
@click.option("--list-faults", is_flag=True, help="List the faults, and exit.")
@show_options
def command(
    *,
    fault: str | None,
    topology: str | None,
    monitor: bool,
    pace: timedelta | None,
    metrics: Endpoint | None,
    history: Path | None,
    list_faults: bool,
    color: bool | None,
    width: int | None,
) -> int:
    """Show the main job on a simulated cluster: an outage before, during and after, and what would have prevented it.

    A Kubernetes API on loopback plays the cluster. Exit code 0 when all went as it should, else 1: with --fault, when
    the first cause that the audit names is the fault.
    """
    if list_faults:
        click.echo(fault_list())
        return 0
    if topology is not None and fault is None:
        raise click.UsageError("--topology goes with --fault")
    refuse_beside(fault, pace, metrics, history, monitor=monitor)
    started = time.monotonic()
    style = text_style(color=color, width=width)
    if style.width is not None:
        style = replace(style, width=style.width - len(INDENT))
    say = speaker(style)
    if monitor:
        problems = play_hour(say, pace=(pace or timedelta()).total_seconds(), metrics=metrics, history=history)
    elif fault is not None:
        play = play_api_fault if is_of_api(fault) else play_fault
        problems = play(fault, None if topology is None else Topology(topology), style, say)
    else:
        with Lab(demo_cluster()) as lab:
            problems = _act(lab, style, say)
    if problems:
        click.echo("the demo did not go as it should: " + "; ".join(problems), err=True)
        return 1
    say(f"Took {time.monotonic() - started:.1f} s. The simulated cluster is gone again.", heading=False)
    return 0


def demo_cluster() -> LabCluster:
    """Two control-plane nodes that are the route reflectors, and four workers. The node-to-node mesh is off."""
    cluster = build_cluster(len(NAMES), reflectors=2)
    nodes = tuple(replace(node, name=name) for node, name in zip(cluster.nodes, NAMES, strict=True))
    return replace(cluster, nodes=nodes)


def _act(lab: Lab, style: TextStyle, say: Callable[..., None]) -> list[str]:
    """Play the acts; say what was not as expected."""
    say("1. A healthy cluster: cp-1 and cp-2 reflect the routes of four workers")
    before = _show_audit(lab, style, say, with_picture=True)
    _reinstall(lab, say)
    during = _find_cause(lab, style, say)
    after = _fix(lab, say, during)
    first, second = _ask_before(lab, say)
    return _problems(before, during, after) + _unsafe(first, second)


def _show_audit(lab: Lab, style: TextStyle, say: Callable[..., None], *, with_picture: bool) -> Report:
    say("$ calico-bgp audit", command=True)
    snapshot, report = audit_lab_cluster(lab)
    say(report_to_text(report, snapshot if with_picture else None, style), indent=INDENT)
    return report


def _reinstall(lab: Lab, say: Callable[..., None]) -> None:
    say("2. The control plane is reinstalled")
    say(
        """\
        cp-1 and cp-2 come back as new nodes: without the label that the BGPPeer selects
        reflectors by, and without their cluster ID. The node-to-node mesh is off. All hosts
        answer ping and SSH, Kubernetes says Ready. Node by node, nothing looks broken:
        """,
        indent=INDENT,
        prose=True,
    )
    lab.set_faults(["reinstalled"])
    say("$ ssh worker-1 sudo calicoctl node status; echo exit code $?", command=True)
    worker = next(table for table in lab.tables() if table.node == "worker-1")
    printed = render_node_status(worker.status, lab.layout)
    say(f"{printed.stdout}exit code {printed.exit_code}", indent=INDENT)


def _find_cause(lab: Lab, style: TextStyle, say: Callable[..., None]) -> Report:
    say("3. All nodes together, with what Calico's resources ask for")
    say(
        """\
        Calico configures no peer on any node: not down, but gone. Nothing is left that could
        be red. BIRD withdrew the routes to the pods of all other nodes: pods on one node
        reach each other, pods on two nodes do not (unless their pool uses VXLAN). calicoctl
        sees one node at a time, says so politely, and exits 0. Through the Kubernetes API
        every node is read, with no inventory and no SSH:
        """,
        indent=INDENT,
        prose=True,
    )
    return _show_audit(lab, style, say, with_picture=False)


def _fix(lab: Lab, say: Callable[..., None], during: Report) -> Report:
    """Give the reflectors back what they lost, by the commands of the report."""
    say(
        """\
        The mesh would do for the night. The cluster does not know any more who its reflectors
        were; the wiki does: cp-1 and cp-2, with cluster ID 244.0.0.1. So the other way:
        """,
        indent=INDENT,
        prose=True,
    )
    say("$ CLUSTER_ID=244.0.0.1", command=True, blank=False)
    for node in ("cp-1", "cp-2"):
        say(f"$ NODE={node}", command=True, blank=False)
        for command in _commands(during):
            say(f"$ {command}", command=True, blank=False)
    say("", heading=False, blank=False)
    lab.set_faults([])
    say("$ calico-bgp audit", command=True)
    _, after = audit_lab_cluster(lab)
    say(headline(after), indent=INDENT)
    return after


def _ask_before(lab: Lab, say: Callable[..., None]) -> tuple[WhatIf, WhatIf]:
    say("4. What would have prevented it: to ask before each step")
    first, second = _drain(lab, "cp-1", ()), _drain(lab, "cp-2", ("reinstalled:cp-1",))
    say("$ calico-bgp drain-check cp-1", command=True)
    say(whatif_line(first), indent=INDENT)
    say("cp-1 is reinstalled, and nobody gives it its label and its cluster ID back.", indent=INDENT, prose=True)
    say("$ calico-bgp drain-check cp-2", command=True)
    say(whatif_line(second), indent=INDENT)
    return first, second


def _commands(report: Report) -> list[str]:
    """The way of the first cause that makes a node a reflector again, as kubectl has it."""
    fixes = report.causes[0].fixes if report.causes else ()
    fixes_that_ask = [fix for fix in fixes if {asked.variable for asked in fix.asks} == {"NODE", "CLUSTER_ID"}]
    return [step.kubectl for fix in fixes_that_ask[:1] for step in fix.steps if step.kubectl is not None]


def _drain(lab: Lab, node: str, faults: tuple[str, ...]) -> WhatIf:
    """Whether a node may go, when these faults are there."""
    lab.set_faults(faults)
    return what_if_resources(resources_of(lab), [RemoveNode(node)])


def _unsafe(first: WhatIf, second: WhatIf) -> list[str]:
    warns = (first.safety, second.safety) == (Safety.SAFE, Safety.NOT_SAFE)
    return [] if warns else ["nobody would have been warned"]


def _problems(before: Report, during: Report, after: Report) -> list[str]:
    problems = []
    if before.verdict is not Verdict.HEALTHY:
        problems.append(f"the healthy cluster was judged {before.verdict}")
    if OUTAGE not in {finding.rule for finding in during.findings}:
        problems.append("the outage was not found")
    if [cause.kind for cause in during.causes] != [CAUSE] or not _commands(during):
        problems.append("the cause was not found")
    if after.verdict is not Verdict.HEALTHY:
        problems.append(f"the healed cluster was judged {after.verdict}")
    return problems
