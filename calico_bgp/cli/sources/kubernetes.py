"""One reading of a cluster through its API server, with its progress. Nothing here judges or saves."""

from __future__ import annotations

from collections.abc import Sequence

import click

from calico_bgp.cli.options.kubernetes import ClusterChoice
from calico_bgp.cli.options.resources import Given, ResourceOptions
from calico_bgp.errors import CommandFailed, GatherError
from calico_bgp.model.reading import Snapshot
from calico_bgp.parse.hosts.limit import limit_hosts
from calico_bgp.report.text.sanitize import plain
from calico_bgp.sources.gather import GatherInterrupted

EXIT_NOT_READ = 3


def read_kubernetes(
    choice: ClusterChoice,
    *,
    limit: Sequence[str] = (),
    cluster: str | None = None,
    resources: ResourceOptions | None = None,
) -> Snapshot:
    """What the cluster's nodes say, and its resources.

    Args:
        choice: Which cluster.
        limit: Patterns of nodes; empty for all.
        cluster: A name for the snapshot; the context's by default.
        resources: Files in place of what the cluster says.

    Raises:
        CalicoBGPError: The kubeconfig, a pattern or a file of resources is not what it should be.
        click.exceptions.Exit: The cluster cannot be read at all (3); why is said on stderr.
        GatherInterrupted: Ctrl-C; it carries what had come in.
    """
    # aiohttp is half of what starting costs.
    from calico_bgp.cli.running.progress import reading_progress  # noqa: PLC0415
    from calico_bgp.sources.kubernetes.source import KubernetesOptions, open_cluster  # noqa: PLC0415

    given = None if resources is None else resources.from_files
    access = choice.access()
    if access.insecure:
        click.echo("calico-bgp: the API server's certificate is not checked (insecure-skip-tls-verify)", err=True)
    try:
        with open_cluster(access, KubernetesOptions(at_once=choice.pods_at_once)) as opened:
            if not opened.collected.has_calico:
                raise CommandFailed(
                    f"the cluster of context {access.context} has no calico-node pod and none of Calico's resources",
                    "is it the right context? `kubectl config get-contexts` lists them",
                )
            hosts = limit_hosts(opened.hosts, limit)
            with reading_progress(hosts) as on_result:
                snapshot = opened.read(hosts, on_result=on_result, cluster=cluster or access.context)
    except GatherInterrupted as stopped:
        raise GatherInterrupted(_with(stopped.snapshot, given)) from None
    except GatherError as error:
        raise _not_read(error) from None
    return _with(snapshot, given)


def _with(snapshot: Snapshot, given: Given | None) -> Snapshot:
    if given is None:
        return snapshot
    click.echo("calico-bgp: --resources stands in the place of the cluster's own resources", err=True)
    return given.onto(snapshot)


def read_kubernetes_nodes(choice: ClusterChoice) -> tuple[str, str]:
    """How to call the cluster, and its Nodes as JSON.

    Raises:
        CalicoBGPError: The kubeconfig is not what it should be.
        click.exceptions.Exit: The cluster cannot be read (3); why is said on stderr.
    """
    from calico_bgp.sources.kubernetes.source import open_cluster  # noqa: PLC0415 - as above

    access = choice.access()
    try:
        with open_cluster(access) as opened:
            return access.context or "this cluster", opened.collected.nodes_text
    except GatherError as error:
        raise _not_read(error) from None


def _not_read(error: GatherError) -> click.exceptions.Exit:
    click.echo(f"calico-bgp: nothing could be read: {plain(error.message)}", err=True)
    if error.hint:
        click.echo(f"    {plain(error.hint)}", err=True)
    return click.exceptions.Exit(EXIT_NOT_READ)
