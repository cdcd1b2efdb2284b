"""Peers by `peerIP`: its forms, the nodes that it names, and what is written without asNumber."""

from ipaddress import ip_address

import pytest

from calico_bgp.expect.engine import expect
from calico_bgp.expect.peer_ip import go_address, parse_peer_ip
from calico_bgp.expect.version import CalicoVersion
from tests.clusters import cluster, config, names_of, node, peer, peers_of

OFF = config(mesh=False)
A, B = node("a", "192.0.2.1"), node("b", "192.0.2.2")


@pytest.mark.parametrize(
    ("text", "host", "address", "port"),
    [
        ("192.0.2.1", "192.0.2.1", "192.0.2.1", None),
        ("192.0.2.1:179", "192.0.2.1", "192.0.2.1", 179),
        ("[192.0.2.1]:179", "192.0.2.1", "192.0.2.1", 179),
        ("192.0.2.1:0", "192.0.2.1", "192.0.2.1", None),
        ("192.0.2.1:65535", "192.0.2.1", "192.0.2.1", 65535),
        ("192.0.2.1:0xb3", "192.0.2.1", "192.0.2.1", 179),
        ("192.0.2.1:0263", "192.0.2.1", "192.0.2.1", 179),
        ("192.0.2.1:0o263", "192.0.2.1", "192.0.2.1", 179),
        ("192.0.2.1:0b10110011", "192.0.2.1", "192.0.2.1", 179),
        ("192.0.2.1:1_79", "192.0.2.1", "192.0.2.1", 179),
        ("192.0.2.1:0x_b3", "192.0.2.1", "192.0.2.1", 179),
        ("192.0.2.1:00", "192.0.2.1", "192.0.2.1", None),
        ("2001:db8::1", "2001:db8::1", "2001:db8::1", None),
        ("[2001:db8::1]:179", "2001:db8::1", "2001:db8::1", 179),
        ("2001:DB8:0::1", "2001:DB8:0::1", "2001:db8::1", None),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1", None),
    ],
)
def test_peer_ip_is_ip_ip_port_or_ip6_in_brackets_with_port(text, host, address, port):
    assert parse_peer_ip(text) == (host, ip_address(address), port)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tor1.example",
        "192.0.2",
        "192.0.2.256",
        "192.0.2.01",
        "192.0.2.1/32",
        " 192.0.2.1",
        "192.0.2.1:",
        "192.0.2.1:65536",
        "192.0.2.1:-1",
        "192.0.2.1:+179",
        "192.0.2.1:bgp",
        "192.0.2.1:08",
        "192.0.2.1:0x",
        "192.0.2.1:1__79",
        "192.0.2.1:179_",
        "192.0.2.1:\u0661\u0667\u0669",
        "192.0.2.1:179:179",
        "192.0.2.1:" + "9" * 6000,
        "[2001:db8::1]",
        "[2001:db8::1]179",
        "[[2001:db8::1]]:179",
        "2001:db8::1]:179",
        "fe80::1%eth0",
        "[fe80::1%eth0]:179",
        ":179",
    ],
)
def test_what_go_does_not_read_is_no_address(text):
    assert parse_peer_ip(text).address is None


def test_addresses_are_read_as_go_reads_them():
    assert go_address("::ffff:c000:201") == ip_address("192.0.2.1")
    assert go_address("::192.0.2.1") == ip_address("::c000:201")
    assert go_address("1::2::3") is None


def test_an_address_that_is_no_node_is_an_external_peer_with_the_port_given():
    found = expect(
        cluster(
            node("a", "192.0.2.1", "2001:db8::1"),
            config(mesh=False, listen_port=1790),
            peer("p1", peer_ip="198.51.100.1", as_number=65001),
            peer("p2", peer_ip="198.51.100.2:500", as_number=65001),
            peer("p3", node="a", peer_ip="[2001:db8:f::1]:50", as_number=65001),
        )
    )
    # The listenPort is for nodes of the cluster only.
    assert peers_of(found, "a") == [
        "Global_198_51_100_1 as 65001",
        "Global_198_51_100_2_port_500 as 65001 port 500",
        "Node_2001_db8_f__1_port_50 as 65001 port 50",
    ]
    assert [str(p.address) for p in found.peers["a"]] == ["198.51.100.1", "198.51.100.2", "2001:db8:f::1"]


def test_without_a_port_it_is_the_nodes_own_listen_port_else_the_global_one_else_none():
    one = peer("p", node="a", peer_ip="192.0.2.2", as_number=64512)
    assert peers_of(expect(cluster(A, B, OFF, one)), "a") == ["Node_192_0_2_2 as 64512"]
    of_all = config(mesh=False, listen_port=1790)
    assert peers_of(expect(cluster(A, B, of_all, one)), "a") == ["Node_192_0_2_2_port_1790 as 64512 port 1790"]
    own = config("node.b", listen_port=500)
    assert peers_of(expect(cluster(A, B, of_all, own, one)), "a") == ["Node_192_0_2_2_port_500 as 64512 port 500"]


@pytest.mark.parametrize(
    ("as_number", "of_far", "of_all", "named"),
    [
        (64512, None, None, True),
        (65000, None, 65000, True),
        (65001, 65001, None, True),
        (65001, None, None, False),
        (64512, 65001, None, False),
        (None, None, None, True),  # unset means the global AS for this matching
        (None, 65001, None, False),
        (None, 65000, 65000, True),
    ],
)
def test_it_names_a_node_only_where_the_as_matches(as_number, of_far, of_all, named):
    found = expect(
        cluster(
            A,
            node("b", "192.0.2.2", as_number=of_far),
            config(mesh=False, as_number=of_all),
            peer("p", node="a", peer_ip="192.0.2.2", as_number=as_number),
        )
    )
    assert names_of(found)["b"] == (["Node_192_0_2_1"] if named else [])


@pytest.mark.parametrize(
    ("port", "own", "of_all", "named"),
    [
        ("", None, None, True),
        ("", 500, None, True),
        ("", 500, 1790, True),
        (":500", None, None, True),  # no listenPort is set, so none differs
        (":500", 500, None, True),
        (":500", 501, None, False),
        (":500", None, 500, True),
        (":500", None, 1790, False),
        (":500", 500, 500, True),
        (":500", 500, 1790, False),  # the global one differs, although the node's own one does not
        (":500", 501, 500, False),
    ],
)
def test_a_port_must_not_differ_from_the_nodes_own_listen_port_nor_from_the_global_one(port, own, of_all, named):
    things = [
        A,
        B,
        config(mesh=False, listen_port=of_all),
        peer("p", node="a", peer_ip=f"192.0.2.2{port}", as_number=64512),
    ]
    if own is not None:
        things.append(config("node.b", listen_port=own))
    reverse = f"Node_192_0_2_1_port_{of_all}" if of_all else "Node_192_0_2_1"
    assert names_of(expect(cluster(*things)))["b"] == ([reverse] if named else [])


def test_addresses_are_compared_as_text_so_another_spelling_names_no_node():
    things = (node("a", "2001:db8::1"), node("b", "2001:db8::2"), config(mesh=False, listen_port=1790))
    one = peer("p", node="a", peer_ip="2001:DB8::2", as_number=64512)
    found = expect(cluster(*things, one))
    # Neither the node's port nor the reverse; yet it is the node that is meant.
    assert names_of(found) == {"a": ["Node_2001_db8__2"], "b": []}
    assert found.peers["a"][0].far_node == "b"


def test_without_as_number_the_peer_is_written_as_0_and_bird_refuses_the_file():
    found = expect(cluster(A, B, OFF, peer("p", node="a", peer_ip="192.0.2.2")))
    assert peers_of(found, "a") == ["Node_192_0_2_2 as 0"]
    assert peers_of(found, "b") == ["Node_192_0_2_1 as 64512"]
    (refusal,) = found.refusals
    assert (refusal.node, refusal.name) == ("a", "Node_192_0_2_2")
    assert "asNumber" in refusal.why
    assert [str(because) for because in refusal.because] == ["BGPPeer p (node specific)"]
    assert not found.is_clear


def test_local_as_number_is_this_ends_as_and_the_reverse_expects_the_nodes_own():
    one = peer("p", node="a", peer_ip="192.0.2.2", as_number=64512, local_as_number=65009)
    found = expect(cluster(A, B, OFF, one))
    assert found.peers["a"][0].local_as == 65009
    assert (found.peers["b"][0].local_as, found.peers["b"][0].peer_as) == (64512, 64512)


def test_local_as_number_does_nothing_with_a_peer_selector_nor_before_v3_31():
    by_selector = peer("p", node="a", peer_selector="all()", local_as_number=65009)
    assert expect(cluster(A, B, OFF, by_selector)).peers["a"][0].local_as == 64512
    by_ip = cluster(A, B, OFF, peer("p", node="a", peer_ip="192.0.2.2", as_number=64512, local_as_number=65009))
    assert expect(by_ip, version=CalicoVersion(3, 30)).peers["a"][0].local_as == 64512


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "neither peerIP nor peerSelector"),
        ({"peer_ip": "tor1"}, "'tor1'"),
        ({"peer_ip": "192.0.2.2:x"}, "'192.0.2.2:x'"),
        ({"peer_ip": "192.0.2.2", "as_number": 1, "reachable_by": "gw"}, "reachableBy 'gw'"),
        ({"peer_ip": "192.0.2.2", "as_number": 1, "reachable_by": "2001:db8::9"}, "another family"),
    ],
)
def test_a_bgppeer_that_calico_skips_makes_no_peer_and_is_named(fields, why):
    found = expect(cluster(A, B, OFF, peer("p", node="a", **fields)))
    assert names_of(found) == {"a": [], "b": []}
    (skipped,) = found.skipped
    assert skipped.bgp_peer == "p"
    assert why in skipped.why
    assert not found.is_clear


def test_a_bad_reachable_by_is_skipped_forward_only():
    one = peer("p", node="a", peer_ip="192.0.2.2", as_number=64512, reachable_by="gateway")
    assert names_of(expect(cluster(A, B, OFF, one))) == {"a": [], "b": ["Node_192_0_2_1"]}


def test_a_bad_reachable_by_does_nothing_with_a_peer_selector():
    one = peer("p", node="a", peer_selector="all()", reachable_by="gateway")
    found = expect(cluster(A, B, OFF, one))
    assert names_of(found)["a"] == ["Node_192_0_2_2"]
    assert found.skipped == ()


def test_num_allowed_local_as_numbers_goes_to_the_forward_entry_of_a_peer_ip_only():
    allowed = {"num_allowed_local_as_numbers": 1}
    by_ip = expect(cluster(A, B, OFF, peer("p", node="a", peer_ip="192.0.2.2", as_number=64512, **allowed)))
    assert peers_of(by_ip, "a") == ["Node_192_0_2_2 as 64512 allow 1"]
    assert peers_of(by_ip, "b") == ["Node_192_0_2_1 as 64512"]
    by_selector = expect(cluster(A, B, OFF, peer("p", node="a", peer_selector="all()", **allowed)))
    assert peers_of(by_selector, "a") == ["Node_192_0_2_2 as 64512"]


def test_next_hop_mode_goes_to_all_entries_from_v3_31():
    resources = cluster(A, B, OFF, peer("p", node="a", peer_selector="all()", next_hop_mode="Self"))
    found = expect(resources)
    assert peers_of(found, "a") == ["Node_192_0_2_2 as 64512 next hop self"]
    assert peers_of(found, "b") == ["Node_192_0_2_1 as 64512 next hop self"]
    assert peers_of(expect(resources, version=CalicoVersion(3, 30)), "a") == ["Node_192_0_2_2 as 64512"]


def test_keep_original_next_hop_is_for_the_forward_entry_of_an_ebgp_peer_ip():
    keep = {"node": "a", "keep_original_next_hop": True}
    external = expect(cluster(A, OFF, peer("p", peer_ip="198.51.100.1", as_number=65001, **keep)))
    assert peers_of(external, "a") == ["Node_198_51_100_1 as 65001 next hop keep"]
    internal = expect(cluster(A, OFF, peer("p", peer_ip="198.51.100.1", as_number=64512, **keep)))
    assert peers_of(internal, "a") == ["Node_198_51_100_1 as 64512"]
    nodes = (A, node("b", "192.0.2.2", as_number=65001), OFF)
    by_selector = expect(cluster(*nodes, peer("p", peer_selector="all()", **keep)))
    assert peers_of(by_selector, "a") == ["Node_192_0_2_2 as 65001"]
