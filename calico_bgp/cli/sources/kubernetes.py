"""One reading of a cluster through its API server, with its progress. Nothing here judges or saves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from calico_bgp.cli.options.kubernetes import ClusterChoice
from calico_bgp.cli.options.resources import Given, ResourceOptions
from calico_bgp.errors import GatherError
from calico_bgp.model.inventory import Host
from calico_bgp.model.kubernetes import NotRead
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.hosts.limit import limit_hosts
from calico_bgp.report.text.sanitize import plain
from calico_bgp.sources.gather import GatherInterrupted

if TYPE_CHECKING:
    from calico_bgp.sources.kubernetes.source import OpenCluster

EXIT_NOT_READ = 3


def tell_current(context: str) -> None:
    """Say on standard error which cluster is read, where the user named none."""
    click.echo(f"calico-bgp: reading {plain(context)}, kubectl's current context", err=True)


def read_kubernetes(
    choice: ClusterChoice,
    inventory: Sequence[Host] = (),
    *,
    limit: Sequence[str] = (),
    cluster: str | None = None,
    resources: ResourceOptions | None = None,
) -> Snapshot:
    """What the cluster's nodes say, and its resources.

    Args:
        choice: Which cluster.
        inventory: Hosts that the user names beside it; they give names, roles and addresses.
        limit: Patterns of nodes; empty for all.
        cluster: A name for the snapshot; the context's by default.
        resources: Files in place of what the cluster says.

    Raises:
        CalicoBGPError: The kubeconfig, a pattern or a file of resources is not what it should be.
        click.exceptions.Exit: The cluster cannot be read at all (3); why is said on stderr.
        GatherInterrupted: Ctrl-C; it carries what had come in.
    """
    # aiohttp is half of what starting costs.
    from calico_bgp.sources.kubernetes.source import KubernetesOptions, open_cluster  # noqa: PLC0415

    resources_of_files = None if resources is None else resources.from_files
    access = choice.access()
    if access.insecure:
        click.echo("calico-bgp: the API server's certificate is not checked (insecure-skip-tls-verify)", err=True)
    try:
        options = KubernetesOptions(choice.pods_at_once, limits=choice.limits, questions=choice.questions)
        with open_cluster(access, options) as opened:
            snapshot = _read_nodes(opened, inventory, limit, cluster or access.context)
    except GatherInterrupted as stopped:
        raise GatherInterrupted(_with(stopped.snapshot, resources_of_files)) from None
    except GatherError as error:
        raise _not_read(error) from None
    return _with(snapshot, resources_of_files)


def _read_nodes(opened: OpenCluster, inventory: Sequence[Host], limit: Sequence[str], cluster: str | None) -> Snapshot:
    """What the nodes say that are wanted; hosts of the inventory that are no nodes of the cluster are not asked."""
    from calico_bgp.cli.running.progress import reading_progress  # noqa: PLC0415 - as above
    from calico_bgp.sources.kubernetes.beside import with_inventory, with_strangers  # noqa: PLC0415

    opened.require_calico()
    nodes, strangers = with_inventory(opened.hosts, inventory)
    wanted = limit_hosts((*nodes, *strangers), limit)
    no_nodes = set(strangers)
    hosts = [host for host in wanted if host not in no_nodes]
    with reading_progress(hosts) as on_result:
        again = None if on_result is None else on_result.again
        snapshot = opened.read(hosts, on_result=on_result, on_round=again, cluster=cluster)
    return with_strangers(snapshot, [host for host in wanted if host in no_nodes])


def _with(snapshot: Snapshot, resources: Given | None) -> Snapshot:
    if resources is None:
        return snapshot
    with_resources = resources.onto(snapshot)
    if with_resources.kubernetes is None:
        return with_resources
    note = NotRead("the cluster's own resources of Calico", "the files of --resources stand in their place")
    state = with_resources.kubernetes.model_copy(
        update={"api_group": None, "not_read": (*with_resources.kubernetes.not_read, note)}
    )
    return with_resources.model_copy(update={"kubernetes": state})


def read_kubernetes_hosts(choice: ClusterChoice) -> tuple[Host, ...]:
    """The names, roles and addresses of a cluster's Nodes, for texts that are pasted beside it.

    Raises:
        CalicoBGPError: The kubeconfig is not what it should be, or there are no Nodes.
        click.exceptions.Exit: The cluster cannot be read (3); why is said on stderr.
    """
    from calico_bgp.parse.hosts.forms.table import read_inventory  # noqa: PLC0415 - most runs paste nothing

    name, text = read_kubernetes_nodes(choice)
    inventory = read_inventory(text, source=name)
    return () if inventory is None else inventory.hosts


def read_kubernetes_nodes(choice: ClusterChoice) -> tuple[str, str]:
    """How to call the cluster, and its Nodes as JSON.

    Raises:
        CalicoBGPError: The kubeconfig is not what it should be.
        click.exceptions.Exit: The cluster cannot be read (3); why is said on stderr.
    """
    from calico_bgp.sources.kubernetes.source import KubernetesOptions, open_cluster  # noqa: PLC0415 - as above

    access = choice.access()
    try:
        with open_cluster(access, KubernetesOptions(limits=choice.limits)) as opened:
            return access.context or "this cluster", opened.collected.nodes_text
    except GatherError as error:
        raise _not_read(error) from None


class NotReadExit(click.exceptions.Exit):
    """The cluster could not be read at all; why was said on stderr, and stands in `why`."""

    def __init__(self, why: str) -> None:
        super().__init__(EXIT_NOT_READ)
        self.why = why


def _not_read(error: GatherError) -> NotReadExit:
    click.echo(f"calico-bgp: nothing could be read: {plain(error.message)}", err=True)
    if error.hint:
        click.echo(f"    {plain(error.hint)}", err=True)
    return NotReadExit(plain(error.message))
