"""The three passes over the BGPPeers and who wins (confd/pkg/backends/calico/client.go updatePeersV1)."""

import pytest

from calico_bgp.expect.engine import expect
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.expected import PeerPass
from tests.clusters import cluster, config, names_of, node, peer, peers_of, reasons

OFF = config(mesh=False)
A, B, C = node("a", "192.0.2.1"), node("b", "192.0.2.2"), node("c", "192.0.2.3")


def test_a_bgppeer_with_neither_node_nor_node_selector_is_global_on_every_node():
    found = expect(cluster(A, B, OFF, peer("tor", peer_ip="198.51.100.1", as_number=65001)))
    assert names_of(found) == {"a": ["Global_198_51_100_1"], "b": ["Global_198_51_100_1"]}
    assert reasons(found.peers["a"]) == {"Global_198_51_100_1": ["BGPPeer tor (global)"]}
    assert found.peers["a"][0].far_node is None


def test_with_node_it_is_node_specific_on_that_node():
    found = expect(cluster(A, B, OFF, peer("tor", node="b", peer_ip="198.51.100.1", as_number=65001)))
    assert names_of(found) == {"a": [], "b": ["Node_198_51_100_1"]}
    assert reasons(found.peers["b"]) == {"Node_198_51_100_1": ["BGPPeer tor (node specific)"]}


def test_with_a_node_that_is_not_there_it_is_nobodys():
    found = expect(cluster(A, B, OFF, peer("tor", node="z", peer_selector="all()")))
    assert names_of(found) == {"a": [], "b": []}


def test_with_node_selector_it_is_node_specific_on_each_node_that_matches():
    tor = peer("tor", node_selector="rack == 'r1'", peer_ip="198.51.100.1", as_number=65001)
    found = expect(
        cluster(node("a", "192.0.2.1", labels="rack=r1"), node("b", "192.0.2.2", labels="rack=r2"), OFF, tor)
    )
    assert names_of(found) == {"a": ["Node_198_51_100_1"], "b": []}


def test_with_node_and_node_selector_the_selector_counts():
    both = peer("tor", node="a", node_selector="has(x)", peer_ip="198.51.100.1", as_number=65001)
    found = expect(cluster(A, node("b", "192.0.2.2", labels="x"), OFF, both))
    assert names_of(found) == {"a": [], "b": ["Node_198_51_100_1"]}


def test_with_peer_ip_and_peer_selector_the_selector_counts():
    both = peer("both", node="a", peer_ip="198.51.100.1", as_number=65001, peer_selector="has(x)")
    found = expect(cluster(A, node("b", "192.0.2.2", labels="x"), OFF, both))
    assert peers_of(found, "a") == ["Node_192_0_2_2 as 64512"]
    assert peers_of(found, "b") == ["Node_192_0_2_1 as 64512"]


def test_a_node_specific_peer_gives_way_where_address_and_port_are_already_global():
    found = expect(
        cluster(
            A,
            OFF,
            peer("one", node="a", peer_ip="198.51.100.1", as_number=65009),
            peer("other-port", node="a", peer_ip="198.51.100.1:500", as_number=65009),
            peer("tor", peer_ip="198.51.100.1", as_number=65001),
        )
    )
    assert peers_of(found, "a") == ["Global_198_51_100_1 as 65001", "Node_198_51_100_1_port_500 as 65009 port 500"]
    assert reasons(found.peers["a"])["Global_198_51_100_1"] == ["BGPPeer tor (global)"]
    assert found.conflicts == ()


def test_reverse_peering_gives_the_far_nodes_the_near_ones():
    found = expect(
        cluster(
            node("a", "192.0.2.1", as_number=65001),
            B,
            C,
            OFF,
            peer("a-to-b", node="a", peer_ip="192.0.2.2", as_number=64512),
        )
    )
    assert peers_of(found, "a") == ["Node_192_0_2_2 as 64512"]
    assert peers_of(found, "b") == ["Node_192_0_2_1 as 65001"]
    assert reasons(found.peers["b"]) == {"Node_192_0_2_1": ["BGPPeer a-to-b (automatic reverse peering)"]}
    assert names_of(found)["c"] == []


def test_reverse_peering_of_a_global_peer_gives_the_far_node_all_nodes():
    found = expect(cluster(A, B, C, OFF, peer("to-a", peer_ip="192.0.2.1", as_number=64512)))
    assert names_of(found) == {
        "a": ["Node_192_0_2_2", "Node_192_0_2_3"],
        "b": ["Global_192_0_2_1"],
        "c": ["Global_192_0_2_1"],
    }


def test_reverse_peering_gives_way_to_what_is_global_or_defined():
    found = expect(
        cluster(
            A,
            node("b", "192.0.2.2", labels="rr"),
            OFF,
            peer("b-to-a", node="b", peer_ip="192.0.2.1", as_number=65009),
            peer("to-rr", node="a", peer_selector="has(rr)"),
        )
    )
    # b's own BGPPeer says 65009; the reverse of to-rr would say 64512.
    assert peers_of(found, "b") == ["Node_192_0_2_1 as 65009"]
    assert found.conflicts == ()


def test_reverse_peering_by_peer_selector_covers_both_families_by_peer_ip_only_its_own():
    two = (node("a", "192.0.2.1", "2001:db8::1"), node("b", "192.0.2.2", "2001:db8::2", labels="rr"), OFF)
    by_selector = expect(cluster(*two, peer("one", node="a", peer_selector="has(rr)")))
    assert names_of(by_selector)["b"] == ["Node_192_0_2_1", "Node_2001_db8__1"]
    by_v6 = expect(cluster(*two, peer("one", node="a", peer_ip="2001:db8::2", as_number=64512)))
    assert names_of(by_v6) == {"a": ["Node_2001_db8__2"], "b": ["Node_2001_db8__1"]}
    by_v4 = expect(cluster(*two, peer("one", node="a", peer_ip="192.0.2.2", as_number=64512)))
    assert names_of(by_v4) == {"a": ["Node_192_0_2_2"], "b": ["Node_192_0_2_1"]}


def test_a_reversed_entry_takes_the_near_nodes_own_as_port_and_cluster_id():
    found = expect(
        cluster(
            node("near", "192.0.2.1", as_number=65001, cluster_id="10.0.0.1"),
            node("far", "192.0.2.2", as_number=65001, cluster_id="10.0.0.2"),
            OFF,
            config("node.near", listen_port=500),
            peer("one", node="near", peer_ip="192.0.2.2", as_number=65001),
        )
    )
    assert peers_of(found, "far") == ["Node_192_0_2_1_port_500 as 65001 port 500 client 10.0.0.2"]


def test_manual_switches_reverse_peering_off_from_v3_31():
    resources = cluster(
        A, B, OFF, peer("one", node="a", peer_ip="192.0.2.2", as_number=64512, reverse_peering="Manual")
    )
    assert names_of(expect(resources)) == {"a": ["Node_192_0_2_2"], "b": []}
    # v3.30 does not know the field.
    assert names_of(expect(resources, version=CalicoVersion(3, 30)))["b"] == ["Node_192_0_2_1"]
    assert names_of(expect(resources, version=CalicoVersion(3, 31)))["b"] == []


def test_auto_is_the_default():
    resources = cluster(A, B, OFF, peer("one", node="a", peer_ip="192.0.2.2", as_number=64512, reverse_peering="Auto"))
    assert names_of(expect(resources))["b"] == ["Node_192_0_2_1"]


@pytest.mark.parametrize(
    ("one", "other", "fields"),
    [
        ({"as_number": 65001}, {"as_number": 65002}, ("AS number",)),
        ({"as_number": 1, "local_as_number": 7}, {"as_number": 1}, ("localASNumber",)),
        ({"as_number": 1, "num_allowed_local_as_numbers": 1}, {"as_number": 1}, ("numAllowedLocalASNumbers",)),
        ({"as_number": 1, "next_hop_mode": "Self"}, {"as_number": 1}, ("nextHopMode",)),
        ({"as_number": 1, "keep_original_next_hop": True}, {"as_number": 1}, ("keepOriginalNextHop",)),
        ({"as_number": 1, "source_address": "None"}, {"as_number": 1}, ("sourceAddress",)),
        ({"as_number": 1, "has_password": True, "ttl_security": 2}, {"as_number": 1}, ("password", "ttlSecurity")),
        (
            {"as_number": 1, "filters": ("f",)},
            {"as_number": 1, "max_restart_time": "5s"},
            ("filters", "maxRestartTime"),
        ),
        ({"as_number": 1, "reachable_by": "192.0.2.9"}, {"as_number": 1}, ("reachableBy",)),
    ],
)
@pytest.mark.parametrize("near", [{}, {"node": "a"}, {"node_selector": "all()"}])
def test_two_bgppeers_that_define_one_key_differently_in_one_pass_are_a_conflict(near, one, other, fields):
    far = {"peer_ip": "198.51.100.1", **near}
    found = expect(cluster(A, OFF, peer("p1", **far, **one), peer("p2", **far, **other)))
    (conflict,) = found.conflicts
    assert conflict.bgp_peers == ("p1", "p2")
    assert conflict.fields == fields
    assert str(conflict.address) == "198.51.100.1"
    assert (conflict.node, conflict.made_by) == (("a", PeerPass.NODE) if near else (None, PeerPass.GLOBAL))
    assert not found.is_clear


def test_two_bgppeers_that_define_one_key_alike_are_one_peer_with_two_reasons():
    both = {"peer_ip": "198.51.100.1", "as_number": 65001}
    found = expect(cluster(A, OFF, peer("p1", **both), peer("p2", **both, source_address="UseNodeIP")))
    assert reasons(found.peers["a"]) == {"Global_198_51_100_1": ["BGPPeer p1 (global)", "BGPPeer p2 (global)"]}
    assert found.conflicts == ()
    assert found.is_clear


def test_bgppeers_that_differ_in_different_passes_or_on_different_nodes_are_no_conflict():
    far = {"peer_ip": "198.51.100.1"}
    found = expect(
        cluster(
            A,
            B,
            OFF,
            peer("p1", node="a", **far, as_number=65001),
            peer("p2", node="b", **far, as_number=65002),
            peer("p3", node="a", **far, as_number=65001, reverse_peering="Manual"),
        )
    )
    assert found.conflicts == ()


def test_a_conflict_in_the_pass_of_reverse_peering_names_the_node_that_gets_it():
    found = expect(
        cluster(
            A,
            node("b", "192.0.2.2", labels="rr"),
            OFF,
            peer("p1", node="a", peer_selector="has(rr)", next_hop_mode="Self"),
            peer("p2", node="a", peer_ip="192.0.2.2", as_number=64512),
        )
    )
    # On a, both are of pass 2; on b, both of pass 3.
    assert [(c.node, c.made_by, c.bgp_peers) for c in found.conflicts] == [
        ("a", PeerPass.NODE, ("p1", "p2")),
        ("b", PeerPass.REVERSE, ("p1", "p2")),
    ]


def test_the_order_of_the_bgppeers_decides_nothing():
    things = (
        A,
        B,
        OFF,
        peer("p1", peer_ip="198.51.100.1", as_number=65001),
        peer("p2", peer_ip="198.51.100.1", as_number=65002),
    )
    assert expect(cluster(*things)).peers == expect(cluster(*reversed(things))).peers


def test_keys_count_the_address_in_canonical_form():
    found = expect(
        cluster(
            node("a", "2001:db8::1"),
            OFF,
            peer("p1", peer_ip="2001:db8:0::f", as_number=65001),
            peer("p2", peer_ip="2001:DB8::F", as_number=65001),
        )
    )
    assert names_of(found) == {"a": ["Global_2001_db8__f"]}
