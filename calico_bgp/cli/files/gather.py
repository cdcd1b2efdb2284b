"""`calico-bgp gather`: read every node and save what they said. It neither judges nor shows tables."""

from __future__ import annotations

import os
import shlex
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

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
from calico_bgp.model.inventory import Host
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
    folder = output or retry_failed
    if folder is None:
        raise click.UsageError("-o DIR is missing: where shall the snapshot go?")
    # What is asked once more joins the snapshot that it comes from.
    check_target(folder, replaces=replaces or (retry_failed is not None and _is_same(folder, retry_failed)))
    everyone = read_hosts(hosts) if hosts is not None else before.hosts
    candidates = everyone if hosts is not None else unread_hosts(before)
    hosts_to_ask = limit_hosts(candidates, limit) if candidates else ()
    if not hosts_to_ask and not resources:
        click.echo("every node of that snapshot has been read.", err=True)
        return 0
    interrupted = False
    began = time.monotonic()
    try:
        snapshot = read_live(hosts_to_ask, everyone, ssh, cluster=cluster, resources=resources)
    except GatherInterrupted as stopped:
        snapshot, interrupted = stopped.snapshot, True
    lacks_resources = snapshot.resources_failure is not None
    if retry_failed is not None:
        snapshot = merge(before, snapshot)
    elif len(hosts_to_ask) < len(everyone):
        snapshot = snapshot.model_copy(update={"limited": True})
    save_snapshot(snapshot, folder)
    _tell(snapshot, folder, resources.host if lacks_resources else None, time.monotonic() - began)
    if interrupted:
        click.echo("calico-bgp: interrupted; the snapshot is incomplete", err=True)
        return EXIT_INTERRUPTED
    return EXIT_UNREADABLE if snapshot.failures or lacks_resources else 0


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
    if folder is None:
        raise click.UsageError("-o DIR is missing: where shall the snapshot go?")
    check_target(folder, replaces=replaces)
    if current is not None:
        tell_current(current)
    inventory = () if also_ssh is None else read_hosts(also_ssh)
    interrupted = False
    began = time.monotonic()
    try:
        snapshot = read_kubernetes(kubernetes, limit=limit, cluster=cluster, resources=resources)
        snapshot = filled_in(snapshot, inventory, ssh)
    except GatherInterrupted as stopped:
        snapshot, interrupted = stopped.snapshot, True
    save_snapshot(snapshot, folder)
    _tell(snapshot, folder, None, time.monotonic() - began)
    if interrupted:
        click.echo("calico-bgp: interrupted; the snapshot is incomplete", err=True)
        return EXIT_INTERRUPTED
    return EXIT_UNREADABLE if snapshot.failures or snapshot.resources_failure is not None else 0


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


def unread_hosts(snapshot: Snapshot) -> tuple[Host, ...]:
    """The hosts of a snapshot that have no reading: those that failed, and those that an interruption left out."""
    read = {reading.host for reading in snapshot.readings}
    return tuple(host for host in snapshot.hosts if host.label not in read)


def merge(before: Snapshot, after: Snapshot) -> Snapshot:
    """A snapshot with what is new in a later one: its readings and resources, its failures where nothing was there."""
    readings = {reading.host: reading for reading in (*before.readings, *after.readings)}
    failures = {failure.host: failure for failure in (*before.failures, *after.failures)}
    labels = [host.label for host in before.hosts]
    has_news = after.resources is not None or (after.resources_failure is not None and before.resources is None)
    newer = after if has_news else before
    return before.model_copy(
        update={
            "cluster": after.cluster or before.cluster,
            "readings": tuple(readings[label] for label in labels if label in readings),
            "failures": tuple(failures[label] for label in labels if label in failures and label not in readings),
            "complete": all(label in readings or label in failures for label in labels),
            "resources": newer.resources,
            "resources_failure": newer.resources_failure,
            "resources_raw": newer.resources_raw,
        }
    )


def _tell(snapshot: Snapshot, folder: Path, asked_in_vain: str | None, seconds: float | None = None) -> None:
    reasons = by_reason(snapshot.failures)
    for reason in reasons[:_SHOWN_FAILURES]:
        click.echo(reason, err=True)
    if (more := len(reasons) - _SHOWN_FAILURES) > 0:
        click.echo(f"... and {more} more reasons", err=True)
    second_hand = sum(reading.second_hand is not None for reading in snapshot.readings)
    of_them = f" ({second_hand} of them by a CalicoNodeStatus, as their pods did not answer)" if second_hand else ""
    took = "" if seconds is None else f" in {seconds:.1f} s"
    missing = f"; not read: {short_names(f.node or f.host for f in snapshot.failures)}" if snapshot.failures else ""
    read = f"{len(snapshot.readings):,} of {len(snapshot.hosts):,} nodes read{of_them}{took}"
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
    return "resources: " + ", ".join(f"{number} {word}{'' if number == 1 else 's'}" for number, word in numbers)
