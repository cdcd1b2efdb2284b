"""Parts of a plan where some of several are so and others are not."""

from dataclasses import replace

from calico_bgp.changes.change import SetLabel
from calico_bgp.expect.engine import expect
from calico_bgp.expect.version import NEWEST
from calico_bgp.plan.builder import Builder
from calico_bgp.plan.choice import choose
from calico_bgp.plan.peering import peering_of
from calico_bgp.plan.plan import Drain, PlanVerdict, Uncordon, waiting
from calico_bgp.plan.reflectors import plan_reflectors
from tests.clusters import cluster, config, node, peer

CONTROL_PLANE, ZONE = "node-role.kubernetes.io/control-plane", "topology.kubernetes.io/zone"


def test_what_a_step_changes_between_a_drain_and_its_end_is_changed():
    builder = Builder(cluster(node("n1", "10.0.0.1"), node("n2", "10.0.0.2")), NEWEST)
    builder.add("Label n1", "it is drained", [Drain("n1"), SetLabel("n1", "rack", "a"), Uncordon("n1")])
    assert builder.resources.nodes_by_name["n1"].label("rack") == "a"


def test_the_last_place_is_nobodys_for_sure_where_one_of_those_before_is_a_worker():
    """Another zone counts for more then."""
    taken = [
        node("rr1", "10.0.1.1", cluster_id="1.1.1.1", labels=f"{CONTROL_PLANE} {ZONE}=a"),
        node("rr2", "10.0.1.2", cluster_id="1.1.1.1", labels=f"{ZONE}=a"),
    ]
    free = [
        node("worker", "10.0.1.3", labels=f"{ZONE}=a"),
        node("plane", "10.0.1.4", labels=f"{CONTROL_PLANE} {ZONE}=b"),
    ]
    assert [choice.node for choice in choose(cluster(*taken, *free), 3)] == ["rr1", "rr2", "plane"]


def test_the_bgppeer_of_the_reflectors_stands_behind_one_of_a_switch():
    nodes = [node("rr", "10.0.0.9", cluster_id="1.1.1.1", labels="rr"), node("n1", "10.0.0.1"), node("n2", "10.0.0.2")]
    switch = peer("a", peer_ip="10.0.0.254", as_number=65001)
    reflected = peer("b", node_selector="all()", peer_selector="has(rr)")
    found, label = peering_of(expect(cluster(*nodes, switch, reflected, config(mesh=False)), version=NEWEST), ["rr"])
    assert found is not None
    assert (found.name, label) == ("b", ("rr", "true"))


def test_only_a_reflector_without_an_address_is_waited_for():
    ids = {"cluster_id": "1.1.1.1"}
    assert waiting(cluster(node("there", "10.0.0.1", **ids), node("starts", **ids), node("n"))) == ("starts",)


def test_one_reflector_beside_one_that_is_there_already_is_no_single_point():
    nodes = [node(f"n{n}", f"10.0.0.{n}") for n in (1, 2, 3)]
    there = node("rr", "10.0.0.9", cluster_id="1.1.1.1", labels="rr")
    reflected = peer("b", node_selector="all()", peer_selector="has(rr)")
    plan = plan_reflectors(cluster(*nodes, there, reflected), 2)
    assert [(choice.node, choice.already) for choice in plan.choices] == [("rr", True), ("n1", False)]
    assert not plan.problems
    assert plan.verdict is not PlanVerdict.LOSES


def test_of_drained_nodes_only_new_reflectors_could_be_others():
    plan = plan_reflectors(cluster(*(node(f"n{n}", f"10.0.0.{n}") for n in range(1, 5))), 2)
    assert plan.avoidable == ("n1",)
    there = tuple(replace(choice, already=True) for choice in plan.choices)
    assert replace(plan, choices=there).avoidable == ()
