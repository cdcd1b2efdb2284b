"""Who learns whose routes through BGPFilters equals what real BIRDs hold, pair for pair, wherever that is known."""

from __future__ import annotations

import random
from ipaddress import ip_network

import pytest

from calico_bgp.model.peer import Family
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import Reachability, reachability
from calico_bgp.routes.path.origin import origin_of
from calico_bgp.routes.path.policy import RoutePolicy
from calico_bgp.routes.path.trace import trace
from tests.rig.machines.crowd import Crowd, configure
from tests.rig.routes.filtered_plans import FilteredPlan, filtered_plans

pytestmark = pytest.mark.rig

TURNS = (filtered_plans(0), filtered_plans(1))
PLANS = tuple(plan for turn in TURNS for plan in turn)
#: Plan → node → the blocks in its table.
Tables = dict[str, dict[str, frozenset[str]]]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """What every node holds when all has come to rest."""
    found: Tables = {}
    speakers = tuple(speaker for plan in TURNS[0] for speaker in plan.speakers())
    with Crowd(speakers, tmp_path_factory.mktemp("crowd")) as crowd:
        crowd.wait_established(seconds=60)
        for number, turn in enumerate(TURNS):
            if number:
                configure(crowd, [speaker for plan in turn for speaker in plan.speakers()])
            held = crowd.settled_tables(seconds=60)
            for plan in turn:
                names = [node.name for node in plan.resources.nodes]
                found[plan.name] = {name: held[f"{plan.plan.number}-{name}"] for name in names}
    return found


def true_answer(plan: FilteredPlan, held: dict[str, frozenset[str]], learner: str, origin: str) -> Answer:
    """Whether all blocks of the one are with the other; a node without blocks has none that could lack."""
    return Answer.YES if held[learner].issuperset(plan.blocks(origin)) else Answer.NO


def pairs(reach: Reachability) -> list[tuple[str, str]]:
    return [(a, b) for a in reach.nodes for b in reach.nodes if a != b]


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
def test_what_is_known_is_what_bird_holds(plan: FilteredPlan, tables: Tables):
    reach = reachability(plan.network)
    for pair in pairs(reach):
        answer = reach.learns(*pair)
        told = reach.explain(*pair)
        if answer is Answer.PERHAPS:
            assert told.reasons, pair
        else:
            assert answer is true_answer(plan, tables[plan.name], *pair), (pair, told.text)


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
def test_a_trace_ends_where_bird_has_the_route_or_has_it_not(plan: FilteredPlan, tables: Tables):
    reach = reachability(plan.network)
    rng = random.Random(plan.name)
    blocks = rng.sample(plan.resources.block_affinities, min(4, len(plan.resources.block_affinities)))
    for block in blocks:
        prefix = ip_network(block.cidr)
        for target in reach.nodes:
            if target == block.node:
                continue
            nodes = frozenset(reach.wirings(block.node, target)[0].ports)
            policy = RoutePolicy(plan.expectation, Family.IPV4, nodes)
            found = trace(reach, policy, origin_of(prefix, plan.resources, block.node), block.node, target)
            if found.answer is Answer.PERHAPS:
                verdicts = [verdict for hop in found.way for verdict in (hop.export, hop.incoming) if verdict]
                assert any(verdict.accepted is None for verdict in verdicts)
                continue
            arrives = block.cidr in tables[plan.name][target]
            assert (found.answer is Answer.YES) is arrives, (block.cidr, target, found)
            assert found.answer is Answer.YES or found.stops or found.notes


def test_the_topologies_are_many_and_of_all_kinds():
    assert len(PLANS) >= 30
    reaches = [reachability(plan.network) for plan in PLANS]
    known = [reach for reach in reaches if reach.count(Answer.PERHAPS) == 0]
    assert len(known) >= len(PLANS) // 2
    assert sum(reach.count(Answer.NO) > 0 for reach in known) >= 5
    assert sum(reach.count(Answer.PERHAPS) > 0 for reach in reaches) >= 3
