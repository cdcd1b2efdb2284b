"""What a node lacks to be a route reflector again: a cluster ID, labels, or both."""

import pytest

from calico_bgp.causes.case import Case
from calico_bgp.causes.remedies.reflectors import give_back, take_cluster_ids
from calico_bgp.cluster.cluster import observe
from calico_bgp.model.snapshot import Snapshot
from tests.clusters import cluster, config, node, peer

ID = "give r1 the cluster ID 244.0.0.1, which r2 has"
RR, CORE = "give r1 the label rr=1", "give r1 the label core=1"


@pytest.mark.parametrize(
    ("labels", "selectors", "steps"),
    [
        ("", ["has(rr)"], [ID, RR]),
        ("rr=1", ["has(rr)"], [ID]),
        # One BGPPeer that finds it is enough.
        ("rr=1", ["has(rr)", "has(core)"], [ID]),
        ("core=1", ["has(rr)", "has(core)"], [ID]),
        # Nobody knows by which of two, and without one a cluster ID helps nobody.
        ("", ["has(rr)", "has(core)"], []),
        # The labels by which both find it, in whatever order they come.
        ("", ["has(rr)", "has(rr) && has(core)"], [ID, RR, CORE]),
        ("", ["has(rr) && has(core)", "has(rr)"], [ID, RR, CORE]),
        # A selector that cannot be read finds nobody, whatever the label.
        ("", ["has(rr)", "has(rr"], [ID, RR]),
    ],
)
def test_what_it_lacks(labels, selectors, steps):
    reflectors = [
        node("r1", "10.0.0.1", labels=labels),
        node("r2", "10.0.0.2", labels="rr=1 core=1", cluster_id="244.0.0.1"),
    ]
    clients = [node(f"c{n}", f"10.0.1.{n}") for n in (1, 2, 3)]
    peers = [
        peer(f"p{n}", node_selector="all()", peer_selector=selector) for n, selector in enumerate(selectors, start=1)
    ]
    resources = cluster(*reflectors, *clients, *peers, config(mesh=False))
    fixes = give_back(Case(observe(Snapshot(resources=resources)), ()), ["r1"])
    assert sorted(step.what for fix in fixes for step in fix.steps) == sorted(steps)


@pytest.mark.parametrize(
    ("names", "summary"),
    [
        (["n1"], "take the cluster ID from n1: it is in the mesh again"),
        (["n1", "n2"], "take the cluster ID from n1, n2: they are in the mesh again"),
    ],
)
def test_cluster_ids_that_keep_nodes_out_of_the_mesh(names, summary):
    nodes = [node(f"n{n}", f"10.0.0.{n}", cluster_id="244.0.0.1" if f"n{n}" in names else None) for n in range(1, 5)]
    (fix,) = take_cluster_ids(Case(observe(Snapshot(resources=cluster(*nodes))), ()), names)
    assert fix.summary == summary
    assert [step.what for step in fix.steps] == [f"take the cluster ID from {name}" for name in names]
    # Of four nodes in a mesh each that is out of it lacks the others, and they lack it.
    assert fix.restores == {1: 2 * 3, 2: 2 * (2 * 2 + 1)}[len(names)]
