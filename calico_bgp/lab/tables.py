"""Every node's tables as a pure function of configuration, faults and times; both ends agree. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias

from calico_bgp.lab.cluster import LabCluster, LabNode, Topology
from calico_bgp.lab.externals import BEHAVIOURS, ESTABLISHED, MUSL_WORDS, NO_ROUTE, REFUSED, TIMED_OUT, Row
from calico_bgp.lab.faults import Fault, FaultKind
from calico_bgp.lab.peering import configured_peers
from calico_bgp.lab.protocols import FamilyTable, NodeTable, Protocol
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import BGPState, Family
from calico_bgp.model.reading import DaemonState

#: BIRD shows the date instead of the time of what changed longer ago than this (sysdep/unix/io.c, tm_format_proto).
_CLOCK_TIME_UP_TO = timedelta(hours=20)
_DAEMON_DOWN = {
    Family.IPV4: (FaultKind.NODE_DOWN, FaultKind.BIRD_DOWN, FaultKind.BIRD4_DOWN),
    Family.IPV6: (FaultKind.NODE_DOWN, FaultKind.BIRD_DOWN, FaultKind.BIRD6_DOWN),
}
_SOCKET_MISSING = {
    Family.IPV4: (FaultKind.SOCKET_MISSING, FaultKind.SOCKET4_MISSING),
    Family.IPV6: (FaultKind.SOCKET_MISSING, FaultKind.SOCKET6_MISSING),
}
_CUTS = (FaultKind.LINK_CUT, FaultKind.ONE_WAY)
_RECONFIGURES = (FaultKind.WRONG_AS, FaultKind.WRONG_PASSWORD)


class Epoch(NamedTuple):
    """From `at` on, these faults are there. The first epoch of a history is the start of the cluster."""

    at: datetime
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class _Moment:
    """The cluster under one set of faults."""

    cluster: LabCluster
    faults: tuple[Fault, ...]
    peers: dict[str, tuple[ExpectedPeer, ...]]
    pairs: frozenset[tuple[str, str]]
    started: datetime

    def hits(self, node: str, *kinds: FaultKind) -> bool:
        """Whether one of these faults befalls the node as a whole."""
        return any(fault.kind in kinds and node in fault.nodes for fault in self.faults)

    def towards(self, own: str, far: str, kind: FaultKind) -> bool:
        """Whether `own` has this fault towards `far`: named with it, or alone and so towards all."""
        return any(fault.kind is kind and fault.nodes in {(own,), (own, far)} for fault in self.faults)

    def between(self, own: str, far: str, kind: FaultKind) -> bool:
        """Whether either end has this fault towards the other."""
        return self.towards(own, far, kind) or self.towards(far, own, kind)

    def runs(self, node: str, family: Family) -> bool:
        """Whether the node's BIRD of that family runs."""
        in_use = family in self.cluster.daemons and self.cluster.topology is not Topology.NO_BGP
        return in_use and not self.hits(node, *_DAEMON_DOWN[family])

    def has_peer(self, own: str, far: str) -> bool:
        """Whether `own` is configured with a peer for `far`."""
        return (own, far) in self.pairs and not self.towards(own, far, FaultKind.MISSING_PEER)


class _Held(NamedTuple):
    """A protocol that a BIRD holds.

    Attributes:
        row: What its row says.
        since: Since when its protocol state is so.
        options: The faults in its configuration; when they change, BIRD makes the protocol anew.
    """

    row: Row
    since: datetime
    options: tuple[Fault, ...]


#: One BIRD's protocols by name, in its order.
_Bird: TypeAlias = dict[str, _Held]
#: All BIRDs that run.
_Birds: TypeAlias = dict[tuple[str, Family], _Bird]


def lab_tables(cluster: LabCluster, history: Sequence[Epoch], now: datetime) -> tuple[NodeTable, ...]:
    """What every node would show at `now`, in the order of the nodes.

    Args:
        cluster: The configuration.
        history: When the cluster started and what broke or healed later; in order of time, at least one epoch.
        now: The moment of asking, in the zone that SINCE is printed in. SINCE is the epoch of a row's last change.
    """
    birds: _Birds = {}
    for epoch in history:
        lost = [node for fault in epoch.faults if fault.kind is FaultKind.REINSTALLED for node in fault.nodes]
        peers = configured_peers(cluster, lost)
        pairs = frozenset((own, str(peer.far_node)) for own, configured in peers.items() for peer in configured)
        moment = _Moment(cluster, epoch.faults, peers, pairs, history[0].at)
        birds = _birds_at(moment, epoch.at, birds)
    return tuple(
        NodeTable(
            node.name,
            not moment.hits(node.name, FaultKind.FELIX_DOWN),
            tuple(_family_table(moment, node, family, birds.get((node.name, family)), now) for family in Family),
        )
        for node in cluster.nodes
    )


def _birds_at(moment: _Moment, at: datetime, past: _Birds) -> _Birds:
    """The BIRDs that run from an epoch on."""
    birds: _Birds = {}
    for node in moment.cluster.nodes:
        for family in Family:
            if not moment.runs(node.name, family):
                continue
            birds[node.name, family] = _bird_at(moment, node, family, at, past.get((node.name, family), {}))
    return birds


def _bird_at(moment: _Moment, node: LabNode, family: Family, at: datetime, before: _Bird) -> _Bird:
    kept: _Bird = {}
    new: _Bird = {}
    for name, row, options in _protocols(moment, node, family):
        held = before.get(name)
        if held is None or held.options != options:
            new[name] = _Held(row, at, options)
        else:
            # Moves among Idle, Connect and Active do not reset SINCE: only the protocol's state counts.
            kept[name] = _Held(row, held.since if held.row.state == row.state else at, options)
    # BIRD puts new protocols, and those whose options changed, behind the others.
    return {name: kept[name] for name in before if name in kept} | new


def _family_table(moment: _Moment, node: LabNode, family: Family, bird: _Bird | None, now: datetime) -> FamilyTable:
    if bird is None:
        return FamilyTable(family, DaemonState.NOT_RUNNING)
    missing = moment.hits(node.name, *_SOCKET_MISSING[family])
    protocols = tuple(
        Protocol(name, held.row.state, _since(held.since, now), held.row.bgp_state, held.row.error)
        for name, held in bird.items()
    )
    state = DaemonState.UNREACHABLE if missing else DaemonState.RUNNING
    return FamilyTable(family, state, protocols, _since(moment.started, now))


def _protocols(moment: _Moment, node: LabNode, family: Family) -> list[tuple[str, Row, tuple[Fault, ...]]]:
    """Name, row and faulty options of each of a BIRD's protocols, in the order of its configuration."""
    protocols: list[tuple[str, Row, tuple[Fault, ...]]] = []
    nodes = moment.cluster.by_name
    for peer in moment.peers[node.name]:
        far = nodes[str(peer.far_node)]
        if peer.family is not family:
            continue
        if moment.towards(node.name, far.name, FaultKind.MISSING_PEER):
            continue
        options = tuple(
            fault
            for fault in moment.faults
            if fault.kind in _RECONFIGURES and fault.nodes in {(node.name,), (node.name, far.name)}
        )
        row = _in_words(_view(moment, node, peer, far, family), musl=moment.cluster.musl)
        protocols.append((peer.name, row, options))
    for external in moment.cluster.external_peers:
        if external.node == node.name and external.family is family:
            row = _in_words(BEHAVIOURS[external.behaviour], musl=moment.cluster.musl)
            protocols.append((external.name, row, ()))
    return protocols


def _in_words(row: Row, *, musl: bool) -> Row:
    return row._replace(error=MUSL_WORDS.get(row.error, row.error)) if musl else row


def _view(moment: _Moment, node: LabNode, peer: ExpectedPeer, other: LabNode, family: Family) -> Row:
    """What one end shows. The order is that of the obstacles: first what stops packets, then TCP, then BGP's OPEN."""
    own, far = node.name, other.name
    passive = peer.passive
    if moment.towards(own, far, FaultKind.DISABLED_PEER):
        return Row("down", None)
    if moment.hits(far, FaultKind.NODE_DOWN) or any(moment.between(own, far, kind) for kind in _CUTS):
        # One direction is enough: the other end's NOTIFICATION waits behind unacknowledged data (seen with real BIRDs).
        if passive:
            return Row("start", BGPState.PASSIVE, "BGP Error: Hold timer expired")
        unplugged = Fault(FaultKind.LINK_CUT, (own,)) in moment.faults and family is Family.IPV4
        return Row("start", BGPState.CONNECT, NO_ROUTE if unplugged else TIMED_OUT)
    if not moment.runs(far, family):
        return _received("Administrative shutdown") if passive else Row("start", BGPState.ACTIVE, REFUSED)
    if moment.towards(far, own, FaultKind.DISABLED_PEER):
        return _received("Administrative shutdown", BGPState.PASSIVE if passive else BGPState.IDLE)
    if not moment.has_peer(far, own):
        return _received("Peer de-configured", BGPState.PASSIVE if passive else BGPState.IDLE)
    if moment.between(own, far, FaultKind.WRONG_PASSWORD):
        # The kernel drops the segments: the end that waits never hears of an attempt.
        return Row("start", BGPState.PASSIVE) if passive else Row("start", BGPState.ACTIVE, TIMED_OUT)
    # `wrong-as:A,B`: A believes B to have another AS. `wrong-as:A`: A has another AS than everyone believes.
    if _believes_wrongly(moment, own, far):
        return Row("start", BGPState.IDLE, "BGP Error: Bad peer AS")
    if _believes_wrongly(moment, far, own):
        return _received("Bad peer AS", BGPState.IDLE)
    return Row("wait", BGPState.ESTABLISHED) if moment.hits(own, FaultKind.RESTARTING) else ESTABLISHED


def _received(message: str, bgp_state: BGPState = BGPState.PASSIVE) -> Row:
    return Row("start", bgp_state, f"Received: {message}")


def _believes_wrongly(moment: _Moment, own: str, far: str) -> bool:
    return any(fault.kind is FaultKind.WRONG_AS and fault.nodes in {(own, far), (far,)} for fault in moment.faults)


def _since(at: datetime, now: datetime) -> str:
    return f"{at:%H:%M:%S}" if now - at < _CLOCK_TIME_UP_TO else f"{at:%Y-%m-%d}"
