from ipaddress import IPv4Address

import pytest

from calico_bgp.expect.engine import expect
from calico_bgp.expect.version import NEWEST
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import CalicoNode, Resources
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.network.network import Network
from calico_bgp.routes.network.sessions import BGPSession, EndSettings, SessionEnd, Speaker
from calico_bgp.whatif.risks import Removal, reflectors_of, risks, zones_of
from calico_bgp.whatif.unchanged import Unchanged
from tests.clusters import cluster, node
from tests.hand_made_networks import mesh, network, reflected, session, switch


def shown(found):
    return [(risk.removal.value, " ".join(risk.nodes), risk.lost) for risk in found.ranking]


def test_a_lone_reflector_is_a_single_point_of_failure():
    found = risks(reflected({"r1": "c1 c2 c3"}))
    assert shown(found) == [("node", "r1", 6)]
    (risk,) = found.single_points
    assert (risk.pairs, risk.left, risk.lonely) == (6, 3, ("c1", "c2", "c3"))
    assert found.answer is Answer.NO


def test_of_two_reflectors_only_both_together_hurt():
    found = risks(reflected({"r1": "c1 c2 c3", "r2": "c1 c2 c3"}, joined=True))
    assert shown(found) == [("reflectors", "r1 r2", 6)]
    assert found.single_points == ()
    assert found.answer is Answer.YES
    assert found.tried == {Removal.NODE: 5, Removal.REFLECTORS: 1, Removal.ZONE: 0}


def test_two_reflectors_in_one_zone_make_the_zone_a_single_point_of_failure():
    zones = {"a": ["r1", "r2", "c1"], "b": ["c2", "c3"]}
    found = risks(reflected({"r1": "c1 c2 c3", "r2": "c1 c2 c3"}, joined=True), zones)
    assert [(risk.name, risk.lost, risk.left) for risk in found.single_points] == [("a", 2, 2)]
    assert found.answer is Answer.NO


def test_reflectors_that_split_the_clients_are_ranked_by_what_their_loss_costs_the_others():
    found = risks(reflected({"r1": "c1 c2 c3 c4", "r2": "c1 c5"}))
    single = [risk for risk in found.ranking if risk.removal is Removal.NODE]
    # r1 serves c1-c4, which lose one another but for nobody: c1 keeps c5 by r2.
    assert [(risk.nodes, risk.lost) for risk in single] == [(("r1",), 12), (("r2",), 2)]


def test_a_mesh_has_no_single_point_and_one_removal_stands_for_all():
    found = risks(mesh(["a", "b", "c", "d"]))
    assert found.ranking == ()
    assert found.tried[Removal.NODE] == 4
    assert found.answer is Answer.YES


def test_what_is_broken_already_does_not_pass_for_redundant():
    found = risks(mesh(["a", "b", "c"], cut=[("a", "b")]))
    assert found.ranking == ()
    assert found.answer is Answer.NO


def test_a_way_through_a_switch_is_doubtful_not_lost():
    clients = "c1 c2"
    found = risks(reflected({"r1": clients}, externals=(switch("c1"), switch("c2"))))
    (risk,) = found.ranking
    assert (risk.nodes, risk.lost, risk.doubtful) == (("r1",), 0, 2)
    assert found.answer is Answer.PERHAPS


def test_nodes_without_a_zone_are_named():
    found = risks(mesh(["a", "b", "c"]), {"one": ["a"], "two": ["b", "not-here"], "empty": ["gone"]})
    assert found.zoneless == ("c",)
    assert found.tried[Removal.ZONE] == 2


def test_zones_of_resources():
    key = "topology.kubernetes.io/zone"
    nodes = (
        CalicoNode("n1", ((key, "b"),)),
        CalicoNode("n2", ((key, "a"),)),
        CalicoNode("n3", ((key, "b"),)),
        CalicoNode("n4"),
        CalicoNode("n5", ((key, ""),)),
    )
    assert zones_of(Resources(nodes=nodes)) == {"a": ("n2",), "b": ("n1", "n3")}
    assert zones_of(None) == {}


def test_reflectors_are_those_that_reflect_on_a_session():
    assert reflectors_of(reflected({"r2": "c1", "r1": "c1 c2"})) == ("r1", "r2")
    possible = (session("r9", "c1", cluster="244.0.0.9"),)
    assert reflectors_of(network(["r9", "c1"], [], possible=possible)) == ("r9",)


@pytest.mark.parametrize("names", [[], ["alone"], ["a", "b"]])
def test_small_networks_lose_nothing(names):
    found = risks(mesh(names, family=Family.IPV6))
    assert found.ranking == ()
    assert found.family is Family.IPV6
    assert found.answer is Answer.YES


def test_a_way_that_leads_over_anothers_second_route_counts():
    """n2 learns n1 by n4, which passes on what it has from n3 - not what it got first, straight from n1."""

    def end(name, local, peer, allowed=0):
        settings = EndSettings(
            local_as=local,
            peer_as=peer,
            client=False,
            cluster_id=None,
            add_paths=True,
            allowed_local_as=allowed,
            next_hop=None,
        )
        return SessionEnd(node=name, address=IPv4Address(f"192.0.2.{name[1]}"), settings=settings)

    sessions = (
        BGPSession(a=end("n1", 64513, 64512), b=end("n3", 64512, 64513)),
        BGPSession(a=end("n2", 64513, 64512), b=end("n3", 64512, 64513)),
        BGPSession(a=end("n1", 64513, 64513), b=end("n4", 64513, 64513)),
        BGPSession(a=end("n2", 64513, 64513, allowed=1), b=end("n4", 64513, 64513)),
        BGPSession(a=end("n3", 64512, 64513), b=end("n4", 64513, 64512, allowed=1)),
    )
    speakers = tuple(Speaker(name=f"n{i}", router_id=IPv4Address(f"192.0.2.10{i}")) for i in range(1, 5))
    network = Network(
        family=Family.IPV4, speakers=speakers, sessions=sessions, possible=None, externals=(), assumptions=()
    )
    assert {risk.nodes: risk.lost for risk in risks(network).ranking} == {("n3",): 1, ("n4",): 1}


def test_what_is_asked_of_a_cluster_is_asked_of_the_families_that_it_speaks():
    nodes = [node(f"n{n}", f"192.0.2.{n}") for n in (1, 2)]
    assert list(Unchanged(expect(cluster(*nodes), version=NEWEST)).risks) == [Family.IPV4]


def test_a_node_with_two_as_numbers_inside_passes_on_what_it_learns():
    """Rule (c) of iBGP holds within one AS."""
    sessions = [
        BGPSession(*(SessionEnd(name, None, EndSettings(number, number)) for name in ("x", far)))
        for far, number in (("a", 1), ("b", 2))
    ]
    assert shown(risks(network(["a", "b", "x"], sessions))) == [("node", "x", 2)]
