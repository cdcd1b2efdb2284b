"""The cluster under one set of faults, as the rows of effects/ ask about it. Pure; no rows are made here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from calico_bgp.lab.cluster import LabCluster, Topology
from calico_bgp.lab.effects.machines import is_off
from calico_bgp.lab.faults.fault import Fault
from calico_bgp.lab.faults.kinds import FaultKind
from calico_bgp.lab.peering import Configuration, ConfiguredPeer
from calico_bgp.model.peer import Address, Family

_BIRD_STOPPED = {
    Family.IPV4: (FaultKind.BIRD_DOWN, FaultKind.BIRD4_DOWN),
    Family.IPV6: (FaultKind.BIRD_DOWN, FaultKind.BIRD6_DOWN),
}


class End(NamedTuple):
    """One end of a session.

    Attributes:
        own: The machine whose row it is.
        far: The machine that it dials; None outside the cluster.
        family: The address family.
        peer: How it is configured.
    """

    own: str
    far: str | None
    family: Family
    peer: ConfiguredPeer

    @property
    def is_passive(self) -> bool:
        """Whether it only waits to be dialled."""
        return self.peer.expected.passive


@dataclass(frozen=True)
class Moment:
    """The cluster from one epoch on.

    Attributes:
        cluster: As it was meant.
        faults: What is broken.
        configuration: What the BIRDs are configured with.
        started: When the cluster was started.
    """

    cluster: LabCluster
    faults: tuple[Fault, ...]
    configuration: Configuration
    started: datetime

    def of(self, kind: FaultKind) -> Sequence[Fault]:
        """The faults of a kind: most of the many rows of a lab ask for kinds that are not there."""
        return self._by_kind.get(kind, ())

    def hits(self, node: str, *kinds: FaultKind) -> bool:
        """Whether the node as a whole has one of these faults."""
        return any(node in fault.nodes for kind in kinds for fault in self.of(kind))

    def towards(self, own: str, far: str, kind: FaultKind) -> bool:
        """Whether `own` has this fault towards `far`: named with it, or alone and so towards all."""
        return any(fault.nodes in {(own,), (own, far)} for fault in self.of(kind))

    def between(self, own: str, far: str, kind: FaultKind) -> bool:
        """Whether either end has this fault towards the other."""
        return self.towards(own, far, kind) or self.towards(far, own, kind)

    def is_off(self, node: str) -> bool:
        """Whether the machine does not run."""
        return is_off(node, self.faults)

    def runs(self, node: str, family: Family) -> bool:
        """Whether the node's BIRD of that family runs."""
        in_use = family in self.cluster.daemons and self.cluster.topology is not Topology.NO_BGP
        return in_use and not self.is_off(node) and not self.hits(node, *_BIRD_STOPPED[family])

    def source(self, node: str, family: Family) -> Address | None:
        """The address that the node peers from."""
        return self.configuration.sources.get((node, family))

    def has_source(self, node: str, family: Family) -> bool:
        """Whether the address that it peers from is its own, and one that answers find."""
        source = self.source(node, family)
        return source is not None and self.holder(source) == node

    def holder(self, address: Address) -> str | None:
        """The machine that packets to this address reach."""
        return self._holders.get(address)

    def router_id(self, node: str) -> Address | None:
        """BIRD's router ID: the IPv4 address in its configuration, unless CALICO_ROUTER_ID says otherwise."""
        for fault in self.of(FaultKind.DUPLICATE_ROUTER_ID):
            if fault.nodes[-1] == node:
                return self.source(fault.nodes[0], Family.IPV4)
        return self.source(node, Family.IPV4)

    def answers(self, end: End) -> bool:
        """Whether the far BIRD has a peer for the address that this end dials from."""
        return (end.far, end.family, self.source(end.own, end.family)) in self._configured

    def dials(self, own: str, far: str, family: Family) -> bool:
        """Whether `own` dials `far`, and is let in, as far as addresses and peers go."""
        source = self.source(own, family)
        return (
            self.has_source(own, family)
            and (own, family, far) in self._dialled
            and (far, family, source) in self._configured
        )

    def listens(self, node: str, family: Family) -> bool:
        """Whether its BIRD has any BGP protocol; without one it opens no port (proto/bgp/bgp.c bgp_setup_listen)."""
        return bool(self.configuration.peers.get((node, family)))

    @cached_property
    def _by_kind(self) -> dict[FaultKind, list[Fault]]:
        by_kind: dict[FaultKind, list[Fault]] = {}
        for fault in self.faults:
            by_kind.setdefault(fault.kind, []).append(fault)
        return by_kind

    @cached_property
    def _holders(self) -> dict[Address, str]:
        return {a: node.name for node in self.cluster.nodes for a in (node.ipv4, node.ipv6) if a is not None}

    @cached_property
    def _configured(self) -> frozenset[tuple[str | None, Family, Address | None]]:
        return frozenset((name, family, peer.expected.address) for name, family, peer in self._protocols())

    @cached_property
    def _dialled(self) -> frozenset[tuple[str, Family, str | None]]:
        return frozenset(
            (name, family, self.holder(peer.expected.address))
            for name, family, peer in self._protocols()
            if not peer.expected.passive
        )

    def _protocols(self) -> Iterator[tuple[str, Family, ConfiguredPeer]]:
        for (name, family), peers in self.configuration.peers.items():
            for peer in peers:
                if peer.far is None or not self.towards(name, peer.far, FaultKind.MISSING_PEER):
                    yield name, family, peer
