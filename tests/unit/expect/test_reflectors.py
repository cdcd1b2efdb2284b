"""Reflector clients (bgp_processor.go buildPeerFromData), and the classic trap in all its shapes."""

import pytest

from calico_bgp.expect.engine import expect
from calico_bgp.expect.version import CalicoVersion
from tests.clusters import cluster, config, names_of, node, peer, peers_of, reasons

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


# -- who is passive among explicit peers ------------------------------------------------------------------------------

NINE_AND_TEN = (node("nine", "10.0.0.9"), node("ten", "10.0.0.10"))


def test_a_global_peer_ip_of_a_node_is_passive_where_its_address_is_greater_as_text():
    to_nine = expect(cluster(*NINE_AND_TEN, OFF, peer("p", peer_ip="10.0.0.9", as_number=64512)))
    assert peers_of(to_nine, "ten") == ["Global_10_0_0_9 as 64512 passive"]
    assert peers_of(to_nine, "nine") == ["Node_10_0_0_10 as 64512"]
    to_ten = expect(cluster(*NINE_AND_TEN, OFF, peer("p", peer_ip="10.0.0.10", as_number=64512)))
    assert peers_of(to_ten, "nine") == ["Global_10_0_0_10 as 64512"]


def test_it_is_active_before_v3_23_and_the_mesh_before_v3_22():
    resources = cluster(*NINE_AND_TEN, peer("p", peer_ip="10.0.0.9", as_number=64512))

    def on_ten(minor):
        return peers_of(expect(resources, version=CalicoVersion(3, minor)), "ten")

    assert on_ten(23) == ["Global_10_0_0_9 as 64512 passive", "Mesh_10_0_0_9 as 64512 passive"]
    assert on_ten(22) == ["Global_10_0_0_9 as 64512", "Mesh_10_0_0_9 as 64512 passive"]
    assert on_ten(21) == ["Global_10_0_0_9 as 64512", "Mesh_10_0_0_9 as 64512"]


@pytest.mark.parametrize(
    "fields",
    [
        {"as_number": 65009},  # the address decides, not the AS
        {"as_number": 64512, "reverse_peering": "Manual"},
    ],
)
def test_a_global_peer_ip_that_nobody_reverses_is_passive_with_nobody_dialling(fields):
    found = expect(cluster(*NINE_AND_TEN, OFF, peer("p", peer_ip="10.0.0.9", **fields)))
    assert peers_of(found, "ten") == [f"Global_10_0_0_9 as {fields['as_number']} passive"]
    assert peers_of(found, "nine") == []


def test_a_global_peer_ip_with_a_port_that_does_not_match_is_passive_with_nobody_dialling():
    port = config(mesh=False, listen_port=1790)
    found = expect(cluster(*NINE_AND_TEN, port, peer("p", peer_ip="10.0.0.9:500", as_number=64512)))
    assert peers_of(found, "ten") == ["Global_10_0_0_9_port_500 as 64512 port 500 passive"]
    assert peers_of(found, "nine") == []


def test_all_else_is_active():
    outside = expect(cluster(*NINE_AND_TEN, OFF, peer("p", peer_ip="99.0.0.1", as_number=64512)))
    assert peers_of(outside, "ten") == ["Global_99_0_0_1 as 64512"]
    by_selector = expect(cluster(*NINE_AND_TEN, OFF, peer("p", peer_selector="all()")))
    assert peers_of(by_selector, "ten") == ["Global_10_0_0_9 as 64512"]
    on_node = expect(cluster(*NINE_AND_TEN, OFF, peer("p", node="ten", peer_ip="10.0.0.9", as_number=64512)))
    assert peers_of(on_node, "ten") == ["Node_10_0_0_9 as 64512"]
    assert peers_of(on_node, "nine") == ["Node_10_0_0_10 as 64512"]


# -- the classic trap -------------------------------------------------------------------------------------------------

TRAP = (
    node("a", "192.0.2.1", labels="route-reflector", cluster_id=ONE),
    node("b", "192.0.2.2", labels="route-reflector", cluster_id=ONE),
    node("c1", "192.0.2.11"),
    node("c2", "192.0.2.12"),
    node("c3", "192.0.2.13"),
    OFF,
)
CLIENTS = ("c1", "c2", "c3")


def client_names(kind):
    return [f"{kind}_192_0_2_1", f"{kind}_192_0_2_2"]


def test_the_unquoted_selector_is_a_tag_on_an_empty_value_and_so_the_peer_is_global():
    # nodeSelector: !has(route-reflector)  is read as nodeSelector: ""
    found = expect(cluster(*TRAP, peer("trap", peer_selector="has(route-reflector)")))
    assert {name: names_of(found)[name] for name in CLIENTS} == dict.fromkeys(CLIENTS, client_names("Global"))
    assert peers_of(found, "a") == [
        "Global_192_0_2_2 as 64512",
        f"Node_192_0_2_11 as 64512 client {ONE}",
        f"Node_192_0_2_12 as 64512 client {ONE}",
        f"Node_192_0_2_13 as 64512 client {ONE}",
    ]
    assert names_of(found)["b"] == ["Global_192_0_2_1", "Node_192_0_2_11", "Node_192_0_2_12", "Node_192_0_2_13"]
    assert reasons(found.peers["a"])["Global_192_0_2_2"] == ["BGPPeer trap (global)"]
    assert reasons(found.peers["a"])["Node_192_0_2_11"] == ["BGPPeer trap (automatic reverse peering)"]
    assert found.is_clear


def test_with_quotes_clients_and_reflectors_are_node_specific_and_reflectors_do_not_peer_with_each_other():
    found = expect(
        cluster(*TRAP, peer("quoted", node_selector="!has(route-reflector)", peer_selector="has(route-reflector)"))
    )
    assert {name: names_of(found)[name] for name in CLIENTS} == dict.fromkeys(CLIENTS, client_names("Node"))
    assert names_of(found)["a"] == names_of(found)["b"] == ["Node_192_0_2_11", "Node_192_0_2_12", "Node_192_0_2_13"]


def test_with_all_everything_is_node_specific_and_reflectors_peer_with_each_other():
    found = expect(cluster(*TRAP, peer("all", node_selector="all()", peer_selector="has(route-reflector)")))
    assert {name: names_of(found)[name] for name in CLIENTS} == dict.fromkeys(CLIENTS, client_names("Node"))
    assert peers_of(found, "a") == [
        f"Node_192_0_2_11 as 64512 client {ONE}",
        f"Node_192_0_2_12 as 64512 client {ONE}",
        f"Node_192_0_2_13 as 64512 client {ONE}",
        "Node_192_0_2_2 as 64512",
    ]
    # Forward and reverse agree on a-b; the forward pass is the reason.
    assert reasons(found.peers["a"])["Node_192_0_2_2"] == ["BGPPeer all (node specific)"]


def test_another_shape_of_the_trap_is_a_selector_that_does_not_parse_and_matches_nothing():
    # nodeSelector: !(route-reflector == 'x')  is read as the value  == 'x')
    found = expect(cluster(*TRAP, peer("trap", node_selector="== 'x')", peer_selector="has(route-reflector)")))
    assert all(peers == [] for peers in names_of(found).values())
    (bad,) = found.bad_selectors
    assert (bad.bgp_peer, bad.field) == ("trap", "spec.nodeSelector")
    assert not found.is_clear


# -- selectors --------------------------------------------------------------------------------------------------------


def test_a_peer_selector_that_does_not_parse_matches_nothing_and_is_named():
    found = expect(cluster(*TRAP, peer("bad", peer_selector="route-reflector = 'x'")))
    assert all(peers == [] for peers in names_of(found).values())
    assert [(bad.bgp_peer, bad.field) for bad in found.bad_selectors] == [("bad", "spec.peerSelector")]


def test_both_selectors_may_be_bad_and_each_is_named_once():
    bad = {"node_selector": "(", "peer_selector": "("}
    found = expect(cluster(*TRAP, peer("one", **bad), peer("two", **bad)))
    assert [(each.bgp_peer, each.field) for each in found.bad_selectors] == [
        ("one", "spec.nodeSelector"),
        ("one", "spec.peerSelector"),
        ("two", "spec.nodeSelector"),
        ("two", "spec.peerSelector"),
    ]


def test_an_all_blank_node_selector_matches_every_node_and_is_not_global():
    found = expect(cluster(*TRAP, peer("blank", node_selector="  ", peer_selector="has(route-reflector)")))
    assert names_of(found)["c1"] == client_names("Node")


def test_the_far_end_of_a_peer_selector_gives_both_addresses_with_as_and_port_as_the_node_has_them():
    found = expect(
        cluster(
            node("a", "192.0.2.1", "2001:db8::1"),
            node("b", "192.0.2.2", "2001:db8::2", as_number=65002, labels="x"),
            OFF,
            config("node.b", listen_port=500),
            peer("p", node="a", peer_selector="has(x)", as_number=65009),  # asNumber counts with peerIP only
        )
    )
    assert peers_of(found, "a") == [
        "Node_192_0_2_2_port_500 as 65002 port 500",
        "Node_2001_db8__2_port_500 as 65002 port 500",
    ]


# -- pods as peers ----------------------------------------------------------------------------------------------------


def test_local_workload_peers_are_named_never_expected_in_the_table_and_not_reversed():
    pods = peer("pods", node_selector="!has(rr)", local_workload_selector="app == 'bird'", as_number=64515)
    found = expect(cluster(*two_reflectors(ONE, ONE), pods))
    assert all(peers == [] for peers in names_of(found).values())
    assert [(w.bgp_peer, w.nodes) for w in found.workloads] == [("pods", ("c",))]
    assert found.skipped == ()
    assert found.is_clear


def test_local_workload_peers_of_all_nodes():
    found = expect(cluster(*two_reflectors(ONE, ONE), peer("pods", local_workload_selector="all()", as_number=1)))
    assert found.workloads[0].nodes == ("a", "b", "c")


def test_before_v3_30_the_field_is_not_known_so_the_bgppeer_has_no_far_end():
    pods = peer("pods", local_workload_selector="app == 'bird'", as_number=64515)
    found = expect(cluster(*two_reflectors(ONE, ONE), pods), version=CalicoVersion(3, 29))
    assert found.workloads == ()
    assert [skipped.bgp_peer for skipped in found.skipped] == ["pods"]
