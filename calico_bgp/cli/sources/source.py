"""Where a command's snapshot comes from: HOSTS, `--snapshot`, `--pasted`, or a cluster's API; resources beside it.

Nothing here judges or shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click

from calico_bgp.cli.help.completing import complete_clusters, complete_nodes
from calico_bgp.cli.options.history import default_history, history_option
from calico_bgp.cli.options.kubernetes import ClusterChoice, kubernetes_options
from calico_bgp.cli.options.moment import parse_moment
from calico_bgp.cli.options.questions import question_options
from calico_bgp.cli.options.resources import ResourceOptions, failure_text, resource_options
from calico_bgp.cli.options.ssh import SSHOptions, ssh_options
from calico_bgp.cli.running.paste_progress import paste_progress
from calico_bgp.cli.sources.files import called, read_text
from calico_bgp.cli.sources.hosts import read_hosts
from calico_bgp.cli.sources.kubernetes import read_kubernetes, read_kubernetes_hosts, tell_current
from calico_bgp.cli.sources.live import read_live
from calico_bgp.errors import CalicoBGPError
from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import NodeStatus
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.hosts.limit import limit_hosts
from calico_bgp.sources.node.questions import Questions
from calico_bgp.store.snapshot_folder import load_snapshot

NO_STATUS = """no status table found in {names}. Paste what this prints on a node:
    sudo calicoctl node status"""


@dataclass(frozen=True)
class Source:
    """The user's choice, not yet read.

    Attributes:
        hosts: hosts.txt, to be read over SSH; beside pasted text or a cluster it gives names, roles and addresses only.
        snapshot: A snapshot folder.
        pasted: Files with pasted text, `-` for standard input.
        limit: Patterns of hosts; empty for all.
        cluster: A name for the cluster, None to keep the snapshot's own.
        ssh: How to reach the hosts.
        resources: Where Calico's resources come from; nothing for those that the snapshot holds.
        kubernetes: A cluster, to be read through its API server; beside pasted text its Nodes give names, roles and
            addresses only.
        history: The history of a watched cluster; None for the default.
        at: What its last poll at or before that time saw; None for another source.
    """

    hosts: Path | None
    snapshot: Path | None
    pasted: tuple[str, ...]
    limit: tuple[str, ...]
    cluster: str | None
    ssh: SSHOptions
    resources: ResourceOptions = field(default_factory=ResourceOptions)
    kubernetes: ClusterChoice = field(default_factory=ClusterChoice)
    history: Path | None = None
    at: datetime | None = None

    @property
    def is_named(self) -> bool:
        """Whether the user named a source of readings; without one it is the kubeconfig's current context."""
        named = self.hosts is not None or self.snapshot is not None or self.at is not None
        return named or bool(self.pasted) or bool(self.kubernetes)

    @property
    def is_cluster(self) -> bool:
        """Whether the readings come through an API server: a cluster was named, or nothing else was."""
        live = self.is_live
        return live and (bool(self.kubernetes) or self.hosts is None)

    @property
    def is_live(self) -> bool:
        """Whether reading it asks the nodes, so that reading it again may say something new."""
        return self.snapshot is None and not self.pasted and self.at is None

    def read(self) -> Snapshot:
        """Read it.

        Raises:
            CalicoBGPError: A file or folder is missing or not what it should be; the message says what to do.
            GatherInterrupted: Ctrl-C while the nodes were asked; it carries what had come in.
        """
        if self.is_cluster:
            inventory = () if self.hosts is None else read_hosts(self.hosts)
            return read_kubernetes(
                self.kubernetes, inventory, limit=self.limit, cluster=self.cluster, resources=self.resources
            )
        if self.hosts is not None and self.is_live:
            return self._gather(self.hosts)
        resources = self.resources.from_files
        snapshot = self._stored()
        if self.cluster is not None:
            snapshot = snapshot.model_copy(update={"cluster": self.cluster})
        if resources is not None:
            snapshot = resources.onto(snapshot)
        elif snapshot.resources_failure is not None:
            click.echo(failure_text(snapshot.resources_failure), err=True)
        return limit_snapshot(snapshot, self.limit)

    def _stored(self) -> Snapshot:
        if self.at is not None:
            return snapshot_then(self.history, self.at)
        return load_snapshot(self.snapshot) if self.snapshot is not None else self._parse()

    def _gather(self, path: Path) -> Snapshot:
        everyone = read_hosts(path)
        hosts = limit_hosts(everyone, self.limit)
        snapshot = read_live(hosts, everyone, self.ssh, cluster=self.cluster, resources=self.resources)
        return snapshot.model_copy(update={"limited": len(hosts) < len(everyone)})

    def _parse(self) -> Snapshot:
        from calico_bgp.auditing.pasted import snapshot_from_pasted  # noqa: PLC0415 - most runs read no paste
        from calico_bgp.parse.pasted.files import called_by_file, is_called_by_a_host, silent  # noqa: PLC0415
        from calico_bgp.parse.pasted.reader import read_paste  # noqa: PLC0415
        from calico_bgp.parse.pasted.unusable import what_it_is  # noqa: PLC0415

        statuses: list[NodeStatus] = []
        hosts_by_name: dict[str, Host] = {}
        others: dict[str, str] = {}
        silent_files: list[NodeStatus] = []
        for name in self.pasted:
            if name != "-" and Path(name).is_dir():
                raise CalicoBGPError(
                    f"{name} is a folder: give all its files as one text, tail -n +1 FILES | calico-bgp ... --pasted -"
                )
            text = read_text(name, lenient=True)
            with paste_progress(text):
                paste = read_paste(text, source=name)
            if not paste.statuses:
                what = what_it_is(text)
                if what is not None:
                    others[name] = f"{called(name)}: {what}"
                if is_called_by_a_host(name, (other for other in self.pasted if other != name)) or (
                    what is None and not paste.nodes
                ):
                    silent_files.append(silent(name, what))
            statuses += called_by_file(paste.statuses, name) if len(self.pasted) > 1 else paste.statuses
            hosts_by_name |= {host.node or host.label: host for host in paste.nodes}
        if not statuses:
            names = ", ".join(map(called, self.pasted))
            raise CalicoBGPError("\n".join([NO_STATUS.format(names=names), *others.values()]))
        for what in others.values():
            click.echo(f"calico-bgp: {what}", err=True)
        statuses += silent_files
        if self.hosts is not None:
            # Beside a paste the inventory gives names, roles and addresses; nobody is asked.
            hosts_by_name = {host.node or host.label: host for host in read_hosts(self.hosts)}
        elif self.kubernetes:
            hosts_by_name = {host.node or host.label: host for host in read_kubernetes_hosts(self.kubernetes)}
        return snapshot_from_pasted(statuses, cluster=self.cluster, known=hosts_by_name.values())


def snapshot_then(history: Path | None, at: datetime) -> Snapshot:
    """What the history's last poll at or before a time saw.

    Raises:
        StoreError: There is no history, or no such poll.
    """
    # Most runs need no database.
    from calico_bgp.store.history.reader import HistoryReader  # noqa: PLC0415

    with HistoryReader(history or default_history()) as reader:
        return reader.snapshot_at(at)


def limit_snapshot(snapshot: Snapshot, patterns: tuple[str, ...]) -> Snapshot:
    """The part of a snapshot that `--limit` asks for.

    Raises:
        InventoryError: A pattern matches nothing.
    """
    if not patterns:
        return snapshot
    hosts = snapshot.hosts or tuple(Host(r.host, node=r.node) for r in snapshot.readings)
    chosen = limit_hosts(hosts, patterns)
    labels = {host.label for host in chosen}
    update: dict[str, Any] = {
        "hosts": chosen if snapshot.hosts else (),
        "limited": snapshot.limited or len(chosen) < len(hosts),
        "readings": tuple(r for r in snapshot.readings if r.host in labels),
        "failures": tuple(f for f in snapshot.failures if f.host in labels),
    }
    return snapshot.model_copy(update=update)


def source_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The source, as keyword `source`: HOSTS, `--snapshot`, `--pasted`, and what goes with them."""

    @click.argument("hosts", required=False, type=click.Path(path_type=Path))
    @click.option("--snapshot", metavar="DIR", type=click.Path(path_type=Path), help="Work from a saved snapshot.")
    @click.option(
        "--pasted", metavar="FILE", multiple=True, help="Work from pasted text; - for standard input. Repeatable."
    )
    @click.option(
        "--limit",
        shell_complete=complete_nodes,
        metavar="PATTERN",
        multiple=True,
        help="Only these hosts: node[01-20], 'rr*', '!db1'. Repeatable.",
    )
    @click.option("--at", type=parse_moment, metavar="TIME", help="What a watched cluster was then: 14:00, 2h (ago).")
    @history_option
    @click.option(
        "--cluster",
        shell_complete=complete_clusters,
        metavar="NAME",
        help="This cluster of calico-bgp.toml; else a name for it, shown in reports.",
    )
    @kubernetes_options
    @resource_options
    @question_options
    @ssh_options
    @wraps(command)
    def with_source(
        *args: Any,
        hosts: Path | None,
        snapshot: Path | None,
        pasted: tuple[str, ...],
        limit: tuple[str, ...],
        cluster: str | None,
        ssh: SSHOptions,
        resources: ResourceOptions,
        kubernetes: ClusterChoice,
        questions: Questions,
        history: Path | None,
        at: datetime | None,
        **kwargs: Any,
    ) -> Any:
        ssh, kubernetes = replace(ssh, questions=questions), replace(kubernetes, questions=questions)
        source = Source(hosts, snapshot, pasted, limit, cluster, ssh, resources, kubernetes, history=history, at=at)
        return command(*args, source=source, **kwargs)

    return with_source


def require_one(source: Source, *, resources_suffice: bool = False, answer_names_it: bool = False) -> None:
    """Refuse no source, two sources, and resources that cannot come with the one.

    Where none is named, a line on standard error says which cluster is meant.

    Args:
        source: The user's choice.
        resources_suffice: Whether the command works from `--resources PATH` alone, so that the message says so.
        answer_names_it: Whether the first line of the answer names the cluster anyway.

    Raises:
        click.UsageError: It says which are possible.
    """
    if source.pasted and source.hosts is not None and source.kubernetes:
        raise click.UsageError("beside --pasted give HOSTS or a cluster, not both: either gives names and addresses.")
    named_sources = [
        source.hosts is not None and not source.pasted and not source.kubernetes,
        source.snapshot is not None,
        source.at is not None,
        bool(source.pasted),
        bool(source.kubernetes) and not source.pasted,
    ]
    current = None if any(named_sources) else source.kubernetes.current
    if sum(named_sources) == 1 or current is not None:
        if current is not None and not answer_names_it:
            tell_current(current)
        if source.resources.host is not None and (source.hosts is None or source.kubernetes):
            raise click.UsageError("--resources-from needs HOSTS; give the files with --resources PATH.")
        if [*source.pasted, *source.resources.paths].count("-") > 1:
            raise click.UsageError("standard input (-) can be read only once.")
        return
    choices = "HOSTS (a file such as hosts.txt), --snapshot DIR, --at TIME, --pasted FILE or --context NAME"
    alone = ", or --resources PATH alone" if resources_suffice else ""
    if not any(named_sources):
        raise click.UsageError(
            f"say what to look at: {choices}{alone}; there is no kubeconfig with a current context.\n"
            "To see what it does without a cluster: calico-bgp demo"
        )
    raise click.UsageError(f"give only one of {choices}.")
