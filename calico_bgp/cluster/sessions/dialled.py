"""Which TCP port an end of a session dials, and what sets it. Facts; judges nothing.

Rows of the mesh never name a port, whatever the far end's listenPort (confd, bgp_processor.go), so the rows alone do
not tell it: the resources do.
"""

from __future__ import annotations

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.sessions.ports import USUAL, ListenPort
from calico_bgp.cluster.sessions.session import SessionKey


def port_of(cluster: Cluster, name: str) -> ListenPort:
    """The port on which a node's BIRD listens, as far as the resources tell; BGP's own without them."""
    return cluster.listen_ports.get(name, USUAL)


def dialled(cluster: Cluster, key: SessionKey, far: str) -> ListenPort:
    """The port of the far end that is dialled in a session: the one in the row's name, else the resources'."""
    session = cluster.sessions.get(key)
    rows = () if session is None else session.end(key.far(far)).rows
    listen_port = port_of(cluster, far)
    ports = [row.port for row in rows if row.port is not None] or [
        peer.port
        for peer in cluster.expected_peers.get(key, ())
        if peer.port is not None and (cluster.identity.owner.get(peer.address) or str(peer.address)) == far
    ]
    return ListenPort(ports[0]) if ports and ports[0] != listen_port.number else listen_port
