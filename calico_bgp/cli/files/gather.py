"""`calico-bgp gather`: read every node and save what they said. It neither judges nor shows tables."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from calico_bgp.cli.files.asked_again import merge, unread_hosts
from calico_bgp.cli.help.completing import complete_clusters, complete_nodes
from calico_bgp.cli.help.help import Command
from calico_bgp.cli.options.kubernetes import ClusterChoice, kubernetes_options
from calico_bgp.cli.options.questions import question_options
from calico_bgp.cli.options.resources import ResourceOptions, resource_options
from calico_bgp.cli.options.saving import check_target, replace_option
from calico_bgp.cli.options.ssh import SSHOptions, ssh_options
from calico_bgp.cli.running.reasons import by_reason
from calico_bgp.cli.running.signals import EXIT_INTERRUPTED
from calico_bgp.cli.sources.also_ssh import filled_in
from calico_bgp.cli.sources.hosts import read_hosts
from calico_bgp.cli.sources.kubernetes import read_kubernetes, tell_current
from calico_bgp.cli.sources.live import read_live
from calico_bgp.messages.words import count
from calico_bgp.model.resources import Resources
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.hosts.limit import limit_hosts
from calico_bgp.report.text.names import short_names
from calico_bgp.shell_words import quote
from calico_bgp.sources.gather import GatherInterrupted
from calico_bgp.sources.kubernetes.pod_command import pod_command
from calico_bgp.sources.node.command import gather_command, new_marker
from calico_bgp.sources.node.questions import Questions
from calico_bgp.sources.resources.command import resources_command
from calico_bgp.store.snapshot_folder import load_snapshot, save_snapshot

EXIT_UNREADABLE = 3
_SHOWN_FAILURES = 20

EPILOG = """
\b
Examples:
  calico-bgp gather -o monday/        the cluster of kubectl's current context
  calico-bgp gather --context prod -o monday/ --also-ssh hosts.txt
  calico-bgp gather hosts.txt -o monday/  over SSH
  calico-bgp gather hosts.txt -o rr/ --limit 'rr*'  only some of them
  calico-bgp gather -o latest/ --replace  in the place of the one before
  calico-bgp gather --retry-failed monday/  ask those again that failed
  calico-bgp gather hosts.txt -o monday/ --resources-from cp1  Calico's, too
  calico-bgp gather hosts.txt -o monday/ --resources calico/  from files
  calico-bgp gather --show-command    what runs on the nodes
  calico-bgp audit --snapshot monday/  judge it

\b
Exit codes: 0 all nodes read, 2 wrong usage or input, 3 some nodes, or the
resources, could not be read, 130 interrupted (what had come in is saved,
marked incomplete).
"""


@click.command(cls=Command, epilog=EPILOG)
@click.argument("hosts", required=False, type=click.Path(path_type=Path))
@click.option("-o", "--output", metavar="DIR", type=click.Path(path_type=Path), help="The folder to save to.")
@replace_option
@click.option(
    "--retry-failed",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Ask the nodes again that failed in a snapshot.",
)
@click.option(
    "--limit",
    shell_complete=complete_nodes,
    metavar="PATTERN",
    multiple=True,
    help="Only these hosts: node[01-20], 'rr*'. Repeatable.",
)
@click.option(
    "--cluster",
    shell_complete=complete_clusters,
    metavar="NAME",
    help="This cluster of calico-bgp.toml; else a name for it, shown in reports.",
)
@click.option(
    "--also-ssh",
    metavar="HOSTS",
    type=click.Path(path_type=Path),
    help="Beside a cluster: read over SSH the nodes whose pods do not answer.",
)
@click.option("--show-command", is_flag=True, help="Print what would run on every node, and do nothing.")
@kubernetes_options
@resource_options
@question_options
@ssh_options
def command(
    *,
    hosts: Path | None,
    output: Path | None,
    replaces: bool,
    retry_failed: Path | None,
    limit: tuple[str, ...],
    cluster: str | None,
    also_ssh: Path | None,
    show_command: bool,
    ssh: SSHOptions,
    resources: ResourceOptions,
    kubernetes: ClusterChoice,
    questions: Questions,
) -> int:
    """Read every node and save what they said as a snapshot.

    With HOSTS (hosts.txt) over SSH, else through the Kubernetes API: the cluster of --context or kubectl's current one.
    """
    ssh, kubernetes = replace(ssh, questions=questions), replace(kubernetes, questions=questions)
    if show_command:
        click.echo(_commands(ssh, resources))
        return 0
    if sum([hosts is not None, retry_failed is not None, bool(kubernetes)]) > 1:
        raise click.UsageError("give only one of HOSTS, --context NAME and --retry-failed DIR.")
    if hosts is None and retry_failed is None:
        return _gather_cluster(kubernetes, output, replaces, limit, cluster, also_ssh, ssh, resources)
    if also_ssh is not None:
        raise click.UsageError("--also-ssh goes with a cluster: HOSTS are read over SSH anyway.")
    before = Snapshot() if retry_failed is None else load_snapshot(retry_failed)
    folder = _target(output or retry_failed)
    # What is asked once more joins the snapshot that it comes from.
    check_target(folder, replaces=replaces or (retry_failed is not None and _is_same(folder, retry_failed)))
    everyone = read_hosts(hosts) if hosts is not None else before.hosts
    candidates = everyone if hosts is not None else unread_hosts(before)
    hosts_to_ask = limit_hosts(candidates, limit) if candidates else ()
    if not hosts_to_ask and not resources:
        click.echo("every node of that snapshot has been read.", err=True)
        return 0
    run = _Run.of(lambda: read_live(hosts_to_ask, everyone, ssh, cluster=cluster, resources=resources))
    lacks_resources = run.snapshot.resources_failure is not None
    if retry_failed is not None:
        run = replace(run, snapshot=merge(before, run.snapshot))
    elif len(hosts_to_ask) < len(everyone):
        run = replace(run, snapshot=run.snapshot.model_copy(update={"limited": True}))
    return _save(run, folder, resources.host if lacks_resources else None, lacks_resources=lacks_resources)


@dataclass(frozen=True)
class _Run:
    """One reading of many nodes.

    Attributes:
        snapshot: What came in.
        interrupted: Whether Ctrl-C ended it.
        seconds: How long it took.
    """

    snapshot: Snapshot
    interrupted: bool
    seconds: float

    @classmethod
    def of(cls, read: Callable[[], Snapshot]) -> _Run:
        """Read; what came in until Ctrl-C counts."""
        began = time.monotonic()
        try:
            snapshot, interrupted = read(), False
        except GatherInterrupted as stopped:
            snapshot, interrupted = stopped.snapshot, True
        return cls(snapshot, interrupted, time.monotonic() - began)


def _target(folder: Path | None) -> Path:
    """Where the snapshot goes.

    Raises:
        click.UsageError: The user did not say.
    """
    if folder is None:
        raise click.UsageError("-o DIR is missing: where shall the snapshot go?")
    return folder


def _save(run: _Run, folder: Path, asked_in_vain: str | None, *, lacks_resources: bool) -> int:
    """Save what was read and say so; the exit code.

    Args:
        run: What was read.
        folder: Where it goes.
        asked_in_vain: The host that was asked for the resources and gave none.
        lacks_resources: Whether resources were wanted and are not there.
    """
    save_snapshot(run.snapshot, folder)
    _tell(run.snapshot, folder, asked_in_vain, run.seconds)
    if run.interrupted:
        click.echo("calico-bgp: interrupted; the snapshot is incomplete", err=True)
        return EXIT_INTERRUPTED
    return EXIT_UNREADABLE if run.snapshot.failures or lacks_resources else 0


def _gather_cluster(  # noqa: PLR0917 - the command's own options
    kubernetes: ClusterChoice,
    folder: Path | None,
    replaces: bool,
    limit: tuple[str, ...],
    cluster: str | None,
    also_ssh: Path | None,
    ssh: SSHOptions,
    resources: ResourceOptions,
) -> int:
    current = None if kubernetes else kubernetes.current
    if not kubernetes and current is None:
        raise click.UsageError(
            "give HOSTS (a file such as hosts.txt), --context NAME or --retry-failed DIR; there is no kubeconfig with a"
            " current context."
        )
    if resources.host is not None:
        raise click.UsageError("--resources-from needs HOSTS: a cluster gives its resources by itself.")
    check_target(_target(folder), replaces=replaces)
    if current is not None:
        tell_current(current)
    inventory = () if also_ssh is None else read_hosts(also_ssh)

    def read() -> Snapshot:
        snapshot = read_kubernetes(kubernetes, limit=limit, cluster=cluster, resources=resources)
        return filled_in(snapshot, inventory, ssh)

    run = _Run.of(read)
    return _save(run, _target(folder), None, lacks_resources=run.snapshot.resources_failure is not None)


def _is_same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _commands(ssh: SSHOptions, resources: ResourceOptions) -> str:
    """What runs on every node over SSH, in every pod, and on the host that is asked for the resources: a line each.

    Where routes are asked for, also what nodes of large clusters are asked, with a hash of routes and with all of them.
    """
    options: dict[str, Any] = {"calicoctl": ssh.calicoctl, "sudo_password": ssh.sudo_password is not None}
    rounds = [(ssh.questions, False)]
    if ssh.questions.routes:
        rounds += [(replace(ssh.questions, hashed=True), lines) for lines in (False, True)]
    commands = []
    for questions, lines in rounds:
        commands.append(gather_command(new_marker(), **options, questions=questions, lines=lines))
        in_pod = shlex.join(pod_command(new_marker(), questions=questions, lines=lines))
        commands.append(f"kubectl exec -n NAMESPACE POD -c calico-node -- {in_pod}")
    if resources.host is not None:
        commands.append(resources_command(new_marker(), **options))
    return "\n".join(commands)


def _tell(snapshot: Snapshot, folder: Path, asked_in_vain: str | None, seconds: float | None = None) -> None:
    reasons = by_reason(snapshot.failures)
    for reason in reasons[:_SHOWN_FAILURES]:
        click.echo(reason, err=True)
    if (more := len(reasons) - _SHOWN_FAILURES) > 0:
        click.echo(f"... and {count(more, 'more reason')}", err=True)
    second_hand = sum(reading.second_hand is not None for reading in snapshot.readings)
    whose = "its pod" if second_hand == 1 else "their pods"
    of_them = f" ({second_hand:,} of them by a CalicoNodeStatus, as {whose} did not answer)" if second_hand else ""
    took = "" if seconds is None else f" in {seconds:.1f} s"
    missing = f"; not read: {short_names(f.node or f.host for f in snapshot.failures)}" if snapshot.failures else ""
    read = f"{len(snapshot.readings):,} of {count(len(snapshot.hosts), 'node')} read{of_them}{took}"
    click.echo(f"{read}, saved in {folder}{missing}", err=True)
    if snapshot.resources is not None:
        click.echo(_counted(snapshot.resources), err=True)
    if snapshot.failures and snapshot.kubernetes is None:
        click.echo(
            f"again, for the others (with the same SSH options): calico-bgp gather --retry-failed {quote(str(folder))}",
            err=True,
        )
    if asked_in_vain is not None:
        again = f"calico-bgp gather --retry-failed {quote(str(folder))} --resources-from {quote(asked_in_vain)}"
        click.echo(f"again, for the resources: {again}", err=True)


def _counted(resources: Resources) -> str:
    numbers = (
        (len(resources.nodes), "node"),
        (len(resources.bgp_peers), "BGPPeer"),
        (len(resources.bgp_configurations), "BGPConfiguration"),
        (len(resources.ip_pools), "IPPool"),
    )
    return "resources: " + ", ".join(count(number, word) for number, word in numbers)
