"""The computed reachability equals what real BIRDs hold in their tables, pair for pair."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.routes.network.network import Network
from calico_bgp.routes.network.sessions import BGPSession
from tests.rig.machines.crowd import Crowd
from tests.rig.routes.propagation_plans import Plan, plans

pytestmark = pytest.mark.rig

PLANS = plans()
#: (learner, origin).
Pairs = frozenset[tuple[str, str]]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pairs]:
    """Plan → which node holds whose block, when all has come to rest."""
    speakers = tuple(speaker for plan in PLANS for speaker in plan.speakers())
    with Crowd(speakers, tmp_path_factory.mktemp("crowd")) as crowd:
        crowd.wait_established(seconds=60)
        held = crowd.settled_tables(seconds=60)
    return {plan.name: _held(plan, held) for plan in PLANS}


def _held(plan: Plan, held: dict[str, frozenset[str]]) -> Pairs:
    names = [node.name for node in plan.resources.nodes]
    assert all(plan.block(name) in held[f"{plan.number}-{name}"] for name in names)
    return frozenset(
        (learner, origin)
        for learner in names
        for origin in names
        if learner != origin and plan.block(origin) in held[f"{plan.number}-{learner}"]
    )


def computed(network: Network) -> Pairs:
    reach = reachability(network)
    assert reach.count(Answer.PERHAPS) == 0
    return frozenset(reach.pairs(Answer.YES))


def connected(network: Network) -> Pairs:
    """The wrong model: whoever is joined by a chain of sessions learns everything."""
    group = {speaker.name: {speaker.name} for speaker in network.speakers}
    for a, b in network.sessions:
        both = group[a.node] | group[b.node]
        for name in both:
            group[name] = both
    return frozenset((a, b) for a, names in group.items() for b in names if a != b)


def without_cluster_list(network: Network) -> Pairs:
    """The other wrong model: no cluster ID ever meets its like."""
    numbers = iter(range(10**6))
    sessions = (
        BGPSession(*(e._replace(settings=e.settings._replace(cluster_id=str(next(numbers)))) for e in session))
        for session in network.sessions
    )
    return computed(replace(network, sessions=tuple(sessions)))


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
def test_computed_equals_what_bird_holds(plan: Plan, tables: dict[str, Pairs]):
    assert computed(plan.network) == tables[plan.name]


def test_the_topologies_are_many_and_of_the_right_size():
    assert len(PLANS) >= 30
    assert all(4 <= len(plan.resources.nodes) <= 12 for plan in PLANS)
    assert sum(bool(plan.cut) for plan in PLANS) >= 10
    assert sum(not plan.add_paths for plan in PLANS) >= 5


@pytest.mark.parametrize(("wrong", "at_least"), [(connected, 10), (without_cluster_list, 3)])
def test_a_simpler_model_is_wrong(wrong, at_least, tables: dict[str, Pairs]):
    found = Counter(plan.name for plan in PLANS if wrong(plan.network) != tables[plan.name])
    assert len(found) >= at_least, found
