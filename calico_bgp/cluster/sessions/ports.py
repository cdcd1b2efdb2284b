"""On which TCP port each node's BIRD listens, and what sets it: BGP's own, or a listenPort. Facts; judges nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from calico_bgp.cluster.nodes.members import Member
from calico_bgp.model.resources import NODE_CONFIG_PREFIX, Resources
from calico_bgp.upstream import BGP_PORT


class ListenPort(NamedTuple):
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


#: Where nothing sets another one.
USUAL = ListenPort(BGP_PORT)


def ports_of(resources: Resources, members: Iterable[Member]) -> dict[str, ListenPort]:
    """Member → its port, for those that Calico's resources name; a node's own listenPort before the cluster's."""
    config, own = resources.global_config, resources.listen_ports
    usual = USUAL
    if config is not None and config.listen_port:
        usual = ListenPort(config.listen_port, f"listenPort of BGPConfiguration {config.name}")
    by_member = {}
    for member in members:
        if member.resource is not None:
            node = member.resource.name
            port = own.get(node)
            set_by = f"listenPort of BGPConfiguration {NODE_CONFIG_PREFIX}{node}"
            by_member[member.name] = usual if port is None else ListenPort(port, set_by)
    return by_member
