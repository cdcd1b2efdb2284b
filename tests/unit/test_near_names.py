"""Which name a slip was meant to be, and what is said where nobody can know."""

from __future__ import annotations

import pytest

from calico_bgp.near_names import near_name, or_which


@pytest.mark.parametrize(
    ("given", "names", "meant"),
    [
        ("nod1", ["node1", "node2"], "node1"),
        ("ndoe2", ["node1", "node2"], "node2"),
        ("NODE1", ["node1", "node2"], "node1"),
        ("node-1", ["node1", "node2"], "node1"),
        ("node01", ["node1", "node10"], "node1"),
        ("worker-3", ["worker-1", "worker-03"], "worker-03"),
        ("node1", ["node1.dc2.example.com", "node2.dc2.example.com"], "node1.dc2.example.com"),
        ("node1.example.com", ["node1", "node2"], "node1"),
        ("peers-with-reflectors", ["peer-with-reflectors", "switches"], "peer-with-reflectors"),
        # Numbers are names somebody chose.
        ("node9", ["node1", "node2", "node6"], None),
        ("node11", ["node1", "node2"], None),
        ("ip-10-0-0-4", ["ip-10-0-0-1", "ip-10-0-4-0"], None),
        # Nothing in common but a few letters.
        ("master", ["worker", "cluster-a"], None),
        ("node", ["node1", "node2"], None),
        # Two that are equally near.
        ("node1", ["node1.a.example", "node1.b.example"], None),
        ("x", [], None),
    ],
)
def test_which_name_was_meant(given, names, meant):
    assert near_name(given, names) == meant


def test_a_huge_name_costs_no_time():
    assert near_name("a" * 1_000_000, [f"{'a' * 50}{'b' * index}" for index in range(100)]) is None


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["node2", "node1"], "; there are node1, node2."),
        (["node1"], "; there is node1."),
        ([], "; there is none."),
        ([f"n{number}" for number in range(1, 1235)], "; there are 1,234: n1, n2, n3, n4, n5, n6, ..."),
        (["fooo", "node1"], "; did you mean fooo?"),
    ],
)
def test_what_there_is_where_no_name_is_near(names, said):
    assert or_which("foo", names) == said
