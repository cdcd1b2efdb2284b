"""The plan from a mesh to reflectors and back, step by step on real BIRDs: who misses whose route, at any moment."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from itertools import permutations
from pathlib import Path

import pytest

from calico_bgp.changes.change import ApplyResources, SetClusterID, SetLabel, apply
from calico_bgp.model.resources import BGPPeer, Resources
from calico_bgp.plan.joining import Joining
from calico_bgp.plan.mesh import plan_mesh
from calico_bgp.plan.plan import PlanVerdict
from calico_bgp.plan.reflectors import plan_reflectors
from tests.clusters import peer
from tests.rig.routes.walk import NODES, running, the_mesh, walk

pytestmark = pytest.mark.rig

#: Its address as text is less than those of the others, as a number greater.
JOINING = Joining("node7", ip_address("10.77.0.100"))


def test_no_bird_loses_a_route_on_the_way_to_reflectors_and_back(tmp_path: Path) -> None:
    there = plan_reflectors(the_mesh(), 3)
    back = plan_mesh(there.after)
    with running(the_mesh(), tmp_path) as birds:
        flaps = [*walk(there, birds), *walk(back, birds)]
        assert birds.established(back.after) == {(a, b) for a, b in permutations(birds.crowd.speakers, 2) if a < b}
    # Only the first reflector, on the way there and back; every other pair stayed at every moment.
    assert {there.verdict, back.verdict} == {PlanVerdict.DRAINED}
    assert [step.drained for step in (*there.steps, *back.steps) if step.excused] == [(there.reflectors[0],)] * 2
    assert len(flaps) == 2 * 2 * (NODES - 1)
    print(f"routes of the drained node were gone for {min(flaps):.1f} to {max(flaps):.1f} s")


def with_a_reflector(joined_by: BGPPeer) -> Resources:
    """The mesh beside a reflector."""
    resources = ApplyResources(Resources(bgp_peers=(joined_by,)), joined_by.name).apply(the_mesh())
    return apply(resources, [SetLabel("node5", "route-reflector", "true"), SetClusterID("node5", "244.0.0.1")])


def test_beside_a_reflector_that_is_there_no_route_is_missing_at_any_moment(tmp_path: Path) -> None:
    start = with_a_reflector(peer("documented", node_selector="all()", peer_selector="has(route-reflector)"))
    plan = plan_reflectors(start, 2)
    assert plan.verdict is PlanVerdict.LOSES_NOTHING
    with running(start, tmp_path) as birds:
        assert list(walk(plan, birds)) == []


def test_without_bgppeers_by_address_the_second_reflector_does_lose_its_routes(tmp_path: Path) -> None:
    # A global BGPPeer names the sessions between reflectors itself, so that they start again.
    start = with_a_reflector(peer("trap", peer_selector="has(route-reflector)"))
    plan = plan_reflectors(start, 2)
    assert [step.drained for step in plan.steps if step.excused] == [(plan.reflectors[1],)]
    with running(start, tmp_path) as birds:
        # At least between the two reflectors; the other routes of the second may come by the first before they go.
        assert 2 <= len(list(walk(plan, birds))) <= 2 * (NODES - 1)


def test_no_bird_loses_a_route_when_a_new_node_joins_as_the_first_reflector_and_leaves_again(tmp_path: Path) -> None:
    there = plan_reflectors(the_mesh(), 3, joining=[JOINING])
    back = plan_mesh(there.after, leaving=["node7"])
    assert {there.verdict, back.verdict} == {PlanVerdict.LOSES_NOTHING}
    assert there.drains == 0
    with running(the_mesh(), tmp_path) as birds:
        assert list(walk(there, birds)) == []
        assert len(birds.crowd.speakers) == NODES + 1
        assert list(walk(back, birds)) == []
        assert birds.established(back.after) == {(a, b) for a, b in permutations(birds.crowd.speakers, 2) if a < b}
        assert len(birds.crowd.speakers) == NODES


def test_with_new_nodes_for_all_reflectors_no_bird_loses_a_route_either(tmp_path: Path) -> None:
    there = plan_reflectors(the_mesh(), 2, joining=[JOINING, Joining("node8", ip_address("10.77.0.3"))])
    back = plan_mesh(there.after, leaving=["node7", "node8"])
    assert {there.verdict, back.verdict} == {PlanVerdict.LOSES_NOTHING}
    with running(the_mesh(), tmp_path) as birds:
        assert list(walk(there, birds)) == []
        assert list(walk(back, birds)) == []


def test_before_the_new_node_has_started_the_next_reflector_does_lose_its_routes(tmp_path: Path) -> None:
    """The same step in another order: nobody reflects yet, and so the watch must see what the plan spares."""
    plan = plan_reflectors(the_mesh(), 3, joining=[JOINING])
    (make,) = (step for step in plan.steps if step.title == "Make node1 the second reflector")
    early = plan.steps[0].after
    with running(the_mesh(), tmp_path) as birds:
        assert birds.take(plan.steps[0]).missing == {}
        watch = birds.take(replace(make, before=early, after=apply(early, make.actions), awaited=()))
    assert watch.missing
    assert all("node1" in pair for pair in watch.missing)
