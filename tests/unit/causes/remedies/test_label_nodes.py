"""Nodes that get the label by which a BGPPeer selects the others: all of them, or none; and at most twenty."""

import pytest

from calico_bgp.causes.case import Case
from calico_bgp.causes.remedies.layouts import label_nodes
from calico_bgp.cluster.cluster import observe
from tests.clusters import config, node, peer
from tests.unit.auditing.tables import cluster, paste_of, table


def labelled(*labels, near="rack == 'rack1'"):
    """Two reflectors, a client that has the label, and c1, c2, ... with these; the fix for all of the latter."""
    reflectors = [node(f"r{n}", f"192.0.2.{n}", labels="rr", cluster_id="244.0.0.1") for n in (1, 2)]
    clients = [node(f"c{n}", f"192.0.2.{10 + n}", labels=text) for n, text in enumerate(("rack=rack1", *labels))]
    bgp_peer = peer("rr", node_selector=near, peer_selector="has(rr)")
    case = Case(
        observe(paste_of(table("r1"), resources=cluster(*reflectors, *clients, bgp_peer, config(mesh=False)))), ()
    )
    return label_nodes(case, [f"c{n}" for n in range(1, len(labels) + 1)], [bgp_peer])


@pytest.mark.parametrize(("number", "is_fixed"), [(1, True), (20, True), (21, False)])
def test_more_than_twenty_are_no_slip(number, is_fixed):
    fixes = labelled(*[""] * number)
    assert [len(fix.steps) for fix in fixes] == [number] * is_fixed


@pytest.mark.parametrize(
    ("labels", "is_fixed"),
    [
        (("", ""), True),
        # One has something else there, as many do.
        (("", "rack=rack2"), False),
        (("", "rack=rakc1x"), True),
    ],
)
def test_all_of_them_or_none(labels, is_fixed):
    assert bool(labelled(*labels)) is is_fixed


def test_where_no_label_helps_one_of_them_none_is_labelled():
    near = "rack == 'rack1' && !has(bad)"
    assert labelled("", "", near=near)
    assert not labelled("", "bad=1", near=near)
