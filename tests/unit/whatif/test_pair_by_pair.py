"""Risks and verdicts of random small networks, against every pair of nodes asked by itself."""

from __future__ import annotations

import random
from itertools import combinations, permutations

import pytest

from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.whatif.risks import Removal, reflectors_of, risks
from calico_bgp.whatif.scenario import Scenario
from calico_bgp.whatif.verdict import judge_family
from tests.hand_made_networks import network, session, switch

YES, PERHAPS, NO = Answer.YES, Answer.PERHAPS, Answer.NO
NAMES = ["c1", "c2", "c3", "c4", "r1", "r2", "r3"]


def some_sessions(chance, share):
    """Clients have some of the reflectors, and some nodes each other."""
    found = []
    for one, other in combinations(NAMES, 2):
        if chance.random() < share:
            reflects = other.startswith("r") and one.startswith("c")
            found.append(
                session(other, one, cluster=f"1.1.1.{chance.choice((1, 1, 2))}") if reflects else session(one, other)
            )
    return found


def some_network(number):
    chance = random.Random(number)
    certain = some_sessions(chance, chance.choice((0.3, 0.5, 0.8)))
    more = some_sessions(chance, 0.15) if chance.random() < 0.4 else None
    there = {frozenset((one.a.node, one.b.node)) for one in certain}
    possible = None if more is None else (*certain, *(s for s in more if {s.a.node, s.b.node} not in there))
    outside = tuple(switch(name) for name in NAMES if chance.random() < 0.2)
    return network(NAMES, certain, possible=possible, externals=outside if chance.random() < 0.3 else ())


def answers(net, nodes):
    reach = reachability(net)
    there = set(reach.nodes)
    return {
        (one, other): reach.learns(one, other) if {one, other} <= there else NO for one, other in permutations(nodes, 2)
    }


def is_doubtful(now, then):
    return (now, then) in {(YES, PERHAPS), (PERHAPS, NO)}


def cut_off(found, nodes):
    """Who has nobody, and whom nobody has."""
    return {name for name in nodes if not any(name in pair and a is not NO for pair, a in found.items())}


@pytest.mark.parametrize("start", range(0, 60, 10))
def test_what_each_removal_costs(start):
    for number in range(start, start + 10):
        net = some_network(number)
        zones = {"a": ["c1", "r1"], "b": ["c2", "r2", "nobody"], "empty": ["nobody"]}
        found = risks(net, zones)
        reflectors = reflectors_of(net)
        removals = [(Removal.NODE, (name,)) for name in NAMES]
        removals += [(Removal.REFLECTORS, pair) for pair in combinations(reflectors, 2)]
        removals += [(Removal.ZONE, ("c1", "r1")), (Removal.ZONE, ("c2", "r2"))]
        expected = {}
        now = answers(net, NAMES)
        for removal, gone in removals:
            left = [name for name in NAMES if name not in gone]
            then = answers(net.without(nodes=gone), left)
            lost = sum(now[pair] is YES and then[pair] is NO for pair in then)
            doubtful = sum(is_doubtful(now[pair], then[pair]) for pair in then)
            if lost or doubtful:
                lonely = tuple(sorted(cut_off(then, left) - cut_off(now, NAMES)))
                expected[removal, gone] = lost, doubtful, len(left), lonely
        assert {(r.removal, r.nodes): (r.lost, r.doubtful, r.left, r.lonely) for r in found.ranking} == expected
        order = [(-r.lost, -r.doubtful) for r in found.ranking]
        assert order == sorted(order)
        kinds = [removal for removal, _ in removals]
        assert found.tried == {removal: kinds.count(removal) for removal in Removal}
        assert found.zoneless == ("c3", "c4", "r3")
        assert (found.pairs_cut_off, found.pairs_not_known) == tuple(list(now.values()).count(a) for a in (NO, PERHAPS))
        hurts = [removal for removal, _ in expected if removal is not Removal.REFLECTORS]
        costs = [lost for (removal, _), (lost, *_) in expected.items() if removal is not Removal.REFLECTORS]
        is_sure = PERHAPS not in now.values() and not hurts
        assert found.answer is (NO if any(costs) or NO in now.values() else YES if is_sure else PERHAPS)


@pytest.mark.parametrize("start", range(0, 60, 10))
def test_what_a_change_costs_in_the_end_and_in_between(start):
    for number in range(start, start + 10):
        before, between, after = (some_network(seed) for seed in (number, number + 1000, number + 2000))
        gone = ["r3"] if number % 3 == 0 else []
        after, between = (each.without(nodes=gone) for each in (after, between))
        left = [name for name in NAMES if name not in gone]
        found = judge_family(Scenario(before, between, after, tuple(left)), gone)
        was, mid, will = (answers(each, left) for each in (before, between, after))
        fates = [(was[pair], mid[pair], will[pair]) for pair in was]
        assert found.pairs == len(fates)
        assert found.cut_already == sum(b is NO and a is NO for b, _, a in fates)
        assert found.gained == sum(b is NO and a is YES for b, _, a in fates)
        assert sum(loss.group.pairs for loss in found.lost) == sum(b is YES and a is NO for b, _, a in fates)
        meanwhile = sum(b is YES and m is NO and a is not NO for b, m, a in fates)
        assert sum(loss.group.pairs for loss in found.meanwhile) == meanwhile
        lonely = {name for loss in found.lost if loss.group.everyone for name in loss.group.learners}
        doubtful = sum(
            was[pair] is not NO
            and not (was[pair] is YES and NO in (mid[pair], will[pair]))
            and (mid[pair], will[pair]) != (YES, YES)
            and lonely.isdisjoint(pair)
            for pair in was
        )
        assert sum(doubt.group.pairs for doubt in found.doubts) == doubtful
        # What one more failure would do then.
        cut = {risk.nodes[0]: risk.lost for risk in risks(after).ranking if risk.removal is Removal.NODE and risk.lost}
        told = {name: failure.pairs for failure in found.next_failures for name in failure.nodes if failure.pairs}
        assert told == cut
        hurt_before = {risk.nodes for risk in risks(before).ranking}
        for failure in found.next_failures:
            assert [(name,) not in hurt_before for name in failure.nodes] == [failure.is_new] * len(failure.nodes)
