"""Nodes that join as reflectors: how they are written, when they cannot join, and what a plan makes of them."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from calico_bgp.changes.change import CreateNode, RemoveNode, SetClusterID, Unlabel
from calico_bgp.changes.commands import commands
from calico_bgp.errors import ChangeError
from calico_bgp.expect.engine import expect
from calico_bgp.expect.version import NEWEST
from calico_bgp.model.resources import CalicoNode
from calico_bgp.plan.builder import Builder
from calico_bgp.plan.joining import Joining, StartNode, read_joining
from calico_bgp.plan.joining_steps import leave_cluster, start_node
from calico_bgp.plan.mesh import plan_mesh
from calico_bgp.plan.peering import missing
from calico_bgp.plan.plan import Drain, PlanVerdict
from calico_bgp.plan.reflectors import plan_reflectors
from tests.clusters import cluster, node, peer

RR = "route-reflector"
NEW = Joining("rr1", ip_address("10.0.0.9"))


def mesh(*more):
    return cluster(*(node(f"n{n}", f"10.0.0.{n}") for n in range(1, 7)), *more)


def titles(plan):
    return [step.title for step in plan.steps]


# -- as people write it -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["rr1=10.0.0.9,fd00::9", " rr1 = fd00::9 , 10.0.0.9 "])
def test_a_name_with_addresses(text):
    assert read_joining(text) == Joining("rr1", ip_address("10.0.0.9"), ip_address("fd00::9"))


def test_the_longest_name_that_a_node_may_have():
    assert read_joining(f"{'r' * 253}=10.0.0.9").name == "r" * 253


def test_one_address_of_either_family():
    assert read_joining("a.b-c=10.0.0.9") == Joining("a.b-c", ipv4=ip_address("10.0.0.9"))
    assert read_joining("rr1=fd00::9") == Joining("rr1", ipv6=ip_address("fd00::9"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rr1", "'rr1' has no address; expected NAME=IPV4"),
        ("rr1=", "'rr1=' has no address"),
        ("=10.0.0.9", "'' is no name for a Node"),
        ("RR1=10.0.0.9", "'RR1' is no name for a Node: lower-case letters, digits"),
        ("rr1;reboot=10.0.0.9", "is no name for a Node"),
        (f"{'r' * 254}=10.0.0.9", "is no name for a Node"),
        ("rr1=10.0.0", "'10.0.0' of rr1 is no IP address; expected NAME=IPV4"),
        ("rr1=10.0.0.9/24", "'10.0.0.9/24' of rr1 is no IP address; write it without the prefix length"),
        ("rr1=10.0.0.9,", "'' of rr1 is no IP address"),
        ("rr1=10.0.0.9,10.0.0.10", "rr1 has two IPv4 addresses, 10.0.0.9 and 10.0.0.10"),
        ("rr1=127.0.0.1", "127.0.0.1 of rr1 is no address that other nodes could reach it at"),
        ("rr1=fd00::9%eth0", "'fd00::9%eth0' of rr1 has a zone; write it without %eth0"),
    ],
)
def test_what_is_wrong_with_it(text, said):
    with pytest.raises(ChangeError) as error:
        read_joining(text)
    assert said in str(error.value)


# -- who cannot join --------------------------------------------------------------------------------------------------

BOTH = [node(f"n{n}", f"10.0.0.{n}", f"fd00::{n}") for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("resources", "joining", "said"),
    [
        (mesh(), "n2=10.0.0.9", "n2 is a node of these resources already, so it does not join: name it with --nodes"),
        (
            mesh(node("r", "10.0.0.8", cluster_id="1.1.1.1")),
            "r=10.0.0.9",
            "already, so it does not join: it is a refle",
        ),
        (mesh(), "rr1=10.0.0.2", "rr1 cannot have 10.0.0.2: that is the address of n2"),
        (mesh(), "rr1=10.0.0.9,fd00::9", "rr1 has an IPv6 address, fd00::9, but no node of these resources has one"),
        (cluster(*BOTH), "rr1=10.0.0.9", "rr1 cannot reflect for the other nodes: it has no IPv6 address for BGP"),
        (mesh(), "rr1=fd00::9", "rr1 has an IPv6 address, fd00::9, but no node of these resources has one for BGP"),
        (
            mesh(peer("tor", peer_ip="10.0.0.9:179", as_number=65000)),
            "rr1=10.0.0.9",
            "rr1 cannot have 10.0.0.9: BGPPeer tor peers with AS 65000 there",
        ),
    ],
)
def test_who_cannot_join(resources, joining, said):
    with pytest.raises(ChangeError) as error:
        plan_reflectors(resources, joining=[read_joining(joining)])
    assert said in str(error.value)


def test_two_cannot_have_one_name_or_one_address():
    with pytest.raises(ChangeError, match="rr1 is named twice with --joining"):
        plan_reflectors(mesh(), joining=[NEW, replace(NEW, ipv4=ip_address("10.0.0.10"))])
    with pytest.raises(ChangeError, match=r"rr2 cannot have 10\.0\.0\.9: that is the address of rr1"):
        plan_reflectors(mesh(), joining=[NEW, replace(NEW, name="rr2")])


def test_the_internal_address_of_another_node_is_taken():
    some = replace(node("n7", "10.0.0.7"), internal_ips=(ip_address("10.0.0.9"),))
    with pytest.raises(ChangeError, match=r"rr1 cannot have 10\.0\.0\.9: that is the address of n7"):
        plan_reflectors(mesh(some), joining=[NEW])


def test_a_node_that_joins_has_an_address():
    with pytest.raises(ChangeError, match="rr1 has no address; expected NAME=IPV4"):
        plan_reflectors(mesh(), joining=[Joining("rr1")])


def test_a_node_that_nobody_made_does_not_start():
    with pytest.raises(ChangeError, match="rr1"):
        StartNode(NEW).apply(mesh())


@pytest.mark.parametrize(
    ("joining", "said"),
    [
        (NEW, "the address 10.0.0.9, and let it"),
        (replace(NEW, ipv4=None, ipv6=ip_address("fd00::9")), "the address fd00::9, and let it"),
        (replace(NEW, ipv6=ip_address("fd00::9")), "the addresses 10.0.0.9 and fd00::9, and let it"),
    ],
)
def test_with_which_addresses_its_machine_starts(joining, said):
    made = [CalicoNode("rr1", labels=((RR, "true"),), cluster_id="1.1.1.1")]
    builder = Builder(cluster(*BOTH, *made), NEWEST)
    start_node(builder, joining, [])
    assert said in builder.steps[-1].why


def test_a_node_that_was_made_and_not_started_must_not_be_forgotten():
    made = plan_reflectors(mesh(), joining=[NEW]).steps[1].after
    with pytest.raises(ChangeError, match=r"rr1 has a cluster ID but no address for BGP.*give --joining rr1=ADDRESS"):
        plan_reflectors(made)


# -- the plan ---------------------------------------------------------------------------------------------------------


def test_the_new_node_is_the_first_and_nobody_is_drained():
    plan = plan_reflectors(mesh(), 2, joining=[NEW])
    assert titles(plan) == [
        "Let every node peer with the reflectors to come",
        "Create the Node rr1 before its machine starts",
        "Start rr1, and let it join the cluster",
        "Make n1 the second reflector",
        "Turn the mesh off",
    ]
    assert plan.verdict is PlanVerdict.LOSES_NOTHING
    assert plan.joined == ("rr1",)
    assert [(choice.node, choice.joins) for choice in plan.choices] == [("rr1", True), ("n1", False)]
    assert plan_reflectors(mesh(), nodes=["rr1", "n1"], joining=[NEW]).steps == plan.steps
    assert plan_reflectors(mesh(), nodes=["n1"], joining=[NEW]).steps == plan.steps


def test_before_it_starts_nobody_has_a_peer_for_it_and_it_never_is_in_the_mesh():
    plan = plan_reflectors(mesh(), 3, joining=[NEW])
    for step in plan.steps:
        made = step.after.nodes_by_name.get("rr1")
        peers = expect(step.after).peers
        has_it = {name for name, found in peers.items() if any(one.address == NEW.ipv4 for one in found)}
        if made is None or made.ipv4 is None:
            assert has_it == set()
        else:
            assert has_it == {f"n{n}" for n in range(1, 7)}
            assert not any(one.name.startswith("Mesh_") for one in peers["rr1"])


def test_label_and_cluster_id_are_there_when_the_machine_starts():
    plan = plan_reflectors(mesh(), 2, joining=[NEW])
    (start,) = (step for step in plan.steps if StartNode(NEW) in step.actions)
    waiting = start.before.nodes_by_name["rr1"]
    assert (waiting.label(RR), waiting.cluster_id, waiting.ipv4) == ("true", "244.0.0.1", None)
    assert [each.pairs for each in start.awaited] == [tuple((f"n{n}", "rr1") for n in range(1, 7))]


def test_bgppeers_to_a_new_node_come_with_its_start_as_nobody_answers_before():
    second = Joining("rr2", ip_address("10.0.0.10"))
    plan = plan_reflectors(mesh(), 2, joining=[NEW, second])
    assert titles(plan)[1:] == [
        "Create the Node rr1 before its machine starts",
        "Start rr1, and let it join the cluster",
        "Create the Node rr2 before its machine starts",
        "Start rr2, and let it join the cluster",
        "Turn the mesh off",
    ]
    (start,) = (step for step in plan.steps if StartNode(second) in step.actions)
    assert [one.name for one in start.after.bgp_peers if one not in start.before.bgp_peers] == ["rr1-to-rr2"]
    assert plan.single_points == ()


def test_a_node_made_by_hand_gets_what_it_lacks():
    made = mesh(replace(node("rr1"), labels=(("a", "b"),)))
    plan = plan_reflectors(made, 2, joining=[NEW])
    assert plan.verdict is PlanVerdict.LOSES_NOTHING
    assert not any(isinstance(action, CreateNode) for step in plan.steps for action in step.actions)
    assert plan.after.nodes_by_name["rr1"].labels == (("a", "b"), (RR, "true"))
    assert plan.after.nodes_by_name["rr1"].cluster_id == "244.0.0.1"


def test_beside_a_reflector_the_new_node_takes_its_cluster_id():
    joined = peer("p", node_selector="all()", peer_selector=f"has({RR})")
    there = mesh(node("r", "10.0.0.8", labels=f"{RR}=true", cluster_id="1.1.1.1"), joined)
    plan = plan_reflectors(there, 2, joining=[NEW])
    assert plan.verdict is PlanVerdict.LOSES_NOTHING
    assert plan.reflectors == ("r", "rr1")
    assert plan.after.nodes_by_name["rr1"].cluster_id == "1.1.1.1"


def test_with_a_password_that_is_not_known_the_next_one_is_drained_unless_it_joins_too():
    resources = mesh(replace(peer("p", node_selector=f"!has({RR})", peer_selector=f"has({RR})"), has_password=True))
    plan = plan_reflectors(resources, 2, joining=[NEW])
    assert plan.verdict is PlanVerdict.DRAINED
    assert plan.avoidable == ("n1",)
    both = plan_reflectors(resources, 2, joining=[NEW, Joining("rr2", ip_address("10.0.0.10"))])
    assert both.verdict is PlanVerdict.LOSES_NOTHING
    assert both.avoidable == ()


def test_one_new_reflector_alone_is_no_plan():
    plan = plan_reflectors(mesh(), 1, joining=[NEW])
    assert plan.problems == ("one reflector alone is a single point of failure: name two, or more",)


# -- and back ---------------------------------------------------------------------------------------------------------


def test_on_the_way_back_it_leaves_last():
    mesh_on = plan_reflectors(mesh(), 3, joining=[NEW]).after
    plan = plan_mesh(mesh_on, leaving=["rr1"])
    assert titles(plan) == [
        "Turn the mesh on",
        "Take n2 back into the mesh",
        "Take n1 back into the mesh",
        "Drain rr1",
        "Take rr1 out of the cluster",
        "Delete the BGPPeers for reflectors",
    ]
    assert plan.verdict is PlanVerdict.LOSES_NOTHING
    leave = plan.steps[4]
    assert leave.actions[0] == RemoveNode("rr1")
    # The six that stay are judged, and nobody else.
    assert [(moment.nodes, moment.lost, moment.gone, moment.excused) for moment in leave.moments] == [(6, (), (), 0)]
    assert plan.after.nodes == mesh().nodes
    assert plan.after.bgp_peers == ()


def test_going_into_the_mesh_instead_it_is_drained_as_the_last_reflector():
    plan = plan_mesh(plan_reflectors(mesh(), 2, joining=[NEW]).after)
    assert plan.verdict is PlanVerdict.DRAINED
    assert [action.node for step in plan.steps for action in step.actions if isinstance(action, Drain)] == ["rr1"]


def test_without_a_mesh_the_model_sees_what_the_last_reflector_takes_along():
    there = plan_reflectors(mesh(), 2, joining=[NEW]).after
    alone = SetClusterID("n1", None).apply(Unlabel("n1", RR).apply(there))
    builder = Builder(alone, NEWEST)
    leave_cluster(builder, "rr1", [])
    (moment,) = builder.steps[-1].moments
    assert [(group.learners, group.everyone) for group in moment.gone] == [(tuple(f"n{n}" for n in range(1, 7)), True)]
    assert not builder.steps[-1].loses_nothing


@pytest.mark.parametrize(
    ("name", "said"),
    [("rr2", "no node is called 'rr2'; there are 7: n1, n2, n3, n4, n5, n6, ..."), ("n3", "n3 is no reflector")],
)
def test_who_cannot_leave(name, said):
    with pytest.raises(ChangeError) as error:
        plan_mesh(plan_reflectors(mesh(), 2, joining=[NEW]).after, leaving=[name])
    assert said in str(error.value)


def test_no_bgppeer_to_its_address_outlives_it():
    second = Joining("rr2", ip_address("10.0.0.10"))
    plan = plan_mesh(plan_reflectors(mesh(), 3, joining=[NEW, second]).after, leaving=["rr1", "rr2"])
    for name, address in (("rr1", "10.0.0.9"), ("rr2", "10.0.0.10")):
        (leave,) = (step for step in plan.steps if step.title == f"Take {name} out of the cluster")
        assert not any(one.peer_ip == address or one.node == name for one in leave.after.bgp_peers)
    assert plan.verdict is PlanVerdict.LOSES_NOTHING


def test_a_node_is_made_with_kubectl_wherever_kubernetes_has_it():
    """calicoctl makes one in etcd only; a Node of Kubernetes it cannot make."""
    (in_etcd,) = commands(CreateNode(node("rr1", "10.0.0.9")), mesh())
    (in_kubernetes,) = commands(CreateNode(replace(node("rr1", "10.0.0.9"), api_version="v1")), mesh())
    assert in_etcd.best == in_etcd.kubectl
    assert in_etcd.calicoctl is not None
    assert in_kubernetes.best == in_kubernetes.kubectl
    assert in_kubernetes.calicoctl is None


def test_bgppeers_that_are_lacking_get_names_that_nothing_else_has():
    wanted = [peer("rr", node=name, peer_ip="10.0.0.9", as_number=64512) for name in ("n1", "n2", "n3")]
    there = [peer("rr", node="n4", peer_ip="10.0.0.9", as_number=64512), replace(wanted[2], name="other")]
    lacking = missing(wanted, there)
    assert [one.node for one in lacking] == ["n1", "n2"]
    names = [one.name for one in (*lacking, *there)]
    assert len(set(names)) == len(names)


def test_a_name_that_is_taken_makes_room_for_a_number_where_it_is_as_long_as_it_may_be():
    taken = peer("r" * 253, peer_ip="192.0.2.1")
    (lacking,) = missing([peer("r" * 253, peer_ip="192.0.2.2")], [taken])
    assert lacking.name.endswith("r-2")
    assert lacking.name != taken.name
    assert len(lacking.name) <= 253


@pytest.mark.parametrize(("api", "made"), [("v1", "v1"), ("projectcalico.org/v3", "projectcalico.org/v3")])
def test_a_node_is_made_as_the_others_are_read(api, made):
    """Where one of them is a Node of Kubernetes, all are."""
    first, *others = mesh().nodes
    resources = cluster(replace(first, api_version=api), *others)
    plan = plan_reflectors(resources, joining=[NEW])
    (create,) = [action for step in plan.steps for action in step.actions if isinstance(action, CreateNode)]
    assert create.node.api_version == made
