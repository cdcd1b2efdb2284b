"""What the acts of the demo share: reading the simulated cluster, and speaking to the terminal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent, wrap

import click

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.lab import Lab
from calico_bgp.model.reports.report import Report
from calico_bgp.model.resources import Resources
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.resources.reader import parse_resources
from calico_bgp.report.text.page import TextStyle
from calico_bgp.sources.gather import gather
from calico_bgp.sources.kubernetes.connection.kubeconfig import load_kubeconfig
from calico_bgp.sources.kubernetes.connection.limits import KubernetesLimits
from calico_bgp.sources.kubernetes.source import KubernetesOptions, read_cluster
from calico_bgp.sources.node.questions import Questions
from calico_bgp.sources.ssh.gatherer import SSHGatherer
from calico_bgp.sources.ssh.options import SSHOptions

INDENT = "    "
#: Seconds. Everything is in this process; only a command that hangs takes as long.
_PATIENCE = 5.0
#: Columns of a paragraph, however wide the terminal is.
_PROSE = 86


def read_lab(lab: Lab, questions: Questions | None = None) -> Snapshot:
    """Every node, over SSH; nothing of the user's own SSH configuration counts."""
    options = SSHOptions(
        ssh_config=Path("none"),
        known_hosts=(lab.known_hosts,),
        agent=False,
        attempts=1,
        command_timeout=_PATIENCE,
        questions=questions or Questions(),
    )
    return gather(lab.hosts, SSHGatherer(options))


def read_lab_cluster(lab: Lab, questions: Questions | None = None) -> Snapshot:
    """Every node with Calico's resources, through the lab's Kubernetes API."""
    access = load_kubeconfig([lab.kubeconfig]).access()
    options = KubernetesOptions(limits=KubernetesLimits(exec=_PATIENCE), questions=questions or Questions())
    return read_cluster(access, options, cluster=access.context)


def audit_lab_cluster(lab: Lab) -> tuple[Snapshot, Report]:
    """The same, and what the audit says of it."""
    snapshot = read_lab_cluster(lab)
    return snapshot, audit(snapshot)


def resources_of(lab: Lab) -> Resources:
    """Calico's resources, as the lab's file has them at this moment."""
    return parse_resources([("resources.yaml", lab.resources_file.read_text(encoding="utf-8"))])


def speaker(style: TextStyle) -> Callable[..., None]:
    """Prints a heading, a command line, an answer or the demo's own prose, each with a blank line behind it.

    Args:
        style: What the terminal can show; its width is that of what is indented.
    """

    def say(
        text: str,
        *,
        indent: str = "",
        command: bool = False,
        heading: bool | None = None,
        blank: bool = True,
        prose: bool = False,
    ) -> None:
        lines = dedent(text).rstrip("\n").split("\n")
        is_heading = not command and not indent and heading is not False
        if (prose or is_heading) and style.width is not None:
            # Commands and what they print stand as they are.
            lines = wrap(" ".join(lines), min(style.width, _PROSE) if prose else style.width + len(INDENT))
        if command:
            lines = [click.style(INDENT + line, fg="cyan") for line in lines]
        elif indent:
            lines = [indent + line if line else "" for line in lines]
        elif is_heading:
            lines = [click.style(line, bold=True) for line in lines]
        click.echo("\n".join(lines) + ("\n" if blank else ""), color=style.color)

    return say
