"""Is a change safe? On lab clusters and hand-made resources, from resources, from what was observed, and from both."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calico_bgp.changes.change import (
    ApplyResources,
    DeleteResource,
    RemoveNode,
    SetClusterID,
    SetLabel,
    SetMesh,
    Unlabel,
    apply,
    read_kind,
)
from calico_bgp.changes.peer_changes import PeerFate
from calico_bgp.cluster.cluster import observe
from calico_bgp.errors import ChangeError
from calico_bgp.lab.cluster import ExternalPeer, Topology, Variant, build_cluster
from calico_bgp.lab.faults.fault import Fault, FaultKind
from calico_bgp.lab.printing.resources import CLUSTER_ID, LABEL, lab_resources
from calico_bgp.model.inventory import Role
from calico_bgp.model.peer import Family
from calico_bgp.model.reading import GatherFailure, Stage
from calico_bgp.model.resources import IPPool, Resources
from calico_bgp.report.routes.whatif_text import whatif_line
from calico_bgp.whatif.question import what_if_observed, what_if_resources
from calico_bgp.whatif.verdict import Basis, Safety
from tests.clusters import cluster, config, node, peer
from tests.unit.auditing.conftest import snapshot_of

SAFE, NOT_SAFE, CANNOT_TELL = Safety.SAFE, Safety.NOT_SAFE, Safety.CANNOT_TELL
REFLECTORS = build_cluster(6, reflectors=2)
MESH = build_cluster(5, topology=Topology.MESH)


def asked(resources, *changes):
    return what_if_resources(resources, changes)


def seen(lab, *changes, faults=(), resources=None, roles=True, **more):
    snapshot = snapshot_of(lab, *faults, roles=roles).model_copy(update={"resources": resources, **more})
    return what_if_observed(observe(snapshot), changes)


def remove(*names):
    return [RemoveNode(name) for name in names]


def ipv4(answer):
    return next(family for family in answer.families if family.family is Family.IPV4)


def lost(answer):
    return [" ".join(loss.group.learners) for loss in ipv4(answer).lost]


def meanwhile(answer):
    return [" ".join(loss.group.learners) for loss in ipv4(answer).meanwhile]


def next_points(answer):
    return [" ".join(failure.nodes) for failure in ipv4(answer).next_failures]


# From resources alone


def test_one_of_two_reflectors_can_go_but_the_other_is_then_a_single_point_of_failure():
    answer = asked(lab_resources(REFLECTORS), *remove("node1"))
    assert answer.safety is SAFE
    (failure,) = ipv4(answer).next_failures
    assert (failure.nodes, failure.is_new, failure.lonely) == (("node2",), True, 4)
    assert answer.basis is Basis.RESOURCES


def test_the_last_reflector_cannot_go():
    answer = asked(lab_resources(build_cluster(5, reflectors=1)), *remove("node1"))
    assert answer.safety is NOT_SAFE
    (loss,) = ipv4(answer).lost
    assert (loss.group.learners, loss.only, loss.reflectors, loss.clients) == (
        ("node2", "node3", "node4", "node5"),
        ("node1",),
        True,
        4,
    )


def test_both_reflectors_at_once_cannot_go():
    assert asked(lab_resources(REFLECTORS), *remove("node1", "node2")).safety is NOT_SAFE


def test_a_client_can_go_and_leaves_things_as_they_were():
    answer = asked(lab_resources(REFLECTORS), *remove("node5"))
    assert answer.safety is SAFE
    assert next_points(answer) == []
    assert "node5" not in ipv4(answer).nodes


@pytest.mark.parametrize("family", list(Family))
def test_each_family_is_judged(family):
    lab = build_cluster(4, reflectors=1, families=tuple(Family))
    answer = asked(lab_resources(lab), *remove("node1"))
    assert [f.family for f in answer.families] == list(Family)
    assert next(f for f in answer.families if f.family is family).lost


def test_a_node_of_a_mesh_can_go():
    answer = asked(lab_resources(MESH), *remove("node1"))
    assert answer.safety is SAFE
    assert [(c.fate, c.kind, c.peers) for c in answer.peers] == [(PeerFate.DISAPPEARS, "BGPConfiguration", 4)]


def test_a_mesh_turned_off_without_a_bgppeer_leaves_nothing():
    answer = asked(lab_resources(MESH), SetMesh(on=False))
    assert answer.safety is NOT_SAFE
    assert ipv4(answer).lost[0].group.pairs == 20


@pytest.mark.parametrize("changes", [[SetMesh(on=True)], [SetLabel("node3", "x", "y")], []])
def test_what_hurts_nobody_is_safe(changes):
    assert asked(lab_resources(REFLECTORS), *changes).safety is SAFE


def test_a_cluster_id_without_a_label_takes_a_node_out_of_the_mesh_and_leaves_it_alone():
    answer = asked(lab_resources(MESH), SetClusterID("node3", CLUSTER_ID))
    assert answer.safety is NOT_SAFE
    assert lost(answer) == ["node3"]
    assert ipv4(answer).lost[0].group.everyone


def test_a_reflector_without_its_label_and_cluster_id_is_a_client_after_a_moment_without_anyone():
    changes = [Unlabel("node1", LABEL), SetClusterID("node1", None)]
    answer = asked(lab_resources(REFLECTORS), *changes)
    assert answer.safety is NOT_SAFE
    assert (lost(answer), meanwhile(answer)) == ([], ["node1"])
    assert next_points(answer) == ["node2"]


def test_the_last_reflector_that_loses_its_label_cuts_off_everyone():
    answer = asked(lab_resources(build_cluster(5, reflectors=1)), Unlabel("node1", LABEL))
    assert answer.safety is NOT_SAFE
    assert lost(answer) == ["node1 node2 node3 node4 node5"]


def test_leaving_the_mesh_for_reflector_sessions_that_are_not_up_yet_is_not_safe_in_between():
    before = apply(lab_resources(MESH), [ApplyResources(cluster(peer("rr", peer_selector=f"has({LABEL})")), "-")])
    answer = asked(before, SetLabel("node1", LABEL, "true"), SetClusterID("node1", CLUSTER_ID))
    assert lost(answer) == []
    assert meanwhile(answer) == ["node1"]
    assert ipv4(answer).meanwhile[0].group.everyone


def test_the_mesh_can_go_once_the_reflectors_stand():
    resources = apply(lab_resources(REFLECTORS), [SetMesh(on=True)])
    answer = asked(resources, SetMesh(on=False))
    assert answer.safety is SAFE
    assert {change.fate for change in answer.peers} == {PeerFate.DISAPPEARS}


def test_the_bgppeer_deleted_is_everything_lost():
    answer = asked(lab_resources(REFLECTORS), DeleteResource(read_kind("bgppeer"), "peer-with-reflectors"))
    assert answer.safety is NOT_SAFE
    assert lost(answer) == ["node1 node2 node3 node4 node5 node6"]


def test_another_cluster_id_for_one_reflector_starts_its_sessions_again():
    answer = asked(lab_resources(REFLECTORS), SetClusterID("node1", "244.0.0.2"))
    assert (lost(answer), meanwhile(answer)) == ([], ["node1"])
    assert {change.fate for change in answer.peers} == {PeerFate.CHANGES}


def test_another_ipv4_address_starts_the_ipv6_sessions_again_because_it_is_the_router_id():
    resources = lab_resources(build_cluster(3, topology=Topology.MESH, families=tuple(Family)))
    moved = replace(resources.nodes[0], ipv4=resources.nodes[0].ipv4 + 100)
    answer = asked(resources, ApplyResources(Resources(nodes=(moved,)), "node.yaml"))
    ipv6 = next(family for family in answer.families if family.family is Family.IPV6)
    assert (ipv6.lost, [loss.group.learners for loss in ipv6.meanwhile]) == ((), [("node1",)])


def test_an_address_of_a_family_taken_away_is_a_loss_though_the_node_remains():
    resources = lab_resources(build_cluster(4, topology=Topology.MESH, families=tuple(Family)))
    bare = replace(resources.nodes[0], ipv6=None)
    answer = asked(resources, ApplyResources(Resources(nodes=(bare,)), "node.yaml"))
    ipv6 = next(family for family in answer.families if family.family is Family.IPV6)
    assert answer.safety is NOT_SAFE
    assert [loss.group.learners for loss in ipv6.lost] == [("node1",)]
    assert not ipv4(answer).lost


def test_a_password_that_comes_or_goes_starts_the_sessions_again():
    resources = lab_resources(REFLECTORS)
    locked = replace(resources.bgp_peers[0], has_password=True)
    answer = asked(resources, ApplyResources(Resources(bgp_peers=(locked,)), "peer.yaml"))
    assert lost(answer) == []
    assert meanwhile(answer) == ["node1 node2 node3 node4 node5 node6"]


def test_a_bgppeer_of_another_name_for_the_same_peers_changes_nothing():
    resources = lab_resources(REFLECTORS)
    twin = replace(resources.bgp_peers[0], name="twin")
    changes = [
        ApplyResources(Resources(bgp_peers=(twin,)), "-"),
        DeleteResource(read_kind("bgppeer"), "peer-with-reflectors"),
    ]
    assert asked(resources, *changes).safety is SAFE


def test_a_node_that_is_removed_and_put_back_starts_all_its_sessions_again():
    resources = lab_resources(REFLECTORS)
    back = ApplyResources(Resources(nodes=(resources.nodes_by_name["node1"],)), "node1.yaml")
    answer = asked(resources, RemoveNode("node1"), back)
    assert (answer.removed, lost(answer), meanwhile(answer)) == ((), [], ["node1"])


def test_reflectors_named_by_address_are_dead_addresses_once_they_are_removed():
    resources = cluster(
        node("r1", "192.0.2.1", cluster_id="1.1.1.1"),
        node("c1", "192.0.2.11"),
        node("c2", "192.0.2.12"),
        peer("to-r1", peer_ip="192.0.2.1", as_number=64512),
        config(mesh=False),
    )
    answer = asked(resources, *remove("r1"))
    # Not "perhaps through 192.0.2.1": nobody is there any more.
    assert answer.safety is NOT_SAFE
    assert lost(answer) == ["c1 c2"]


# What is never called safe


SWITCHED = cluster(
    node("r1", "192.0.2.1", cluster_id="1.1.1.1", labels=f"{LABEL}=true"),
    node("c1", "192.0.2.11"),
    node("c2", "192.0.2.12"),
    peer("rr", peer_selector=f"has({LABEL})"),
    peer("tor", peer_ip="203.0.113.1", as_number=65000),
    config(mesh=False),
)


def test_a_way_that_is_left_only_through_a_switch_cannot_be_judged():
    answer = asked(SWITCHED, *remove("r1"))
    assert answer.safety is CANNOT_TELL
    assert "203.0.113.1 is no node" in whatif_line(answer)


def test_who_loses_some_for_certain_is_still_told_whom_it_may_lose():
    """c1 and c2 may have one another through the switch; c3 and c4 have one another, neither two the others."""
    resources = cluster(
        node("r1", "192.0.2.1", cluster_id="1.1.1.1", labels=f"{LABEL}=true"),
        *(node(f"c{number}", f"192.0.2.1{number}") for number in range(1, 5)),
        peer("rr", peer_selector=f"has({LABEL})"),
        *(peer(f"tor{number}", node=f"c{number}", peer_ip="203.0.113.1", as_number=65000) for number in (1, 2)),
        peer("c3-c4", node="c3", peer_ip="192.0.2.14", as_number=64512),
        config(mesh=False),
    )
    answer = asked(resources, *remove("r1"))
    assert [(loss.group.everyone, loss.group.pairs) for loss in ipv4(answer).lost] == [(False, 8)]
    assert sum(doubt.group.pairs for doubt in ipv4(answer).doubts) == 2


@pytest.mark.parametrize(
    ("resources", "changes", "headline"),
    [
        (lab_resources(REFLECTORS), remove("node1"), "safe: no route lost"),
        (lab_resources(MESH), [SetMesh(on=False)], "not safe: 20 routes lost"),
        # Five others, both ways.
        (
            lab_resources(REFLECTORS),
            [SetClusterID("node1", "244.0.0.2")],
            "not safe: 10 routes lost until sessions are up again",
        ),
        (SWITCHED, remove("r1"), "cannot tell: 2 routes perhaps lost"),
    ],
)
def test_the_headline_has_the_numbers(resources, changes, headline):
    assert asked(resources, *changes).headline == headline


def test_a_switch_does_not_keep_what_is_certain_from_being_safe():
    assert asked(SWITCHED, *remove("c2")).safety is SAFE


LOCKED = replace(SWITCHED.bgp_peers[0], has_password=True)
OTHER_AS = replace(SWITCHED.bgp_peers[1], as_number=65001)


@pytest.mark.parametrize(
    ("applied", "safety"),
    [
        # All sessions start again, and only the switch may carry routes meanwhile - unless those do, too.
        (Resources(bgp_peers=(LOCKED,)), CANNOT_TELL),
        (Resources(bgp_peers=(LOCKED, OTHER_AS)), NOT_SAFE),
        # Another address is another router ID: every session of that node starts again, that with the switch, too.
        (Resources(nodes=(replace(SWITCHED.nodes[1], ipv4=SWITCHED.nodes[1].ipv4 + 100),)), NOT_SAFE),
    ],
)
def test_a_session_with_a_switch_starts_again_like_others(applied, safety):
    answer = asked(SWITCHED, ApplyResources(applied, "-"))
    assert answer.safety is safety
    assert lost(answer) == []


def test_a_configuration_that_bird_refuses_cannot_be_judged():
    refused = apply(
        lab_resources(REFLECTORS),
        [ApplyResources(cluster(peer("bad", node="node4", peer_ip="203.0.113.1")), "-")],
    )
    answer = asked(refused, *remove("node5"))
    assert answer.safety is CANNOT_TELL
    (sentence,) = answer.unknown
    assert sentence == (
        "BIRD on node4 refuses its IPv4 configuration and keeps the one before"
        " (Node_203_0_113_1: `as 0`: the BGPPeer has no asNumber)"
    )
    # Whatever that node has does not matter once it is gone.
    assert asked(refused, *remove("node4")).safety is SAFE


def test_a_change_whose_result_bird_refuses_cannot_be_judged():
    change = ApplyResources(cluster(peer("bad", node="node4", peer_ip="203.0.113.1")), "-")
    answer = asked(lab_resources(REFLECTORS), change)
    assert answer.safety is CANNOT_TELL
    assert "would refuse" in answer.unknown[0]


def test_bgppeers_that_contradict_each_other_cannot_be_judged():
    resources = cluster(
        node("a", "192.0.2.1"),
        node("b", "192.0.2.2"),
        node("c", "192.0.2.3"),
        peer("one", node="a", peer_ip="203.0.113.1", as_number=65000),
        peer("two", node="a", peer_ip="203.0.113.1", as_number=65001),
    )
    answer = asked(resources, *remove("c"))
    assert answer.safety is CANNOT_TELL
    assert "the BGPPeers one, two define the peer 203.0.113.1 of a differently" in answer.unknown[0]
    assert asked(resources, *remove("a")).safety is SAFE


def test_ippools_and_filters_are_worked_out_as_far_as_they_are_given():
    resources = lab_resources(REFLECTORS)
    pool = ApplyResources(Resources(ip_pools=(IPPool("new", "198.51.100.0/24"),)), "pool.yaml")
    assert asked(resources, pool).safety is SAFE
    filtered = replace(resources.bgp_peers[0], filters=("no-export",))
    answer = asked(resources, ApplyResources(Resources(bgp_peers=(filtered,)), "peer.yaml"))
    assert answer.safety is CANNOT_TELL
    assert "would have BGPFilter no-export, which was not given" in answer.unknown[0]


def test_no_node_is_no_answer():
    with pytest.raises(ChangeError, match="there is no Node in these resources"):
        asked(Resources(), SetMesh(on=True))


def test_of_two_protocols_for_one_neighbour_it_is_not_known_which_runs():
    everyone = ApplyResources(cluster(peer("all", node_selector="all()", peer_selector="all()")), "-")
    twice = apply(lab_resources(MESH), [everyone])
    answer = asked(twice, SetMesh(on=False))
    # Where the mesh's protocol ran, the session has to come up anew; where the other did, nothing happens.
    assert answer.safety is CANNOT_TELL
    assert (lost(answer), meanwhile(answer)) == ([], [])
    assert sum(doubt.group.pairs for doubt in ipv4(answer).doubts) == 20
    assert asked(lab_resources(MESH), everyone).safety is SAFE


def test_no_address_is_no_bgp_and_no_answer():
    answer = asked(cluster(node("a"), node("b")), *remove("a"))
    assert (answer.families, answer.safety) == ((), CANNOT_TELL)
    assert whatif_line(answer) == "cannot tell: remove a: no node speaks BGP"


# From what was observed alone


@pytest.mark.parametrize("variant", list(Variant))
def test_without_resources_a_reflector_can_go_as_far_as_its_role_can_be_inferred(variant):
    lab = build_cluster(6, reflectors=2, variant=variant)
    answer = seen(lab, *remove("node1"), roles=False)
    assert (answer.safety, answer.basis) == (SAFE, Basis.OBSERVED)
    assert next_points(answer) == ["node2"]
    assert any("inferred" in sentence for sentence in answer.assumptions)
    assert answer.peers is None


def test_a_session_that_is_down_now_does_not_help_later():
    # node4 has lost its session with node2, so node1 is all it has.
    answer = seen(REFLECTORS, *remove("node1"), faults=["link-cut:node2,node4"])
    assert answer.safety is NOT_SAFE
    assert lost(answer) == ["node4"]
    assert ipv4(answer).lost[0].only == ("node1",)
    assert seen(REFLECTORS, *remove("node1")).safety is SAFE


def test_a_node_that_was_not_read_keeps_the_answer_from_being_safe():
    answer = seen(REFLECTORS, *remove("node1"), faults=["no-sudo:node6"])
    assert answer.safety is CANNOT_TELL
    assert answer.unknown == ("not read, or only in part: node6",)
    assert seen(REFLECTORS, *remove("node6"), faults=["no-sudo:node6"]).safety is SAFE


@pytest.mark.parametrize("fault", ["no-sudo", "socket-missing", "node-down", "calicoctl-hung"])
def test_whatever_keeps_a_node_from_being_read_is_told(fault):
    assert seen(REFLECTORS, *remove("node1"), faults=[f"{fault}:node6"]).unknown == (
        "not read, or only in part: node6",
    )


def test_neighbours_that_nobody_knows_may_be_nodes(captures):
    whole = captures("v3.32", "rr_ok_v4", hosts=False)
    assert what_if_observed(observe(whole), remove("node1")).safety is SAFE
    for kept in (1, 2, 5):
        part = whole.model_copy(update={"readings": whole.readings[:kept]})
        answer = what_if_observed(observe(part), remove("node1"))
        assert answer.safety is CANNOT_TELL, kept
        assert answer.unknown[-1].startswith("neighbours that are no known node, and may lose routes: ")


def test_resources_without_nodes_are_as_good_as_none():
    answer = seen(REFLECTORS, *remove("node1"), resources=Resources())
    assert (answer.safety, answer.basis) == (CANNOT_TELL, Basis.OBSERVED)
    assert "there is no Node in Calico's resources" in answer.unknown[0]
    with pytest.raises(ChangeError, match="needs Calico's resources"):
        seen(REFLECTORS, SetMesh(on=False), resources=Resources())


def test_a_switch_is_no_stranger_where_the_resources_know_the_nodes():
    lab = replace(MESH, external_peers=(ExternalPeer("node1", "Node_203_0_113_1", Family.IPV4),))
    tor = ApplyResources(cluster(peer("tor", node="node1", peer_ip="203.0.113.1", as_number=65000)), "-")
    resources = apply(lab_resources(MESH), [tor])
    assert seen(lab, *remove("node2"), resources=resources).safety is SAFE
    assert seen(lab, *remove("node2")).safety is CANNOT_TELL


def test_nobody_read_is_nothing_known():
    everyone = ",".join(member.name for member in REFLECTORS.nodes)
    assert seen(REFLECTORS, *remove("node3"), faults=[f"no-sudo:{everyone}"]).safety is CANNOT_TELL


def test_a_part_of_the_hosts_is_not_enough():
    answer = seen(REFLECTORS, *remove("node3"), limited=True)
    assert answer.safety is CANNOT_TELL
    assert "--limit" in answer.unknown[0]


def test_resources_that_could_not_be_fetched_are_missed():
    failure = GatherFailure(host="cp1", node=None, stage=Stage.COMMAND, message="no kubectl")
    answer = seen(REFLECTORS, *remove("node3"), resources_failure=failure)
    assert answer.safety is CANNOT_TELL
    assert answer.unknown == ("Calico's resources were asked for and could not be read from cp1: no kubectl",)


def test_a_cluster_without_bird_says_nothing_about_routes():
    lab = build_cluster(4, topology=Topology.NO_BGP)
    assert seen(lab, *remove("node1")).safety is CANNOT_TELL


def test_what_is_broken_already_is_counted_apart():
    answer = seen(REFLECTORS, *remove("node6"), faults=["link-cut:node2,node4", "link-cut:node1,node4"])
    assert answer.safety is SAFE
    assert ipv4(answer).cut_already == 8
    assert "missing already" in whatif_line(answer)


@pytest.mark.parametrize(
    "change", [SetMesh(on=False), Unlabel("node1", LABEL), SetClusterID("node1", None), SetLabel("node1", "a", "b")]
)
def test_without_resources_only_a_removal_can_be_judged(change):
    with pytest.raises(ChangeError, match="needs Calico's resources: add --resources PATH"):
        seen(REFLECTORS, change)


def test_without_resources_too_a_slip_is_refused():
    with pytest.raises(ChangeError, match=r"no node is called 'node'"):
        seen(REFLECTORS, *remove("node"))


def test_a_switch_that_was_seen_is_an_unknown():
    lab = replace(
        build_cluster(4, reflectors=1),
        external_peers=tuple(ExternalPeer(f"node{n}", "Global_203_0_113_1", Family.IPV4) for n in (2, 3, 4)),
    )
    assert seen(lab, *remove("node1")).safety is CANNOT_TELL


# From both


def test_with_both_what_stands_now_counts_for_later():
    resources = lab_resources(REFLECTORS)
    assert asked(resources, *remove("node1")).safety is SAFE
    answer = seen(REFLECTORS, *remove("node1"), faults=["link-cut:node2,node4"], resources=resources)
    assert (answer.safety, answer.basis) == (NOT_SAFE, Basis.BOTH)
    assert lost(answer) == ["node4"]


@pytest.mark.parametrize(("behaviour", "safety"), [("established", CANNOT_TELL), ("refuses", NOT_SAFE)])
def test_with_both_a_switch_that_is_down_now_is_no_way_later(behaviour, safety):
    lab = build_cluster(4, reflectors=1)
    switches = tuple(ExternalPeer(n.name, "Global_203_0_113_1", Family.IPV4, behaviour) for n in lab.nodes)
    tor = ApplyResources(cluster(peer("tor", peer_ip="203.0.113.1", as_number=65000)), "-")
    resources = apply(lab_resources(lab), [tor])
    answer = seen(replace(lab, external_peers=switches), *remove("node1"), resources=resources)
    assert answer.safety is safety


def test_with_both_a_healthy_cluster_gives_the_answer_of_its_resources():
    resources = lab_resources(REFLECTORS)
    changes = [
        [RemoveNode("node1")],
        remove("node1", "node2"),
        [SetClusterID("node4", CLUSTER_ID)],
        [Unlabel("node1", LABEL)],
        [SetMesh(on=True)],
        [DeleteResource(read_kind("bgppeer"), "peer-with-reflectors")],
        [],
    ]
    for each in changes:
        one, other = asked(resources, *each), seen(REFLECTORS, *each, resources=resources)
        assert (one.safety, lost(one), meanwhile(one), one.peers) == (
            other.safety,
            lost(other),
            meanwhile(other),
            other.peers,
        )


def test_with_both_new_sessions_are_taken_to_come_up_and_old_ones_that_are_down_are_not():
    # node4 hangs on node2 alone; with node3 as another reflector it will have that one, too.
    resources = lab_resources(REFLECTORS)
    cut = ["link-cut:node1,node4"]
    changes = [SetClusterID("node3", CLUSTER_ID), SetLabel("node3", LABEL, "true")]
    answer = seen(REFLECTORS, *changes, faults=cut, resources=resources)
    assert lost(answer) == []
    after = apply(resources, changes)
    assert lost(asked(after, *remove("node2"))) == []
    assert lost(seen(REFLECTORS, RemoveNode("node2"), faults=cut, resources=resources)) == ["node4"]
    assert lost(seen(REFLECTORS, *changes, RemoveNode("node2"), faults=cut, resources=resources)) == []


def test_with_both_sessions_that_no_resource_asks_for_may_go_on_or_not():
    resources = lab_resources(MESH).model_copy(update={"bgp_configurations": (config(mesh=False),)})
    answer = seen(MESH, *remove("node1"), resources=resources)
    assert answer.safety is CANNOT_TELL
    assert lost(answer) == []
    assert sum(doubt.group.pairs for doubt in ipv4(answer).doubts) == 12


def test_with_both_a_reflector_that_is_none_any_more_does_not_help():
    resources = lab_resources(REFLECTORS, [Fault(FaultKind.REINSTALLED, ("node2",))])
    assert seen(REFLECTORS, *remove("node1"), resources=resources).safety is NOT_SAFE


def test_with_both_a_host_that_is_no_node_is_not_forgotten():
    resources = apply(lab_resources(MESH), remove("node5"))
    answer = seen(MESH, *remove("node1"), resources=resources)
    assert "node5" in ipv4(answer).nodes
    assert answer.safety is CANNOT_TELL
    assert [doubt.group.learners for doubt in ipv4(answer).doubts] == [("node5",)]


def test_a_role_given_in_the_inventory_is_not_needed():
    assert all(member.role in {Role.REFLECTOR, Role.CLIENT} for member in REFLECTORS.nodes)
    assert seen(REFLECTORS, *remove("node1"), roles=False).safety is SAFE


# The outage with which this project began


def test_the_outage_step_by_step():
    """Three control-plane nodes are the reflectors, and are reinstalled one by one without their labels.

    Each comes back as a plain node. The tool says "not safe" before the last one goes.
    """
    lab = build_cluster(9, reflectors=3)
    resources = lab_resources(lab)
    verdicts = []
    for number, name in enumerate(["node1", "node2", "node3"]):
        answer = asked(resources, RemoveNode(name))
        verdicts.append(answer.safety)
        said = next_points(answer)
        assert said == {0: [], 1: ["node3"], 2: []}[number]
        reinstalled = replace(resources.nodes_by_name[name], labels=(), cluster_id=None)
        resources = apply(resources, [RemoveNode(name), ApplyResources(Resources(nodes=(reinstalled,)), "-")])
    assert verdicts == [SAFE, SAFE, NOT_SAFE]
    (loss,) = ipv4(answer).lost
    assert loss.only == ("node3",)
    assert loss.group.everyone
    assert len(loss.group.learners) == 8
    # And so it was: whoever peered with reflectors only has nobody now.
    broken = asked(resources)
    assert ipv4(broken).cut_already == 9 * 8


def test_the_outage_as_it_was_observed():
    """The same from what the nodes show, without resources: each reinstalled reflector has lost its label."""
    lab = build_cluster(9, reflectors=3)
    lost_labels = ["reinstalled:node1", "reinstalled:node1,node2"]
    assert seen(lab, *remove("node1"), roles=False).safety is SAFE
    assert seen(lab, *remove("node2"), faults=lost_labels[:1], roles=False).safety is SAFE
    answer = seen(lab, *remove("node3"), faults=lost_labels[1:], roles=False)
    assert answer.safety is NOT_SAFE
    assert ipv4(answer).lost[0].only == ("node3",)


def test_a_cluster_of_ipv6_alone_is_judged_by_what_was_observed():
    lab = build_cluster(4, topology=Topology.MESH, families=(Family.IPV6,))
    answer = seen(lab, SetLabel("node1", "rack", "a"), resources=lab_resources(lab))
    assert [family.family for family in answer.families] == [Family.IPV6]
