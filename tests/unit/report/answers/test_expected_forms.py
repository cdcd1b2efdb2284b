"""Expected peers as text, JSON and BIRD's configuration."""

import json

import pytest

from calico_bgp.expect.engine import expect
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.peer import Family
from calico_bgp.report.resources.expected_bird import expected_to_bird
from calico_bgp.report.resources.expected_json import _peer_text, expected_to_json
from calico_bgp.report.resources.expected_text import expected_to_text
from calico_bgp.report.text.page import TextStyle
from tests.clusters import cluster, config, node, peer

TRAP = cluster(
    node("a", "192.0.2.1", "2001:db8::1", labels="rr", cluster_id="244.0.0.1"),
    node("b", "192.0.2.2", labels="rr", cluster_id="244.0.0.2"),
    node("c1", "192.0.2.11", "2001:db8::11"),
    node("lonely"),
    config(mesh=False, listen_port=1790),
    peer("peer-with-reflectors", peer_selector="has(rr)"),
    peer("tor", node="c1", peer_ip="198.51.100.1", as_number=65001, local_as_number=65100, next_hop_mode="Self"),
)
MESH = cluster(node("a", "10.0.0.9"), node("b", "10.0.0.10", as_number=65001))
TROUBLE = cluster(
    node("a\x1b[31m", "192.0.2.1", cluster_id="rack\n1"),
    node("b", "192.0.2.2", "2001:db8::2"),
    config(mesh=True),
    peer("p\x1b[31m", peer_ip="192.0.2.1"),
    peer("q", peer_ip="198.51.100.1:500", as_number=65001),
    peer("r", peer_ip="198.51.100.1:500", as_number=65002),
    peer("s", node_selector="a = =", peer_ip="198.51.100.2", as_number=65001),
    peer("t", node="b", peer_ip="198.51.100.3:179", as_number=65001),
    peer("u", peer_ip="198.51.100.3", as_number=65001),
    peer("v"),
    peer("w", node="b", local_workload_selector="all()", as_number=65001),
)
MANY = cluster(*(node(f"n{number}", f"192.0.2.{number}") for number in range(1, 9)), peer("p", peer_ip="198.51.100.1"))


def text(resources, **style):
    return "".join(expected_to_text(expect(resources), TextStyle(**style)))


@pytest.mark.parametrize(
    ("name", "resources", "style"),
    [
        ("trap", TRAP, {}),
        ("trap-80", TRAP, {"width": 80}),
        ("trap-ascii", TRAP, {"unicode": False}),
        ("mesh", MESH, {}),
        ("trouble", TROUBLE, {}),
        ("many", MANY, {}),
        ("colour", MESH, {"color": True}),
        ("nothing", cluster(), {}),
    ],
)
def test_text(golden, name, resources, style):
    golden(text(resources, **style), f"{name}.txt")


def test_text_is_ascii_where_the_terminal_is():
    assert text(TRAP, unicode=False).isascii()


def test_a_narrow_text_fits_and_a_wide_one_says_the_reason_in_the_table():
    narrow = text(TRAP, width=80)
    assert max(map(len, narrow.splitlines())) <= 80
    assert "\n  (1) BGPPeer peer-with-reflectors (global)\n" in narrow
    assert "(1)" not in text(TRAP, width=120)


def test_text_carries_no_control_characters():
    assert "\x1b" not in text(TROUBLE)
    assert "\x1b[31m" not in text(TROUBLE, color=True)


@pytest.mark.parametrize("family", [None, *Family])
@pytest.mark.parametrize(("name", "resources"), [("trap", TRAP), ("trouble", TROUBLE), ("mesh", MESH)])
def test_bird(golden, name, resources, family):
    pieces = expected_to_bird(expect(resources), tuple(Family) if family is None else (family,))
    written = "".join(pieces)
    assert "\x1b" not in written
    golden(written, f"{name}-{family.value if family else 'both'}.cfg")


def document(resources, **options):
    return json.loads("".join(expected_to_json(expect(resources, **options))))


def test_json_has_the_documented_schema():
    found = document(TRAP)
    assert list(found) == ["schema", "nodes"]
    assert found["schema"] == "calico-bgp/expect/1"
    assert list(found["nodes"]) == ["a", "b", "c1", "lonely"]
    assert all(list(families) == ["ipv4", "ipv6"] for families in found["nodes"].values())
    assert found["nodes"]["lonely"] == {"ipv4": [], "ipv6": []}
    assert found["nodes"]["c1"] == {
        "ipv4": [
            {
                "name": "Global_192_0_2_1_port_1790",
                "address": "192.0.2.1",
                "port": 1790,
                "peer_type": "global",
                "local_as": 64512,
                "peer_as": 64512,
                "passive": False,
                "reflector_client": False,
                "cluster_id": None,
                "because": [{"kind": "BGPPeer", "name": "peer-with-reflectors", "pass": "global"}],
            },
            {
                "name": "Global_192_0_2_2_port_1790",
                "address": "192.0.2.2",
                "port": 1790,
                "peer_type": "global",
                "local_as": 64512,
                "peer_as": 64512,
                "passive": False,
                "reflector_client": False,
                "cluster_id": None,
                "because": [{"kind": "BGPPeer", "name": "peer-with-reflectors", "pass": "global"}],
            },
            {
                "name": "Node_198_51_100_1",
                "address": "198.51.100.1",
                "port": None,
                "peer_type": "node specific",
                "local_as": 65100,
                "peer_as": 65001,
                "passive": False,
                "reflector_client": False,
                "cluster_id": None,
                "because": [{"kind": "BGPPeer", "name": "tor", "pass": "node specific"}],
            },
        ],
        "ipv6": [
            {
                "name": "Global_2001_db8__1_port_1790",
                "address": "2001:db8::1",
                "port": 1790,
                "peer_type": "global",
                "local_as": 64512,
                "peer_as": 64512,
                "passive": False,
                "reflector_client": False,
                "cluster_id": None,
                "because": [{"kind": "BGPPeer", "name": "peer-with-reflectors", "pass": "global"}],
            }
        ],
    }


def test_json_of_reflectors_and_of_the_mesh():
    (of_b,) = (one for one in document(TRAP)["nodes"]["a"]["ipv4"] if one["address"] == "192.0.2.2")
    assert (of_b["reflector_client"], of_b["cluster_id"]) == (True, "244.0.0.1")
    mesh = document(MESH, version=CalicoVersion(3, 31))["nodes"]
    assert [(one["name"], one["passive"], one["peer_as"]) for one in mesh["a"]["ipv4"]] == [
        ("Mesh_10_0_0_10", False, 65001)
    ]
    assert [(one["name"], one["passive"], one["peer_as"]) for one in mesh["b"]["ipv4"]] == [
        ("Mesh_10_0_0_9", True, 64512)
    ]
    assert mesh["a"]["ipv4"][0]["because"] == [{"kind": "BGPConfiguration", "name": "default", "pass": "mesh"}]


def test_json_of_nothing_and_of_some_nodes_and_of_odd_names():
    assert document(cluster()) == {"schema": "calico-bgp/expect/1", "nodes": {}}
    assert list(document(TRAP, only={"b"})["nodes"]) == ["b"]
    assert "a\x1b[31m" in document(TROUBLE)["nodes"]


def test_json_leaves_nothing_to_a_terminal_that_it_would_obey():
    written = "".join(expected_to_json(expect(cluster(node("n\x9b31m\x7f\u00e9", "192.0.2.1")))))
    assert '"n\\u009b31m\\u007f\u00e9"' in written
    assert list(json.loads(written)["nodes"]) == ["n\x9b31m\x7f\u00e9"]


def test_json_of_a_name_that_is_no_unicode():
    assert list(document(cluster(node("n\ud800", "192.0.2.1")))["nodes"]) == ["n\ud800"]


def test_json_of_a_mesh_makes_a_text_once_for_peers_that_are_shown_alike():
    """A text for each node that dials and one for each that waits: the work grows with the nodes, not their square."""
    made = {}
    for number in (8, 16):
        _peer_text.cache_clear()
        written = "".join(
            expected_to_json(expect(cluster(*(node(f"n{n}", f"192.0.2.{n + 1}") for n in range(number)))))
        )
        assert written.count('"name": "Mesh_') == number * (number - 1)
        made[number] = _peer_text.cache_info().misses
    assert made == {8: 14, 16: 30}


def test_json_is_indented_as_json_indents():
    written = "".join(expected_to_json(expect(TRAP)))
    assert written == json.dumps(json.loads(written), indent=2) + "\n"
