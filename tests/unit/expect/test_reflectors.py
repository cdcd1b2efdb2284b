"""Reflector clients: whom a node with a cluster ID reflects to (bgp_processor.go buildPeerFromData)."""

from calico_bgp.expect.engine import expect
from tests.clusters import cluster, config, node, peer, peers_of

OFF = config(mesh=False)
ONE, OTHER = "244.0.0.1", "244.0.0.2"


def two_reflectors(first, second):
    return (
        node("a", "192.0.2.1", labels="rr", cluster_id=first),
        node("b", "192.0.2.2", labels="rr", cluster_id=second),
        node("c", "192.0.2.3"),
        OFF,
    )


def test_a_peer_of_the_same_as_without_a_cluster_id_is_a_client_of_a_reflector_and_not_the_other_way():
    found = expect(cluster(*two_reflectors(ONE, ONE), peer("p", node="c", peer_selector="has(rr)")))
    assert peers_of(found, "a") == [f"Node_192_0_2_3 as 64512 client {ONE}"]
    assert peers_of(found, "c") == ["Node_192_0_2_1 as 64512", "Node_192_0_2_2 as 64512"]


def test_a_peer_of_another_as_is_no_client():
    found = expect(
        cluster(
            node("a", "192.0.2.1", labels="rr", cluster_id=ONE),
            node("c", "192.0.2.3", as_number=65001),
            OFF,
            peer("p", node="c", peer_selector="has(rr)"),
        )
    )
    assert peers_of(found, "a") == ["Node_192_0_2_3 as 65001"]


def test_reflectors_with_equal_ids_are_no_clients_of_each_other_when_a_peer_selector_made_them():
    found = expect(cluster(*two_reflectors(ONE, ONE), peer("p", node_selector="has(rr)", peer_selector="has(rr)")))
    assert peers_of(found, "a") == ["Node_192_0_2_2 as 64512"]
    assert peers_of(found, "b") == ["Node_192_0_2_1 as 64512"]


def test_reflectors_with_different_ids_are_each_others_clients():
    found = expect(cluster(*two_reflectors(ONE, OTHER), peer("p", node_selector="has(rr)", peer_selector="has(rr)")))
    assert peers_of(found, "a") == [f"Node_192_0_2_2 as 64512 client {ONE}"]
    assert peers_of(found, "b") == [f"Node_192_0_2_1 as 64512 client {OTHER}"]


def test_a_forward_peer_ip_counts_as_having_no_cluster_id_so_equal_ids_are_one_sided():
    found = expect(cluster(*two_reflectors(ONE, ONE), peer("p", node="a", peer_ip="192.0.2.2", as_number=64512)))
    assert peers_of(found, "a") == [f"Node_192_0_2_2 as 64512 client {ONE}"]
    assert peers_of(found, "b") == ["Node_192_0_2_1 as 64512"]


def test_two_forward_peer_ips_make_both_clients_also_with_equal_ids():
    found = expect(
        cluster(
            *two_reflectors(ONE, ONE),
            peer("p", node="a", peer_ip="192.0.2.2", as_number=64512),
            peer("q", node="b", peer_ip="192.0.2.1", as_number=64512),
        )
    )
    assert peers_of(found, "a") == [f"Node_192_0_2_2 as 64512 client {ONE}"]
    assert peers_of(found, "b") == [f"Node_192_0_2_1 as 64512 client {ONE}"]


def test_a_global_peer_ip_of_a_reflector_is_passive_by_address_and_marks_clients_on_reflectors_only():
    found = expect(cluster(*two_reflectors(ONE, ONE), peer("p", peer_ip="192.0.2.2", as_number=64512)))
    assert peers_of(found, "a") == [f"Global_192_0_2_2 as 64512 passive client {ONE}"]
    assert peers_of(found, "c") == ["Global_192_0_2_2 as 64512"]
    # b knows the cluster ID of a from the reverse; c has none.
    assert peers_of(found, "b") == ["Node_192_0_2_1 as 64512", f"Node_192_0_2_3 as 64512 client {ONE}"]


def test_the_sessions_local_as_decides_which_is_local_as_number_where_set():
    outside = {"node": "a", "peer_ip": "198.51.100.1", "as_number": 65009}
    plain = expect(cluster(*two_reflectors(ONE, ONE), peer("p", **outside)))
    assert peers_of(plain, "a") == ["Node_198_51_100_1 as 65009"]
    local = expect(cluster(*two_reflectors(ONE, ONE), peer("p", **outside, local_as_number=65009)))
    assert peers_of(local, "a") == [f"Node_198_51_100_1 as 65009 client {ONE}"]
    away = {"node": "a", "peer_ip": "198.51.100.1", "as_number": 64512, "local_as_number": 65009}
    assert peers_of(expect(cluster(*two_reflectors(ONE, ONE), peer("p", **away))), "a") == [
        "Node_198_51_100_1 as 64512"
    ]


def test_an_external_router_of_the_same_as_is_a_client_of_a_reflector():
    found = expect(cluster(*two_reflectors(ONE, ONE), peer("p", node="a", peer_ip="198.51.100.1", as_number=64512)))
    assert peers_of(found, "a") == [f"Node_198_51_100_1 as 64512 client {ONE}"]
