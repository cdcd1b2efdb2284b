"""The node-to-node mesh, sentence by sentence (confd/pkg/backends/calico/bgp_processor.go processMeshPeers)."""

import pytest

from calico_bgp.auditing.lint import lint
from calico_bgp.expect import mesh
from calico_bgp.expect.engine import expect
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.expected import ExpectedPeer
from tests.clusters import cluster, config, names_of, node, peer, peers_of, reasons


def test_one_peer_per_other_node_with_an_address_of_that_family():
    found = expect(
        cluster(node("a", "192.0.2.1", "2001:db8::1"), node("b", "192.0.2.2"), node("c", "192.0.2.3", "2001:db8::3"))
    )
    assert names_of(found) == {
        "a": ["Mesh_192_0_2_2", "Mesh_192_0_2_3", "Mesh_2001_db8__3"],
        "b": ["Mesh_192_0_2_1", "Mesh_192_0_2_3"],
        "c": ["Mesh_192_0_2_1", "Mesh_192_0_2_2", "Mesh_2001_db8__1"],
    }


def test_a_node_with_a_cluster_id_takes_no_part_on_either_side():
    found = expect(
        cluster(node("a", "192.0.2.1"), node("b", "192.0.2.2"), node("rr", "192.0.2.3", cluster_id="244.0.0.1"))
    )
    assert names_of(found) == {"a": ["Mesh_192_0_2_2"], "b": ["Mesh_192_0_2_1"], "rr": []}


AS_CASES = [
    # of this node, of the peer, global, up to v3.31, from v3.32
    (None, None, None, 64512, 64512),
    (None, 65002, None, 65002, 65002),
    (65001, 65002, None, 65002, 65002),
    (65001, None, None, 64512, 65001),
    (65001, None, 64999, 64999, 65001),
    (None, None, 64999, 64999, 64999),
]


@pytest.mark.parametrize(("mine", "theirs", "of_all", "until", "since"), AS_CASES)
def test_a_mesh_peers_as_is_its_own_else_the_global_one_and_from_v3_32_else_this_nodes(
    mine, theirs, of_all, until, since
):
    resources = cluster(
        node("a", "192.0.2.1", as_number=mine), node("b", "192.0.2.2", as_number=theirs), config(as_number=of_all)
    )
    found = {minor: expect(resources, version=CalicoVersion(3, minor)).peers["a"][0].peer_as for minor in (31, 32)}
    assert found == {31: until, 32: since}


def test_passive_is_the_end_whose_peers_address_is_greater_as_text():
    found = expect(cluster(node("nine", "10.0.0.9"), node("ten", "10.0.0.10"), node("hundred", "10.0.0.100")))
    assert peers_of(found, "ten") == ["Mesh_10_0_0_100 as 64512 passive", "Mesh_10_0_0_9 as 64512 passive"]
    assert peers_of(found, "nine") == ["Mesh_10_0_0_10 as 64512", "Mesh_10_0_0_100 as 64512"]
    assert peers_of(found, "hundred") == ["Mesh_10_0_0_10 as 64512", "Mesh_10_0_0_9 as 64512 passive"]


def test_passive_compares_ipv6_as_text_too():
    # ':' is greater than every digit, and less than every letter.
    found = expect(cluster(node("long", "fd00:10::1"), node("short", "fd00::1"), node("letter", "fd00:a::1")))
    assert peers_of(found, "short") == ["Mesh_fd00_10__1 as 64512", "Mesh_fd00_a__1 as 64512 passive"]
    assert peers_of(found, "long") == ["Mesh_fd00__1 as 64512 passive", "Mesh_fd00_a__1 as 64512 passive"]


def test_the_families_of_one_pair_may_be_passive_at_different_ends():
    found = expect(cluster(node("a", "10.0.0.9", "fd00::1"), node("b", "10.0.0.10", "fd00::2")))
    assert peers_of(found, "a") == ["Mesh_10_0_0_10 as 64512", "Mesh_fd00__2 as 64512 passive"]


def test_a_mesh_peer_says_why_it_is_there_also_without_a_bgpconfiguration():
    found = expect(cluster(node("a", "192.0.2.1"), node("b", "192.0.2.2")))
    assert reasons(found.peers["a"]) == {"Mesh_192_0_2_2": ["BGPConfiguration default (mesh)"]}
    assert found.peers["a"][0].far_node == "b"
    assert found.is_clear


def test_the_lint_of_a_mesh_makes_no_more_peers_than_it_has_nodes(monkeypatch):
    made = []

    def counted(*fields):
        made.append(fields)
        return ExpectedPeer(*fields)

    monkeypatch.setattr(mesh, "ExpectedPeer", counted)
    for size in (150, 300):
        nodes = [node(f"n{number:03}", f"10.0.{number // 250}.{number % 250 + 1}") for number in range(size)]
        tor = peer("tor", node="n000", peer_ip="198.51.100.1", as_number=65001)
        made.clear()
        report = lint(cluster(*nodes, tor))
        assert [finding.rule for finding in report.findings] == ["mesh-over-100-nodes"]
        assert len(made) == size  # each one as BIRD would see it


def test_what_is_wrong_with_one_node_of_a_mesh_shows_on_all_others():
    twins = [node("n1", "192.0.2.1"), node("n2", "192.0.2.2"), node("n3", "192.0.2.3"), node("n4", "192.0.2.3")]
    assert [refusal.node for refusal in expect(cluster(*twins)).refusals] == ["n1", "n2"]
    without = [node("n1", "192.0.2.1"), node("n2", "192.0.2.2"), node("n3", "192.0.2.3", as_number=0)]
    refused = expect(cluster(*without)).refusals
    assert [(refusal.node, str(refusal.address)) for refusal in refused] == [
        ("n1", "192.0.2.3"),
        ("n2", "192.0.2.3"),
        ("n3", "192.0.2.1"),
        ("n3", "192.0.2.2"),
    ]
