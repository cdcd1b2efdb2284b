"""A snapshot from pasted texts, which have no inventory and therefore lack no nodes."""

from __future__ import annotations

from collections.abc import Iterable

from calico_bgp.model.reading import NodeReading, NodeStatus, Snapshot


def snapshot_from_pasted(statuses: Iterable[NodeStatus], *, cluster: str | None = None) -> Snapshot:
    """Each status becomes the reading of a node called by its prompt, else by `file:line` where its text begins."""
    readings = tuple(
        NodeReading(host=_label(status), node=status.node, status=status, complete=status.complete)
        for status in statuses
    )
    return Snapshot(cluster=cluster, readings=readings)


def _label(status: NodeStatus) -> str:
    return f"{'stdin' if status.source == '-' else status.source}:{status.line}"
