"""What hurts most as text and JSON: golden files over small networks with something to say."""

import json

import pytest

from calico_bgp.model.peer import Family
from calico_bgp.report.audit.unknowns import Unknowns
from calico_bgp.report.routes.risks_json import risks_to_json
from calico_bgp.report.routes.risks_text import risks_line, risks_to_text
from calico_bgp.report.text.page import TextStyle
from calico_bgp.whatif.risks import risks
from tests.hand_made_networks import mesh, network, reflected, switch

CLIENTS = " ".join(f"c{number}" for number in range(1, 7))
RESTS = ("every expected session is taken as Established",)
ZONES = {"eu-1a": ["r1", "r2", "c1"], "eu-1b": ["c2", "c3", "c4"]}


@pytest.fixture
def redundant():
    return reflected({"r1": CLIENTS, "r2": CLIENTS}, joined=True, assumptions=RESTS)


def test_redundant(golden, redundant):
    zones = {"eu-1a": ["r1", "c1", "c2"], "eu-1b": ["r2", "c3", "c4"]}
    golden(risks_to_text([risks(redundant, zones)]), "redundant.txt")


def test_single_points(golden, redundant):
    lone = reflected({"r1": CLIENTS}, family=Family.IPV6)
    unread = Unknowns(tuple((f"c{number}", "Connection refused") for number in range(1, 9)), ("a doubt",))
    golden(risks_to_text([risks(redundant, ZONES), risks(lone, ZONES)], (), unread), "single_points.txt")


def test_narrow_and_verbose(golden):
    split = reflected({"r1": "c1 c2 c5", "r2": "c3 c4 c5", "r3": "c6 c5"}, assumptions=RESTS)
    golden(risks_to_text([risks(split)], style=TextStyle(width=80, verbose=True)), "split_verbose_80.txt")


def test_many_alike_are_one_row():
    split = reflected({f"r{number}": f"c{number} d{number} hub" for number in range(1, 13)})
    text = risks_to_text([risks(split)])
    assert "each of 12 nodes, such as r1: " in text
    assert "each of 66 pairs of reflectors, such as r1 and r10 together: " in text
    verbose = risks_to_text([risks(split)], style=TextStyle(verbose=True))
    assert verbose.count(" together: ") == 66


def test_where_nobody_has_a_route_none_is_kept():
    assert "whatever was taken away, there was no route to lose" in risks_to_text([risks(network("abc", []))])
    outside = network("ab", [], externals=(switch("a"), switch("b")))
    assert "no route is there for certain, so that none could be seen lost" in risks_to_text([risks(outside)])
    assert "the others kept the routes they had" in risks_to_text([risks(mesh("abc", cut=[("a", "b")]))])


@pytest.mark.parametrize(
    ("net", "zones", "line"),
    [
        (mesh("abc"), {}, ("REDUNDANT", "no single node takes routes from others over IPv4")),
        (mesh("abc"), {"z": "a"}, ("REDUNDANT", "no single node and no zone takes routes from others over IPv4")),
        (reflected({"r": "a b"}), {}, ("SINGLE POINT OF FAILURE", "r: it takes routes from others over IPv4")),
        (
            reflected({"r": "a b"}),
            {"z": "r"},
            ("SINGLE POINTS OF FAILURE", "r, zone z (r): each takes routes from others over IPv4"),
        ),
        (
            mesh("abc", cut=[("a", "b")]),
            {},
            ("CUT OFF", "2 routes are missing over IPv4 before anything fails"),
        ),
        (
            network("ab", [], externals=(switch("a"), switch("b"))),
            {},
            ("UNKNOWN", "it is not known whether a single failure takes routes from others over IPv4"),
        ),
    ],
)
def test_verdict(net, zones, line):
    assert risks_line(risks(net, zones)) == line


def test_json(redundant):
    document = json.loads(risks_to_json([risks(redundant, ZONES)]))
    assert document["schema"] == "calico-bgp/risks/1"
    family = document["families"]["ipv4"]
    assert family["tried"] == {"node": 8, "zone": 2, "reflectors": 1}
    assert family["without_zone"] == ["c5", "c6"]
    assert family["pairs_cut_off"] == 0
    first, second = family["ranking"]
    assert first["nodes"] == ["r1", "r2"]
    assert first["pairs_lost"] == first["pairs_left"] == 30
    assert not first["single_point_of_failure"]
    assert second == {
        "removal": "zone",
        "zone": "eu-1a",
        "nodes": ["c1", "r1", "r2"],
        "single_point_of_failure": True,
        "pairs_lost": 20,
        "pairs_doubtful": 0,
        "pairs_left": 20,
        "isolated": ["c2", "c3", "c4", "c5", "c6"],
    }


def test_json_of_nothing():
    assert json.loads(risks_to_json([])) == {"schema": "calico-bgp/risks/1", "families": {}}
