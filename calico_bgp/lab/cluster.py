"""What the simulated cluster is: its nodes and how they should peer. Values only; no faults, no tables, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address

from calico_bgp.model.inventory import Role
from calico_bgp.model.peer import Address, Family

_MAX_DOCUMENTATION_NODES = 240


class Topology(StrEnum):
    """Who peers with whom."""

    MESH = "mesh"
    REFLECTORS = "reflectors"
    #: CALICO_NETWORKING_BACKEND=vxlan or none: BIRD does not run, and that is healthy.
    NO_BGP = "no-bgp"


class Variant(StrEnum):
    """The `nodeSelector` of the one BGPPeer that makes a reflector topology (design: the classic trap).

    Its `peerSelector` picks the reflectors; automatic reverse peering adds the other direction as `node specific`.
    """

    #: Empty or missing: the reflectors are `global` on every node, the other nodes `node specific` on the reflectors.
    GLOBAL = "global"
    #: `all()`: everything is `node specific`.
    ALL = "all"
    #: `!has(route-reflector)` in quotes: `node specific`, and the reflectors do not peer with each other.
    CLIENTS = "clients"


@dataclass(frozen=True, slots=True)
class LabNode:
    """A node.

    Attributes:
        name: The Kubernetes node name.
        ipv4: Its BGP address, or None: a node without an address of a family has no peer of that family.
        ipv6: Likewise.
        role: Reflector or client; None in a mesh.
        zone: The value of its label topology.kubernetes.io/zone; None when it has none.
    """

    name: str
    ipv4: IPv4Address | None
    ipv6: IPv6Address | None = None
    role: Role | None = None
    zone: str | None = None

    def address(self, family: Family) -> Address | None:
        """Its BGP address of a family."""
        return self.ipv4 if family is Family.IPV4 else self.ipv6


@dataclass(frozen=True, slots=True)
class ExternalPeer:
    """A `node specific` or `global` peer outside the cluster, such as a top-of-rack switch.

    Attributes:
        node: The node that has it.
        name: BIRD's protocol name. calicoctl shows only `Global_`, `Node_` and `Mesh_` ones.
        family: The BIRD that has it.
        behaviour: A key of externals.BEHAVIOURS: what the far end does, and so what the row says.
    """

    node: str
    name: str
    family: Family
    behaviour: str = "established"


@dataclass(frozen=True, slots=True)
class Switch:
    """A top-of-rack switch that every node peers with, by a global BGPPeer.

    Attributes:
        ipv4: Its address in BGP.
        as_number: Its AS.
    """

    ipv4: IPv4Address
    as_number: int


SWITCH = Switch(IPv4Address("192.0.2.1"), 64999)


@dataclass(frozen=True, slots=True)
class LabCluster:
    """The configuration of a cluster; everything about it that is not a fault.

    Attributes:
        nodes: In the order of the datastore, which is the order of the rows.
        topology: Mesh, reflectors or no BGP.
        variant: For reflectors: the nodeSelector of their BGPPeer.
        families: The families the nodes peer in.
        daemons: The families whose BIRD runs. Calico starts both even in a single-family cluster.
        listen_port: BGPConfiguration's listenPort; it shows in the names of explicit peers. None: not set.
        external_peers: Peers outside the cluster that no resource speaks of.
        switch: The top-of-rack switch that the resources make every node peer with; None for none.
        musl: Socket errors in the words of musl (the calico/node image) rather than glibc.
    """

    nodes: tuple[LabNode, ...]
    topology: Topology = Topology.MESH
    variant: Variant = Variant.GLOBAL
    families: tuple[Family, ...] = (Family.IPV4,)
    daemons: tuple[Family, ...] = (Family.IPV4, Family.IPV6)
    listen_port: int | None = None
    external_peers: tuple[ExternalPeer, ...] = ()
    switch: Switch | None = None
    musl: bool = True

    @property
    def by_name(self) -> Mapping[str, LabNode]:
        """The nodes by name."""
        return {node.name: node for node in self.nodes}

    @property
    def reflectors(self) -> tuple[LabNode, ...]:
        """The nodes that are meant to be reflectors, whether or not they lost their label."""
        return tuple(node for node in self.nodes if node.role is Role.REFLECTOR)


def build_cluster(
    nodes: int = 6,
    *,
    reflectors: int = 2,
    topology: Topology = Topology.REFLECTORS,
    variant: Variant = Variant.GLOBAL,
    families: tuple[Family, ...] = (Family.IPV4,),
    listen_port: int | None = None,
    switch: bool = False,
    zones: int = 2,
) -> LabCluster:
    """A cluster of `nodes` nodes `node1`, `node2`, ...; the first `reflectors` of them are the reflectors.

    The nodes stand in `zones` zones by turns (0: they have no zone), so that two zones have a reflector each. With
    `switch` all of them also peer with a top-of-rack switch over IPv4.

    Addresses come from the documentation ranges 192.0.2.0/24 and 2001:db8:77::/64 (RFC 5737, RFC 3849); clusters of
    more than 240 nodes use the benchmarking range 198.18.0.0/15 (RFC 2544).

    Raises:
        ValueError: No nodes, more than 100,000, or more reflectors than nodes.
    """
    if not 1 <= nodes <= 100_000:
        raise ValueError(f"a lab has 1 to 100,000 nodes, not {nodes}")
    count = reflectors if topology is Topology.REFLECTORS else 0
    if not 0 <= count <= nodes:
        raise ValueError(f"{count} reflectors among {nodes} nodes")
    first = IPv4Address("192.0.2.10") if nodes <= _MAX_DOCUMENTATION_NODES else IPv4Address("198.18.0.10")
    roles = [Role.REFLECTOR] * count + [Role.CLIENT if count else None] * (nodes - count)
    return LabCluster(
        nodes=tuple(
            LabNode(
                name=f"node{number}",
                ipv4=first + number if Family.IPV4 in families else None,
                ipv6=IPv6Address("2001:db8:77::10") + number if Family.IPV6 in families else None,
                role=role,
                zone=f"zone-{(number - 1) % zones + 1}" if zones else None,
            )
            for number, role in enumerate(roles, 1)
        ),
        topology=topology,
        variant=variant,
        families=families,
        listen_port=listen_port,
        switch=SWITCH if switch else None,
    )
