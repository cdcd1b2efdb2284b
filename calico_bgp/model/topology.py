"""Who is who: the nodes, their parts and their sessions, as far as the snapshot shows. Values only."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from calico_bgp.model.frozen import VALUES, Frozen
from calico_bgp.model.inventory import Role
from calico_bgp.model.peer import Address, Family


class TopologyKind(StrEnum):
    """What shape the peering has."""

    MESH = "mesh"
    REFLECTORS = "reflectors"
    MIXED = "mixed"
    EXPLICIT = "explicit peers"
    NO_BGP = "no BGP"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, config=VALUES)
class TopologyNode:
    """A node and what part it plays.

    Attributes:
        name: The node's name, else the host's.
        addresses: Its BGP addresses as far as known, sorted.
        role: None in a mesh, or where it cannot be told.
        evidence: How the role is known: `role=reflector in hosts.txt`, `peers with all 5 other nodes`.
        read: Whether it was read.
    """

    name: str
    addresses: tuple[Address, ...] = ()
    role: Role | None = None
    evidence: str | None = None
    read: bool = True


class Topology(Frozen):
    """The shape of the cluster's BGP.

    Attributes:
        kind: The shape.
        evidence: Why we think so, in words.
        families: The families that have a peer anywhere.
        nodes: Every node of the inventory or of the paste, sorted by name.
        unclaimed: Addresses among the peers that belong to no known node, sorted: external peers or forgotten hosts.
    """

    kind: TopologyKind
    evidence: str
    families: tuple[Family, ...] = ()
    nodes: tuple[TopologyNode, ...] = ()
    unclaimed: Annotated[tuple[Address, ...], Field(default=())] = ()

    @property
    def reflectors(self) -> tuple[TopologyNode, ...]:
        """The nodes that reflect, sorted by name."""
        return tuple(node for node in self.nodes if node.role is Role.REFLECTOR)
