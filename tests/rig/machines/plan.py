"""What a rig is to look like: its nodes and who peers with whom. Values only; nothing here starts anything."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Literal

Kind = Literal["Mesh", "Global", "Node"]

DEFAULT_AS = 64512
CLUSTER_ID = IPv4Address("244.0.0.1")


@dataclass(frozen=True)
class Neighbour:
    """A peer that confd would configure on a node, in both families."""

    node: str
    kind: Kind
    client: bool = False


@dataclass(frozen=True)
class NodePlan:
    """One node: its addresses, its AS and its peers.

    Attributes:
        name: Kubernetes node name, also its host name.
        number: 1..99; all addresses follow from it.
        neighbours: In the order in which confd writes them.
        cluster_id: Set on a reflector.
    """

    name: str
    number: int
    neighbours: tuple[Neighbour, ...] = ()
    as_number: int = DEFAULT_AS
    cluster_id: IPv4Address | None = None

    @property
    def ipv4(self) -> IPv4Address:
        """Its address, also the one that sshd listens on."""
        return IPv4Address("192.0.2.10") + self.number

    @property
    def ipv6(self) -> IPv6Address:
        """Its IPv6 address, written with a decimal number as people do."""
        return IPv6Address(f"2001:db8:77::{10 + self.number}")

    @property
    def connect_delay(self) -> int:
        """Seconds before it dials.

        Other peers than those of the mesh dial from both ends. Nodes that start at one instant with the same short
        timers would meet half-way again and again: BIRD takes the second connection for a graceful restart.
        """
        return 1 if all(neighbour.kind == "Mesh" for neighbour in self.neighbours) else min(self.number, 3)


def mesh(count: int) -> tuple[NodePlan, ...]:
    """A full mesh, `CALICO_NODE_TO_NODE_MESH` on."""
    names = [f"node{number}" for number in range(1, count + 1)]
    return tuple(
        NodePlan(name, number, tuple(Neighbour(other, "Mesh") for other in names if other != name))
        for number, name in enumerate(names, start=1)
    )


def reflectors(count: int, clients: int) -> tuple[NodePlan, ...]:
    """The first `count` nodes reflect, the others are their clients."""
    names = [f"node{number}" for number in range(1, count + clients + 1)]
    return reflection(names, names[:count])


def reflection(names: Sequence[str], chosen: Collection[str]) -> tuple[NodePlan, ...]:
    """Reflectors as most guides set them up: one global BGPPeer whose `peerSelector` chooses the reflectors.

    Every node shows the reflectors as `global`; by automatic reverse peering the reflectors show their clients as
    `node specific` (confd/pkg/backends/calico/client.go updatePeersV1). All have one cluster ID. Without any reflector
    no node has a peer.
    """
    plans = []
    for number, name in enumerate(names, start=1):
        neighbours = [
            Neighbour(reflector, "Global") for reflector in names if reflector in chosen and reflector != name
        ]
        if name in chosen:
            neighbours += [Neighbour(client, "Node", client=True) for client in names if client not in chosen]
        cluster_id = CLUSTER_ID if name in chosen else None
        plans.append(NodePlan(name, number, tuple(neighbours), cluster_id=cluster_id))
    return tuple(plans)
