"""The nodes as BGP speakers: addresses, AS, port and cluster ID with the global values filled in. No peers in here.

confd/pkg/backends/calico/client.go nodeToBGPFields, and what it falls back to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from calico_bgp.model.peer import Address, Family
from calico_bgp.model.resources import CalicoNode, Resources


@dataclass(frozen=True, slots=True)
class Speaker:
    """A node with everything that its peers and its own bird.cfg need of it.

    Attributes:
        node: The resource.
        name: Its name.
        local_as: Its own AS, else the global one.
        cluster_id: Its route-reflector cluster ID, None when it is no reflector.
        own_port: The listenPort of its own BGPConfiguration, None without one.
        port: `own_port`, else the global listenPort, else None: 179, which no name shows.
        labels: For selectors.
        texts: Family → its address in canonical form. Calico compares addresses as text, so we do, too.
    """

    node: CalicoNode
    name: str
    local_as: int
    cluster_id: str | None
    own_port: int | None
    port: int | None
    labels: Mapping[str, str]
    texts: Mapping[Family, str]

    def address(self, family: Family) -> Address | None:
        """Its address of a family."""
        return self.node.address(family)


def speakers_of(resources: Resources) -> dict[str, Speaker]:
    """Every node of the cluster by name, sorted."""
    config = resources.global_config
    # Calico takes a listenPort of 0 for none (client.go getListenPortKVPair).
    global_port = (config.listen_port or None) if config is not None else None
    own_ports, global_as = resources.listen_ports, resources.as_number
    speakers = {}
    for node in sorted(resources.nodes, key=lambda node: node.name):
        own_port = own_ports.get(node.name)
        speakers[node.name] = Speaker(
            node=node,
            name=node.name,
            local_as=global_as if node.as_number is None else node.as_number,
            cluster_id=node.cluster_id or None,
            own_port=own_port,
            port=own_port or global_port,
            labels=dict(node.labels),
            texts={family: str(address) for family in Family if (address := node.address(family)) is not None},
        )
    return speakers
