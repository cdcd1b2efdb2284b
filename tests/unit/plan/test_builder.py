"""Steps of plans, of which of equal nodes two are looked at, as far as that is enough."""

import pytest

from calico_bgp.changes.change import SetClusterID, SetMesh
from calico_bgp.expect.version import NEWEST
from calico_bgp.plan.builder import Builder, NodesDiffer, planned
from tests.clusters import cluster, node

MESH = cluster(*(node(f"n{number}", f"10.0.0.{number}") for number in range(1, 7)))


def test_a_step_that_tells_equal_nodes_apart_is_not_judged_by_two_of_them():
    change = SetClusterID("n5", "244.0.0.1")
    with pytest.raises(NodesDiffer):
        Builder(MESH, NEWEST, changed=()).add("title", "why", [change])
    few, each = (Builder(MESH, NEWEST, changed) for changed in (["n5"], None))
    for builder in (few, each):
        builder.add("title", "why", [change])
    assert few.steps == each.steps
    assert few.steps[0].awaited == ()
    (moment,) = few.steps[0].moments
    assert sum(group.pairs for group in moment.lost) == 10


def test_what_happens_to_all_equal_nodes_is_seen_on_two():
    few, each = (Builder(MESH, NEWEST, changed) for changed in ((), None))
    for builder in (few, each):
        builder.add("title", "why", [SetMesh(on=False)])
        builder.add("title", "why", [SetMesh(on=True)])
    assert few.steps == each.steps
    assert [sum(group.pairs for group in step.moments[0].lost) for step in few.steps] == [30, 0]
    assert [len(awaited.pairs) for step in few.steps for awaited in step.awaited] == [15]
    # Without the steps in between: four of six nodes were not looked at.
    assert len(few.expectation.peers) == 2


def test_where_two_are_not_enough_each_is_looked_at():
    asked = []

    def plan(few):
        asked.append(few)
        if few:
            raise NodesDiffer
        return "plan"

    assert planned(plan) == "plan"
    assert asked == [True, False]
