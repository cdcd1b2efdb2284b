"""Overlaps, refusals, and when resources mean one thing."""

from ipaddress import ip_address

import pytest

from calico_bgp.expect.engine import expect
from calico_bgp.expect.refusals import is_cluster_id
from calico_bgp.expect.trouble import RefusalKind
from calico_bgp.expect.version import CalicoVersion, parse_version
from tests.clusters import IPV4, IPV6, cluster, config, names_of, node, peer

OFF = config(mesh=False)
A, B = node("a", "192.0.2.1"), node("b", "192.0.2.2")


def overlaps(found):
    return [(o.node, o.family, str(o.address), o.names) for o in found.overlaps]


def test_a_mesh_peer_and_an_explicit_peer_to_one_address_are_two_protocols_for_one_neighbour():
    found = expect(cluster(A, B, peer("p", peer_ip="192.0.2.2", as_number=64512)))
    assert names_of(found)["a"] == ["Global_192_0_2_2", "Mesh_192_0_2_2"]
    assert overlaps(found) == [
        ("a", IPV4, "192.0.2.2", ("Global_192_0_2_2", "Mesh_192_0_2_2")),
        ("b", IPV4, "192.0.2.1", ("Mesh_192_0_2_1", "Node_192_0_2_1")),
    ]
    assert [str(because) for because in found.overlaps[0].because] == [
        "BGPPeer p (global)",
        "BGPConfiguration default (mesh)",
    ]


def test_an_address_and_the_address_with_port_179_are_two_protocols_for_one_neighbour():
    found = expect(
        cluster(
            A,
            OFF,
            peer("p", peer_ip="198.51.100.1", as_number=65001),
            peer("q", node="a", peer_ip="198.51.100.1:179", as_number=65001),
        )
    )
    assert overlaps(found) == [("a", IPV4, "198.51.100.1", ("Global_198_51_100_1", "Node_198_51_100_1_port_179"))]


def test_two_ports_of_one_address_are_two_neighbours():
    found = expect(
        cluster(
            A,
            OFF,
            peer("p", peer_ip="198.51.100.1", as_number=65001),
            peer("q", peer_ip="198.51.100.1:500", as_number=65001),
        )
    )
    assert found.overlaps == ()


def test_the_port_of_the_mesh_is_the_one_dialled_although_its_name_does_not_say_so():
    port = config(listen_port=1790)
    by_selector = expect(cluster(A, B, port, peer("p", node="a", peer_selector="all()")))
    assert overlaps(by_selector)[0][3] == ("Mesh_192_0_2_2", "Node_192_0_2_2_port_1790")
    elsewhere = expect(cluster(A, B, port, peer("p", node="a", peer_ip="192.0.2.2:500", as_number=64512)))
    assert elsewhere.overlaps == ()


def test_overlaps_are_told_apart_by_family():
    found = expect(
        cluster(
            node("a", "192.0.2.1", "2001:db8::1"),
            node("b", "192.0.2.2", "2001:db8::2"),
            peer("p", node="a", peer_ip="2001:db8::2", as_number=64512),
        )
    )
    assert [(o.node, o.family) for o in found.overlaps] == [("a", IPV6), ("b", IPV6)]


def refusals(found):
    return [(r.node, r.family, r.name) for r in found.refusals]


@pytest.mark.parametrize(
    ("peer_ip", "as_number", "refused"),
    [
        ("198.51.100.1", 65001, False),
        ("198.51.100.1", 4294967295, False),
        ("198.51.100.1", None, True),
        ("0.0.0.0", 65001, True),
        ("::", 65001, True),
        ("fe80::1", 65001, True),
        ("febf::1", 65001, True),
        ("fec0::1", 65001, False),
        ("2001:db8:f::1", 65001, False),
    ],
)
def test_what_bird_refuses_in_a_peer_ip(peer_ip, as_number, refused):
    found = expect(cluster(node("a", "192.0.2.1", "2001:db8::1"), OFF, peer("p", peer_ip=peer_ip, as_number=as_number)))
    assert bool(found.refusals) is refused
    assert found.is_clear is not refused


def test_a_refusal_concerns_the_file_of_one_family_of_the_nodes_that_have_the_peer():
    found = expect(
        cluster(
            node("a", "192.0.2.1", "2001:db8::1"),
            node("b", "192.0.2.2", "2001:db8::2"),
            peer("p", node="a", peer_ip="2001:db8:f::1"),
        )
    )
    assert refusals(found) == [("a", IPV6, "Node_2001_db8_f__1")]


def test_a_cluster_id_that_is_no_dotted_quad_is_refused_where_it_is_written():
    found = expect(
        cluster(
            node("a", "192.0.2.1", cluster_id="rack1"),
            node("b", "192.0.2.2"),
            node("c", "192.0.2.3", as_number=65001),
            node("d", "192.0.2.4", cluster_id="rack1", as_number=65009),
            OFF,
            peer("p", node_selector="all()", peer_selector="all()"),
        )
    )
    # d has no peer of its own AS, so its cluster ID is written nowhere.
    assert refusals(found) == [("a", IPV4, "Node_192_0_2_2")]
    assert "rack1" in found.refusals[0].why


@pytest.mark.parametrize("text", ["0.0.0.1", "255.255.255.255", "010.00.0.1", "1", "0", "4294967295", "0010", "0xFF"])
def test_a_cluster_id_is_a_dotted_quad_or_a_number(text):
    assert is_cluster_id(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rack1",
        "0x100000000",
        "0X1",
        "1.2.3.0256",
        "1.2.3.4.5",
        "1.2.3",
        "1.2.3.256",
        "4294967296",
        "9" * 5000,
        "-1",
        "::1",
        "\u0661",
        "1.2.3.4;",
        "1 2",
    ],
)
def test_anything_else_is_none(text):
    assert not is_cluster_id(text)


def test_a_node_with_as_0_is_refused():
    found = expect(cluster(node("a", "192.0.2.1", as_number=0), node("b", "192.0.2.2", as_number=65001)))
    assert {(r.node, r.kind, r.why) for r in found.refusals} == {
        ("a", RefusalKind.LOCAL_AS_ZERO, "`local as 0`: the node's asNumber is 0"),
        ("b", RefusalKind.AS_ZERO, "`as 0`: the asNumber of a is 0"),
    }


def test_an_address_of_two_nodes_is_the_reason_for_that_address_only():
    twins = [node("a", "192.0.2.1"), node("b", "192.0.2.1"), node("c", "192.0.2.3")]
    (refusal,) = expect(cluster(*twins)).refusals
    assert (refusal.node, refusal.kind) == ("c", RefusalKind.ADDRESS_TWICE)
    assert refusal.is_twice(ip_address("192.0.2.1"))
    # Its text is the beginning of another address.
    assert not refusal.is_twice(ip_address("192.0.2.11"))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"peer_ip": "reachableBy"}, "peerIP"),
        ({"peer_ip": "198.51.100.1", "reachable_by": "x"}, "reachableBy"),
        ({"peer_ip": "198.51.100.1", "reachable_by": "2001:db8::1"}, "reachableBy"),
        ({}, "peerIP"),
    ],
)
def test_what_is_skipped_names_its_field(fields, field):
    (skipped,) = expect(cluster(A, peer("p", as_number=65001, **fields))).skipped
    assert skipped.field == field


def test_before_v3_17_two_ports_of_one_address_are_two_protocols_of_one_name():
    resources = cluster(
        A,
        OFF,
        peer("p", peer_ip="198.51.100.1", as_number=65001),
        peer("q", peer_ip="198.51.100.1:500", as_number=65001),
    )
    (refusal,) = expect(resources, version=CalicoVersion(3, 16)).refusals
    assert refusal.kind is RefusalKind.NAME_TWICE
    assert "v3.17" in refusal.why
    assert expect(resources).refusals == ()


def test_resources_that_mean_one_thing_are_clear():
    assert expect(cluster(A, B)).is_clear
    assert expect(cluster()).is_clear


def test_nodes_are_found_by_address():
    found = expect(cluster(node("b", "192.0.2.1"), node("a", "192.0.2.1", "2001:db8::1")))
    assert found.nodes_by_address == {ip_address("192.0.2.1"): ("a", "b"), ip_address("2001:db8::1"): ("a",)}


@pytest.mark.parametrize(
    ("text", "version"),
    [("v3.32.1", (3, 32)), ("3.32", (3, 32)), ("v3.31.0-rc1", (3, 31)), (" v3.9 ", (3, 9)), ("v4.0", (4, 0))],
)
def test_versions_are_read(text, version):
    assert parse_version(text) == version


@pytest.mark.parametrize("text", ["", "3", "latest", "v3.", "3.32-x", "v3.1234.0", "v\u0663.1"])
def test_what_is_no_version_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match=r"expected one like v3\.32"):
        parse_version(text)


def test_versions_compare_as_numbers():
    assert CalicoVersion(3, 9) < CalicoVersion(3, 32) < CalicoVersion(4, 0)
    assert str(CalicoVersion(3, 9)) == "v3.9"
