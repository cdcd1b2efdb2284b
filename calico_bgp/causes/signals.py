"""What one end of a session that is down says about the other, as one word. What BIRD's texts mean is in messages/info.

Sources: BIRD proto/bgp/bgp.c (bgp_store_error, bgp_state_desc), proto/bgp/packets.c (bgp_error_dsc); RFC 4271 section
6; RFC 4486; strerror of musl and glibc.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property

from calico_bgp.cluster.sessions.session import End, Session
from calico_bgp.model.peer import ErrorClass, Peer


class Signal(StrEnum):
    """What a row says. The order is how much it tells: the first of an end's rows counts."""

    NO_SOCKET = "its own BGP port is taken"
    DISABLED = "disabled in BIRD"
    MD5 = "its kernel takes no TCP MD5 password"
    BAD_AS = "another AS than configured"
    BAD_ROUTER_ID = "the same router ID at both ends"
    STOPPED_THERE = "the far end shut the session down"
    DECONFIGURED_THERE = "the far end's configuration lost the peer"
    RECONFIGURED_THERE = "the far end took another configuration"
    REFUSED = "the far port refuses"
    RESET = "the far end resets the connection"
    CLOSED = "the far end closes the connection"
    FORBIDDEN = "a firewall or a route forbids the way"
    UNREACHABLE = "no way to the far host"
    HELD = "heard nothing for the hold time"
    HELD_THERE = "the far end heard nothing for the hold time"
    TIMED_OUT = "no answer"
    OTHER = "another error"
    SILENT = "no error"
    NOT_TOLD = "down, and whether there was an error is not known"


#: Nothing came from the far end; only the pattern of many sessions tells why.
NOTHING_COMES = frozenset(
    {
        Signal.UNREACHABLE,
        Signal.FORBIDDEN,
        Signal.HELD,
        Signal.TIMED_OUT,
        Signal.SILENT,
        Signal.HELD_THERE,
        Signal.RECONFIGURED_THERE,
    }
)

_SOCKET = {
    "Connection refused": Signal.REFUSED,
    "Connection reset by peer": Signal.RESET,
    "Broken pipe": Signal.RESET,
    "Connection closed": Signal.CLOSED,
    "Connection timed out": Signal.TIMED_OUT,
    "Operation timed out": Signal.TIMED_OUT,
    "No route to host": Signal.UNREACHABLE,
    "Host is unreachable": Signal.UNREACHABLE,
    "Network is unreachable": Signal.UNREACHABLE,
    "Network unreachable": Signal.UNREACHABLE,
    # EACCES: a route of type `prohibit`, or ICMPv6 "administratively prohibited" (net/ipv6/icmp.c, tab_unreach).
    "Permission denied": Signal.FORBIDDEN,
}
_LOCAL = {
    "No listening socket": Signal.NO_SOCKET,
    "Kernel MD5 auth failed": Signal.MD5,
    "Neighbor lost": Signal.UNREACHABLE,
    "Link down": Signal.UNREACHABLE,
}
_SAID_BY_US = {
    "Bad peer AS": Signal.BAD_AS,
    "Bad BGP identifier": Signal.BAD_ROUTER_ID,
    "Hold timer expired": Signal.HELD,
}
_SAID_BY_THEM = {
    "Bad peer AS": Signal.BAD_AS,
    "Bad BGP identifier": Signal.BAD_ROUTER_ID,
    "Hold timer expired": Signal.HELD_THERE,
    "Administrative shutdown": Signal.STOPPED_THERE,
    "Peer de-configured": Signal.DECONFIGURED_THERE,
    "Other configuration change": Signal.RECONFIGURED_THERE,
    "Administrative reset": Signal.SILENT,
    "Connection collision resolution": Signal.SILENT,
}


@dataclass(frozen=True)
class Signals:
    """What both ends say; None where an end shows no row.

    Attributes:
        a: What the end says that the session's key calls `a`. NOT_TOLD only where the other end says no more.
        b: The other.
    """

    a: Signal | None
    b: Signal | None

    @cached_property
    def both(self) -> frozenset[Signal]:
        """The signals of both ends."""
        return frozenset(signal for signal in (self.a, self.b) if signal is not None)


def signal_of(row: Peer) -> Signal:
    """What a row that is not Established says."""
    if row.error is None:
        return Signal.DISABLED if row.protocol_state == "down" else Signal.SILENT
    error_class, message = row.error
    match error_class:
        case ErrorClass.SOCKET:
            return _SOCKET.get(message, Signal.OTHER)
        case ErrorClass.LOCAL:
            return _LOCAL.get(message, Signal.OTHER)
        case ErrorClass.BGP:
            return _SAID_BY_US.get(message, Signal.OTHER)
        case ErrorClass.RECEIVED:
            return _SAID_BY_THEM.get(message, Signal.OTHER)
    return Signal.OTHER


@cache
def signals_between(a: Signal | None, b: Signal | None) -> Signals:
    """What two ends say. Made once of each two signals: the sessions of a cluster say few different things."""
    return Signals(a, b)


def signals_of(session: Session) -> Signals:
    """What both ends of a session say."""
    a, b = _signal(session.a), _signal(session.b)
    if Signal.NOT_TOLD in (a, b) and not {a, b} <= {Signal.NOT_TOLD, None}:
        a, b = (None if signal is Signal.NOT_TOLD else signal for signal in (a, b))
    return signals_between(a, b)


_ORDER = {signal: place for place, signal in enumerate(Signal)}


def _signal(end: End) -> Signal | None:
    said = [signal_of(row) for row in end.rows if not row.is_established]
    if not end.tells_why:
        said = [Signal.NOT_TOLD if signal is Signal.SILENT else signal for signal in said]
    return min(said, key=_ORDER.__getitem__, default=None) if len(said) != 1 else said[0]
