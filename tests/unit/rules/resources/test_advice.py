"""What the lint advises: never what makes it worse, and of a file that is not the cluster nothing about the rest."""

from __future__ import annotations

import pytest

from calico_bgp.auditing.lint import lint
from calico_bgp.model.reports.report import Severity, Verdict
from calico_bgp.selector.parser import parse_selector
from calico_bgp.selector.tree import wanted_labels
from tests.clusters import cluster, config, node, peer

OFF = config(mesh=False)


def steps(resources, rule):
    return [finding.next_step for finding in lint(resources).findings if finding.rule == rule]


@pytest.mark.parametrize(
    ("selector", "labels"),
    [
        ("has(a)", {"a"}),
        ("!has(a)", set()),
        ("!!has(a)", {"a"}),
        ("a == 'x' && b != 'y'", {"a"}),
        ("!(a != 'x' || has(b))", {"a"}),
        ("a in {'x'} || b not in {'y'}", {"a"}),
        ("all()", set()),
    ],
)
def test_labels_that_make_a_node_match(selector, labels):
    assert wanted_labels(parse_selector(selector)) == labels


def test_no_label_is_advised_for_one_that_must_be_absent():
    nodes = (node(f"n{n}", f"192.0.2.{n}", labels="rr") for n in (1, 2))
    (step,) = steps(cluster(*nodes, peer("p", node_selector="!has(rr)", peer_selector="has(rr)"), OFF), SELECTOR)
    assert "kubectl label" not in step


SELECTOR = "selector-matches-nothing"


def racks(*values):
    return [node(f"n{n}", f"192.0.2.{n}", labels=f"rack={value}") for n, value in enumerate(values, 1)]


@pytest.mark.parametrize(
    ("written", "values", "advised"),
    [
        ("bb", "bbbb", "rack == 'b'"),
        ("east-racc", ["east-rack"] * 3, "rack == 'east-rack'"),
        ("West", ["west"] * 2, "rack == 'west'"),
        ("esat", ["east"] * 2, "rack == 'east'"),
        # Another value, one that a single node has, and one of several that may be meant.
        ("rack3", ["rack1", "rack1"], None),
        ("c", "ab", None),
        ("aab", ["aaab", "aaab", "ab", "ab"], None),
        # Of two letters that differ, neither or one only stands at the other's place.
        ("exyt", ["east"] * 2, None),
        ("esxt", ["east"] * 2, None),
        ("exat", ["east"] * 2, None),
    ],
)
def test_a_value_that_no_node_has_beside_one_that_many_have_is_a_slip_in_the_selector(written, values, advised):
    text = f"rack == '{written}'"
    (step,) = steps(cluster(*racks(*values), peer("p", node_selector=text, peer_selector="all()"), OFF), SELECTOR)
    if advised is None:
        assert "kubectl label" in step
    else:
        assert f'nodeSelector: "{advised}"' in step


def test_a_file_with_the_reflectors_only_is_not_the_cluster():
    reflectors = (node(f"rr{n}", f"192.0.2.{n}", labels="rr", cluster_id="1.1.1.1") for n in (1, 2))
    report = lint(cluster(*reflectors, peer("p", node_selector="!has(rr)", peer_selector="has(rr)"), OFF))
    assert {f.severity for f in report.findings if f.rule == SELECTOR} == {Severity.WARNING}
    assert report.verdict is not Verdict.UNHEALTHY


def test_reflectors_with_one_cluster_id_are_not_joined_without_another_one():
    nodes = [
        node(f"{rack}{n}", f"192.0.2.{10 * place + n}", labels=f"rack={rack}" + (" rr" if n == 1 else ""), **ids)
        for place, rack in enumerate("ab")
        for n in (1, 2, 3)
        for ids in ([{"cluster_id": "1.1.1.1"}] if n == 1 else [{}])
    ]
    peers = [
        peer(f"p{rack}", node_selector=f"rack == '{rack}' && !has(rr)", peer_selector=f"rack == '{rack}' && has(rr)")
        for rack in "ab"
    ]
    found = steps(cluster(*nodes, *peers, OFF), "reflectors-not-joined") + steps(
        cluster(*nodes, *peers, OFF), "nodes-not-joined"
    )
    assert any("routeReflectorClusterID" in step for step in found), found


def test_nodes_without_any_address_say_nothing_of_bgp():
    report = lint(cluster(node("n1"), node("n2"), peer("p", peer_selector="has(rr)"), OFF))
    assert not [finding for finding in report.findings if finding.severity is Severity.ERROR]
    assert report.verdict is Verdict.UNKNOWN
    assert "calicoctl get nodes -o yaml" in report.not_checked[0].why
