"""INFO in words: what a row that is not Established says, and from which end of the session it is best told.

The texts are BIRD's (proto/bgp/bgp.c, proto/bgp/packets.c; RFC 4271, 4486, 6608, 8203) and the C library's (musl's in
calico/node,
glibc's elsewhere).
"""

from __future__ import annotations

from calico_bgp.model.peer import BGPState, ErrorClass, Peer
from calico_bgp.topology.sessions import End, Session, SessionKey
from calico_bgp.topology.view import ClusterView

#: What the C library's or BIRD's word on a socket means. {near} shows it, {far} is the other end.
SOCKET = {
    "Connection refused": "nothing listens on {far}'s BGP port: BIRD is down there, or a firewall refuses",
    "Connection timed out": "{far} does not answer: packets are dropped on the way, passwords differ, or it is down",
    "Operation timed out": "{far} does not answer: packets are dropped on the way, passwords differ, or it is down",
    "No route to host": "{far} cannot be reached: its host or the link to it is down",
    "Host is unreachable": "{far} cannot be reached: its host or the link to it is down",
    "Network is unreachable": "{near} has no route to {far}",
    "Network unreachable": "{near} has no route to {far}",
    "Connection reset by peer": "{far} cuts the connection at once: a firewall, or it does not know {near} as a peer",
    "Connection closed": "{far} closes the connection: it does not know {near} as a peer, or has stopped",
    "Address not available": "{near} does not have the address that it should dial from",
    "Cannot assign requested address": "{near} does not have the address that it should dial from",
}

#: What goes wrong on this host, before any message is exchanged.
LOCAL = {
    "Neighbor lost": "{near} no longer sees {far} on a direct link",
    "Invalid next hop": "{near} cannot reach the next hop towards {far}",
    "Kernel MD5 auth failed": "{near}'s kernel could not set the TCP MD5 password for {far}",
    "No listening socket": "BIRD on {near} could not open its BGP port: another program holds it",
    "Link down": "the interface towards {far} is down on {near}",
    "BFD session down": "BFD to {far} is down",
    "Graceful restart": "{far} restarts gracefully",
}

#: What a NOTIFICATION means, whoever sent it.
NOTIFICATION = {
    "Bad peer AS": "the AS number configured for the neighbour is not the one it has",
    "Bad BGP identifier": "both ends have the same router ID, or one has none",
    "Unsupported version number": "the BGP versions differ",
    "Unsupported optional parameter": "an option in OPEN is not known",
    "Authentication failure": "authentication failed",
    "Unacceptable hold time": "the hold time offered is not acceptable",
    "Required capability missing": "a capability that is required was not offered",
    "No supported AFI/SAFI": "the ends have no address family in common",
    "Connection not synchronized": "what arrived is no BGP: another program talks on this port",
    "Hold timer expired": "nothing was heard for the whole hold time: the link was cut, or the far end hung",
    "Finite state machine error": "a message came that does not fit the state of the session",
    "Cease": "the session was ended on purpose",
    "Maximum number of prefixes reached": "more routes came than the limit allows",
    "Administrative shutdown": "the protocol or BIRD itself was shut down there",
    "Peer de-configured": "the peer was removed from the configuration",
    "Administrative reset": "the session was reset by hand",
    "Connection rejected": "the connection was rejected: the peer is not known or not wanted",
    "Other configuration change": "the configuration of the peer changed",
    "Connection collision resolution": "both ends dialled at once and one connection was dropped; it should try again",
    "Out of Resources": "resources ran out",
}

_STATE = {
    BGPState.IDLE: "is idle and says no reason: it waits to try again, or another protocol has this neighbour",
    BGPState.CONNECT: "is dialling {far}",
    BGPState.ACTIVE: "is waiting to dial {far} again",
    BGPState.OPEN_SENT: "reached {far} and sent OPEN, but has no OPEN back",
    BGPState.OPEN_CONFIRM: "exchanged OPEN with {far} and waits for the first KEEPALIVE",
    BGPState.PASSIVE: "waits for {far} to dial",
    BGPState.CLOSE: "is closing the session",
}


def explain(near: str, far: str, row: Peer) -> str:
    """What the row of `near` about `far` says, in words. For a row that is not Established."""
    names = {"near": near, "far": far}
    if row.error is None:
        if row.protocol_state == "down":
            return f"{near} has the peer, but it is disabled (protocol state down)"
        if row.bgp_state is None:
            return f"{near} shows {row.protocol_state} {row.info}".rstrip()
        return f"{near} " + _STATE.get(row.bgp_state, f"shows {row.info}").format(**names)
    error_class, message = row.error
    match error_class:
        case ErrorClass.SOCKET:
            return SOCKET.get(message, "{near} got a socket error towards {far}: {message}").format(
                **names, message=message
            )
        case ErrorClass.LOCAL:
            return LOCAL.get(message, "trouble on {near}: {message}").format(**names, message=message)
        case ErrorClass.BGP:
            return f"{near} ended it: {message}{_in_words(message)}"
        case ErrorClass.RECEIVED:
            return f"{far} ended it: {message}{_in_words(message)}"
        case ErrorClass.AUTOMATIC:
            return f"{near} shut it down by itself: {message}"
    return f"{near} shows {row.info}"


def _in_words(message: str) -> str:
    words = NOTIFICATION.get(message)
    return f" ({words})" if words else ""


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
    order = (ErrorClass.BGP, ErrorClass.RECEIVED, ErrorClass.AUTOMATIC, ErrorClass.LOCAL, ErrorClass.SOCKET)
    rank = order.index(ErrorClass(row.error.error_class)) if row.error.error_class in order else 3
    # An expired hold timer tells that the link broke; why it does not come back is told by the end that dials.
    return 4 if row.error.message == "Hold timer expired" else min(rank, 3)


def row_text(name: str, row: Peer) -> str:
    """A row as evidence: who shows it, and the cells that matter, verbatim."""
    since = f" since {row.since}" if row.since else ""
    return f"{name} shows {row.address_text} ({row.peer_type}): {row.protocol_state}{since} {row.info}".rstrip()


def asked_for_evidence(view: ClusterView, key: SessionKey) -> tuple[str, ...]:
    """What Calico's resources say about a session: who has it because of what, and AS numbers that cannot agree."""
    peers = view.expected_peers.get(key, ())
    lines = [
        f"the resources ask {peer.node} for {peer.address} ({peer.peer_type}): " + ", ".join(map(str, peer.because))
        for peer in peers
    ]
    if len(peers) == 1 and key.a in view.by_name and key.b in view.by_name:
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
