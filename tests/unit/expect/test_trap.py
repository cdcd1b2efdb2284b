"""The classic trap, an unquoted nodeSelector, in all its shapes."""

from calico_bgp.expect.engine import expect
from tests.clusters import cluster, config, names_of, node, peer, peers_of, reasons

OFF = config(mesh=False)
ONE = "244.0.0.1"

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
