"""Rows of ends of which one cannot be dialled: BIRD does not run, its port is taken, or a firewall is before it.

A firewall on a node keeps BGP from coming in and from going out, so it touches both ends whoever dials. Seen with real
BIRDs (tests/rig).
"""

from __future__ import annotations

from calico_bgp.lab.effects.obstacle import HELD, IN_VAIN, NEVER_DIALLED, received
from calico_bgp.lab.externals import CLOSED, REFUSED, RESET, Row
from calico_bgp.lab.faults.kinds import FaultKind
from calico_bgp.lab.faults.moment import End, Moment
from calico_bgp.model.peer import BGPState

#: What the node's firewall does -> what ends say that dial, that wait at the node, that wait at the far end. Only new
#: connections are refused, or reset: BIRD was started anew, which ended the old ones.
_FIREWALL = {
    FaultKind.PORT_REFUSED: (
        Row("start", BGPState.ACTIVE, REFUSED),
        NEVER_DIALLED,
        received("Administrative reset"),
    ),
    FaultKind.PORT_RESET: (
        Row("start", BGPState.ACTIVE, RESET),
        Row("start", BGPState.OPEN_SENT, RESET),
        Row("start", BGPState.PASSIVE, RESET),
    ),
    FaultKind.PORT_DROPPED: (IN_VAIN, HELD, HELD),
}


def no_listening_socket(moment: Moment, end: End) -> Row | None:
    """BIRD's own port is taken: none of its protocols starts."""
    return Row("down", None, "Error: No listening socket") if moment.hits(end.own, FaultKind.PORT_TAKEN) else None


def bird_stopped(moment: Moment, end: End) -> Row | None:
    """The far BIRD does not run, and nothing listens there."""
    if end.far is None or moment.runs(end.far, end.family):
        return None
    return received("Administrative shutdown") if end.is_passive else Row("start", BGPState.ACTIVE, REFUSED)


def taken_there(moment: Moment, end: End) -> Row | None:
    """Another program answers at the far end, and is no BGP speaker."""
    if end.far is None or not moment.hits(end.far, FaultKind.PORT_TAKEN):
        return None
    return Row("start", BGPState.PASSIVE if end.is_passive else BGPState.IDLE, CLOSED)


def firewall(moment: Moment, end: End) -> Row | None:
    """A firewall stands before one of the ends."""
    if end.far is None:
        return None
    for kind, (dialling, waiting_at_the_node, waiting_elsewhere) in _FIREWALL.items():
        here = moment.hits(end.own, kind)
        if here or moment.hits(end.far, kind):
            return dialling if not end.is_passive else waiting_at_the_node if here else waiting_elsewhere
    return None


OWN = (no_listening_socket,)
OBSTACLES = (bird_stopped, taken_there, firewall)
