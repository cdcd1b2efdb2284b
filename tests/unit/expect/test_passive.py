"""Which end waits among explicit peers (bgp_processor.go buildPeerFromData); the mesh is in test_mesh.py."""

import pytest

from calico_bgp.expect.engine import expect
from calico_bgp.expect.version import CalicoVersion
from tests.clusters import cluster, config, node, peer, peers_of

OFF = config(mesh=False)

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
