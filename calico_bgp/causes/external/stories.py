"""What a device outside the cluster said last to the nodes that peer with it, in BIRD's words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from calico_bgp.causes.case import Case
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.model.peer import BGPState, ErrorClass

#: Who ended the session, by the class of the error.
_WHO = {ErrorClass.RECEIVED: "it", ErrorClass.BGP: "the nodes"}
#: Heard nothing for the hold time: no word of the other end.
_HELD = "Hold timer expired"
_ANOTHER = frozenset({"Connection collision resolution", "Connection rejected"})


def ended_with(case: Case, keys: Collection[SessionKey]) -> str | None:
    """`it ended the sessions with Maximum number of prefixes reached`; None where nothing of it came back.

    Of several reasons the one that most have; of how many sessions, where not of all.

    An end that dials has the error of its last attempt; one that waits keeps that of long ago (bgp_store_error).
    """
    said = Counter(
        (row.error.error_class, row.error.message)
        for key in keys
        for row in case.cluster.session(*key).rows
        if row.error is not None
        and row.error.error_class in _WHO
        and row.error.message != _HELD
        and row.bgp_state is not BGPState.PASSIVE
    )
    if not said:
        return None
    (error_class, message), number = said.most_common(1)[0]
    which = "the sessions" if number >= len(keys) else f"{number} of the {len(keys)} sessions"
    # RFC 4271, 6.8; RFC 4486: a device has one session for an address.
    other = "; another speaker on these nodes, such as MetalLB, may have its session" if message in _ANOTHER else ""
    return f"{_WHO[ErrorClass(error_class)]} ended {which} with {message}{other}"
