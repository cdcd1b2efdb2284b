"""Where one route gets to: how far it is followed, by which way it comes, and what stays out of the tables."""

from __future__ import annotations

from itertools import pairwise

import pytest

from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.routes.computed.rules import Route
from calico_bgp.routes.computed.spread import spread
from calico_bgp.routes.network.index import SingleSessionIndex
from calico_bgp.routes.network.sessions import BGPSession, EndSettings, SessionEnd
from calico_bgp.routes.network.wiring import wiring_of
from tests.hand_made_networks import AS, network, reflected, session


def ebgp(one, other, *, add_paths=True):
    """A session of two nodes, each in the AS of its letter."""
    numbers = [65000 + ord(name) for name in (one, other)]
    near, far = (EndSettings(*each, add_paths=add_paths) for each in (numbers, numbers[::-1]))
    return BGPSession(SessionEnd(one, None, near), SessionEnd(other, None, far))


def wired(*pairs, **settings):
    names = sorted({name for pair in pairs for name in pair})
    net = network(names, [ebgp(*pair, **settings) for pair in pairs])
    return wiring_of(SingleSessionIndex(net.speakers, net.sessions), names)


def ways_at(found, names):
    return {name: sorted("".join(step.node for step in route.way()) for route in found.routes(name)) for name in names}


LINE = ("ab", "bc", "cd")


@pytest.mark.parametrize(
    ("enough", "reached"), [(["a"], "a"), (["b"], "ab"), (["c", "b"], "abc"), (None, "abcd"), (["nobody"], "abcd")]
)
def test_a_route_is_followed_no_further_than_to_those_who_are_asked_about(enough, reached):
    assert "".join(spread(wired(*LINE), [Route("a")], enough=enough).first) == reached
    # Without add-paths what comes later may take away what came before.
    assert "".join(spread(wired(*LINE, add_paths=False), [Route("a")], enough=enough).first) == "abcd"


@pytest.mark.parametrize("add_paths", [True, False])
def test_over_nodes_that_are_gone_nothing_comes(add_paths):
    found = spread(wired(*LINE, "ax", add_paths=add_paths), [Route("a")], gone={"b"})
    assert sorted(found.first) == ["a", "x"]
    assert [len(list(found.routes(name))) for name in "abcx"] == [1, 0, 0, 1]


def test_the_way_that_is_told_is_the_shortest_and_not_the_one_that_is_preferred():
    """Over r the path has no AS number in it, so that BIRD takes that one; the other is one session long."""
    net = network("abr", [*reflected({"r": "a b"}).sessions, ebgp("a", "b")])
    told = reachability(net).explain("b", "a")
    assert told.way == ("a", "b")


def test_in_a_ring_without_add_paths_each_has_the_route_from_both_sides_and_offers_the_shorter():
    found = spread(wired("ab", "bc", "cd", "de", "ea", add_paths=False), [Route("a")])
    assert found.settled
    assert ways_at(found, "bcde") == {
        "b": ["ab"],
        "c": ["abc", "aedc"],
        "d": ["abcd", "aed"],
        "e": ["ae"],
    }
    assert "".join(step.node for step in found.first["c"].way()) == "abc"


def numbered(one, as_one, other, as_other, **settings):
    """A session with settings of the second end."""
    near, far = EndSettings(as_one, as_other), EndSettings(as_other, as_one, **settings)
    return BGPSession(SessionEnd(one, None, near), SessionEnd(other, None, far))


def spread_from(origin, names, sessions):
    net = network(names, sessions)
    return spread(wiring_of(SingleSessionIndex(net.speakers, net.sessions), names), [Route(origin)])


#: A session somewhere else, because of which routes may be taken back.
PLAIN = numbered("o", 100, "q", 900, add_paths=False)


@pytest.mark.parametrize("aside", [(), (PLAIN,)])
def test_of_two_routes_over_one_session_each_goes_where_the_other_may_not(aside):
    """What h has over x and over y it tells l; behind l each of two nodes drops the one with its own AS in it."""
    sessions = [
        numbered("o", 100, "x", 200),
        numbered("o", 100, "y", 300),
        numbered("x", 200, "h", 400),
        numbered("y", 300, "h", 400),
        numbered("h", 400, "l", 500),
        numbered("l", 500, "w", 200),
        numbered("l", 500, "z", 300),
    ]
    found = spread_from("o", "oxyhlwzq", [*sessions, *aside])
    assert ways_at(found, "lwz") == {"l": ["oxhl", "oyhl"], "w": ["oyhlw"], "z": ["oxhlz"]}


@pytest.mark.parametrize("aside", [(), (PLAIN,)])
def test_what_laps_a_ring_that_hides_its_as_numbers_is_followed_once(aside):
    """h, k and l speak to the one before as one AS, to the next as another: in no path stands the receiver's."""
    ring = [numbered(*pair) for pair in (("h", 65000, "k", 64000), ("k", 65000, "l", 64000), ("l", 65000, "h", 64000))]
    ring += [numbered("o", 100, name, 500 + number) for number, name in enumerate("xy")]
    ring += [numbered(name, 200 + number, "h", 400) for number, name in enumerate("xy")]
    found = spread_from("o", "oxyhklq", [*ring, *aside])
    assert found.settled
    assert {name: len(list(found.routes(name))) for name in "hkl"} == {"h": 6, "k": 4, "l": 4}


@pytest.mark.parametrize("between", ["", "r"])
def test_a_route_that_another_covers_is_in_no_table_and_the_other_goes_on(between):
    """h tells l both that it has: one with another AS in its path, and before or after it one without."""
    inside = [session("r", name, cluster="1.1.1.1") for name in "oh"] if between else [session("o", "h")]
    sessions = [
        numbered("o", AS, "x", 200),
        *inside,
        numbered("x", 200, "h", AS, allowed_local_as=1),
        numbered("h", AS, "l", 500),
        numbered("l", 500, "m", 600),
        numbered("m", 600, "n", 700),
    ]
    found = spread_from("o", "oxrhlmn", sessions)
    assert ways_at(found, "hln") == {"h": [f"o{between}h", "oxh"], "l": [f"o{between}hl"], "n": [f"o{between}hlmn"]}


def test_a_long_ladder_without_add_paths_comes_to_rest():
    """Each node hears of every other way, too, before it stays with its own."""
    rungs = [("p", "q"), *((f"p{number}", f"q{number}") for number in range(80))]
    pairs = [("o", end) for end in rungs[0]]
    pairs += [(one, other) for near, far in pairwise(rungs) for one in near for other in far]
    names = ["o", *(name for rung in rungs for name in rung)]
    number_of = {name: 65000 + number for number, name in enumerate(names)}
    plain = {"add_paths": False}
    sessions = [numbered(one, number_of[one], other, number_of[other], **plain) for one, other in pairs]
    found = spread_from("o", names, sessions)
    assert found.settled
    assert len(found.first) == len(names)
