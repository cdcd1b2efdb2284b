"""A snapshot from pasted texts, which have no inventory and therefore lack no nodes but those that they name."""

from __future__ import annotations

from collections.abc import Iterable

from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import GatherFailure, NodeReading, NodeStatus
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.pasted.hosts.reasons import explain_silence
from calico_bgp.parse.pasted.reader import says_something


def snapshot_from_pasted(
    statuses: Iterable[NodeStatus], *, cluster: str | None = None, known: Iterable[Host] = ()
) -> Snapshot:
    """Each status becomes the reading of a node; one that only says why there is no answer becomes a failure.

    A node is called by its name, else by what the text calls it, else by `file:line` where its text begins.

    Args:
        statuses: From `parse_pasted()`.
        cluster: A name for the cluster.
        known: Hosts that an inventory or the text names beside the tables: they give names, roles and addresses.
    """
    readings: list[NodeReading] = []
    failures: list[GatherFailure] = []
    for status in statuses:
        address = next(iter(status.addresses), None)
        if says_something(status):
            reading = NodeReading(
                host=_label(status),
                node=status.node,
                status=status,
                addresses=status.addresses,
                complete=status.complete,
            )
            readings.append(reading)
            continue
        stage, hint = explain_silence(status.messages)
        message = "; ".join(status.messages) or "it said nothing"
        failure = GatherFailure(
            host=_label(status), node=status.node, stage=stage, message=message, hint=hint, ssh_address=address
        )
        failures.append(failure)
    return Snapshot(cluster=cluster, readings=tuple(readings), failures=tuple(failures), known=tuple(known))


def _label(status: NodeStatus) -> str:
    return status.host or f"{'stdin' if status.source == '-' else status.source}:{status.line}"
