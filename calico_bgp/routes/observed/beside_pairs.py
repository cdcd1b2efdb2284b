"""What is told of routes beside the pairs: what goes to peers outside and comes from them, and who sent no hash."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.model.peer import Family
from calico_bgp.model.routes.observed import ExternalSession
from calico_bgp.natural_order import natural_key
from calico_bgp.routes.observed.session_readings import session_readings
from calico_bgp.routes.observed.tables import NodeTables


def external_sessions(cluster: Cluster, family: Family) -> Iterator[ExternalSession]:
    """The numbers of each session with a peer that is no node and that stands, by peer and node."""
    readings = [one for one in session_readings(cluster) if one.is_external and one.family is family]
    for reading in sorted(readings, key=lambda one: (natural_key(one.far), natural_key(one.node))):
        protocol = reading.protocol
        yield ExternalSession(
            peer=reading.far,
            node=reading.node,
            imported=protocol.imported,
            refused=protocol.imports_filtered,
            exported=protocol.exported,
        )


def sent_whole(tables: Mapping[str, NodeTables]) -> tuple[str, ...]:
    """The nodes of a large cluster that sent their tables as they print them, where others send a hash.

    They lack a tool for it, or have WireGuard; each costs the run what a node of a small cluster does.
    """
    if not any(node.table.is_comparable for node in tables.values()):
        return ()
    plain = (name for name, node in tables.items() if node.table.bird is not None and not node.table.is_comparable)
    return tuple(sorted(plain, key=natural_key))
