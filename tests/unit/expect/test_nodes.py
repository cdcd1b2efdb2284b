"""What a node brings: its addresses, its AS, the port that it listens on. Sentence by sentence of Calico's rules."""

import pytest

from calico_bgp.expect.engine import expect, expected_peers
from calico_bgp.expect.version import CalicoVersion
from tests.clusters import IPV4, IPV6, cluster, config, names_of, node, peer, peers_of


def test_a_node_without_an_address_of_a_family_has_no_peer_of_any_kind_in_it():
    found = expect(
        cluster(
            node("a", "192.0.2.1", "2001:db8::1", labels="rr"),
            node("b", "192.0.2.2"),
            node("c", "2001:db8::3"),
            node("d", "192.0.2.4", "2001:db8::4"),
            peer("global-ip", peer_ip="198.51.100.1", as_number=65001),
            peer("global-ip6", peer_ip="2001:db8:f::1", as_number=65001),
            peer("node-ip", node_selector="all()", peer_ip="198.51.100.2", as_number=65001),
            peer("selectors", node_selector="all()", peer_selector="has(rr)"),
        )
    )
    assert {name: {p.family for p in peers} for name, peers in found.peers.items()} == {
        "a": {IPV4, IPV6},
        "b": {IPV4},
        "c": {IPV6},
        "d": {IPV4, IPV6},
    }
    assert peers_of(found, "c") == [
        "Global_2001_db8_f__1 as 65001",
        "Mesh_2001_db8__1 as 64512",
        "Mesh_2001_db8__4 as 64512 passive",
        "Node_2001_db8__1 as 64512",
    ]


def test_a_node_without_any_address_has_no_peers_and_is_nobodys():
    found = expect(cluster(node("a", "192.0.2.1"), node("b"), peer("to-all", peer_selector="all()")))
    assert names_of(found) == {"a": [], "b": []}


def test_a_node_never_peers_with_its_own_address():
    found = expect(
        cluster(
            node("a", "192.0.2.1"),
            node("b", "192.0.2.2"),
            config(mesh=False),
            peer("global", peer_ip="192.0.2.1", as_number=64512),
            peer("selectors", node_selector="all()", peer_selector="all()"),
            peer("to-b", node="b", peer_ip="192.0.2.2", as_number=64512),
        )
    )
    assert names_of(found) == {"a": ["Node_192_0_2_2"], "b": ["Global_192_0_2_1"]}


@pytest.mark.parametrize("mesh", [True, None])
def test_the_mesh_is_on_when_unset_and_without_a_bgpconfiguration(mesh):
    two = (node("a", "192.0.2.1"), node("b", "192.0.2.2"))
    wanted = {"a": ["Mesh_192_0_2_2"], "b": ["Mesh_192_0_2_1"]}
    assert names_of(expect(cluster(*two, config(mesh=mesh)))) == wanted
    assert names_of(expect(cluster(*two))) == wanted


def test_the_mesh_is_off_when_the_default_bgpconfiguration_says_so_and_only_then():
    two = (node("a", "192.0.2.1"), node("b", "192.0.2.2"))
    assert names_of(expect(cluster(*two, config(mesh=False)))) == {"a": [], "b": []}
    other = (config("Default", mesh=False), config("node.a", mesh=False), config("node", mesh=False))
    assert names_of(expect(cluster(*two, *other))) == {"a": ["Mesh_192_0_2_2"], "b": ["Mesh_192_0_2_1"]}


@pytest.mark.parametrize(
    ("own", "of_default", "wanted"),
    [(None, None, 64512), (None, 65000, 65000), (65001, None, 65001), (65001, 65000, 65001), (65546, 1, 65546)],
)
def test_a_nodes_as_is_its_own_else_the_global_one_else_64512(own, of_default, wanted):
    found = expected_peers(
        cluster(
            node("a", "192.0.2.1", as_number=own),
            node("b", "192.0.2.2"),
            config(mesh=False, as_number=of_default),
            peer("b-to-a", node="b", peer_selector="all()"),
        )
    )
    (of_a,) = found["a"]
    (of_b,) = found["b"]
    assert (of_a.local_as, of_b.peer_as) == (wanted, wanted)


def test_the_bgpconfiguration_of_a_node_sets_its_listen_port_and_nothing_else():
    found = expect(
        cluster(
            node("a", "192.0.2.1"),
            node("b", "192.0.2.2"),
            node("c", "192.0.2.3"),
            config(listen_port=1790),
            config("node.b", listen_port=500, as_number=65009, mesh=False),
            config("node.unknown", listen_port=501),
            config("c", listen_port=502),
            peer("selectors", node="a", peer_selector="all()"),
        )
    )
    assert peers_of(found, "a") == [
        "Mesh_192_0_2_2 as 64512 port 500 passive",
        "Mesh_192_0_2_3 as 64512 port 1790 passive",
        "Node_192_0_2_2_port_500 as 64512 port 500",
        "Node_192_0_2_3_port_1790 as 64512 port 1790",
    ]
    assert peers_of(found, "b") == [
        "Mesh_192_0_2_1 as 64512 port 1790",
        "Mesh_192_0_2_3 as 64512 port 1790 passive",
        "Node_192_0_2_1_port_1790 as 64512 port 1790",
    ]


def test_without_a_listen_port_no_port_is_dialled_and_named():
    found = expect(
        cluster(node("a", "192.0.2.1"), node("b", "192.0.2.2"), peer("selectors", node="a", peer_selector="all()"))
    )
    assert [(p.name, p.port, p.name_port) for p in found.peers["a"]] == [
        ("Mesh_192_0_2_2", None, None),
        ("Node_192_0_2_2", None, None),
    ]


def test_a_listen_port_of_zero_is_none():
    found = expect(
        cluster(
            node("a", "192.0.2.1"),
            node("b", "192.0.2.2"),
            config(listen_port=0),
            config("node.b", listen_port=0),
            peer("selectors", node="a", peer_selector="all()"),
        )
    )
    assert peers_of(found, "a") == ["Mesh_192_0_2_2 as 64512 passive", "Node_192_0_2_2 as 64512"]


def test_the_mesh_name_does_not_carry_the_port_but_the_key_and_the_dialled_port_do():
    found = expected_peers(cluster(node("a", "192.0.2.1"), node("b", "192.0.2.2"), config(listen_port=1790)))
    (one,) = found["a"]
    assert (one.name, one.port, one.name_port, one.key.port) == ("Mesh_192_0_2_2", 1790, None, None)


def test_ports_stand_in_names_from_v3_17_only():
    resources = cluster(
        node("a", "192.0.2.1"),
        node("b", "192.0.2.2"),
        config(mesh=False, listen_port=1790),
        peer("selectors", node="a", peer_selector="all()"),
    )
    before = expect(resources, version=CalicoVersion(3, 16)).peers["a"]
    since = expect(resources, version=CalicoVersion(3, 17)).peers["a"]
    assert [(p.name, p.port, p.name_port) for p in before] == [("Node_192_0_2_2", 1790, None)]
    assert [(p.name, p.port, p.name_port) for p in since] == [("Node_192_0_2_2_port_1790", 1790, 1790)]


def test_every_node_is_a_key_and_its_peers_are_sorted_by_name_ipv4_first():
    found = expect(
        cluster(
            node("b", "192.0.2.2", "2001:db8::2"),
            node("a", "192.0.2.10", "2001:db8::10"),
            node("c", "192.0.2.9", "2001:db8::9"),
            node("lonely"),
            peer("z", peer_ip="198.51.100.1", as_number=1),
        )
    )
    assert list(found.peers) == ["a", "b", "c", "lonely"]
    assert [p.name for p in found.peers["b"]] == [
        "Global_198_51_100_1",
        "Mesh_192_0_2_10",
        "Mesh_192_0_2_9",
        "Mesh_2001_db8__10",
        "Mesh_2001_db8__9",
    ]


def test_only_some_nodes_are_looked_at_where_the_caller_says_so():
    resources = cluster(node("a", "192.0.2.1"), node("b", "192.0.2.2"), node("c", "192.0.2.3"))
    found = expect(resources, only={"b"})
    assert names_of(found) == {"b": ["Mesh_192_0_2_1", "Mesh_192_0_2_3"]}


def test_two_nodes_with_one_address_do_not_peer_and_others_have_two_protocols_of_one_name():
    found = expect(
        cluster(
            node("a", "192.0.2.1"),
            node("b", "192.0.2.2", as_number=65001),
            node("c", "192.0.2.2"),
            config("node.c", listen_port=500),
        )
    )
    assert names_of(found) == {"a": ["Mesh_192_0_2_2"] * 2, "b": ["Mesh_192_0_2_1"], "c": ["Mesh_192_0_2_1"]}
    assert [(r.node, r.name) for r in found.refusals] == [("a", "Mesh_192_0_2_2")]
    assert found.refusals[0].why.endswith("because two nodes have the address 192.0.2.2")
    assert found.nodes_by_address[found.peers["a"][0].address] == ("b", "c")


def test_two_nodes_with_one_address_at_the_far_end_of_a_selector_are_one_peer_and_undetermined_where_they_differ():
    found = expect(
        cluster(
            node("a", "192.0.2.1"),
            node("b", "192.0.2.2", as_number=65001, labels="rr"),
            node("c", "192.0.2.2", labels="rr"),
            config(mesh=False),
            peer("to-rr", node="a", peer_selector="has(rr)"),
        )
    )
    assert names_of(found)["a"] == ["Node_192_0_2_2"]
    (conflict,) = found.conflicts
    assert (conflict.node, conflict.bgp_peers, conflict.fields) == ("a", ("to-rr",), ("AS number",))
