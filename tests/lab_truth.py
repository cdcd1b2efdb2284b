"""What is true of a simulated cluster: who learns whose routes, from the lab's own rows and configuration.

Nothing here looks at a table as the audit does: it asks the lab which sessions stand and how their ends are configured.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from enum import IntEnum
from itertools import combinations

from calico_bgp.lab.cluster import LabCluster, Topology
from calico_bgp.lab.effects.routes import trouble_of
from calico_bgp.lab.effects.rows import row_of
from calico_bgp.lab.faults.fault import Fault
from calico_bgp.lab.faults.kinds import FaultKind
from calico_bgp.lab.faults.moment import End, Moment
from calico_bgp.lab.peering import ConfiguredPeer, configure
from calico_bgp.lab.printing.tables import Epoch, lab_tables
from calico_bgp.lab.routing.spread import Spread
from calico_bgp.model.peer import BGPState, Family
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.routes.network.network import Network
from calico_bgp.routes.network.protocols import Shared
from calico_bgp.routes.network.sessions import BGPSession, SessionEnd, Speaker

#: The node is no part of the cluster any more.
_LEFT = frozenset({FaultKind.REFLECTOR_REMOVED, FaultKind.NODE_DELETED})
#: Nothing of BGP is broken: only reading, or what the next change would do.
_HARMLESS = frozenset(
    {
        FaultKind.CALICOCTL_HUNG,
        FaultKind.CALICOCTL_MISSING,
        FaultKind.NO_SUDO,
        FaultKind.HOST_KEY_CHANGED,
        FaultKind.SOCKET_MISSING,
        FaultKind.SOCKET4_MISSING,
        FaultKind.SOCKET6_MISSING,
    }
)


class Truth(IntEnum):
    """How well a cluster is; more is worse."""

    HEALTHY = 0
    HURT = 1
    """Every route is there, but something is broken."""
    ROUTES_MISSING = 2


def truth_of(cluster: LabCluster, faults: Collection[Fault] = ()) -> Truth:
    """How well the cluster is with these faults."""
    if cluster.topology is Topology.NO_BGP:
        return Truth.HEALTHY
    moment = Moment(cluster, tuple(faults), configure(cluster, faults), None)  # type: ignore[arg-type]
    left = {name for fault in faults if fault.kind in _LEFT for name in fault.nodes}
    if any(_is_missing(moment, family, left) for family in cluster.families):
        return Truth.ROUTES_MISSING
    trouble = trouble_of(cluster, faults)
    if trouble.own_lost or trouble.kept_back or trouble.hidden or trouble.kernel_behind:
        # The sessions stand, and packets to the pods of some node are lost all the same.
        return Truth.ROUTES_MISSING
    if (trouble.mute or trouble.poolless) and _is_kept_back(cluster, faults, left):
        return Truth.ROUTES_MISSING
    return Truth.HURT if any(fault.kind not in _HARMLESS for fault in faults) else Truth.HEALTHY


def _is_kept_back(cluster: LabCluster, faults: Collection[Fault], left: Collection[str]) -> bool:
    """Whether a node lacks another one's block by the lab's own walk over the sessions, export filters included."""
    at = datetime(2026, 11, 22, tzinfo=UTC)
    tables = lab_tables(cluster, (Epoch(at, tuple(faults)),), at)
    names = {node.name for node in cluster.nodes} - set(left)
    for family in cluster.families:
        spread = Spread(cluster, family, tables, trouble_of(cluster, faults))
        learned = {name: {path.origin for path in spread.held(name).best} | {name} for name in names}
        if any(names - origins for origins in learned.values()):
            return True
    return False


def _is_missing(moment: Moment, family: Family, left: Collection[str]) -> bool:
    names = [node.name for node in moment.cluster.nodes if node.name not in left]
    sessions = _sessions(moment, names, family)
    speakers = tuple(Speaker(name, moment.router_id(name)) for name in names)  # type: ignore[arg-type]
    found = reachability(Network(family=family, speakers=speakers, sessions=sessions))
    return found.count(Answer.NO) > 0


def _sessions(moment: Moment, names: list[str], family: Family) -> tuple[BGPSession, ...]:
    shared = Shared()
    found = []
    for one, other in combinations(names, 2):
        for ours in _peers(moment, one, other, family):
            for theirs in _peers(moment, other, one, family):
                if _is_up(moment, one, other, family, ours) and _is_up(moment, other, one, family, theirs):
                    ends = [
                        SessionEnd(name, moment.source(name, family), shared.of(peer.expected))
                        for name, peer in ((one, ours), (other, theirs))
                    ]
                    found.append(BGPSession(*ends))
    return tuple(dict.fromkeys(found))


def _peers(moment: Moment, own: str, far: str, family: Family) -> list[ConfiguredPeer]:
    """The protocols of one machine for the one that has the address they dial."""
    if not moment.runs(own, family) or moment.towards(own, far, FaultKind.MISSING_PEER):
        return []
    peers = moment.configuration.peers.get((own, family), ())
    return [peer for peer in peers if moment.holder(peer.expected.address) == far]


def _is_up(moment: Moment, own: str, far: str, family: Family, peer: ConfiguredPeer) -> bool:
    # While a BIRD recovers from its restart the others keep its routes (RFC 4724).
    return row_of(moment, End(own, far, family, peer)).bgp_state is BGPState.ESTABLISHED
