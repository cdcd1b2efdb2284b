"""Laws of plans, on random small meshes with zones."""

from __future__ import annotations

from ipaddress import ip_address

from hypothesis import given, settings
from hypothesis import strategies as st

from calico_bgp.audit.lint import lint
from calico_bgp.expect.engine import expect
from calico_bgp.model.peer import Family
from calico_bgp.model.report import Severity
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, CalicoNode, Resources
from calico_bgp.whatif.answer import Answer
from calico_bgp.whatif.from_expected import expected_network
from calico_bgp.whatif.plan import Drain, Plan, PlanVerdict, Uncordon
from calico_bgp.whatif.plan_mesh import plan_mesh
from calico_bgp.whatif.plan_reflectors import plan_reflectors
from calico_bgp.whatif.propagation import reachability

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
