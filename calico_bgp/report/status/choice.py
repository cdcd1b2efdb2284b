"""Which peers `status` shows. Nothing about how."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from calico_bgp.cluster.nodes.membership import members_of
from calico_bgp.model.peer import Family, Peer, PeerType
from calico_bgp.model.reading import GatherFailure, NodeReading
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.natural_order import natural_key
from calico_bgp.report.text.columns import PeerRow, peer_rows

DOWN = "down"


@dataclass(frozen=True, slots=True)
class PeerFilter:
    """Which peers to show; an empty field lets every peer pass.

    Attributes:
        nodes: Shell patterns of node or host names.
        states: Protocol or BGP states in any case; `down` is every peer that is not Established.
        types: Peer types.
        families: Address families.
    """

    nodes: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    types: tuple[PeerType, ...] = ()
    families: tuple[Family, ...] = ()

    def passes_node(self, node: NodeReading | GatherFailure) -> bool:
        """Whether the node is one of those asked for."""
        names = {node.host, node.node or node.host}
        return not self.nodes or any(fnmatchcase(name, pattern) for pattern in self.nodes for name in names)

    def passes(self, peer: Peer) -> bool:
        """Whether the peer is one of those asked for, wherever it stands."""
        states = {peer.protocol_state.lower(), str(peer.bgp_state or "").lower()}
        if not peer.is_established:
            states.add(DOWN)
        return (
            (not self.states or any(state.lower() in states for state in self.states))
            and (not self.types or peer.peer_type in self.types)
            and (not self.families or peer.family in self.families)
        )

    @property
    def passes_silence(self) -> bool:
        """Whether a node that shows no peers belongs to what is asked for: not where it is peers of one kind."""
        return not self.types and (not self.states or DOWN in {state.lower() for state in self.states})


def narrow(snapshot: Snapshot, peer_filter: PeerFilter) -> Snapshot:
    """The snapshot with the nodes that pass only, in natural order of their names."""
    # Of a node that was pasted again the later text counts, as in an audit.
    earlier = set() if snapshot.hosts else {id(reading) for reading in members_of(snapshot).superseded}
    readings = [
        reading for reading in snapshot.readings if id(reading) not in earlier and peer_filter.passes_node(reading)
    ]
    failures = [failure for failure in snapshot.failures if peer_filter.passes_node(failure)]
    update = {
        "readings": tuple(sorted(readings, key=lambda reading: natural_key(reading.name))),
        "failures": tuple(sorted(failures, key=lambda failure: natural_key(failure.node or failure.host))),
    }
    return snapshot.model_copy(update=update)


def status_rows(snapshot: Snapshot, peer_filter: PeerFilter | None = None) -> list[PeerRow]:
    """The peers that pass: nodes in natural order of their names, the peers of each as its table has them."""
    peer_filter = peer_filter or PeerFilter()
    return [row for row in peer_rows(narrow(snapshot, peer_filter)) if peer_filter.passes(row.peer)]
