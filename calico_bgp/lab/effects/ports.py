"""Rows of ends of which one cannot be dialled: BIRD does not run, its port is taken, or a firewall is before it.

A firewall on a node touches the sessions in which it is dialled. In a mesh that is just one direction: who dials is
decided by the addresses. With explicit peers both ends dial, and the node's own connection comes up.
"""

from __future__ import annotations

from calico_bgp.lab.catalogue import FaultKind
from calico_bgp.lab.effects.obstacle import HELD, IN_VAIN, NEVER_DIALLED, received
from calico_bgp.lab.externals import REFUSED, RESET, Row
from calico_bgp.lab.moment import End, Moment
from calico_bgp.model.peer import BGPState, PeerType

_DIALS_IN_VAIN = {
    FaultKind.PORT_REFUSED: Row("start", BGPState.ACTIVE, REFUSED),
    FaultKind.PORT_RESET: Row("start", BGPState.ACTIVE, RESET),
    FaultKind.PORT_DROPPED: IN_VAIN,
}
#: The firewall came, and BIRD was started anew (else a refused SYN would not end a session that stands).
_WAITS_IN_VAIN = {
    FaultKind.PORT_REFUSED: NEVER_DIALLED,
    FaultKind.PORT_RESET: HELD,
    FaultKind.PORT_DROPPED: HELD,
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
    """Another program answers at the far end, and does not know us."""
    if end.far is None or not moment.hits(end.far, FaultKind.PORT_TAKEN):
        return None
    return received("Administrative shutdown") if end.is_passive else Row("start", BGPState.ACTIVE, RESET)


def firewall(moment: Moment, end: End) -> Row | None:
    """A firewall stands before the end that is dialled."""
    if end.far is None or end.peer.expected.peer_type is not PeerType.MESH:
        return None
    dialled, rows = (end.own, _WAITS_IN_VAIN) if end.is_passive else (end.far, _DIALS_IN_VAIN)
    return next((row for kind, row in rows.items() if moment.hits(dialled, kind)), None)


OWN = (no_listening_socket,)
OBSTACLES = (bird_stopped, taken_there, firewall)
