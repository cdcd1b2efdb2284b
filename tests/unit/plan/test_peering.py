"""The BGPPeers between reflectors and others: which of several is kept, and what new ones are called."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calico_bgp.errors import ChangeError
from calico_bgp.expect.engine import expect
from calico_bgp.plan.peering import (
    LABELS,
    by_label,
    label_test,
    missing,
    peering_of,
    spares_reflectors,
    sparing,
    to_address,
)
from tests.clusters import cluster, config, node, peer

R1, R2 = (node(f"r{n}", f"10.0.0.{n}", labels="rr=yes zone=a", cluster_id="244.0.0.1") for n in (1, 2))
CLIENTS = [node(f"n{n}", f"10.0.1.{n}", labels="zone=a") for n in (1, 2)]
NEW = (LABELS[0], "true")


def kept(*peers, nodes=(R1, R2, *CLIENTS), new=()):
    found, label = peering_of(expect(cluster(*nodes, *peers, config(mesh=False))), new)
    return None if found is None else found.name, label


def of(name, selector, near="all()", **fields):
    return peer(name, node_selector=near, peer_selector=selector, **fields)


@pytest.mark.parametrize(
    ("peers", "expected"),
    [
        ([], (None, NEW)),
        ([of("p", "has(rr)")], ("p", ("rr", "true"))),
        ([of("p", "rr == 'yes'", "!has(rr)")], ("p", ("rr", "yes"))),
        # Each of these comes before one that fits, and does not itself.
        ([peer("a", peer_ip="192.0.2.1", as_number=65001), of("p", "has(rr)")], ("p", ("rr", "true"))),
        ([of("a", "has(rr) && has(zone)"), of("p", "has(rr)")], ("p", ("rr", "true"))),
        ([of("a", "has("), of("p", "has(rr)")], ("p", ("rr", "true"))),
        ([of("a", "has(zone)"), of("p", "has(rr)")], ("p", ("rr", "true"))),
        ([of("a", "has(rr)", reverse_peering="Manual"), of("p", "has(rr)")], ("p", ("rr", "true"))),
        ([of("a", "has(rr)", "has(nobody)"), of("p", "has(rr)")], ("p", ("rr", "true"))),
        ([of("a", "!has(rr)"), of("p", "has(rr)")], ("p", ("rr", "true"))),
        ([of("p", "has(rr)"), of("q", "rr == 'yes'")], ("p", ("rr", "true"))),
        # Not for all other nodes.
        ([of("p", "has(rr)", "has(rr)")], (None, NEW)),
    ],
)
def test_the_bgppeer_between_the_reflectors_and_all_others(peers, expected):
    assert kept(*peers) == expected


def test_one_that_selects_a_reflector_too_few_is_none():
    third = node("r3", "10.0.0.3", cluster_id="244.0.0.1")
    assert kept(of("p", "has(rr)"), nodes=(R1, R2, third, *CLIENTS)) == (None, NEW)


def test_a_label_that_nobody_else_has_is_taken():
    nodes = [node(f"n{n}", f"10.0.1.{n}", labels=label) for n, label in enumerate(LABELS, 1)]
    assert kept(nodes=nodes[:1]) == (None, (LABELS[1], "true"))
    assert kept(nodes=nodes[:2]) == (None, (LABELS[2], "true"))
    assert kept(nodes=nodes[1:]) == (None, NEW)
    # That a node has it which is to be one is no hindrance.
    assert kept(nodes=nodes, new=["n2"]) == (None, (LABELS[1], "true"))
    with pytest.raises(ChangeError, match="have the labels route-reflector, calico-route-reflector, bgp-route-refl"):
        kept(nodes=nodes)


@pytest.mark.parametrize(
    ("selector", "label"),
    [
        ("has(rr)", "rr"),
        ("rr == 'a'", "rr"),
        *((selector, None) for selector in ("rr != 'a'", "!has(rr)", "all()", "has(", "rr in {'a'}", None)),
        ("has(a) && has(b)", None),
    ],
)
def test_a_selector_that_one_label_makes_true(selector, label):
    found = label_test(selector)
    assert (None if found is None else found.label) == label


@pytest.mark.parametrize(
    ("fields", "spares"),
    [
        ({"node_selector": "!has(rr)"}, True),
        ({"node_selector": "all()"}, False),
        ({"node_selector": "rr != 'yes'"}, True),
        ({"node_selector": "rr != 'no'"}, False),
        ({"node": "n1"}, True),
        ({}, False),
        ({"node": "n1", "node_selector": "all()"}, False),
    ],
)
def test_a_bgppeer_that_is_not_for_reflectors(fields, spares):
    assert spares_reflectors(peer("p", peer_selector="has(rr)", **fields), "rr", "yes") is spares


def test_what_the_selectors_of_new_ones_say():
    assert by_label("p", "rr", near=False) == peer("p", node_selector="!has(rr)", peer_selector="has(rr)")
    assert by_label("p", "rr", near=True) == peer("p", node_selector="has(rr)", peer_selector="has(rr)")
    of_one = peer("p", node="n1", peer_selector="has(rr)", as_number=65001)
    assert sparing(of_one) == replace(of_one, node=None, node_selector="!(has(rr))")


def test_by_address_they_are_like_the_one_there_is_in_each_family_that_both_have():
    like = peer(
        "p",
        peer_selector="has(rr)",
        source_address="None",
        max_restart_time="60s",
        ttl_security=1,
        next_hop_mode="Self",
        keep_original_next_hop=True,
        filters=("f",),
    )
    both = [node(f"r{n}", f"10.0.0.{n}", f"fd00::{n}") for n in (1, 2)]
    six = node("six", "fd00::6")
    found = list(to_address(*both, 64512, like))
    settings = {"node": "r1", "as_number": 64512, "node_selector": None, "peer_selector": None}
    assert found == [
        replace(like, name="r1-to-r2", peer_ip="10.0.0.2", **settings),
        replace(like, name="r1-to-r2-ipv6", peer_ip="fd00::2", **settings),
    ]
    assert [(one.name, one.peer_ip) for one in to_address(both[0], six, 64512, None)] == [("r1-to-six-ipv6", "fd00::6")]
    assert [one.name for one in to_address(R1, six, 64512, None)] == []
    assert list(to_address(R1, R2, 64512, None)) == [peer("r1-to-r2", node="r1", peer_ip="10.0.0.2", as_number=64512)]


@pytest.mark.parametrize(("length", "is_kept"), [(252, True), (253, True), (254, False)])
def test_a_name_that_kubernetes_does_not_take_is_another_one(length, is_kept):
    near, far = node("a", "10.0.0.1"), node("b" * (length - len("a-to-")), "10.0.0.2")
    (found,) = to_address(near, far, 64512, None)
    assert (found.name == f"a-to-{far.name}") is is_kept
    assert is_kept or (found.name.startswith("route-reflector-") and len(found.name) == len("route-reflector-") + 16)


def test_what_is_there_under_any_name_is_not_made_again_and_names_are_free():
    one, two, three = (peer("p", node="r1", peer_ip=f"10.0.0.{n}", as_number=64512) for n in (1, 2, 3))
    there = [replace(one, name="mine", by_hand=True), peer("p", node="n9", peer_ip="192.0.2.1")]
    lacking = missing([one, two, three], there)
    assert [(each.name, each.peer_ip) for each in lacking] == [("p-2", "10.0.0.2"), ("p-3", "10.0.0.3")]
    assert missing([], there) == []
    assert missing([two], []) == [two]
    (long,) = missing([replace(two, name="x" * 253)], [peer("x" * 253)])
    assert (long.name, len(long.name) <= 253) == ("x" * 247 + "-2", True)
