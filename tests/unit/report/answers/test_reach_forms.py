"""Who learns whose routes as text and JSON: golden files over small networks with something to say."""

import json

import pytest

from calico_bgp.model.peer import Family
from calico_bgp.model.resources import IPPool, Resources
from calico_bgp.report.audit.unknowns import Unknowns
from calico_bgp.report.routes.reach_json import reach_to_json
from calico_bgp.report.routes.reach_text import (
    ReachView,
    explanation_to_text,
    reach_line,
    reach_to_text,
    trouble_lines,
    verdict,
)
from calico_bgp.report.text.page import TextStyle
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.routes.network.pools import pool_fates
from tests.hand_made_networks import mesh, network, reflected, session, switch

NODES = [f"node{number}" for number in range(1, 43)]
POOLS = pool_fates(
    Resources(
        ip_pools=(
            IPPool(name="pods", cidr="10.244.0.0/16"),
            IPPool(name="tunnel", cidr="10.245.0.0/16", vxlan_mode="CrossSubnet"),
            IPPool(name="hidden", cidr="10.246.0.0/16", disable_bgp_export=True),
            IPPool(name="pods6", cidr="fd00:10:244::/48"),
        )
    )
)
RESTS = ("every expected session is taken as Established",)


def view(*networks, **more):
    return ReachView(tuple(reachability(one) for one in networks), **more)


@pytest.fixture
def split():
    """r1 and r2 have one client in common, and c6 has nobody."""
    sessions = reflected({"r1": "c1 c2 c5", "r2": "c3 c4 c5"}).sessions
    return network(["r1", "r2", "c1", "c2", "c3", "c4", "c5", "c6"], sessions, assumptions=RESTS)


def test_everyone(golden):
    dual = view(mesh(NODES, assumptions=RESTS), mesh(NODES, family=Family.IPV6, assumptions=RESTS), pools=POOLS)
    golden(reach_to_text(dual), "everyone.txt")


def test_some_are_cut_off(golden, split):
    v6 = mesh(NODES[:8], family=Family.IPV6)
    again = "calico-bgp reach --resources calico/ --down c7"
    golden(reach_to_text(view(split, v6, changed=("node c7",), pools=POOLS, again=again)), "cut_off.txt")


def test_narrow_and_verbose(golden, split):
    unknowns = Unknowns((("c7", "Connection timed out"), ("c8", "Connection timed out")))
    golden(reach_to_text(view(split, unknowns=unknowns), TextStyle(width=80, verbose=True)), "cut_off_verbose_80.txt")


def test_what_passes_through_a_switch_is_not_known(golden):
    net = network(["a", "b", "c"], [session("b", "c")], externals=(switch("a"), switch("b")))
    golden(reach_to_text(view(net)), "perhaps.txt")


def test_explanation(golden, split):
    reaches = view(split, mesh(["c1", "c2"], family=Family.IPV6)).reaches
    texts = [explanation_to_text(reaches, *pair) for pair in (("c1", "c2"), ("c1", "c3"), ("c1", "r1"), ("c6", "c5"))]
    golden("\n".join(texts), "explain.txt")


@pytest.mark.parametrize(
    ("net", "line", "answer"),
    [
        (mesh(NODES), "all 42 nodes learn each other's routes over IPv4", Answer.YES),
        (mesh("ab", family=Family.IPV6), "both nodes learn each other's routes over IPv6", Answer.YES),
        (mesh("a"), "a is the only node known over IPv4", Answer.YES),
        (mesh("abc", cut=[("a", "b")]), "2 routes are missing over IPv4", Answer.NO),
        (network("abc", []), "all 3 nodes are cut off from each other over IPv4", Answer.NO),
        (
            network("abcd", [session("a", "b")], externals=(switch("b"), switch("c"))),
            "6 routes are missing over IPv4, and of 4 more it is not known",
            Answer.NO,
        ),
        (
            network("ab", [], externals=(switch("a"), switch("b"))),
            "of 2 routes it is not known whether they arrive over IPv4; none is missing for certain",
            Answer.PERHAPS,
        ),
    ],
)
def test_verdict(net, line, answer):
    assert reach_line(reachability(net)) == line
    assert verdict(reachability(net)) is answer


def test_untrusted_names_stay_on_their_line():
    text = reach_to_text(
        view(network(["a\x1b[31m", "b\nFORGED"], []), unknowns=Unknowns((("c\x07", "boom\r\nFORGED"),)))
    )
    assert "\x1b" not in text
    assert "\x07" not in text
    assert not any(line.startswith("FORGED") for line in text.splitlines())


def test_json(split):
    reaches = view(split, mesh(["c1", "c2"], family=Family.IPV6)).reaches
    document = json.loads("".join(reach_to_json(reaches)))
    assert document["schema"] == "calico-bgp/reach/1"
    assert list(document["families"]) == ["ipv4", "ipv6"]
    assert document["families"]["ipv6"] == {"c1": ["c2"], "c2": ["c1"]}
    for reach in reaches:
        held = document["families"][reach.family.value]
        assert held == {name: list(reach.learned_by(name)) for name in reach.nodes}
        assert list(held) == sorted(held)


@pytest.mark.parametrize("family", list(Family))
def test_json_of_classes_that_learn_one_another_or_do_not(family):
    sessions = [*(session(c, "r") for c in ("c1", "c2")), session("d1", "d2"), session("d2", "d3"), session("d1", "d3")]
    reach = reachability(network(["r", "c1", "c2", "d1", "d2", "d3", "e"], sessions, family=family))
    held = json.loads("".join(reach_to_json([reach])))["families"][family.value]
    assert held == {
        "c1": ["r"],
        "c2": ["r"],
        "d1": ["d2", "d3"],
        "d2": ["d1", "d3"],
        "d3": ["d1", "d2"],
        "e": [],
        "r": ["c1", "c2"],
    }


def test_json_of_nothing():
    assert json.loads("".join(reach_to_json([]))) == {
        "schema": "calico-bgp/reach/1",
        "families": {"ipv4": {}, "ipv6": {}},
    }


def test_perhaps_is_no_yes_in_json_and_is_told_beside_it():
    reach = reachability(network("ab", [], externals=(switch("a"), switch("b"))))
    assert json.loads("".join(reach_to_json([reach])))["families"]["ipv4"] == {"a": [], "b": []}
    assert list(trouble_lines([reach], Unknowns((("c", "timeout"), ("d", "timeout"))))) == [
        "IPv4: a, b perhaps learn each other's routes",
        "not read: c, d: timeout",
    ]
