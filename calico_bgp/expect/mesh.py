"""The node-to-node mesh: which nodes take part, and what each has of the others (bgp_processor.go processMeshPeers)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from calico_bgp.expect.entry import protocol_suffix
from calico_bgp.expect.refusals import why_refused
from calico_bgp.expect.speakers import Speaker
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.expected import Because, ExpectedPeer, PeerPass
from calico_bgp.model.peer import Address, Family, PeerType
from calico_bgp.model.resources import GLOBAL_CONFIG

#: From here on a mesh peer without an AS of its own is expected to have *this node's* AS, not the global one.
AS_OF_THIS_NODE_SINCE = CalicoVersion(3, 32)
#: From here on one end of every mesh session waits for the other to dial.
PASSIVE_SINCE = CalicoVersion(3, 22)

MESH_BECAUSE = (Because("BGPConfiguration", GLOBAL_CONFIG, PeerPass.MESH),)


class MeshPeer(NamedTuple):
    """A node as every other node of the mesh sees it.

    Attributes:
        name: BIRD's name of the protocol. It never carries a port.
        text: The address in canonical form.
        address: The address.
        port: The port dialled, None for 179.
        own_as: The node's own AS, None when it has none.
        node: The node.
    """

    name: str
    text: str
    address: Address
    port: int | None
    own_as: int | None
    node: str


class Mesh:
    """The node-to-node mesh: its peers are made when somebody asks, for 1,000 nodes have a million of them.

    Args:
        speakers: Every node by name.
        is_on: Whether there is a mesh.
        global_as: The AS number of nodes without one of their own.
        version: Of Calico.
    """

    def __init__(self, speakers: Mapping[str, Speaker], *, is_on: bool, global_as: int, version: CalicoVersion) -> None:
        self._global_as = global_as
        self._version = version
        self._members = {family: _members(speakers.values(), family) if is_on else () for family in Family}
        self._without_as = frozenset(speaker.name for speaker in speakers.values() if speaker.local_as == 0)
        self._refused: dict[tuple[Family, bool], frozenset[int]] = {}

    def has_peers(self, speaker: Speaker) -> bool:
        """Whether a node has any mesh peer."""
        return any(
            member.text != speaker.texts[family]
            for family in Family
            # Two nodes may have one address.
            if self._takes_part(speaker, family)
            for member in self._members[family]
        )

    def peers(self, speaker: Speaker, family: Family) -> list[ExpectedPeer]:
        """The mesh peers of a node, sorted by name."""
        return self._seen_by(speaker, family, self._members[family]) if self._takes_part(speaker, family) else []

    def odd_peers(self, speaker: Speaker, family: Family, beside: Collection[Address]) -> list[ExpectedPeer]:
        """Of the mesh peers of a node those that may be trouble, sorted by name: all others are left out.

        Args:
            speaker: The node.
            family: The family.
            beside: The addresses of its other peers, which may be dialled twice.
        """
        if not self._takes_part(speaker, family):
            return []
        numbers = self._refused_on(speaker, family).union(map(int, beside))
        odd = [member for number in numbers for member in self._by_address[family].get(number, ())]
        return self._seen_by(speaker, family, sorted(odd, key=_by_name))

    def _takes_part(self, speaker: Speaker, family: Family) -> bool:
        return speaker.cluster_id is None and family in speaker.texts

    def _seen_by(self, speaker: Speaker, family: Family, members: Sequence[MeshPeer]) -> list[ExpectedPeer]:
        return list(_mesh_peers(speaker, family, members, self._global_as, self._version))

    def _refused_on(self, speaker: Speaker, family: Family) -> frozenset[int]:
        """The addresses for which BIRD refuses the file of such a node: each by itself, or because two nodes have it.

        Of a node that takes part it only matters whether its AS number is 0.
        """
        key = family, speaker.local_as == 0
        if key not in self._refused:
            members, by_address = self._members[family], self._by_address[family]
            # As it would see itself, too: to the next one of its kind it is another node.
            seen = _mesh_peers(speaker, family, members, self._global_as, self._version, with_itself=True)
            self._refused[key] = frozenset(
                number
                for peer in seen
                if len(by_address[number := int(peer.address)]) > 1 or why_refused(peer, self._without_as) is not None
            )
        return self._refused[key]

    @cached_property
    def _by_address(self) -> dict[Family, dict[int, list[MeshPeer]]]:
        """Address as a number → the nodes that have it; two of them in a mesh are trouble."""
        by_address: dict[Family, dict[int, list[MeshPeer]]] = {family: {} for family in Family}
        for family, members in self._members.items():
            for member in members:
                by_address[family].setdefault(int(member.address), []).append(member)
        return by_address


def _by_name(member: MeshPeer) -> tuple[str, str]:
    # By node where the name is the same: of two nodes with one address only one may have a port, and None has no order.
    return member.name, member.node


def _members(speakers: Iterable[Speaker], family: Family) -> tuple[MeshPeer, ...]:
    """The nodes of the mesh, sorted by protocol name: those with an address of the family and without a cluster ID."""
    in_mesh = []
    for speaker in speakers:
        address = speaker.address(family)
        if address is not None and speaker.cluster_id is None:
            text = speaker.texts[family]
            name = f"Mesh_{protocol_suffix(text, None)}"
            in_mesh.append(MeshPeer(name, text, address, speaker.port, speaker.node.as_number, speaker.name))
    return tuple(sorted(in_mesh, key=_by_name))


def _mesh_peers(
    speaker: Speaker,
    family: Family,
    members: Sequence[MeshPeer],
    global_as: int,
    version: CalicoVersion,
    *,
    with_itself: bool = False,
) -> Iterator[ExpectedPeer]:
    """Nodes of the mesh as peers of one that takes part."""
    own = speaker.texts[family]
    local_as, near = speaker.local_as, speaker.name
    other_as = local_as if version >= AS_OF_THIS_NODE_SINCE else global_as
    waits = version >= PASSIVE_SINCE
    for name, text, address, port, own_as, node in members:
        if text == own and not with_itself:
            continue
        yield ExpectedPeer(
            near,
            family,
            name,
            address,
            port,
            None,
            PeerType.MESH,
            local_as,
            other_as if own_as is None else own_as,
            waits and text > own,
            False,  # a node with a cluster ID takes no part in the mesh
            None,
            MESH_BECAUSE,
            0,
            None,
            node,
        )
