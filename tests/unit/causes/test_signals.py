"""What an end of a session that is down says of the other, as one word: which row counts, and what is not told."""

from ipaddress import ip_address

import pytest

from calico_bgp.causes.signals import Signal, signal_of, signals_of
from calico_bgp.cluster.nodes.members import Table
from calico_bgp.cluster.sessions.session import End, Session, SessionKey
from calico_bgp.model.peer import BGPState, ErrorClass, Family, Peer, PeerError, PeerType

REFUSED = PeerError(ErrorClass.SOCKET, "Connection refused")
HELD = PeerError(ErrorClass.BGP, "Hold timer expired")
HELD_THERE = PeerError(ErrorClass.RECEIVED, "Hold timer expired")


def row(error=None, *, state="start", bgp=BGPState.ACTIVE):
    address = ip_address("192.0.2.1")
    return Peer(Family.IPV4, address, str(address), None, PeerType.MESH, state, bgp, "09:01:02", str(bgp), error)


UP = row(state="up", bgp=BGPState.ESTABLISHED)


def said(*ends):
    """What both ends say; an end is its rows, before them a False where it tells no errors."""
    a, b = (
        End(name, tuple(r for r in rows if r is not False), Table.WHOLE, None, tells_why=False not in rows)
        for name, rows in zip("ab", ends, strict=True)
    )
    found = signals_of(Session(SessionKey(Family.IPV4, "a", "b"), a, b, is_up=False))
    return found.a, found.b


@pytest.mark.parametrize(
    ("peer", "signal"),
    [
        (row(), Signal.SILENT),
        (row(state="down"), Signal.DISABLED),
        (row(REFUSED, state="down"), Signal.REFUSED),
        (row(HELD), Signal.HELD),
        (row(HELD_THERE), Signal.HELD_THERE),
        (row(PeerError("Odd class", "Connection refused")), Signal.OTHER),
        (row(PeerError(ErrorClass.LOCAL, "Connection refused")), Signal.OTHER),
    ],
)
def test_a_row(peer, signal):
    assert signal_of(peer) is signal


def test_an_end_that_is_established_says_nothing_and_so_does_one_without_a_row():
    assert said([UP], [row(HELD)]) == (None, Signal.HELD)
    assert said([], [row()]) == (None, Signal.SILENT)


def test_of_several_rows_that_are_down_the_one_that_tells_most_counts():
    assert said([UP, row(), row(HELD), row(REFUSED)], [row()]) == (Signal.REFUSED, Signal.SILENT)
    assert said([row(REFUSED), row(HELD)], [row(), row(state="down")]) == (Signal.REFUSED, Signal.DISABLED)


def test_where_errors_are_not_told_no_error_says_nothing_beside_an_end_that_tells():
    assert said([False, row()], [row(HELD)]) == (None, Signal.HELD)
    assert said([row()], [False, row()]) == (Signal.SILENT, None)
    assert said([False, row()], [False, row(state="down")]) == (None, Signal.DISABLED)


def test_where_neither_end_tells_errors_that_is_said():
    assert said([False, row()], [False, row()]) == (Signal.NOT_TOLD, Signal.NOT_TOLD)
    assert said([False, row()], []) == (Signal.NOT_TOLD, None)
