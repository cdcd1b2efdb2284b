"""INFO as a clause of a finding, and from which end of the session it is best told.

The words themselves are those of the one table, messages/info.
"""

from __future__ import annotations

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.sessions.session import End, Session, SessionKey
from calico_bgp.messages.info.entry import Part
from calico_bgp.messages.info.table import words_of, words_of_message
from calico_bgp.model.expected import in_words
from calico_bgp.model.peer import BGPState, ErrorClass, Peer
from calico_bgp.model.reports.message import Message, Value

#: How little an error tells; a protocol error outweighs a socket error.
_SILENCE: dict[str, int] = {ErrorClass.BGP: 0, ErrorClass.RECEIVED: 1, ErrorClass.AUTOMATIC: 2}
_OF_OTHER_ERRORS = 3


def explain(near: str, far: str, row: Peer) -> Message:
    """What the row of `near` about `far` says, in words. For a row that is not Established."""

    def in_words(template: str, **values: Value) -> Message:
        return Message(template, (("near", near), ("far", far), *values.items()))

    if row.error is None:
        if row.protocol_state == "down":
            return in_words("{near} has the peer, but it is disabled (protocol state down)")
        if row.bgp_state is None:
            return in_words("{near} shows {row:same}", row=f"{row.protocol_state} {row.info}".rstrip())
        words = words_of(Part.BGP_STATE, row.bgp_state)
        if words is None:
            return in_words("{near} shows {row:same}", row=row.info)
        return in_words("{near} {short}", short=in_words(words.short))
    error_class, message = row.error
    words = words_of_message(error_class, message)
    match error_class:
        case ErrorClass.SOCKET | ErrorClass.LOCAL if words is not None:
            return in_words(words.short)
        case ErrorClass.SOCKET:
            return in_words("{near} got a socket error towards {far}: {message:same}", message=message)
        case ErrorClass.LOCAL:
            return in_words("trouble on {near}: {message:same}", message=message)
        case ErrorClass.BGP | ErrorClass.RECEIVED:
            ended_by = near if error_class is ErrorClass.BGP else far
            if words is None:
                return in_words("{who} ended it: {message:same}", who=ended_by, message=message)
            template = "{who} ended it: {message:same} ({short:same})"
            return in_words(template, who=ended_by, message=message, short=words.short)
        case ErrorClass.AUTOMATIC:
            return in_words("{near} shut it down by itself: {message:same}", message=message)
    return in_words("{near} shows {row:same}", row=row.info)


def telling_end(session: Session) -> tuple[End, Peer] | None:
    """The end, and its row, that says best why the session is not Established; None when no row is down.

    A protocol error outweighs a socket error, any error outweighs none, and a bare `Passive` says nothing: its reason
    is at the
    end that dials.
    """
    rows = [(end, row) for end in session.ends for row in end.rows if not row.is_established]
    if not rows:
        return None
    return min(rows, key=lambda pair: _silence(pair[1]))


def _silence(row: Peer) -> int:
    if row.protocol_state == "down" and row.error is None:
        return -1  # disabled here, which only BIRD itself shows: that is the reason
    if row.error is None:
        return 5 if row.bgp_state is BGPState.PASSIVE else 4
    # An expired hold timer tells that the link broke; why it does not come back is told by the end that dials.
    if row.error.message == "Hold timer expired":
        return 4
    # An end that waits dials nobody: a socket's error there is how the session before ended.
    if row.bgp_state is BGPState.PASSIVE and row.error.error_class is ErrorClass.SOCKET:
        return 4
    return _SILENCE.get(row.error.error_class, _OF_OTHER_ERRORS)


def row_text(name: str, row: Peer) -> str:
    """A row as evidence: who shows it, and the cells that matter, verbatim."""
    since = f" since {row.since}" if row.since else ""
    return f"{name} shows {row.address_text} ({row.peer_type}): {row.protocol_state}{since} {row.info}".rstrip()


def asked_for_evidence(cluster: Cluster, key: SessionKey) -> tuple[str, ...]:
    """What Calico's resources say about a session: who has it because of what, and AS numbers that cannot agree."""
    peers = cluster.expected_peers.get(key, ())
    lines = [
        f"the resources ask {peer.node} for {peer.address!s} ({peer.peer_type}): {in_words(peer.because)}"
        for peer in peers
    ]
    if len(peers) == 1 and key.a in cluster.by_name and key.b in cluster.by_name:
        lines.append(f"the resources ask the other end, {key.far(peers[0].node)}, for no such peer")
    if len(peers) == 2:
        for one, other in (peers, peers[::-1]):
            if one.peer_as != other.local_as:
                lines.append(
                    f"by the resources {one.node} expects AS {one.peer_as} of {other.node}, which has {other.local_as}"
                )
    return tuple(lines)


def session_evidence(session: Session) -> tuple[str, ...]:
    """All that both ends show about a session, and what an end that shows nothing proves."""
    lines = [row_text(end.name, row) for end in session.ends for row in end.rows]
    lines += [f"{end.name} shows no row for it" for end in session.ends if end.lacks_row]
    return tuple(lines)
