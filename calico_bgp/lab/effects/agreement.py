"""Rows of ends that reach each other and do not agree: disabled peers, AS, password, router ID."""

from __future__ import annotations

from calico_bgp.lab.effects.obstacle import NEVER_DIALLED, received
from calico_bgp.lab.externals import TIMED_OUT, Row
from calico_bgp.lab.faults.kinds import FaultKind
from calico_bgp.lab.faults.moment import End, Moment
from calico_bgp.model.peer import BGPState


def disabled_here(moment: Moment, end: End) -> Row | None:
    """`birdcl disable` at this end."""
    disabled = end.far is not None and moment.towards(end.own, end.far, FaultKind.DISABLED_PEER)
    return Row("down", None) if disabled else None


def disabled_there(moment: Moment, end: End) -> Row | None:
    """`birdcl disable` at the far end."""
    if end.far is None or not moment.towards(end.far, end.own, FaultKind.DISABLED_PEER):
        return None
    return received("Administrative shutdown", _waiting(end))


def wrong_password(moment: Moment, end: End) -> Row | None:
    """The kernel drops the segments: the end that waits never hears of an attempt."""
    if end.far is None or not moment.between(end.own, end.far, FaultKind.WRONG_PASSWORD):
        return None
    return NEVER_DIALLED if end.is_passive else Row("start", BGPState.ACTIVE, TIMED_OUT)


def wrong_as(moment: Moment, end: End) -> Row | None:
    """`wrong-as:A,B`: A believes B to have another AS. `wrong-as:A`: A has another AS than everyone believes."""
    if end.far is None:
        return None
    if _believes_wrongly(moment, end.own, end.far):
        return Row("start", BGPState.IDLE, "BGP Error: Bad peer AS")
    if _believes_wrongly(moment, end.far, end.own):
        return received("Bad peer AS", BGPState.IDLE)
    return None


def _believes_wrongly(moment: Moment, own: str, far: str) -> bool:
    return any(fault.nodes in {(own, far), (far,)} for fault in moment.of(FaultKind.WRONG_AS))


def same_router_id(moment: Moment, end: End) -> Row | None:
    """Both ends send their OPEN, and each refuses the other's (RFC 4271, 6.2)."""
    own_id = moment.router_id(end.own)
    is_same = end.far is not None and own_id is not None and own_id == moment.router_id(end.far)
    return Row("start", BGPState.IDLE, "BGP Error: Bad BGP identifier") if is_same else None


def restarting(moment: Moment, end: End) -> Row | None:
    """BIRD's own graceful-restart recovery: `wait`, while the far end is `up`."""
    return Row("wait", BGPState.ESTABLISHED) if moment.hits(end.own, FaultKind.RESTARTING) else None


def _waiting(end: End) -> BGPState:
    return BGPState.PASSIVE if end.is_passive else BGPState.IDLE


OWN = (disabled_here,)
OBSTACLES = (disabled_there, wrong_password, wrong_as, same_router_id, restarting)
