"""Which TCP port an end of a session dials, and what sets it: BGP's own, or a listenPort. Facts; judges nothing.

Rows of the mesh never name a port, whatever the far end's listenPort (confd, bgp_processor.go), so the rows alone do
not tell it: the resources do.
"""

from __future__ import annotations

from typing import NamedTuple

from calico_bgp.cluster.sessions import SessionKey
from calico_bgp.cluster.view import ClusterView
from calico_bgp.model.resources import NODE_CONFIG_PREFIX
from calico_bgp.upstream import BGP_PORT


class DialledPort(NamedTuple):
    """A port, and the resource that sets it.

    Attributes:
        number: The port.
        set_by: `BGPConfiguration default`, or what else sets it; None where it is BGP's own.
    """

    number: int
    set_by: str | None = None

    def __str__(self) -> str:
        """`1790 (listenPort of BGPConfiguration default)`."""
        return str(self.number) if self.set_by is None else f"{self.number} ({self.set_by})"


def port_of(view: ClusterView, name: str) -> DialledPort:
    """The port on which a node's BIRD listens, as far as the resources tell; BGP's own without them."""
    member = view.by_name.get(name)
    if view.expectation is None or member is None or member.resource is None:
        return DialledPort(BGP_PORT)
    resources, node = view.expectation.resources, member.resource.name
    own = resources.listen_ports.get(node)
    if own is not None:
        return DialledPort(own, f"listenPort of BGPConfiguration {NODE_CONFIG_PREFIX}{node}")
    config = resources.global_config
    if config is not None and config.listen_port:
        return DialledPort(config.listen_port, f"listenPort of BGPConfiguration {config.name}")
    return DialledPort(BGP_PORT)


def dialled(view: ClusterView, key: SessionKey, far: str) -> DialledPort:
    """The port of the far end that is dialled in a session: the one in the row's name, else the resources'."""
    rows = view.session(*key).end(key.far(far)).rows
    named = next((row.port for row in rows if row.port is not None), None)
    told = port_of(view, far)
    if named is not None:
        return told if told.number == named else DialledPort(named)
    asked = next(
        (
            peer.port
            for peer in view.expected_peers.get(key, ())
            if peer.port is not None and (view.identity.owner.get(peer.address) or str(peer.address)) == far
        ),
        None,
    )
    return DialledPort(asked) if asked is not None and asked != told.number else told
