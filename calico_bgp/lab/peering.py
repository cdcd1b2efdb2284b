"""Which peers every node's BIRD is configured with, in BIRD's order, and from which addresses. Pure.

A BIRD that does not follow the resources - confd is stuck, or BIRD refuses the new file (expect/refusals.py) - keeps
the configuration of the healthy cluster.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from calico_bgp.expect.engine import expect
from calico_bgp.lab.cluster import LabCluster, Topology
from calico_bgp.lab.effects.configuration import CHANGES_RESOURCES
from calico_bgp.lab.effects.machines import told_name
from calico_bgp.lab.faults.fault import Fault
from calico_bgp.lab.faults.kinds import FaultKind
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Address, Family, PeerType

#: BIRD keeps the file that it had: confd does nothing, or has no Node of its own to make one of.
_KEEPS_FILE = (FaultKind.CONFD_STUCK, FaultKind.NODE_DELETED)


class ConfiguredPeer(NamedTuple):
    """A protocol in the bird.cfg of one machine.

    Attributes:
        expected: As confd wrote it.
        far: The machine that the address belonged to when it was written; None outside the cluster.
    """

    expected: ExpectedPeer
    far: str | None


@dataclass(frozen=True, slots=True)
class Configuration:
    """What all BIRDs are configured with. Machines are called by their names in the healthy cluster.

    Attributes:
        peers: (machine, family) → its peers, in BIRD's order.
        sources: (machine, family) → the address that it peers from; machines without one have no peers.
    """

    peers: Mapping[tuple[str, Family], tuple[ConfiguredPeer, ...]]
    sources: Mapping[tuple[str, Family], Address]


def configure(cluster: LabCluster, faults: Collection[Fault] = ()) -> Configuration:
    """Every machine's configuration under these faults."""
    if cluster.topology is Topology.NO_BGP:
        return Configuration({}, {})
    changes = any(fault.kind in CHANGES_RESOURCES for fault in faults)
    now, refused = _written(cluster, faults if changes else ())
    stuck = {name for fault in faults if fault.kind in _KEEPS_FILE for name in fault.nodes}
    old = {(name, family) for name in stuck for family in Family} | refused
    if not old:
        return now
    before, _ = _written(cluster, ())
    places = [(node.name, family) for node in cluster.nodes for family in Family]
    source = {place: before if place in old else now for place in places}
    return Configuration(
        {place: source[place].peers.get(place, ()) for place in places},
        {place: source[place].sources[place] for place in places if place in source[place].sources},
    )


def _written(cluster: LabCluster, faults: Collection[Fault]) -> tuple[Configuration, set[tuple[str, Family]]]:
    """What confd writes, and the files that BIRD refuses."""
    resources = lab_resources(cluster, faults)
    expectation = expect(resources)
    order = {node.name: number for number, node in enumerate(cluster.nodes)}
    machine = {told_name(node.name, faults): node.name for node in cluster.nodes}
    deleted = {name for fault in faults if fault.kind is FaultKind.NODE_DELETED for name in fault.nodes}
    left = {node.address(family): node.name for node in cluster.nodes if node.name in deleted for family in Family}

    def place(peer: ConfiguredPeer) -> tuple[bool, int]:
        """Global ones first, then in the order of the datastore, as Calico's template wrote them."""
        return peer.expected.peer_type is not PeerType.GLOBAL, -1 if peer.far is None else order[peer.far]

    peers: dict[tuple[str, Family], tuple[ConfiguredPeer, ...]] = {}
    for name, expected in expectation.peers.items():
        own_peers = sorted(
            (
                ConfiguredPeer(peer, left.get(peer.address) if peer.far_node is None else machine[peer.far_node])
                for peer in expected
            ),
            key=place,
        )
        for family in Family:
            peers[machine[name], family] = tuple(peer for peer in own_peers if peer.expected.family is family)
    sources = {
        (machine[node.name], family): address
        for node in resources.nodes
        for family in Family
        if (address := node.address(family)) is not None
    }
    refused = {(machine[refusal.node], refusal.family) for refusal in expectation.refusals}
    return Configuration(peers, sources), refused
