"""BGPFilters against a plain reference; rules that never decide; reach through filters against single nodes."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.bgp_filter import (
    AddCommunity,
    BGPFilter,
    Direction,
    FilterAction,
    FilterRule,
    MatchOperator,
    PrefixLength,
    PrependASPath,
    SetPriority,
)
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.routes.policy.bgp_filter import decide, refused_by_bird
from calico_bgp.routes.policy.route import Route, Source
from calico_bgp.routes.policy.shadow import shadowed_by
from tests.property.routes.filter_reference import outcome
from tests.rig.routes.filtered_plans import filtered_plans

PREFIXES = {
    Family.IPV4: (
        "10.0.0.0/8",
        "10.1.0.0/16",
        "10.1.2.0/24",
        "10.1.2.64/26",
        "10.1.2.65/32",
        "0.0.0.0/0",
        "11.0.0.0/8",
    ),
    Family.IPV6: ("fd00::/8", "fd65::/48", "fd65::40/122", "fd65::41/128", "::/0", "2001:db8::/32"),
}
COMMUNITIES = ((65000, 1), (65000, 2), (65000, 1, 2))
PATHS = ((), (65000,), (65000, 65001), (65001, 65000), (64512,))
PRIORITIES = (1024, 512, 2147483547)


@st.composite
def rules(draw, family):
    cidr = draw(st.none() | st.sampled_from((*PREFIXES[family], "10.1.2.0")))
    lengths = st.none() | st.integers(0, 32 if family is Family.IPV4 else 128)
    bare = cidr is not None and "/" not in cidr
    with_lengths = cidr is not None and not bare and draw(st.booleans())
    operations = st.lists(
        st.one_of(
            st.sampled_from(COMMUNITIES).map(AddCommunity),
            st.sampled_from(PATHS[1:]).map(PrependASPath),
            st.sampled_from(PRIORITIES).map(SetPriority),
        ),
        max_size=3,
    )
    action = draw(st.sampled_from(FilterAction))
    return FilterRule(
        action,
        cidr,
        draw(st.sampled_from(MatchOperator)) if cidr else None,
        PrefixLength(draw(lengths), draw(lengths)) if with_lengths else None,
        remote_peers_only=draw(st.integers(0, 3)) == 0,
        interface=draw(st.sampled_from((None, None, None, "*", "eth*", "cali?", "eth0"))),
        peer_type=draw(st.sampled_from((None, None, None, "iBGP", "eBGP"))),
        community=draw(st.sampled_from((None, None, None, *COMMUNITIES))),
        as_path_prefix=draw(st.sampled_from(((), (), (), *PATHS[1:]))),
        priority=draw(st.sampled_from((None, None, None, *PRIORITIES))),
        operations=tuple(draw(operations)) if action is FilterAction.ACCEPT else (),
    )


@st.composite
def filters(draw, family, direction):
    found = []
    for number in range(draw(st.integers(1, 3))):
        own = tuple(draw(st.lists(rules(family), max_size=4)))
        key = f"{direction}_v{4 if family is Family.IPV4 else 6}"
        made = BGPFilter(f"f{number}", **{key: own})
        if not any(refused_by_bird(made)):
            found.append(made)
    return tuple(found)


@st.composite
def routes(draw, family):
    return Route(
        ip_network(draw(st.sampled_from(PREFIXES[family]))),
        draw(st.sampled_from(Source)),
        draw(st.sampled_from(("", "eth0", "cali1", "cali12"))),
        as_path=draw(st.sampled_from(PATHS)),
        communities=tuple(draw(st.sets(st.sampled_from(COMMUNITIES)))),
    ).with_priority(draw(st.sampled_from(PRIORITIES)))


SLOW = settings(suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(st.data(), st.sampled_from(Family), st.sampled_from(Direction), st.booleans())
def test_a_decision_is_that_of_the_reference(data, family, direction, same_as):
    listed = data.draw(filters(family, direction))
    route = data.draw(routes(family))
    found = decide(listed, direction, family, route, same_as=same_as)
    expected = outcome(listed, direction, family, route, same_as=same_as)
    if found is None or expected is None:
        assert found is expected
        return
    after = found.route
    told = (found.accepted, found.filter, found.rule, after.as_path, after.local_pref, frozenset(after.communities))
    assert told == expected


@SLOW
@given(st.data(), st.sampled_from(Family), st.sampled_from(Direction), st.booleans())
def test_a_rule_that_is_called_shadowed_never_decides(data, family, direction, same_as):
    own = tuple(data.draw(st.lists(rules(family), min_size=2, max_size=4)))
    made = BGPFilter("f", **{f"{direction}_v{4 if family is Family.IPV4 else 6}": own})
    if any(refused_by_bird(made)):
        return
    route = data.draw(routes(family))
    if direction is Direction.IMPORT:
        route = replace(route, source=Source.BGP)
    found = decide((made,), direction, family, route, same_as=same_as)
    if found is not None:
        assert shadowed_by(own, found.rule, direction) is None


PLANS = [plan for turn in (0, 1) for plan in filtered_plans(turn)]


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
def test_classes_of_nodes_say_what_single_nodes_say(plan):
    network = plan.network
    alone = replace(
        network,
        sessions=tuple(network.sessions),
        possible=None if network.possible is None else tuple(network.possible),
    )
    found, expected = reachability(network), reachability(alone)
    gone = network.speakers[0].name
    for one, other in ((found, expected), (found.without([gone]), reachability(alone.without(nodes=[gone])))):
        assert one.nodes == other.nodes
        for answer in Answer:
            assert set(one.pairs(answer)) == set(other.pairs(answer)), answer
            assert one.count(answer) == len(list(one.pairs(answer)))
