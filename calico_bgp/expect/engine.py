"""The expected peers of every node, as Calico's confd would write them into bird.cfg: Resources in, an Expectation out.

confd/pkg/backends/calico/client.go updatePeersV1 and bgp_processor.go.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any

from calico_bgp.expect.bgp_peers import Selected, Selection
from calico_bgp.expect.mesh import Mesh
from calico_bgp.expect.node_peers import NodePeers
from calico_bgp.expect.passes import Passes
from calico_bgp.expect.protocols import expected_peer
from calico_bgp.expect.refusals import refusals
from calico_bgp.expect.speakers import Speaker, speakers_of
from calico_bgp.expect.trouble import BadSelector, Conflict, Overlap, Refusal, Skipped, WorkloadPeering
from calico_bgp.expect.version import NEWEST, CalicoVersion
from calico_bgp.model.expected import Because, ExpectedPeer
from calico_bgp.model.peer import Address, Family, PeerType
from calico_bgp.model.resources import Resources
from calico_bgp.upstream import BGP_PORT


@dataclass(frozen=True)
class Expectation:
    """What Calico would configure, and where that is not one thing.

    Attributes:
        resources: What it was worked out from.
        version: For which Calico.
        peers: Node → its expected peers, IPv4 before IPv6, sorted by name; every node of the resources is a key.
        selected: What each BGPPeer selects, sorted by its name.
        conflicts: Peers that BGPPeers define differently.
        overlaps: Neighbours with two protocols.
        refusals: Configurations that BIRD refuses.
        bad_selectors: Selectors that do not parse.
        skipped: BGPPeers that Calico skips.
        workloads: BGPPeers towards pods, which calicoctl's table never shows.
    """

    resources: Resources
    version: CalicoVersion
    peers: NodePeers
    selected: tuple[Selected, ...]
    conflicts: tuple[Conflict, ...]
    overlaps: tuple[Overlap, ...]
    refusals: tuple[Refusal, ...]
    bad_selectors: tuple[BadSelector, ...]
    skipped: tuple[Skipped, ...]
    workloads: tuple[WorkloadPeering, ...]

    @cached_property
    def memory(self) -> dict[object, Any]:
        """What `once` has worked out."""
        return {}

    @property
    def is_clear(self) -> bool:
        """Whether the resources mean one thing, and BIRD takes it."""
        return not (self.conflicts or self.refusals or self.bad_selectors or self.skipped)

    @cached_property
    def nodes_by_address(self) -> dict[Address, tuple[str, ...]]:
        """Address → the nodes that have it, sorted: more than one is trouble."""
        by_address: dict[Address, list[str]] = {}
        for node in self.resources.nodes:
            for address in node.addresses:
                by_address.setdefault(address, []).append(node.name)
        return {address: tuple(sorted(names)) for address, names in by_address.items()}


def expected_peers(resources: Resources, *, version: CalicoVersion = NEWEST) -> Mapping[str, tuple[ExpectedPeer, ...]]:
    """Node → the peers that it should have, IPv4 before IPv6, sorted by name; every node of the resources is a key.

    Args:
        resources: Nodes, BGPPeers and BGPConfigurations; their order does not matter.
        version: Of Calico, which changed some rules.
    """
    return expect(resources, version=version).peers


def expect(
    resources: Resources,
    *,
    version: CalicoVersion = NEWEST,
    only: Collection[str] | Callable[[Sequence[Selected]], Collection[str]] | None = None,
) -> Expectation:
    """Work out what Calico would configure, and what is wrong with that.

    Args:
        resources: Nodes, BGPPeers and BGPConfigurations; their order does not matter.
        version: Of Calico, which changed some rules.
        only: The nodes whose peers are wanted, or who says so given what every BGPPeer selects; None for all. Trouble
            is only looked for on them.
    """
    speakers = speakers_of(resources)
    selection = Selection(resources, speakers, version)
    selected = tuple(selection.select(peer) for peer in sorted(resources.bgp_peers, key=attrgetter("name")))
    node_names = only(selected) if callable(only) else only
    asked = {name: speaker for name, speaker in speakers.items() if node_names is None or name in node_names}
    passes = Passes(selected)
    mesh = Mesh(speakers, is_on=resources.mesh_enabled, global_as=resources.as_number, version=version)
    explicit = {name: _explicit_peers(speaker, passes, version) for name, speaker in asked.items()}
    peers = NodePeers(asked, explicit, mesh)
    without_as = {speaker.name for speaker in speakers.values() if speaker.local_as == 0}
    overlaps: list[Overlap] = []
    refused: list[Refusal] = []
    for name in asked:
        for family in Family:
            odd = peers.odd_of_mesh(name, family)
            overlaps += _overlaps(peers.explicit(name, family), odd)
            refused += refusals(peers.together(name, family, odd), without_as)
    return Expectation(
        resources=resources,
        version=version,
        peers=peers,
        selected=selected,
        conflicts=tuple(passes.conflicts),
        overlaps=tuple(overlaps),
        refusals=tuple(refused),
        bad_selectors=tuple(
            BadSelector(s.peer.name, field, error) for s in selected for field, error in s.bad_selectors
        ),
        skipped=tuple(Skipped(s.peer.name, s.skipped.why, s.skipped.field) for s in selected if s.skipped is not None),
        workloads=tuple(WorkloadPeering(s.peer.name, s.near) for s in selected if s.workload),
    )


def _explicit_peers(speaker: Speaker, passes: Passes, version: CalicoVersion) -> list[ExpectedPeer]:
    """Global and node-specific peers. De-duplication is between these two only, not with the mesh."""
    texts = speaker.texts
    peers = [
        expected_peer(speaker, winner, PeerType.GLOBAL, version)
        for winner in passes.global_entries.values()
        if winner.entry.family in texts and winner.entry.key[0] != texts[winner.entry.family]
    ]
    own = passes.node_entries(speaker)
    peers += [expected_peer(speaker, winner, PeerType.NODE, version) for winner in own.values()]
    return peers


def _overlaps(explicit: Sequence[ExpectedPeer], meshed: Sequence[ExpectedPeer]) -> Iterator[Overlap]:
    """Neighbours that one node would dial twice at the same port."""
    if not meshed and len({int(peer.address) for peer in explicit}) == len(explicit):
        return
    by_neighbour: dict[tuple[int, int], list[ExpectedPeer]] = {}
    for peer in explicit:
        by_neighbour.setdefault((int(peer.address), peer.port or BGP_PORT), []).append(peer)
    for peer in meshed if by_neighbour else ():
        protocols = by_neighbour.get((int(peer.address), peer.port or BGP_PORT))
        if protocols is not None:
            protocols.append(peer)
    for protocols in by_neighbour.values():
        if len(protocols) > 1:
            one = protocols[0]
            because: tuple[Because, ...] = tuple(dict.fromkeys(b for protocol in protocols for b in protocol.because))
            yield Overlap(one.node, one.family, one.address, tuple(sorted(t.name for t in protocols)), because)
