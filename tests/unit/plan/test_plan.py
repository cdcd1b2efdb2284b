"""Plans from a mesh to reflectors and back: their order, what they cost, and what they leave alone."""

from dataclasses import replace

import pytest

from calico_bgp.auditing.lint import lint
from calico_bgp.changes.surviving import SurvivingSessions
from calico_bgp.errors import ChangeError
from calico_bgp.expect.engine import expect
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.resources import Resources
from calico_bgp.plan.mesh import plan_mesh
from calico_bgp.plan.moment import State, moments
from calico_bgp.plan.plan import Drain, PlanVerdict, Uncordon
from calico_bgp.plan.reflectors import plan_reflectors
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.routes.network.from_expected import expected_network
from tests.clusters import cluster, config, node, peer

RR = "route-reflector"
#: As Calico's documentation has it.
DOCUMENTED = peer("p", node_selector="all()", peer_selector=f"{RR} == 'true'")
QUOTED = peer("p", node_selector=f"!has({RR})", peer_selector=f"has({RR})")
TRAP = peer("p", peer_selector=f"has({RR})")
OFF = config(mesh=False)


def nodes(number=6, *, reflectors=0, cluster_ids=("244.0.0.1",) * 3, families=4):
    """Nodes n1, n2, ..., of which the first ones are reflectors."""
    return [
        node(
            f"n{n}",
            f"10.0.0.{n}",
            *([f"fd00::{n}"] if families == 46 else []),
            labels=f"{RR}=true" if n <= reflectors else "",
            cluster_id=cluster_ids[n - 1] if n <= reflectors else None,
        )
        for n in range(1, number + 1)
    ]


def titles(plan):
    return [step.title for step in plan.steps]


def drained(plan):
    return [action.node for step in plan.steps for action in step.actions if isinstance(action, Drain)]


def everyone_learns_everyone(resources: Resources) -> bool:
    return all(
        reachability(expected_network(expect(resources), family)).count(answer) == 0
        for family in Family
        for answer in (Answer.NO, Answer.PERHAPS)
    )


@pytest.mark.parametrize("families", [4, 46])
@pytest.mark.parametrize("count", [2, 3])
def test_from_a_mesh(count, families):
    plan = plan_reflectors(cluster(*nodes(families=families)), count)
    assert titles(plan) == [
        "Let every node peer with the reflectors to come",
        "Drain n1",
        "Make n1 the first reflector",
        "Let pods come to n1 again",
        "Make n2 the second reflector",
        *(["Make n3 the third reflector"] if count == 3 else []),
        "Turn the mesh off",
    ]
    assert plan.verdict is PlanVerdict.DRAINED
    assert all(step.loses_nothing for step in plan.steps)
    # Both ways between n1 and each of the five others, in one step.
    assert {(step.title, moment.excused) for step in plan.steps for moment in step.moments if moment.excused} == {
        ("Make n1 the first reflector", 10)
    }
    assert plan.reflectors == tuple(f"n{n}" for n in range(1, count + 1))
    assert plan.single_points == ()
    assert not plan.after.mesh_enabled
    assert everyone_learns_everyone(plan.after)
    assert not lint(plan.after).exit_code(Severity.WARNING)


def test_the_steps_hang_together():
    there = plan_reflectors(cluster(*nodes()), 3)
    back = plan_mesh(there.after)
    for plan in (there, back):
        resources = plan.before
        for step in plan.steps:
            assert step.before == resources
            for action in step.actions:
                if not isinstance(action, (Drain, Uncordon)):
                    resources = action.apply(resources)
            assert step.after == resources
        assert plan.after == resources


@pytest.mark.parametrize("count", [2, 3])
def test_back_to_the_mesh_nothing_is_left_behind(count):
    mesh = cluster(*nodes(families=46), config(mesh=True))
    back = plan_mesh(plan_reflectors(mesh, count).after)
    assert back.verdict is PlanVerdict.DRAINED
    assert drained(back) == ["n1"]
    assert back.after == mesh
    assert titles(back)[0] == "Turn the mesh on"
    assert titles(back)[-1] == "Delete the BGPPeers for reflectors"
    assert back.steps[-1].why == "They match no node any more."


def test_what_is_done_is_left_out():
    plan = plan_reflectors(cluster(*nodes()), 3)
    assert plan_reflectors(plan.after, 3).verdict is PlanVerdict.NOTHING_TO_DO
    assert plan_mesh(plan.before).verdict is PlanVerdict.NOTHING_TO_DO
    done = plan_reflectors(plan.steps[3].after, 3)
    assert titles(done) == titles(plan)[4:]
    assert done.after == plan.after


def test_stopped_within_a_step_the_rest_of_it_is_planned():
    plan = plan_reflectors(cluster(*nodes()), 2)
    (apply, label, cluster_id) = plan.steps[2].actions
    resources = label.apply(apply.apply(plan.steps[2].before))
    rest = plan_reflectors(resources, nodes=["n1", "n2"])
    assert [step.actions for step in rest.steps[:3]] == [(Drain("n1"),), (cluster_id,), (Uncordon("n1"),)]
    assert rest.after == plan.after
    resources = cluster_id.apply(apply.apply(plan.steps[2].before))  # the label forgotten: nobody peers with n1
    rest = plan_reflectors(resources, nodes=["n1", "n2"])
    assert titles(rest)[0] == "Label n1, a reflector already"
    assert rest.after == plan.after


@pytest.mark.parametrize("prepared", [DOCUMENTED, QUOTED, TRAP], ids=["documented", "quoted", "trap"])
def test_a_bgppeer_that_is_there_is_used(prepared):
    plan = plan_reflectors(cluster(*nodes(), prepared))
    assert plan.verdict is PlanVerdict.DRAINED
    assert drained(plan) == ["n1"]
    assert [one.name for one in plan.after.bgp_peers] == ["n1-to-n2", "p"]
    assert everyone_learns_everyone(plan.after)
    assert plan.label == (RR, "true")


@pytest.mark.parametrize("prepared", [DOCUMENTED, QUOTED], ids=["documented", "quoted"])
def test_beside_a_reflector_nothing_is_lost_at_all(prepared):
    plan = plan_reflectors(cluster(*nodes(reflectors=1), prepared))
    assert plan.verdict is PlanVerdict.LOSES_NOTHING
    assert drained(plan) == []
    assert everyone_learns_everyone(plan.after)


@pytest.mark.parametrize("ids", [("244.0.0.1", "244.0.0.1"), ("1.1.1.1", "2.2.2.2")], ids=["one", "two"])
@pytest.mark.parametrize("joined", [DOCUMENTED, QUOTED, TRAP], ids=["documented", "quoted", "trap"])
def test_a_third_beside_two_of_other_makings(joined, ids):
    resources = cluster(*nodes(reflectors=2, cluster_ids=ids), joined)
    plan = plan_reflectors(resources, 3)
    assert plan.verdict in {PlanVerdict.LOSES_NOTHING, PlanVerdict.DRAINED}
    assert set(drained(plan)) <= {"n3"}
    assert plan.after.nodes_by_name["n3"].cluster_id == ids[0]
    assert not plan.after.mesh_enabled


@pytest.mark.parametrize("ids", [("244.0.0.1", "244.0.0.1"), ("1.1.1.1", "2.2.2.2")], ids=["one", "two"])
@pytest.mark.parametrize("joined", [DOCUMENTED, QUOTED, TRAP], ids=["documented", "quoted", "trap"])
def test_back_from_reflectors_of_other_makings_each_is_drained(joined, ids):
    plan = plan_mesh(cluster(*nodes(reflectors=2, cluster_ids=ids), joined, OFF))
    assert plan.verdict is PlanVerdict.DRAINED
    assert drained(plan) == ["n2", "n1"]
    assert plan.after.bgp_peers == ()
    assert plan.after.mesh_enabled
    assert all(one.cluster_id is None and one.labels == () for one in plan.after.nodes)
    assert everyone_learns_everyone(plan.after)


def test_without_the_bgppeers_by_address_the_second_reflector_would_lose_its_routes():
    plan = plan_reflectors(cluster(*nodes()), 2)
    names = [one.name for one in plan.after.bgp_peers]
    assert names == ["n1-to-n2", "peer-with-route-reflectors"]
    step = plan.steps[4]
    before = step.before.model_copy(update={"bgp_peers": step.before.bgp_peers[1:]})
    running = SurvivingSessions.of(expect(before))
    for action in step.actions:
        running = running.change(expect(action.apply(running.expectation.resources)))
    was, will = State.of(expect(before)), State.of(running.expectation)
    (moment,) = moments(was, was.between(running), will, frozenset())
    (group,) = moment.lost
    assert group.learners == ("n2",)
    assert group.everyone
    assert group.pairs == 10
    # Of a node without pods no route is missed: n1 and n2 lose one another.
    (drained_moment,) = moments(was, was.between(running), will, frozenset({"n1"}))
    assert (drained_moment.excused, sum(group.pairs for group in drained_moment.lost)) == (2, 8)


def test_a_password_that_is_not_known_cannot_be_given_to_another_bgppeer():
    plan = plan_reflectors(cluster(*nodes(), replace(QUOTED, has_password=True)))
    assert drained(plan) == ["n1", "n2"]
    assert all(step.loses_nothing for step in plan.steps)
    # One without it, from n1 to n2, would end the session between them.
    assert [one.name for one in plan.after.bgp_peers] == ["p", "route-reflectors-together"]


def test_restart_times_are_the_same_so_that_the_session_stays_up():
    plan = plan_reflectors(cluster(*nodes(), replace(QUOTED, max_restart_time="60s", filters=("f",))))
    assert drained(plan) == ["n1"]
    assert plan.after.bgp_peers[0].max_restart_time == "60s"
    assert plan.after.bgp_peers[0].filters == ("f",)


def test_other_bgppeers_and_names_stay():
    tor = peer("tor", peer_ip="10.9.9.9", as_number=65000)
    other = peer("n1-to-n2", node="n4", peer_ip="10.9.9.8", as_number=65000)
    plan = plan_reflectors(cluster(*nodes(), tor, other), 2)
    assert [one.name for one in plan.after.bgp_peers] == ["n1-to-n2", "n1-to-n2-2", "peer-with-route-reflectors", "tor"]
    assert {tor, other} <= set(plan.after.bgp_peers)
    assert set(plan_mesh(plan.after).after.bgp_peers) == {tor, other}


def test_a_label_that_other_nodes_have_is_not_used():
    plan = plan_reflectors(cluster(*nodes(5), node("n6", "10.0.0.6", labels=f"{RR}=no")), 2)
    assert plan.label == ("calico-route-reflector", "true")
    labelled = [one.name for one in plan.after.nodes if one.label("calico-route-reflector")]
    assert labelled == ["n1", "n2"]


def test_a_mesh_made_by_a_bgppeer_goes_at_the_end():
    plan = plan_reflectors(cluster(*nodes(), OFF, peer("mesh", node_selector="all()", peer_selector="all()")), 2)
    assert titles(plan)[-1] == "Delete the BGPPeers that make a mesh"
    assert all(step.loses_nothing for step in plan.steps)
    assert "mesh" not in {one.name for one in plan.after.bgp_peers}
    assert everyone_learns_everyone(plan.after)


def test_a_label_of_kubernetes_is_not_taken_away_and_so_the_way_back_is_not_safe():
    named = peer("p", node_selector="all()", peer_selector="kubernetes.io/hostname in {'n1', 'n2'}")
    some = [
        replace(one, labels=(("kubernetes.io/hostname", one.name),), cluster_id="1.1.1.1" if one.name < "n3" else None)
        for one in nodes()
    ]
    plan = plan_mesh(cluster(*some, named, OFF))
    assert plan.verdict is PlanVerdict.LOSES
    assert [step.title for step in plan.steps if not step.loses_nothing] == ["Delete the BGPPeers for reflectors"]


def test_one_reflector_alone_is_no_plan():
    plan = plan_reflectors(cluster(*nodes()), 1)
    assert plan.verdict is PlanVerdict.LOSES
    assert plan.problems == ("one reflector alone is a single point of failure: name two, or more",)


def test_upon_resources_that_do_not_mean_one_thing_nothing_is_planned():
    broken = cluster(*nodes(), peer("bad", peer_ip="10.9.9.9"))
    for plan in (plan_reflectors(broken), plan_mesh(broken)):
        assert plan.verdict is PlanVerdict.LOSES
        assert plan.steps == ()
        assert plan.problems[0] == "BIRD refuses the configuration of n1"


def test_without_nodes():
    for make in (plan_reflectors, plan_mesh):
        with pytest.raises(ChangeError, match="there is no Node"):
            make(cluster(OFF))


def test_a_step_says_who_holds_the_routes_meanwhile():
    why = {step.title: step.why for step in plan_reflectors(cluster(*nodes(5)), 3).steps}
    begin = "With the cluster ID {} leaves the mesh at once, and its sessions with the other nodes start again. "
    second, third = (begin.format(name) for name in ("n2", "n3"))
    assert why["Make n2 the second reflector"] == (f"{second}Meanwhile n1 holds all its routes: that session stays up.")
    assert why["Make n3 the third reflector"] == (
        f"{third}Meanwhile n1 and n2 hold all its routes: those sessions stay up."
    )


def test_a_step_says_which_sessions_to_wait_for():
    plan = plan_reflectors(cluster(*nodes(4, families=46)), 2)
    by_title = {step.title: step for step in plan.steps}
    first = by_title["Make n1 the first reflector"]
    assert [(each.family, each.pairs) for each in first.awaited] == [
        (family, (("n1", "n2"), ("n1", "n3"), ("n1", "n4"))) for family in Family
    ]
    # n1 with n2 stays up: that is what holds the routes.
    second = by_title["Make n2 the second reflector"]
    assert [each.pairs for each in second.awaited] == [(("n2", "n3"), ("n2", "n4"))] * 2
    assert by_title["Turn the mesh off"].awaited == ()
