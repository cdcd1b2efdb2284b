"""Nodes that run and of which Calico's resources hold no Node, where nothing else differs. No severity.

Where a Node is deleted, confd of the others takes the peer away at once (confd/pkg/backends/calico/client.go), and its
rows go. Rows that are up at most nodes are either of a Node that is there and stands not among the resources that were
given, or confd follows on no node: tables do not tell which, and no route is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calico_bgp.cluster.sessions.session import far_name
from calico_bgp.model.peer import Peer, PeerType
from calico_bgp.natural_order import natural_key
from calico_bgp.once import once

if TYPE_CHECKING:
    from calico_bgp.cluster.cluster import Cluster


@once
def nodes_lacking(cluster: Cluster) -> tuple[str, ...]:
    """Their names, or addresses where they were not read; none where anything else differs, or at half of the nodes."""
    deviations = cluster.judged.deviations
    behind = deviations.behind
    if 2 * len(behind) <= deviations.judged or any(each.missing or each.mistyped for each in behind):
        return ()
    rows = [row for each in behind for row in each.unexpected]
    if not all(row.is_established and _is_of_a_node(cluster, row) for row in rows):
        return ()
    return tuple(sorted({far_name(row, cluster.identity) for row in rows}, key=natural_key))


def _is_of_a_node(cluster: Cluster, row: Peer) -> bool:
    """Whether the far end is a node without a Node: it was read, or is in the mesh, as only nodes are."""
    member = cluster.by_name.get(far_name(row, cluster.identity))
    return row.peer_type is PeerType.MESH if member is None else member.resource is None
