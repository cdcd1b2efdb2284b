"""One route followed session by session, with ends that reject or may reject it, by hand-made networks."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network

import pytest

from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.routes.network.holding.filters import FILTERS_DOUBT, IN_PART
from calico_bgp.routes.network.sessions import BGPSession, EndSettings, SessionEnd
from calico_bgp.routes.path.hop import Verdict
from calico_bgp.routes.path.origin import Origin
from calico_bgp.routes.path.trace import trace
from calico_bgp.routes.policy.route import Route, Source
from tests.hand_made_networks import AS, mesh, network, reflected, session, switch

YES, PERHAPS, NO = Answer.YES, Answer.PERHAPS, Answer.NO
ROUTE = Origin("a", Route(ip_network("10.244.1.0/26"), Source.STATIC), "its own block", ("a note",))
OPEN = Verdict(True, "nothing holds it back")


class Policy:
    """Ends that do as they are told: `a>b` at export, `b<a` at import."""

    def __init__(self, **verdicts):
        self._verdicts = verdicts

    def _verdict(self, step):
        accepted = self._verdicts.get(step, True)
        return OPEN if accepted is True else Verdict(accepted, f"rule of {step}")

    def export(self, near, far, route, *, local_as, peer_as):
        del local_as, peer_as
        return self._verdict(f"{near}_to_{far}"), route

    def incoming(self, near, far, route, *, local_as, peer_as):
        del local_as, peer_as
        return self._verdict(f"{near}_from_{far}"), route


def follow(net, target, **verdicts):
    return trace(reachability(net), Policy(**verdicts), ROUTE, "a", target)


def way(found):
    return " ".join(f"{hop.near}{hop.far}" for hop in found.way)


def stops(found):
    return [f"{hop.near}{hop.far}" for hop in found.stops]


def test_where_it_begins_it_is_already():
    found = follow(mesh("ab"), "a")
    assert (found.answer, found.way, found.stops) == (YES, (), ())
    # Also where nothing leads away.
    assert follow(network("a", []), "a").answer is YES


def test_a_certain_way_is_looked_for_though_a_shorter_one_is_found_that_may_be():
    sure = reflected({"r": "a b"})
    net = network("rab", sure.sessions, possible=(session("a", "b"), *sure.sessions))
    found = follow(net, "b")
    assert (found.answer, way(found)) == (YES, "ar rb")
    assert [hop.stands for hop in found.way] == [True, True]
    only = network("rab", sure.sessions[:1], possible=(session("a", "b"), *sure.sessions[:1]))
    found = follow(only, "b")
    assert (found.answer, way(found)) == (PERHAPS, "ab")
    assert [(hop.stands, hop.arrives) for hop in found.way] == [(False, None)]


@pytest.mark.parametrize(
    ("verdicts", "answer", "stopped"),
    [
        ({}, YES, []),
        ({"a_to_r": False}, NO, ["ar"]),
        ({"r_from_a": False}, NO, ["ar"]),
        ({"r_to_b": False}, NO, ["rb"]),
        ({"b_from_r": False}, NO, ["rb"]),
        ({"a_to_r": None}, PERHAPS, []),
        ({"b_from_r": None}, PERHAPS, []),
        ({"a_to_r": None, "b_from_r": False}, NO, ["rb"]),
        # At sessions beside the way.
        ({"r_to_c": False, "c_from_r": None}, YES, []),
    ],
)
def test_each_end_on_the_way_has_a_say(verdicts, answer, stopped):
    found = follow(reflected({"r": "a b c"}), "b", **verdicts)
    assert (found.answer, stops(found)) == (answer, stopped)
    if stopped:
        (stop,) = found.stops
        told = stop.incoming or stop.export
        assert told.because == f"rule of {next(step for step, accepted in verdicts.items() if accepted is False)}"
        assert (stop.arrives, stop.is_offered, stop.route) == (False, True, None)
        assert way(found) == ("" if stopped == ["ar"] else "ar")


def test_another_way_is_taken_where_the_first_is_closed():
    net = reflected({"r": "a b", "s": "a b"})
    found = follow(net, "b", r_to_b=False)
    assert (found.answer, way(found)) == (YES, "as sb")
    found = follow(net, "b", r_to_b=False, s_to_b=False)
    assert (found.answer, stops(found), way(found)) == (NO, ["rb", "sb"], "ar")


def test_a_place_far_from_the_target_is_told_where_it_gets_no_nearer():
    """r refuses s and x; from s two more sessions lead to b, from x three."""
    inner = [session(*pair) for pair in ("st", "tb", "xy", "yz", "zb")]
    net = network("arstbxyz", [*reflected({"r": "a s x"}).sessions, *inner])
    found = follow(net, "b", r_to_s=False, r_to_x=False)
    assert (found.answer, stops(found), way(found), found.notes) == (NO, ["rs"], "ar", ("a note",))


def test_of_the_places_where_it_stops_those_nearest_to_the_target_are_told():
    """a - r - b - c: b passes on nothing that it learned over iBGP; r refuses d, which leads nowhere near."""
    sessions = [*reflected({"r": "a b d"}).sessions, session("b", "c"), session("d", "e"), session("e", "c")]
    found = follow(network("rabcde", sessions), "c", r_to_d=False)
    assert (found.answer, stops(found), way(found)) == (NO, ["bc"], "ar rb")
    assert (found.stops[0].is_offered, found.stops[0].arrives) == (False, False)
    assert found.notes == ("a note",)


@pytest.mark.parametrize(("between", "told"), [(7, 7), (8, 8), (9, 8)])
def test_at_most_eight_places_are_told(between, told):
    names = [f"n{number}" for number in range(between)]
    sessions = [session(name, far) for name in names for far in ("a", "b", f"{name}'")]
    net = network(["a", "b", *names, *(f"{name}'" for name in names)], sessions)
    assert len(follow(net, "b").stops) == told


def test_where_no_chain_leads_that_is_said():
    found = follow(network("abc", [session("a", "c")]), "b")
    assert (found.answer, found.stops) == (NO, ())
    assert found.notes == ("a note", "no chain of sessions leads to b")


@pytest.mark.parametrize(
    ("target", "verdicts", "answer"),
    [
        ("203.0.113.1", {}, YES),
        ("203.0.113.9", {}, NO),
    ],
)
def test_a_peer_outside_gets_what_its_node_gives(target, verdicts, answer):
    """What it does with it nobody knows; no way leads through it."""
    net = network("abc", [session("a", "b")], externals=(switch("b"), switch("c")))
    found = follow(net, target, **verdicts)
    assert found.answer is answer
    assert way(found) == ("ab b203.0.113.1" if answer is YES else "")
    if answer is YES:
        assert [hop.incoming is None for hop in found.way] == [False, True]
        assert found.way[-1].stands
    assert follow(net, "c").answer is NO


@pytest.mark.parametrize(
    ("net", "words"),
    [
        (mesh("ab"), ["it is its own"]),
        (reflected({"r": "a b"}), ["it is its own", "as a reflector, for it came from its client a"]),
        (
            network("abr", [session("a", "r"), session("r", "b", cluster="1")]),
            ["it is its own", "as a reflector, for b is its client"],
        ),
    ],
)
def test_why_bgp_lets_it_be_passed_on(net, words):
    assert [hop.offered for hop in follow(net, "b").way] == words


def ends(one, one_as, other, other_as):
    return BGPSession(
        SessionEnd(one, None, EndSettings(one_as, other_as)), SessionEnd(other, None, EndSettings(other_as, one_as))
    )


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ((AS, AS), (AS, 65001), "over eBGP, where it came from a"),
        ((AS, 65001), (65001, 65002), "it came over eBGP from a"),
        ((AS, 65001), (65001, 65001), "it came over eBGP from a"),
        # r speaks iBGP as one AS and as another.
        ((65002, 65002), (65001, 65001), "over eBGP, where it came from a"),
    ],
)
def test_why_bgp_lets_a_route_of_another_as_be_passed_on(first, second, words):
    (one, two), (three, four) = first, second
    net = network("arb", [ends("a", one, "r", two), ends("r", three, "b", four)])
    assert [hop.offered for hop in follow(net, "b").way] == ["it is its own", words]


def test_the_shortest_of_ways_that_are_alike_is_told():
    sure = [*reflected({"r": "a b"}).sessions, session("a", "b")]
    found = follow(network("rab", sure), "b")
    assert (found.answer, way(found)) == (YES, "ab")
    assert [(hop.arrives, hop.is_offered) for hop in found.way] == [(True, True)]
    found = follow(network("rab", [], possible=tuple(sure)), "b")
    assert (found.answer, way(found)) == (PERHAPS, "ab")


def test_what_the_sessions_rest_on_is_noted_but_for_what_is_worked_out_here():
    assumptions = (IN_PART, f"{FILTERS_DOUBT} BGPFilter x is not known", "every session stands")
    net = network("ab", [session("a", "b")], assumptions=assumptions)
    assert follow(net, "b").notes == ("a note", "every session stands")


def test_beyond_many_paths_what_did_not_arrive_is_not_known(monkeypatch):
    """r1 to r4 each tell each other by ways of their own; b is behind a session where nothing passes."""
    names = [f"r{number}" for number in range(4)]
    ends = [(one, other) for place, one in enumerate(names) for other in names[place + 1 :]]
    sessions = [session("a", names[0]), *(session(one, other, cluster=f"of {one}") for one, other in ends)]
    net = network(["a", "b", *names], [*sessions, session(names[-1], "b")])
    whole = follow(net, "b", **{f"{names[-1]}_to_b": False})
    assert (whole.answer, set(stops(whole))) == (NO, {f"{names[-1]}b"})
    monkeypatch.setattr("calico_bgp.routes.path.trace._MOST_PATHS", 2)
    part = follow(net, "b", **{f"{names[-1]}_to_b": False})
    assert part.answer is PERHAPS
    assert part.notes == ("a note", "more than 2 paths were found, and the rest was not followed")
    # What arrived is known all the same.
    assert follow(net, names[0]).notes == ("a note",)


@pytest.mark.parametrize(("peer_as", "preference"), [(AS, 200), (65000, 100)])
def test_local_preference_stays_within_an_as(peer_as, preference):
    ends = (SessionEnd("a", None, EndSettings(AS, peer_as)), SessionEnd("b", None, EndSettings(peer_as, AS)))
    route = ROUTE._replace(route=replace(ROUTE.route, local_pref=200))
    found = trace(reachability(network("ab", [BGPSession(*ends)])), Policy(), route, "a", "b")
    (hop,) = found.way
    assert (hop.route.local_pref, hop.route.source, hop.route.metric) == (preference, Source.BGP, None)
