"""Which TCP port an end of a session dials, and what sets it. Facts; judges nothing.

Rows of the mesh never name a port, whatever the far end's listenPort (confd, bgp_processor.go), so the rows alone do
not tell it: the resources do.
"""

from __future__ import annotations

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.sessions.ports import USUAL, ListenPort
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.once import once


def port_of(cluster: Cluster, name: str) -> ListenPort:
    """The port on which a node's BIRD listens, as far as the resources tell; BGP's own without them."""
    return cluster.listen_ports.get(name, USUAL)


def dialled(cluster: Cluster, key: SessionKey, far: str) -> ListenPort:
    """The port of the far end that is dialled in a session: the one in the row's name, else the resources'."""
    listen_port = port_of(cluster, far)
    port = _named_ports(cluster).get((key, far), listen_port.number)
    return listen_port if port == listen_port.number else ListenPort(port)


@once
def _named_ports(cluster: Cluster) -> dict[tuple[SessionKey, str], int]:
    """(session, the end that is dialled) → the port that the row names, else the one that its BGPPeer does."""
    by_row: dict[tuple[SessionKey, str], int] = {}
    for key, session in cluster.sessions.items():
        for near in session.ends:
            for row in near.rows:
                if row.port is not None:
                    by_row.setdefault((key, key.far(near.name)), row.port)
    by_peer: dict[tuple[SessionKey, str], int] = {}
    for key, peers in cluster.expected_peers.items():
        for peer in peers:
            if peer.port is not None:
                far = cluster.identity.owner.get(peer.address) or str(peer.address)
                by_peer.setdefault((key, far), peer.port)
    return by_peer | by_row
