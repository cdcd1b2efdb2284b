"""Peers by selectors: what does not parse, what is blank, and what the far end gives."""

from calico_bgp.expect.engine import expect
from tests.clusters import cluster, config, names_of, node, peer, peers_of

OFF = config(mesh=False)

NODES = (
    node("a", "192.0.2.1", labels="route-reflector"),
    node("b", "192.0.2.2", labels="route-reflector"),
    node("c1", "192.0.2.11"),
    OFF,
)


def test_a_peer_selector_that_does_not_parse_matches_nothing_and_is_named():
    found = expect(cluster(*NODES, peer("bad", peer_selector="route-reflector = 'x'")))
    assert all(peers == [] for peers in names_of(found).values())
    assert [(bad.bgp_peer, bad.field) for bad in found.bad_selectors] == [("bad", "spec.peerSelector")]


def test_both_selectors_may_be_bad_and_each_is_named_once():
    bad = {"node_selector": "(", "peer_selector": "("}
    found = expect(cluster(*NODES, peer("one", **bad), peer("two", **bad)))
    assert [(each.bgp_peer, each.field) for each in found.bad_selectors] == [
        ("one", "spec.nodeSelector"),
        ("one", "spec.peerSelector"),
        ("two", "spec.nodeSelector"),
        ("two", "spec.peerSelector"),
    ]


def test_an_all_blank_node_selector_matches_every_node_and_is_not_global():
    found = expect(cluster(*NODES, peer("blank", node_selector="  ", peer_selector="has(route-reflector)")))
    assert names_of(found)["c1"] == ["Node_192_0_2_1", "Node_192_0_2_2"]


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
