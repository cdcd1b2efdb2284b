"""What Calico's documentation gives as right, and other legitimate set-ups: no finding above info."""

from datetime import date

import pytest

from calico_bgp.auditing.lint import lint
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.reports.report import Severity, Verdict
from calico_bgp.parse.resources.reader import parse_resources
from tests.unit.rules.resources.build import NO_MESH, RR_PEER, config, node, nodes, peer, pool, reflectors, said

DOCS = (
    "docs-full-mesh",
    "docs-route-reflectors",
    "docs-mesh-to-reflectors",
    "docs-top-of-rack",
    "docs-as-per-rack",
)


def read(folder):
    """The resources in a folder of fixtures, under their bare names."""
    files = sorted(path for path in folder.iterdir() if path.suffix == ".yaml")
    return parse_resources((path.name, path.read_text("utf-8")) for path in files)


def test_every_folder_of_the_documentation_is_tested(fixtures):
    assert {path.name for path in (fixtures / "resources").glob("docs-*")} == set(DOCS)


@pytest.mark.parametrize("version", ["3.22", "3.31", "3.32", "3.33"])
@pytest.mark.parametrize("name", DOCS)
def test_what_the_documentation_gives_as_right(fixtures, name, version):
    major, minor = map(int, version.split("."))
    resources = read(fixtures / "resources" / name)
    assert resources.nodes
    report = lint(resources, version=CalicoVersion(major, minor))
    assert [f for f in report.findings if f.severity is not Severity.INFO] == []
    assert report.verdict is Verdict.HEALTHY
    assert report.exit_code(Severity.WARNING) == 0


@pytest.mark.parametrize("number", [1, 3, 80, 100])
def test_a_full_mesh(number):
    assert said(nodes(number)) == {}


@pytest.mark.parametrize("ids", [None, ["244.0.0.1", "244.0.0.2", "244.0.0.3"]])
@pytest.mark.parametrize("number", [2, 3])
def test_reflectors(number, ids):
    assert said(nodes(5), reflectors(number, ids=ids), NO_MESH, RR_PEER) == {}


def test_the_quoted_selector_with_a_second_bgppeer():
    quoted = peer("clients", node_selector="!has(route-reflector)", peer_selector="has(route-reflector)")
    among = peer("reflectors", node_selector="has(route-reflector)", peer_selector="has(route-reflector)")
    assert said(nodes(5), reflectors(3), NO_MESH, quoted, among) == {}


def test_the_quoted_selector_alone_is_legitimate():
    quoted = peer("clients", node_selector="!has(route-reflector)", peer_selector="has(route-reflector)")
    assert said(nodes(5), reflectors(3), NO_MESH, quoted) == {}


def test_a_global_bgppeer_of_the_reflectors():
    assert said(nodes(5), reflectors(3), NO_MESH, peer(peer_selector="has(route-reflector)")) == {}


def test_dual_stack_and_listen_port():
    both = [node(f"n{i}", f"192.0.2.{i}", f"2001:db8::{i}") for i in range(1, 4)]
    assert said(both, config(listen_port=1790), pool("10.244.0.0/16"), pool("fd00::/64", "six")) == {}


def test_every_node_with_an_as_of_its_own_in_the_mesh():
    own = [node(f"n{i}", f"192.0.2.{i}", asn=65000 + i) for i in range(1, 4)]
    assert said(own) == {}


def test_an_explicit_mesh_in_place_of_calicos():
    assert said(nodes(4), NO_MESH, peer(node_selector="all()", peer_selector="all()")) == {}


def test_manual_peerings_with_both_halves():
    halves = [
        peer(f"to{far}", node=f"node{near}", peer_ip=f"192.0.2.{far}", as_number=64512, reverse_peering="Manual")
        for near, far in ((1, 2), (2, 1))
    ]
    assert said(nodes(2), NO_MESH, halves) == {}


def test_a_network_of_its_own_for_bgp():
    """Two network cards: every node's BGP address differs from its InternalIP, on purpose."""
    two = [node(f"n{i}", f"10.9.0.{i}", internal=[f"192.0.2.{i}"]) for i in range(1, 4)]
    assert said(two) == {}


@pytest.mark.parametrize("mode", ["Always", "CrossSubnet"])
def test_vxlan_does_without_bgp(mode):
    """Whether BIRD runs at all is not in the resources; VXLAN routes are Felix's."""
    vxlan = pool("10.244.0.0/16", vxlan_mode=mode)
    assert said(nodes(3), NO_MESH, vxlan) == {}
    assert said(nodes(101), vxlan) == {}
    assert said(nodes(3), NO_MESH, vxlan, pool("10.245.0.0/16", "plain")) == {"nodes-not-joined": "error"}


def test_resources_without_nodes_are_unknown_not_healthy():
    report = lint(parse_resources([("bgp.yaml", _WITHOUT_NODES)]), today=date(2026, 1, 1))
    assert report.findings == ()
    assert report.verdict is Verdict.UNKNOWN
    assert "no Node" in report.not_checked[0].why
    assert report.exit_code(Severity.INFO) == 0


_WITHOUT_NODES = """
apiVersion: projectcalico.org/v3
kind: BGPPeer
metadata: {name: rr}
spec: {nodeSelector: all(), peerSelector: "route-reflector == 'true'"}
"""
