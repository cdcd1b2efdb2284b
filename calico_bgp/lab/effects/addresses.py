"""Rows of ends that cannot dial each other by the addresses and peers that they are configured with.

A session needs one end that dials: from an address of its own that answers find, to an address that the other has,
which has a peer for it. Addresses are wrong, double or old; or one end has no peer for the other at all.
"""

from __future__ import annotations

from calico_bgp.lab.effects.machines import DOCKER_BRIDGE
from calico_bgp.lab.effects.obstacle import IN_VAIN, NEVER_DIALLED, received
from calico_bgp.lab.externals import CLOSED, NO_NETWORK, REFUSED, Row
from calico_bgp.lab.faults.kinds import FaultKind
from calico_bgp.lab.faults.moment import End, Moment
from calico_bgp.model.peer import BGPState

_NO_NETWORK = Row("start", BGPState.ACTIVE, NO_NETWORK)
#: The far end knows nobody of this address; also what BIRD says when it cannot bind to its own source address.
_CLOSED = Row("start", BGPState.ACTIVE, CLOSED)
#: A BIRD without any BGP protocol does not even listen.
_REFUSED = Row("start", BGPState.ACTIVE, REFUSED)


def nobody_connects(moment: Moment, end: End) -> Row | None:
    """Neither end's connection can come up."""
    if end.far is None:
        return None if moment.has_source(end.own, end.family) else IN_VAIN
    if moment.dials(end.own, end.far, end.family) or moment.dials(end.far, end.own, end.family):
        return None
    return _waiting(moment, end) if end.is_passive else _dialling(moment, end, end.far)


def _dialling(moment: Moment, end: End, far: str) -> Row:
    if end.peer.expected.address == DOCKER_BRIDGE:
        return _NO_NETWORK
    if not moment.has_source(end.own, end.family):
        return IN_VAIN if moment.source(end.own, end.family) == DOCKER_BRIDGE else _CLOSED
    if moment.towards(far, end.own, FaultKind.MISSING_PEER):
        return received("Peer de-configured", BGPState.IDLE)
    return _CLOSED if moment.listens(far, end.family) else _REFUSED


def _waiting(moment: Moment, end: End) -> Row:
    if end.far is None or moment.answers(end) or not moment.has_source(end.own, end.family):
        return NEVER_DIALLED
    return received("Peer de-configured")


OBSTACLES = (nobody_connects,)
