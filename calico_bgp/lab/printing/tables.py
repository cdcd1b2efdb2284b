"""Every node's tables as a pure function of configuration, faults and times; both ends agree. No I/O, no clock.

What a row says is decided in effects/, what is configured in peering.py; here rows become tables, with their SINCE.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias

from calico_bgp.lab.cluster import LabCluster, LabNode
from calico_bgp.lab.effects.machines import told_name
from calico_bgp.lab.effects.rows import in_words, row_of
from calico_bgp.lab.externals import BEHAVIOURS, Row
from calico_bgp.lab.faults.fault import Fault
from calico_bgp.lab.faults.kinds import FaultKind
from calico_bgp.lab.faults.moment import End, Moment
from calico_bgp.lab.peering import ConfiguredPeer, configure
from calico_bgp.lab.printing.protocols import FamilyTable, NodeTable, Protocol
from calico_bgp.model.peer import BGPState, Family
from calico_bgp.model.reading import DaemonState

#: BIRD shows the date instead of the time of what changed longer ago than this (sysdep/unix/io.c, tm_format_proto).
_CLOCK_TIME_UP_TO = timedelta(hours=20)
_SOCKET_MISSING = {
    Family.IPV4: (FaultKind.SOCKET_MISSING, FaultKind.SOCKET4_MISSING),
    Family.IPV6: (FaultKind.SOCKET_MISSING, FaultKind.SOCKET6_MISSING),
}
#: They change a protocol's options on the node that they name.
_RECONFIGURES = (FaultKind.WRONG_AS, FaultKind.WRONG_PASSWORD)
#: Nothing of them is seen before BIRD was started anew.
_RESTARTS = (FaultKind.DUPLICATE_ROUTER_ID, FaultKind.PORT_TAKEN, FaultKind.PORT_REFUSED, FaultKind.REPLACED)

#: Of two protocols for one neighbour BIRD runs one; the other says nothing, for good.
_OVERLAPS = Row("start", BGPState.IDLE)

#: What of an expected peer goes into its protocol besides the name.
_WRITTEN = attrgetter(
    "address",
    "port",
    "local_as",
    "peer_as",
    "passive",
    "reflector_client",
    "cluster_id",
    "allowed_local_as",
    "next_hop",
)


class Epoch(NamedTuple):
    """From `at` on, these faults are there. The first epoch of a history is the start of the cluster."""

    at: datetime
    faults: tuple[Fault, ...] = ()


class _Options(NamedTuple):
    """What a protocol is made of; when it changes, BIRD makes the protocol anew (proto/bgp/bgp.c bgp_reconfigure)."""

    faults: tuple[Fault, ...] = ()
    written: tuple[Any, ...] | None = None
    source: object = None


class _Held(NamedTuple):
    """A protocol that a BIRD holds.

    Attributes:
        row: What its row says.
        since: Since when its protocol state is so.
        options: What it is made of.
        far: The machine at its other end; None outside the cluster.
    """

    row: Row
    since: datetime
    options: _Options
    far: str | None = None


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
        moment = Moment(cluster, epoch.faults, configure(cluster, epoch.faults), history[0].at)
        birds = _birds_at(moment, epoch.at, birds)
    return tuple(
        NodeTable(
            told_name(node.name, moment.faults),
            not moment.hits(node.name, FaultKind.FELIX_DOWN),
            tuple(_family_table(moment, node, family, birds.get((node.name, family)), now) for family in Family),
        )
        for node in cluster.nodes
    )


def _birds_at(moment: Moment, at: datetime, past: _Birds) -> _Birds:
    """The BIRDs that run from an epoch on."""
    birds: _Birds = {}
    for node in moment.cluster.nodes:
        for family in Family:
            if not moment.runs(node.name, family):
                continue
            birds[node.name, family] = _bird_at(moment, node, family, at, past.get((node.name, family), {}))
    made_anew = {
        (own, family, protocol.far)
        for (own, family), bird in birds.items()
        for name, protocol in bird.items()
        if (before := past.get((own, family), {}).get(name)) is None or before.options != protocol.options
    }
    for (own, family), bird in birds.items():
        for name, protocol in bird.items():
            if protocol.row.bgp_state is BGPState.ESTABLISHED and (protocol.far, family, own) in made_anew:
                # The far end's protocol was made anew, and a session comes up at both ends.
                bird[name] = protocol._replace(since=at)
    return birds


def _bird_at(moment: Moment, node: LabNode, family: Family, at: datetime, before: _Bird) -> _Bird:
    unchanged: _Bird = {}
    new: _Bird = {}
    for name, row, options, far in _protocols(moment, node, family):
        old = before.get(name)
        if old is None or old.options != options:
            new[name] = _Held(row, at, options, far)
        else:
            # Moves among Idle, Connect and Active do not reset SINCE: only the protocol's state counts.
            unchanged[name] = _Held(row, old.since if old.row.state == row.state else at, options, far)
    # BIRD puts new protocols, and those whose options changed, behind the others.
    return {name: unchanged[name] for name in before if name in unchanged} | new


def _family_table(moment: Moment, node: LabNode, family: Family, bird: _Bird | None, now: datetime) -> FamilyTable:
    if bird is None:
        return FamilyTable(family, DaemonState.NOT_RUNNING)
    missing = moment.hits(node.name, *_SOCKET_MISSING[family])
    protocols = tuple(_protocol(name, protocol, _since(protocol.since, now)) for name, protocol in bird.items())
    state = DaemonState.UNREACHABLE if missing else DaemonState.RUNNING
    return FamilyTable(family, state, protocols, _since(moment.started, now))


def _protocol(name: str, protocol: _Held, since: str) -> Protocol:
    row = protocol.row
    written = protocol.options.written
    if written is None:
        return Protocol(name, row.state, since, row.bgp_state, row.error, protocol.far)
    address, _, local_as, peer_as, _, reflects, cluster_id, *_ = written
    ends = (address, local_as, peer_as, reflects, cluster_id)
    return Protocol(name, row.state, since, row.bgp_state, row.error, protocol.far, *ends)


def _protocols(moment: Moment, node: LabNode, family: Family) -> list[tuple[str, Row, _Options, str | None]]:
    """Name, row, options and far machine of each of a BIRD's protocols, in the order of its configuration."""
    protocols: list[tuple[str, Row, _Options, str | None]] = []
    musl = moment.cluster.musl
    neighbours = set()
    for peer in moment.configuration.peers.get((node.name, family), ()):
        if peer.far is not None and moment.towards(node.name, peer.far, FaultKind.MISSING_PEER):
            continue
        row = in_words(row_of(moment, End(node.name, peer.far, family, peer)), musl=musl)
        if peer.expected.address in neighbours:
            row = _OVERLAPS
        neighbours.add(peer.expected.address)
        protocols.append((peer.expected.name, row, _options(moment, node.name, peer), peer.far))
    protocols += [
        (external.name, in_words(BEHAVIOURS[external.behaviour], musl=musl), _Options(), None)
        for external in moment.cluster.external_peers
        if external.node == node.name and external.family is family
    ]
    return protocols


def _options(moment: Moment, own: str, peer: ConfiguredPeer) -> _Options:
    faults = tuple(
        fault
        for fault in moment.faults
        if (fault.kind in _RECONFIGURES and fault.nodes in {(own,), (own, peer.far)})
        or (fault.kind in _RESTARTS and own in fault.nodes)
    )
    # Which resources made it is written nowhere in bird.cfg.
    return _Options(faults, _WRITTEN(peer.expected), moment.source(own, peer.expected.family))


def _since(at: datetime, now: datetime) -> str:
    return f"{at:%H:%M:%S}" if now - at < _CLOCK_TIME_UP_TO else f"{at:%Y-%m-%d}"
