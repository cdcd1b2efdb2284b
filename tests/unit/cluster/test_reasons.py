"""What a row says in words: which end ended the session, what for, and what that means where it is known."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from calico_bgp.cluster.sessions.reasons import explain
from calico_bgp.messages.formatter import render
from calico_bgp.model.peer import BGPState, ErrorClass, Family, Peer, PeerError, PeerType

BAD_AS = "the AS number configured for the neighbour is not the one it has"


def said(error, *, protocol_state="start", state=BGPState.ACTIVE, info="Active"):
    """Of the row that n1 shows of n2."""
    address = ip_address("192.0.2.2")
    peer = Peer(Family.IPV4, address, str(address), None, PeerType.MESH, protocol_state, state, None, info)
    return render(explain("n1", "n2", peer if error is None else replace(peer, error=PeerError(*error))))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ((ErrorClass.BGP, "Bad peer AS"), f"n1 ended it: Bad peer AS ({BAD_AS})"),
        ((ErrorClass.RECEIVED, "Bad peer AS"), f"n2 ended it: Bad peer AS ({BAD_AS})"),
        ((ErrorClass.BGP, "Gone fishing"), "n1 ended it: Gone fishing"),
        ((ErrorClass.RECEIVED, "Gone fishing"), "n2 ended it: Gone fishing"),
        ((ErrorClass.SOCKET, "Gone fishing"), "n1 got a socket error towards n2: Gone fishing"),
        ((ErrorClass.LOCAL, "Gone fishing"), "trouble on n1: Gone fishing"),
        ((ErrorClass.AUTOMATIC, "Gone fishing"), "n1 shut it down by itself: Gone fishing"),
    ],
)
def test_an_error(error, words):
    assert said(error) == words


def test_no_error():
    down = said(None, protocol_state="down", state=None, info="")
    assert down == "n1 has the peer, but it is disabled (protocol state down)"
    assert said(None, protocol_state="wait", state=None, info="odd") == "n1 shows wait odd"
