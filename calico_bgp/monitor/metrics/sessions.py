"""The sessions of a snapshot, counted: per node by state, and those that are down by why. Values in, counts out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from calico_bgp.expect.engine import expect
from calico_bgp.model.peer import BGPState, Family, Peer, PeerType
from calico_bgp.model.reading import DaemonState, NodeReading
from calico_bgp.model.resources import Resources
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.model.topology import Topology
from calico_bgp.monitor.metrics.reasons import reason_of

_KNOWN = {DaemonState.RUNNING, DaemonState.NOT_RUNNING}


def state_of(row: Peer) -> str:
    """One of SESSION_STATES."""
    if row.is_established:
        return "established"
    if row.protocol_state in {"wait", "feed"}:
        return "recovering"
    if row.bgp_state is None and row.protocol_state != "down":
        return "unknown"
    return "passive_wait" if row.bgp_state is BGPState.PASSIVE and row.error is None else "down"


def node_sessions(snapshot: Snapshot) -> Iterator[tuple[str, Family, Counter[str]]]:
    """Of every node and family whose table is known: how many rows are in which state."""
    for reading in snapshot.readings:
        rows: dict[Family, list[Peer]] = defaultdict(list)
        for peer in reading.peers:
            if peer.peer_type is not PeerType.LOCAL_WORKLOAD:
                rows[peer.family].append(peer)
        for family in Family:
            if is_known(reading, family) or rows[family]:
                yield reading.name, family, Counter(state_of(row) for row in rows[family])


def is_known(reading: NodeReading, family: Family) -> bool:
    """Whether a node said which peers of a family it has, be it that there are none."""
    daemon = reading.status.daemon(family)
    return daemon is not None and daemon.state in _KNOWN


def sessions_down(snapshot: Snapshot, topology: Topology) -> dict[Family, Counter[str]]:
    """Sessions that are not Established, each once, by the reason that the more telling of its ends shows."""
    owner = {address: node.name for node in topology.nodes for address in node.addresses}
    why: dict[tuple[Family, str, str], str] = {}
    for reading in snapshot.readings:
        for peer in reading.peers:
            if peer.is_established or peer.peer_type is PeerType.LOCAL_WORKLOAD:
                continue
            far = peer.address_text if peer.address is None else owner.get(peer.address, str(peer.address))
            a, b = sorted((reading.name, far))
            key = (peer.family, a, b)
            reason = reason_of(peer)
            if key not in why or _silence(reason) < _silence(why[key]):
                why[key] = reason
    reasons_by_family: dict[Family, Counter[str]] = {family: Counter() for family in topology.families}
    for (family, _, _), reason in why.items():
        reasons_by_family.setdefault(family, Counter())[reason] += 1
    return reasons_by_family


def external_routes(snapshot: Snapshot, topology: Topology) -> Iterator[tuple[str, str, Family, int, int]]:
    """(node, peer, family, imported, exported) of every session with a peer that is no node, as far as BIRD tells."""
    own = {address for node in topology.nodes for address in node.addresses}
    for reading in snapshot.readings:
        for peer in reading.peers:
            if not peer.is_established or peer.address is None or peer.address in own:
                continue
            protocol = reading.protocol_of(peer)
            if protocol is None or protocol.imported is None or protocol.exported is None:
                continue
            yield reading.name, str(peer.address), peer.family, protocol.imported, protocol.exported


def _silence(reason: str) -> int:
    """How little a reason tells; the larger, the less. A session that only waits gives no reason."""
    return {"waiting": 3, "other": 2, "hold_timer": 1}.get(reason, 0)


class ExpectedSessions:
    """How many peers the resources ask for on each node; worked out anew only when they have changed."""

    def __init__(self) -> None:
        self._resources: Resources | None = None
        self._sessions: tuple[tuple[str, Family, int], ...] = ()

    def of(self, snapshot: Snapshot) -> tuple[tuple[str, Family, int], ...]:
        """(node, family, how many); empty without resources that name nodes."""
        resources = snapshot.resources
        if resources is None or not resources.tells_nodes:
            return ()
        if resources != self._resources:
            self._sessions = tuple(_expected(resources))
            self._resources = resources
        return self._sessions


def _expected(resources: Resources) -> Iterable[tuple[str, Family, int]]:
    for node, peers in expect(resources).peers.items():
        for family, number in sorted(Counter(peer.family for peer in peers).items()):
            yield node, family, number
