"""One reading of the nodes over SSH, with its progress and the resources beside it. Nothing here judges or saves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import click

from calico_bgp.cli.options.resources import Given, ResourceOptions, fetch, resources_host
from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import GatherFailure, Stage
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.report.text.sanitize import plain
from calico_bgp.sources.gather import GatherInterrupted, gather
from calico_bgp.sources.ssh.options import SSHOptions


def read_live(
    hosts: Sequence[Host],
    everyone: Sequence[Host],
    ssh: SSHOptions,
    *,
    cluster: str | None = None,
    resources: ResourceOptions | None = None,
) -> Snapshot:
    """What the hosts say, and Calico's resources where they are wanted. Those come first, so that their failure shows.

    Args:
        hosts: The hosts to read.
        everyone: All of the inventory, one of which may be asked for the resources.
        ssh: How to reach them.
        cluster: A name for the snapshot.
        resources: Where the resources come from.

    Raises:
        CalicoBGPError: The files with the resources are missing or not what they should be.
        GatherInterrupted: Ctrl-C; it carries what had come in.
    """
    # These two wait for paramiko and rich.
    from calico_bgp.cli.running.progress import reading_progress  # noqa: PLC0415
    from calico_bgp.sources.ssh.gatherer import SSHGatherer  # noqa: PLC0415

    resources = resources or ResourceOptions()
    read_resources: Given | None = resources.from_files
    resources_from = None if resources.host is None else resources_host(resources.host, everyone)
    gatherer = SSHGatherer(ssh)
    for warning in gatherer.warnings:
        click.echo(f"calico-bgp: {plain(warning)}", err=True)
    if resources_from is not None:
        try:
            read_resources = fetch(resources_from, gatherer)
        except KeyboardInterrupt:
            failure = GatherFailure(
                host=resources_from.label, node=resources_from.node, stage=Stage.COMMAND, message="interrupted"
            )
            nothing = Snapshot(cluster=cluster, hosts=tuple(hosts), taken_at=datetime.now(UTC), complete=False)
            raise GatherInterrupted(Given(None, failure).onto(nothing)) from None
    try:
        with reading_progress(hosts) as on_result:
            again = None if on_result is None else on_result.again
            snapshot = gather(hosts, gatherer, on_result=on_result, on_round=again, cluster=cluster)
    except GatherInterrupted as stopped:
        raise GatherInterrupted(read_resources.onto(stopped.snapshot) if read_resources else stopped.snapshot) from None
    return read_resources.onto(snapshot) if read_resources else snapshot
