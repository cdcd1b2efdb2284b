"""What a cause costs: by the routes of its sessions, by what its fix brings back, or by what it says itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.costs import Costs, costs_of
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.cause import Confidence, Fix, Risk
from calico_bgp.routes.consequences import NOTHING_LOST, Lost

IPV4, IPV6 = Family.IPV4, Family.IPV6


def keys(family, names):
    return frozenset(SessionKey.between(family, name, "z") for name in names)


@dataclass
class Routes:
    """What is lost by each set of sessions of a family that are down, and which sets were asked for."""

    family: Family
    losses: dict[str, Lost | None]
    most: int = 9
    is_whole: bool = True
    asked: list[frozenset[SessionKey]] = field(default_factory=list)

    @property
    def bad(self):
        return keys(self.family, "".join(self.losses))

    def is_known(self, sessions):
        return frozenset(sessions) in self.asked

    def lost_by(self, sessions):
        self.asked.append(frozenset(sessions))
        return {keys(self.family, names): lost for names, lost in self.losses.items()}[frozenset(sessions)]


def candidate(sessions=frozenset(), **fields):
    return Candidate(
        kind="kind",
        subjects=(),
        title=Words("x"),
        confidence=Confidence.LIKELY,
        explains=frozenset({"f"}),
        keys=frozenset(sessions),
        **fields,
    )


def told(costs, made):
    cost = costs.of(made)
    return cost.words, cost.routes, cost.certain


def costs_with(*routes):
    return Costs(SimpleNamespace(routes={each.family: each for each in routes}))


LOST_3 = ("3 routes are lost because of it", 3, True)
UNKNOWN = (None, None, False)


def test_a_number_in_words():
    assert costs_of(None) is None
    assert costs_of(0) == "no route is lost because of it"
    assert costs_of(3) == LOST_3[0]


@pytest.mark.parametrize(
    ("of_ipv4", "of_ipv6", "expected"),
    [
        (Lost(3, certain=True), None, LOST_3),
        (Lost(3, certain=False), None, ("3 routes are perhaps lost because of it", 3, False)),
        (Lost(0, certain=True), None, (NOTHING_LOST, 0, True)),
        (Lost(0, certain=False), None, (NOTHING_LOST, 0, False)),
        # Of both families all that is lost; some of it for certain.
        (Lost(1, certain=True), Lost(2, certain=False), LOST_3),
        (Lost(1, certain=False), Lost(2, certain=True), LOST_3),
    ],
)
def test_what_its_sessions_cost(of_ipv4, of_ipv6, expected):
    routes = [Routes(IPV4, {"a": of_ipv4}), *([Routes(IPV6, {"a": of_ipv6})] if of_ipv6 is not None else [])]
    assert told(costs_with(*routes), candidate(keys(IPV4, "a") | keys(IPV6, "a"))) == expected


def test_where_one_family_does_not_tell_nothing_is_said():
    made = candidate(keys(IPV4, "a") | keys(IPV6, "a"))
    assert told(costs_with(Routes(IPV4, {"a": Lost(3, certain=True)}), Routes(IPV6, {"a": None})), made) == UNKNOWN


def test_only_sessions_that_should_stand_count():
    """One that stands, or whose family has strangers, says nothing of what is lost."""
    known = Routes(IPV4, {"a": Lost(3, certain=True)})
    assert told(costs_with(known), candidate(keys(IPV4, "ab") | keys(IPV6, "a"))) == LOST_3
    assert known.asked == [keys(IPV4, "a")]
    assert told(costs_with(Routes(IPV4, {"a": Lost(3, certain=True)})), candidate(keys(IPV4, "b"))) == UNKNOWN
    strangers = Routes(IPV4, {"a": Lost(3, certain=True)}, is_whole=False)
    assert told(costs_with(strangers), candidate(keys(IPV4, "a"))) == UNKNOWN


def test_of_so_many_causes_it_is_worked_out_and_of_what_is_known_already_always():
    routes = Routes(IPV4, {name: Lost(3, certain=True) for name in "abc"}, most=2)
    costs = costs_with(routes)
    found = [told(costs, candidate(keys(IPV4, name))) for name in "aabbca"]
    assert found == [LOST_3, LOST_3, LOST_3, LOST_3, UNKNOWN, LOST_3]


def test_each_family_has_its_own_bound():
    lost = {"a": Lost(3, certain=True), "b": Lost(3, certain=True)}
    costs = costs_with(Routes(IPV4, lost, most=1), Routes(IPV6, lost, most=2))
    found = [told(costs, candidate(keys(family, name))) for name in "ab" for family in (IPV4, IPV6)]
    assert found == [LOST_3, LOST_3, UNKNOWN, LOST_3]


def fix(restores):
    return Fix(label="fix", summary="fix it", risk=Risk.NONE, steps=(), restores=restores)


@pytest.mark.parametrize(
    ("restored", "expected"),
    [
        ([], UNKNOWN),
        ([None], UNKNOWN),
        ([0], (NOTHING_LOST, 0, True)),
        ([None, 1, 3], LOST_3),
        ([3, 1], LOST_3),
    ],
)
def test_where_no_session_is_down_it_costs_what_its_fix_brings_back(restored, expected):
    assert told(costs_with(), candidate(fixes=tuple(map(fix, restored)))) == expected


def test_what_a_cause_says_itself_counts_before_what_its_sessions_tell():
    """It knows more: a session that stands may be with the wrong node."""
    own = {"costs": "its own words", "routes_lost": 5}
    routes = Routes(IPV4, {"a": Lost(3, certain=True)})
    assert told(costs_with(routes), candidate(keys(IPV4, "a"), **own)) == ("its own words", 5, True)
    # Words without a number do not.
    assert told(costs_with(routes), candidate(keys(IPV4, "a"), costs="its own words")) == LOST_3


def test_without_sessions_what_the_fix_brings_back_counts_before_what_a_cause_says_itself():
    own = {"costs": "its own words", "routes_lost": 5}
    assert told(costs_with(), candidate(fixes=(fix(3),), **own)) == LOST_3
    assert told(costs_with(), candidate(**own)) == ("its own words", 5, True)
