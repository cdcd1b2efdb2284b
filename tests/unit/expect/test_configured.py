"""What resources come to, where some of several things are so and others are not."""

from __future__ import annotations

import pytest

from calico_bgp.expect.configured import Configured
from calico_bgp.expect.engine import expect
from calico_bgp.expect.one_sided import one_sided
from calico_bgp.expect.reflectors import is_called_reflector, selected_without_id
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import IPPool
from tests.clusters import cluster, config, node, peer

OFF = config(mesh=False)
NODES = [node(f"n{n}", f"192.0.2.{n}", labels=f"rack=r{n % 2}") for n in (1, 2, 3)]
ONE, OTHER = "244.0.0.1", "244.0.0.2"


def configured(*things, pools=()):
    return Configured(expect(cluster(*things).model_copy(update={"ip_pools": pools})))


def reflectors(*cluster_ids):
    return [node(f"r{n}", f"192.0.2.{n}", labels="rr", cluster_id=i) for n, i in enumerate(cluster_ids, 1)]


@pytest.mark.parametrize(
    ("cluster_ids", "advised"),
    [
        ((), ONE),
        ((OTHER,), OTHER),
        ((ONE, OTHER, OTHER), OTHER),
        ((OTHER, ONE), ONE),
        (("1", "1", OTHER), OTHER),  # which calicoctl does not take
        ((None, OTHER), OTHER),
    ],
)
def test_a_new_reflector_gets_the_cluster_id_that_most_have(cluster_ids, advised):
    assert configured(*reflectors(*cluster_ids)).cluster_id_to_use == advised


@pytest.mark.parametrize(
    ("things", "is_part"),
    [
        ([], False),
        ([*reflectors(ONE, ONE)], False),
        ([*reflectors(ONE, ONE), peer("p", node_selector="has(rr)"), peer("q", node_selector="!has(rr)")], True),
        ([*reflectors(ONE, ONE), peer("p", node_selector="!has(rr)"), peer("q", node_selector="has(rr)")], True),
        ([*reflectors(ONE, ONE), peer("p", node_selector="has(rr)")], False),
        ([*reflectors(ONE, ONE), peer("p", node_selector="has(")], False),
        ([*reflectors(ONE, ONE), peer("p", peer_selector="!has(rr)")], False),
        ([*reflectors(ONE, None), peer("p", node_selector="has(gpu)")], False),
        ([peer("p", node_selector="has(rr)")], False),
    ],
)
def test_nodes_are_visibly_not_all_where_bgppeers_are_for_others(things, is_part):
    assert configured(*things).is_part is is_part


def pool(name, vxlan="Never", **fields):
    return IPPool(name, f"10.{len(name)}.0.0/16", vxlan_mode=vxlan, **fields)


@pytest.mark.parametrize(
    ("pools", "needs_bgp"),
    [
        ((), True),
        ((pool("a", "Always"), pool("bb", "CrossSubnet")), False),
        ((pool("a", "Always"), pool("bb")), True),
        ((pool("a", "Always"), pool("bb", disabled=True)), False),
        ((pool("a", "Always", disabled=True),), True),
    ],
)
def test_pods_need_bgp_unless_every_pool_in_use_is_vxlan(pools, needs_bgp):
    assert configured(pools=pools).needs_bgp is needs_bgp


def test_bgppeers_that_come_to_something_else_than_is_meant():
    broken = [
        peer("a", node_selector="has(gpu)"),
        peer("b", peer_selector="has(gpu)"),
        peer("c", node_selector="all()", peer_selector="has("),
        peer("d", peer_ip="192.0.2", as_number=65001),
        peer("e"),
    ]
    good = [
        peer("f", node_selector="all()", peer_selector="all()"),
        peer("g", peer_ip="192.0.2.9", as_number=65001),
        peer("h", peer_selector="has(rack)"),
    ]
    assert configured(*NODES, *broken, *good).broken_peers == {"a", "b", "c", "d", "e"}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("wroker-1", "worker-1"),
        ("worker-7", None),  # a name that somebody chose
        ("worker-11", None),
        ("gpu-worker-1", "worker-1"),
        ("workers-2", "worker-2"),
        ("database", None),
    ],
)
def test_the_node_whose_name_was_meant(name, meant):
    assert configured(node("worker-1", "192.0.2.1"), node("worker-2", "192.0.2.2")).near_miss(name) == meant


@pytest.mark.parametrize(
    ("selector", "value"),
    [
        ("rack == 'a'", "a"),
        ('rack == "a"', "a"),
        ("rack=='a b'", "a b"),
        ("has(rr) && rack == 'a'", "a"),
        ("example.com/rack == 'b' && rack == 'a'", "a"),
        ("other-rack == 'a'", ""),
        ("rack != 'a'", ""),
        ("has(rack)", ""),
        ("rack == ''", ""),
    ],
)
def test_the_value_that_a_selector_asks_for(selector, value):
    assert configured().wanted_value(selector, "rack") == value


def test_the_mesh_joins_nodes_of_a_family_that_are_no_reflectors():
    nodes = [
        node("a", "192.0.2.1", "fd00::1"),
        node("b", "192.0.2.2"),
        node("c", "192.0.2.3", "fd00::3"),
        node("r", "192.0.2.4", "fd00::4", cluster_id=ONE),
    ]
    mesh, off = configured(*nodes), configured(*nodes, OFF)
    members = {family: [each.name for each in mesh.mesh_members[family]] for family in Family}
    assert members == {Family.IPV4: ["a", "b", "c"], Family.IPV6: ["a", "c"]}
    assert not any(off.mesh_members.values())
    for family in Family:
        for one in nodes:
            for other in nodes:
                joined = {one.name, other.name} <= set(members[family])
                assert mesh.in_mesh(one.name, other.name, family) is joined
                assert not off.in_mesh(one.name, other.name, family)


def test_neighbours_are_those_that_both_ends_know():
    one_way = peer("one-way", node="n1", peer_ip="192.0.2.2", as_number=64512, reverse_peering="Manual")
    both = peer("both", node="n1", peer_ip="192.0.2.3", as_number=64512)
    switch = peer("switch", node="n2", peer_ip="198.51.100.1", as_number=65001)
    found = configured(*NODES, OFF, one_way, both, switch)
    assert found.neighbours == {"n1": {"n3"}, "n2": frozenset(), "n3": {"n1"}}
    assert found.with_externals == {"n2"}
    assert set(found.explicit_ends) == {("n1", "n2", Family.IPV4), ("n1", "n3", Family.IPV4), ("n3", "n1", Family.IPV4)}
    assert [(each.peer.node, each.peer.far_node, each.bgp_peer) for each in one_sided(found)] == [("n1", "n2", one_way)]
    # In a mesh the other end has it by the mesh.
    meshed = configured(*NODES, one_way, both)
    assert meshed.neighbours == {"n1": {"n2", "n3"}, "n2": {"n1"}, "n3": {"n1"}}
    assert not list(one_sided(meshed))


def test_a_session_with_an_address_that_two_nodes_have_is_not_called_one_sided():
    nodes = [*NODES, node("twin", "192.0.2.1")]
    to_twins = peer("to-twins", node="n2", peer_ip="192.0.2.1", as_number=64512, reverse_peering="Manual")
    one_way = peer("way", node="n2", peer_ip="192.0.2.3", as_number=64512, reverse_peering="Manual")
    found = one_sided(configured(*nodes, OFF, to_twins, one_way))
    assert [(each.peer.far_node, each.bgp_peer) for each in found] == [("n3", one_way)]


def test_of_two_global_bgppeers_for_one_address_the_first_counts():
    found = configured(
        *NODES,
        peer("b", peer_ip="198.51.100.1", as_number=65001),
        peer("a", peer_ip="198.51.100.1", as_number=65001),
        peer("c", node="n1", peer_ip="198.51.100.2", as_number=65001),
        peer("d", peer_ip="198.51.100.1:180", as_number=65001),
    )
    assert found.global_keys == {("198.51.100.1", None): "a", ("198.51.100.1", 180): "d"}


def test_labels_and_selectors_are_counted_and_matched():
    found = configured(*NODES, node("n4"))
    assert {key: dict(values) for key, values in found.label_values.items()} == {"rack": {"r1": 2, "r0": 1}}
    assert found.matched("rack == 'r1'") == ("n1", "n3")
    assert found.matched("has(") is None
    assert (found.labels_in("has(b) && !has(a)"), found.labels_wanted_in("has(b) && !has(a)")) == (("a", "b"), ("b",))
    assert (found.labels_in("has("), found.labels_wanted_in("has(")) == ((), ())


@pytest.mark.parametrize(
    ("labels", "is_called"),
    [
        ("rack=a route-reflector", True),
        ("Route-Reflector=TRUE rack=a", True),
        ("a-reflector=false", False),
        ("a-reflector=No b-reflector=yes", True),
        ("rack=reflector", False),
        ("", False),
    ],
)
def test_a_label_says_that_a_node_is_a_reflector(labels, is_called):
    assert is_called_reflector(node("n", labels=labels)) is is_called


def without_id(*things):
    return [(each.peer.name, each.suspects, each.near, each.all_lack_one) for each in selected_without_id(things[0])]


def test_of_several_bgppeers_those_whose_reflectors_lack_a_cluster_id():
    """One that selects everybody, or nobody, tells nothing; the next ones are looked at all the same."""
    nodes = [*reflectors(ONE, None), *(node(f"n{n}", f"192.0.3.{n}") for n in (1, 2))]
    everyone = peer("a", node_selector="all()", peer_selector="all()")
    nobody = peer("b", node_selector="all()", peer_selector="has(gpu)")
    clients = peer("c", node_selector="!has(rr)", peer_selector="has(rr)")
    found = configured(*nodes, everyone, nobody, clients, OFF)
    assert without_id(found) == [("c", ["r2"], {"n1", "n2"}, False)]


@pytest.mark.parametrize(("numbers", "suspects"), [((65001, 64512), ["r2"]), ((65001, 65002), None)])
def test_where_one_client_has_its_as_a_node_is_meant_to_reflect(numbers, suspects):
    clients = [node(f"n{n}", f"192.0.3.{n}", as_number=number) for n, number in enumerate(numbers, 1)]
    found = configured(*reflectors(ONE, None), *clients, peer("c", node_selector="!has(rr)", peer_selector="has(rr)"))
    assert without_id(found) == ([("c", suspects, {"n1", "n2"}, False)] if suspects else [])


@pytest.mark.parametrize(
    ("more", "is_star"),
    [
        ((), True),
        ((config(mesh=True),), False),
        # All clients have each other as well.
        ((peer("all", node_selector="!has(hub)", peer_selector="!has(hub)"),), False),
        # n1 and n2 have each other, n1 and n3 only the hub.
        ((peer("two", node="n1", peer_ip="192.0.3.2", as_number=64512),), True),
        # A switch may pass their routes on.
        ((peer("tor", node="n2", peer_ip="198.51.100.1", as_number=65001),), False),
        # A reflector serves all of them, or all but n3.
        (
            (
                node("r", "192.0.2.9", cluster_id=ONE),
                peer("rr", node_selector="!has(hub)", peer_ip="192.0.2.9", as_number=64512),
            ),
            False,
        ),
        (
            (
                node("r", "192.0.2.9", cluster_id=ONE),
                peer("rr", node_selector="!has(hub) && !has(last)", peer_ip="192.0.2.9", as_number=64512),
            ),
            True,
        ),
    ],
)
def test_the_hub_of_a_star_is_meant_to_reflect(more, is_star):
    clients = [node(f"n{n}", f"192.0.3.{n}", labels="last" if n == 3 else "") for n in (1, 2, 3)]
    star = peer("star", node_selector="!has(hub)", peer_selector="has(hub)")
    switch_off = () if any(getattr(each, "name", "") == "default" for each in more) else (OFF,)
    found = configured(node("hub", "192.0.2.1", labels="hub"), *clients, star, *switch_off, *more)
    assert [name for name, *_ in without_id(found)] == (["star"] if is_star else [])


def test_why_an_as_number_is_0():
    """One that a BGPPeer lacks, and one that a node has: of its mesh, of a BGPPeer for it, of one that is turned."""
    zero = node("zero", "192.0.2.9", as_number=0, labels="zero")
    switch = peer("switch", node="n1", peer_ip="198.51.100.1")
    to_n2 = peer("to-n2", node="zero", peer_ip="192.0.2.2", as_number=64512)
    for made, whose in (
        ((*NODES, switch, OFF), "the BGPPeer has no asNumber"),
        ((*NODES, zero, OFF, to_n2), "the asNumber of zero is 0"),
        ((*NODES, zero, OFF, peer("to-zero", node="n1", peer_selector="has(zero)")), "the asNumber of zero is 0"),
    ):
        whys = [refusal.why for refusal in expect(cluster(*made)).refusals if refusal.node != "zero"]
        assert [why.endswith(whose) for why in whys] == [True]
    meshed = expect(cluster(*NODES, zero), version=CalicoVersion(3, 31)).refusals
    assert {refusal.why for refusal in meshed if refusal.node == "n1"} == {"`as 0`: the asNumber of zero is 0"}
