"""Node → its expected peers, each node's made when somebody asks for them: few questions need all of a mesh."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter

from calico_bgp.expect.mesh import Mesh
from calico_bgp.expect.speakers import Speaker
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Family


class NodePeers(Mapping[str, tuple[ExpectedPeer, ...]]):
    """The expected peers of nodes, IPv4 before IPv6, sorted by name.

    Args:
        speakers: The nodes whose peers are wanted, by name.
        explicit: Node → the peers that BGPPeers make, in any order.
        mesh: The node-to-node mesh.
    """

    def __init__(
        self, speakers: Mapping[str, Speaker], explicit: Mapping[str, Sequence[ExpectedPeer]], mesh: Mesh
    ) -> None:
        self._speakers = speakers
        self._explicit = {
            (node, family): [peer for peer in peers if peer.family is family]
            for node, peers in explicit.items()
            for family in Family
        }
        self._mesh = mesh
        self._made: dict[str, tuple[ExpectedPeer, ...]] = {}

    def __getitem__(self, node: str) -> tuple[ExpectedPeer, ...]:
        if node not in self._made:
            speaker = self._speakers[node]
            self._made[node] = tuple(
                peer for family in Family for peer in self.together(node, family, self._mesh.peers(speaker, family))
            )
        return self._made[node]

    def __iter__(self) -> Iterator[str]:
        return iter(self._speakers)

    def __len__(self) -> int:
        return len(self._speakers)

    def explicit(self, node: str, family: Family) -> Sequence[ExpectedPeer]:
        """The peers that BGPPeers make on a node, in the order in which they make them."""
        return self._explicit[node, family]

    def odd_of_mesh(self, node: str, family: Family) -> Sequence[ExpectedPeer]:
        """Those mesh peers of a node that may be trouble, by themselves or beside a BGPPeer's; sorted by name."""
        beside = [peer.address for peer in self._explicit[node, family]]
        return self._mesh.odd_peers(self._speakers[node], family, beside)

    def together(self, node: str, family: Family, meshed: Sequence[ExpectedPeer]) -> Sequence[ExpectedPeer]:
        """The peers that BGPPeers make on a node and these of the mesh, sorted by name.

        Args:
            node: The node.
            family: The family.
            meshed: Sorted by name.
        """
        explicit = self._explicit[node, family]
        return sorted((*explicit, *meshed), key=attrgetter("name")) if explicit else meshed

    def has_any(self, node: str) -> bool:
        """Whether a node has a peer; one that is not there has none."""
        if node not in self._speakers:
            return False
        return any(self._explicit[node, family] for family in Family) or self._mesh.has_peers(self._speakers[node])
