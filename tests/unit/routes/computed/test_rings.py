"""Routes that came from nowhere: without add-paths a ring that hides its AS numbers can keep one alive."""

from __future__ import annotations

from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.routes.computed.rules import Route
from calico_bgp.routes.computed.spread import spread
from calico_bgp.routes.network.index import SingleSessionIndex
from calico_bgp.routes.network.sessions import BGPSession, EndSettings, SessionEnd
from calico_bgp.routes.network.wiring import wiring_of
from tests.hand_made_networks import network

#: Who speaks to whom as which AS, with which cluster ID, perhaps with add-paths and the own AS allowed once. Found by
#: chance.
SESSIONS = (
    ("a", 65000, None, True, 0, "b", 65000, "1", True, 1),
    ("a", 64512, "2", False, 0, "c", 64512, "1", False, 0),
    ("a", 64513, "2", True, 0, "d", 64513, None, True, 0),
    ("b", 64512, None, True, 0, "d", 64512, None, False, 0),
    ("c", 65000, "1", False, 0, "d", 65000, None, True, 1),
    ("a", 64512, None, False, 0, "e", 65000, None, False, 0),
    ("c", 64512, "1", True, 0, "e", 64512, "2", False, 0),
)


def end(node, own_as, peer_as, more):
    cluster_id, add_paths, allowed = more
    return SessionEnd(node, None, EndSettings(own_as, peer_as, cluster_id is not None, cluster_id, add_paths, allowed))


def session_of(values):
    (one, as_one, *more_of_one), (other, as_other, *more_of_other) = values[:5], values[5:]
    return BGPSession(end(one, as_one, as_other, more_of_one), end(other, as_other, as_one, more_of_other))


def test_a_way_that_leads_in_a_ring_is_walked_once():
    net = network("abcde", [session_of(each) for each in SESSIONS])
    found = spread(wiring_of(SingleSessionIndex(net.speakers, net.sessions), "abcde"), [Route("e")])
    ways = [[route.node for route in route.way()] for route in found.first.values()]
    assert any(way[0] != "e" for way in ways), "no route here came from nowhere"
    assert found.transit() == set("abcd")
    assert set(reachability(net).nodes) == set("abcde")
