"""`gather --also-ssh`: reads over SSH the nodes whose pods did not answer. In an outage both ways may be needed.

A CalicoNodeStatus is no answer: a node's own table is better, where SSH gets it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from calico_bgp.cli.options.ssh import SSHOptions
from calico_bgp.cli.sources.live import read_live
from calico_bgp.model.inventory import Host
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.sources.gather import GatherInterrupted


def filled_in(snapshot: Snapshot, inventory: Sequence[Host], ssh: SSHOptions) -> Snapshot:
    """A snapshot in which SSH's readings stand for the nodes that could not be read before.

    Args:
        snapshot: What came through the Kubernetes API.
        inventory: hosts.txt; a host is a node's by its `node=`, else by its name.
        ssh: How to reach the hosts.

    Raises:
        GatherInterrupted: Ctrl-C; it carries what came either way.
    """
    failed = {failure.host for failure in snapshot.failures}
    failed |= {reading.host for reading in snapshot.readings if reading.second_hand is not None}
    node_of = {host.label: host.node or host.name for host in inventory}
    hosts_to_ask = [host for host in inventory if node_of[host.label] in failed]
    if not failed or not inventory:
        return snapshot
    missing = sorted(failed - {node_of[host.label] for host in hosts_to_ask})
    if missing:
        are = "is" if len(missing) == 1 else "are"
        click.echo(f"calico-bgp: {len(missing)} of the nodes that failed {are} not in --also-ssh's file", err=True)
    if not hosts_to_ask:
        return snapshot
    try:
        over_ssh = read_live(hosts_to_ask, inventory, ssh)
    except GatherInterrupted as stopped:
        merged = _with(snapshot, stopped.snapshot, node_of)
        raise GatherInterrupted(merged.model_copy(update={"complete": False})) from None
    return _with(snapshot, over_ssh, node_of)


def _with(snapshot: Snapshot, over_ssh: Snapshot, node_of: Mapping[str, str]) -> Snapshot:
    readings_over_ssh = {
        node_of[reading.host]: reading.model_copy(update={"host": node_of[reading.host]})
        for reading in over_ssh.readings
    }
    readings = {reading.host: reading for reading in snapshot.readings} | readings_over_ssh
    return snapshot.model_copy(
        update={
            "readings": tuple(readings[host.label] for host in snapshot.hosts if host.label in readings),
            "failures": tuple(failure for failure in snapshot.failures if failure.host not in readings_over_ssh),
        }
    )
