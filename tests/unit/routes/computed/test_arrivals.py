"""Where the routes of one class arrive, and what that rests on: an example for each of the values."""

from __future__ import annotations

import pytest

from calico_bgp.routes.computed import spread
from calico_bgp.routes.computed.arrivals import Arrivals, arrivals_of, brought_in
from calico_bgp.routes.network.holding.held import Held
from calico_bgp.routes.network.index import SingleSessionIndex
from calico_bgp.routes.network.sessions import BGPSession, EndSettings, ExternalSession, SessionEnd
from calico_bgp.routes.network.wiring import wiring_of
from tests.hand_made_networks import network, session


def wired(names, *sessions, externals=()):
    net = network(names, sessions)
    return wiring_of(SingleSessionIndex(net.speakers, net.sessions, externals), names)


def numbered(names):
    return {name: number for number, name in enumerate(names)}


def bits(text, names):
    """The classes of the nodes in a text, of nodes of one letter."""
    return sum(1 << names.index(name) for name in text)


def ebgp(one, as_one, other, as_other, **settings):
    near, far = EndSettings(as_one, as_other, **settings), EndSettings(as_other, as_one, **settings)
    return BGPSession(SessionEnd(one, None, near), SessionEnd(other, None, far))


def outside(node, own_as, peer_as, address="203.0.113.1", **settings):
    return ExternalSession(SessionEnd(node, None, EndSettings(own_as, peer_as, **settings)), address)


def test_what_is_possible_rests_on_other_nodes_than_what_is_certain():
    sure = wired("acrs", session("r", "a", cluster="1.1.1.1"), session("r", "c", cluster="1.1.1.1"))
    perhaps = wired("acrs", session("s", "a", cluster="2.2.2.2"), session("s", "c", cluster="2.2.2.2"))
    found = arrivals_of(sure, perhaps, "a", numbered("acrs"))
    assert found == Arrivals(bits("cr", "acrs"), bits("cs", "acrs"), leaves=False, relies_on=frozenset({2, 3}))


def test_a_later_route_leaves_where_the_first_one_may_not():
    """x has o's route over iBGP first, which goes to no switch inside the AS; then over m as well, by eBGP."""
    inside = BGPSession(SessionEnd("o", None, EndSettings(500, 500)), SessionEnd("x", None, EndSettings(500, 500)))
    switch = outside("x", 500, 500)
    made = wired("omx", inside, ebgp("o", 600, "m", 200), ebgp("m", 200, "x", 500), externals=[switch])
    found = arrivals_of(made, made, "o", numbered("omx"))
    assert found == Arrivals(bits("mx", "omx"), bits("mx", "omx"), leaves=True, relies_on=frozenset({0, 1, 2}))
    alone = wired("omx", inside, ebgp("o", 600, "m", 200), externals=[switch])
    assert arrivals_of(alone, alone, "o", numbered("omx")).leaves is False


def test_a_route_that_leaves_at_once_rests_on_its_own_way_alone():
    made = wired("ab", session("a", "b"), externals=[outside("a", 64512, 65000)])
    assert arrivals_of(made, made, "a", numbered("ab")) == Arrivals(2, 2, leaves=True, relies_on=frozenset({0}))


def test_where_choices_do_not_come_to_rest_all_is_possible_and_nothing_certain(monkeypatch):
    made = wired("abc", ebgp("a", 100, "b", 200, add_paths=False), ebgp("b", 200, "c", 300, add_paths=False))
    classes = {"a": 0, "b": 2, "c": 4}
    settled = arrivals_of(made, made, "a", classes)
    assert (settled.yes, settled.possible) == (0b10100, 0b10100)
    monkeypatch.setattr(spread, "_ROUNDS", 0)
    restless = arrivals_of(made, made, "a", classes)
    assert (restless.yes, restless.possible) == (0, 0b11111)


@pytest.mark.parametrize(
    ("closed", "inside"),
    [((), "abcd"), (("a",), "cd"), (("c",), "ab"), (("a", "c"), "")],
)
def test_what_an_import_filter_holds_back_is_not_brought_in(closed, inside):
    """Behind a stands b and behind c stands d."""
    held = {name: Held(incoming=1) if name in closed else None for name in "ac"}
    externals = [outside(name, 64512, 65000, f"203.0.113.{n}", held=held[name]) for n, name in enumerate("ac", 1)]
    made = wired("abcd", session("a", "b"), session("c", "d"), externals=externals)
    assert brought_in(made, numbered("abcd")) == bits(inside, "abcd")
