"""Laws of plans, on random small meshes with zones."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from calico_bgp.auditing.lint import lint
from calico_bgp.expect.engine import expect
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, CalicoNode, Resources
from calico_bgp.plan import mesh, reflectors
from calico_bgp.plan.joining import Joining
from calico_bgp.plan.mesh import plan_mesh
from calico_bgp.plan.plan import Drain, Plan, PlanVerdict, Uncordon
from calico_bgp.plan.reflectors import plan_reflectors
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.routes.network.from_expected import expected_network

#: Also such whose order as text is not that of the numbers: it decides who waits for whom.
LAST = [9, 10, 2, 100, 50, 51, 7]
ZONE, PLANE = "topology.kubernetes.io/zone", "node-role.kubernetes.io/control-plane"


@st.composite
def meshes(draw):
    """A mesh of one or both families, with zones, and perhaps a router outside, ports and a named BGPConfiguration."""
    both = draw(st.booleans())
    nodes = []
    for number, last in enumerate(LAST[: draw(st.integers(2, 7))], start=1):
        labels = {}
        if zone := draw(st.sampled_from(["a", "b", "c", None])):
            labels[ZONE] = zone
        if draw(st.booleans()):
            labels[PLANE] = ""
        nodes.append(
            CalicoNode(
                name=f"n{number}",
                labels=tuple(sorted(labels.items())),
                ipv4=ip_address(f"192.0.2.{last}"),
                ipv6=ip_address(f"2001:db8::{last}") if both else None,
            )
        )
    peers = (BGPPeer(name="tor", peer_ip="203.0.113.1", as_number=65000),) if draw(st.booleans()) else ()
    default = BGPConfiguration(name="default", listen_port=draw(st.sampled_from([None, 179, 1790])))
    configs = draw(st.sampled_from([(), (default,), (default, BGPConfiguration(name="node.n1", listen_port=500))]))
    return Resources(nodes=tuple(nodes), bgp_peers=peers, bgp_configurations=configs)


def learned(resources: Resources) -> set[tuple[Family, str, str]]:
    return {
        (family, *pair)
        for family in Family
        for pair in reachability(expected_network(expect(resources), family)).pairs(Answer.YES)
    }


def check(plan: Plan, *, drains: int) -> None:
    assert plan.verdict is PlanVerdict.DRAINED
    assert plan.drains == drains
    before = learned(plan.before)
    for step in plan.steps:
        assert step.loses_nothing
        assert before <= learned(step.after)
        for moment in step.moments:
            # A drained node has two pairs with each other node.
            assert moment.excused in {0, 2 * (moment.nodes - 1)}
            assert not moment.excused or step.drained
    cordoned: set[str] = set()
    for action in (action for step in plan.steps for action in step.actions):
        if isinstance(action, Drain):
            cordoned.add(action.node)
        if isinstance(action, Uncordon):
            cordoned.remove(action.node)
    assert cordoned == set()


@settings(deadline=None, max_examples=60)
@given(meshes(), st.integers(2, 4))
def test_every_step_holds_there_and_back(resources, count):
    count = min(count, len(resources.nodes))
    there = plan_reflectors(resources, count)
    check(there, drains=1)
    reflectors = {node.name for node in there.after.nodes if node.cluster_id is not None}
    assert reflectors == set(there.reflectors)
    assert len(reflectors) == count
    assert there.single_points == ()
    assert not lint(there.after).exit_code(Severity.ERROR)
    planes = {node.name for node in resources.nodes if node.label(PLANE) is not None}
    assert not reflectors <= planes or len(planes) == len(resources.nodes)
    assert plan_reflectors(there.after, count).verdict is PlanVerdict.NOTHING_TO_DO

    back = plan_mesh(there.after)
    check(back, drains=1)
    assert back.after.nodes == resources.nodes
    assert back.after.bgp_peers == resources.bgp_peers
    assert back.after.mesh_enabled


@settings(deadline=None, max_examples=40)
@given(meshes(), st.integers(2, 3), st.data())
def test_a_plan_may_be_broken_off_after_any_step(resources, count, data):
    count = min(count, len(resources.nodes))
    plan = plan_reflectors(resources, count)
    place = data.draw(st.integers(0, len(plan.steps) - 1))
    rest = plan_reflectors(plan.steps[place].after, nodes=plan.reflectors)
    assert rest.after == plan.after
    assert rest.verdict is not PlanVerdict.LOSES
    undo = plan_mesh(plan.steps[place].after)
    assert undo.verdict is not PlanVerdict.LOSES
    assert undo.after.nodes == resources.nodes
    assert undo.after.bgp_peers == resources.bgp_peers


def new_nodes(resources: Resources, number: int) -> list[Joining]:
    both = resources.nodes[0].ipv6 is not None
    return [
        Joining(f"rr{n}", ip_address(f"192.0.2.{19 * n}"), ip_address(f"2001:db8::{19 * n}") if both else None)
        for n in range(1, number + 1)
    ]


def loses_nothing_at_all(plan: Plan) -> None:
    """No node that stays loses a route, also one that has just joined, and none is drained for a moment of loss."""
    assert plan.verdict is PlanVerdict.LOSES_NOTHING
    for step in plan.steps:
        assert step.loses_nothing
        assert not step.excused
        staying = {node.name for node in step.after.nodes}
        had = {(family, *pair) for family, *pair in learned(step.before) if staying.issuperset(pair)}
        assert had <= learned(step.after)


@settings(deadline=None, max_examples=60)
@given(meshes(), st.integers(1, 3), st.integers(2, 4))
def test_with_new_nodes_nobody_is_drained_and_nothing_lost_there_and_back(resources, number, count):
    joining = new_nodes(resources, number)
    names = {each.name for each in joining}
    there = plan_reflectors(resources, min(count, len(resources.nodes)), joining=joining)
    loses_nothing_at_all(there)
    assert there.drains == 0
    assert there.joined == tuple(each.name for each in joining)
    assert names <= set(there.reflectors)
    assert {node.name for node in there.after.nodes if node.cluster_id is not None} == set(there.reflectors)
    assert all(each.on(there.after.nodes_by_name[each.name]) in there.after.nodes for each in joining)
    assert not lint(there.after).exit_code(Severity.ERROR)
    if len(there.reflectors) > 1:
        assert there.single_points == ()
    assert plan_reflectors(there.after, nodes=there.reflectors).verdict is PlanVerdict.NOTHING_TO_DO

    back = plan_mesh(there.after, leaving=sorted(names))
    loses_nothing_at_all(back)
    assert back.after.nodes == resources.nodes
    assert back.after.bgp_peers == resources.bgp_peers
    assert back.after.mesh_enabled


@settings(deadline=None, max_examples=40)
@given(meshes(), st.integers(1, 2), st.integers(2, 3), st.data())
def test_a_plan_with_new_nodes_may_be_broken_off_after_any_step(resources, number, count, data):
    joining = new_nodes(resources, number)
    plan = plan_reflectors(resources, min(count, len(resources.nodes)), joining=joining)
    so_far = plan.steps[data.draw(st.integers(0, len(plan.steps) - 1))].after
    waiting = [e for e in joining if so_far.nodes_by_name.get(e.name, CalicoNode(e.name)).ipv4 is None]
    rest = plan_reflectors(so_far, nodes=plan.reflectors, joining=waiting)
    assert rest.after == plan.after
    assert rest.verdict in {PlanVerdict.LOSES_NOTHING, PlanVerdict.NOTHING_TO_DO}
    undo = plan_mesh(so_far, leaving=[e.name for e in joining if e.name in so_far.nodes_by_name])
    assert undo.verdict in {PlanVerdict.LOSES_NOTHING, PlanVerdict.NOTHING_TO_DO}
    assert undo.after.nodes == resources.nodes
    assert undo.after.bgp_peers == resources.bgp_peers


@settings(deadline=None, max_examples=40)
@given(meshes(), st.integers(2, 3))
def test_where_a_plan_drains_nodes_new_ones_in_their_place_need_no_drain(resources, count):
    plan = plan_reflectors(resources, min(count, len(resources.nodes)))
    assert plan.avoidable
    kept = [name for name in plan.reflectors if name not in plan.avoidable]
    instead = plan_reflectors(resources, nodes=kept, joining=new_nodes(resources, len(plan.avoidable)))
    loses_nothing_at_all(instead)
    assert instead.avoidable == ()


def with_each_looked_at(make: Callable[[], Plan]) -> Plan:
    """A plan of which every node was looked at; the other way must need none of that, and come to the same."""
    with patch.object(reflectors, "planned", lambda plan: plan(True)), patch.object(mesh, "planned", lambda p: p(True)):
        few = make()
    with (
        patch.object(reflectors, "planned", lambda plan: plan(False)),
        patch.object(mesh, "planned", lambda p: p(False)),
    ):
        each = make()
    assert few == each
    return each


@given(meshes(), st.integers(2, 4), st.booleans())
@settings(max_examples=40, deadline=None)
def test_two_of_equal_nodes_show_what_becomes_of_all(resources, number, joins):
    ipv6 = ip_address("2001:db8::200") if resources.nodes[0].ipv6 else None
    joining = [Joining("new", ip_address("192.0.2.200"), ipv6)] if joins else []
    number = min(number, len(resources.nodes) + len(joining))
    there = with_each_looked_at(lambda: plan_reflectors(resources, number, joining=joining))
    for step in there.steps:
        with_each_looked_at(lambda step=step: plan_mesh(step.after))
    if not joins:
        with_each_looked_at(lambda: plan_reflectors(there.after, min(number + 1, len(resources.nodes))))
