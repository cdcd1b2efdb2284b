"""The subject of what is said about one of Calico's resources: its kind and name, and where it was written."""

from __future__ import annotations

from calico_bgp.model.reports.subject import ResourceSubject
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, CalicoNode, IPPool, ResourceKind


def about_peer(peer: BGPPeer, path: str | None = None) -> ResourceSubject:
    """A BGPPeer, and the line of the field that matters."""
    line = peer.place.line if path is None else peer.line_of(path)
    return ResourceSubject(resource=ResourceKind.BGP_PEER, name=peer.name, file=peer.place.source, line=line)


def about_configuration(config: BGPConfiguration, path: str | None = None) -> ResourceSubject:
    """A BGPConfiguration, and the line of the field that matters."""
    line = config.place.line if path is None else config.line_of(path)
    kind = ResourceKind.BGP_CONFIGURATION
    return ResourceSubject(resource=kind, name=config.name, file=config.place.source, line=line)


def about_node(node: CalicoNode) -> ResourceSubject:
    """A Node, where it stands."""
    place = node.place
    return ResourceSubject(resource=ResourceKind.NODE, name=node.name, file=place.source, line=place.line)


def about_pool(pool: IPPool) -> ResourceSubject:
    """An IPPool, where it stands."""
    place = pool.place
    return ResourceSubject(resource=ResourceKind.IP_POOL, name=pool.name, file=place.source, line=place.line)
