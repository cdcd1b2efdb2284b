"""Which end of a session dials. Facts for the families about ports and networks.

The mesh's side that waits has the smaller address, compared as text (confd, bgp_processor.go; BIRD's `passive`); of
explicit peers by node both ends dial.
"""

from __future__ import annotations

from calico_bgp.causes.case import Case
from calico_bgp.causes.words import address_of
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.model.peer import BGPState, PeerType


def dials(case: Case, name: str, key: SessionKey) -> bool | None:
    """Whether the end called `name` opens connections in this session; None where that is not known.

    What BIRD shows of a session that is down comes first, then the resources, then the mesh's rule.
    """
    session = case.cluster.session(*key)
    states = {row.bgp_state for row in session.end(name).rows if not row.is_established}
    if states and None not in states:
        return states != {BGPState.PASSIVE}
    member = case.member(name)
    node = member.resource.name if member is not None and member.resource is not None else name
    expected = [peer for peer in case.cluster.expected_peers.get(key, ()) if peer.node == node]
    if expected:
        return not all(peer.passive for peer in expected)
    if session.peer_types == {PeerType.NODE}:
        return True
    own, far = address_of(case, name, key.family), address_of(case, key.far(name), key.family)
    if session.peer_types != {PeerType.MESH} or own is None or far is None:
        return None
    return own > far


def only_waits(case: Case, name: str, key: SessionKey) -> bool:
    """Whether the end called `name` is known to wait until it is dialled."""
    return dials(case, name, key) is False


def only_dials(case: Case, name: str, key: SessionKey) -> bool:
    """Whether the end called `name` is known to dial, and the far end to wait."""
    return dials(case, name, key) is True and dials(case, key.far(name), key) is False
