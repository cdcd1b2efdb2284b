"""A cluster ID that BIRD refuses: the one that the other reflectors have, else one that is asked for."""

from __future__ import annotations

import pytest

from calico_bgp.causes.case import Case
from calico_bgp.causes.remedies.reflectors import write_cluster_id
from calico_bgp.cluster.cluster import observe
from calico_bgp.model.snapshot import Snapshot
from tests.clusters import cluster, config, node, peer


@pytest.mark.parametrize(
    ("others", "what", "asked"),
    [
        (["244.0.0.7"], "give r1 the cluster ID 244.0.0.7, which r2 has", []),
        (["244.0.0.7", "244.0.0.7"], "give r1 the cluster ID 244.0.0.7, which r2, r3 have", []),
        (["244.0.0.7", "244.0.0.8"], "give r1 the cluster ID that it is to have", ["CLUSTER_ID"]),
        ([], "give r1 the cluster ID that it is to have", ["CLUSTER_ID"]),
    ],
)
def test_it_is_that_of_the_others_or_asked_for(others, what, asked):
    reflectors = [
        node(f"r{number}", f"10.0.0.{number}", labels="rr", cluster_id=cluster_id)
        for number, cluster_id in enumerate(["bogus", *others], start=1)
    ]
    clients = [node(f"c{number}", f"10.0.1.{number}") for number in (1, 2, 3)]
    resources = cluster(*reflectors, *clients, peer("rr", peer_selector="has(rr)"), config(mesh=False))
    (fix,) = write_cluster_id(Case(observe(Snapshot(resources=resources)), ()), "r1")
    assert [step.what for step in fix.steps] == [what]
    assert [one.variable for one in fix.asks] == asked


def test_of_two_racks_it_is_that_of_its_own():
    racks = [("a0", "bogus"), ("a1", "244.0.0.7"), ("b0", "244.0.0.8"), ("b1", "244.0.0.8")]
    reflectors = [
        node(name, f"10.0.0.{n}", labels=f"rr rack={name[0]}", cluster_id=cluster_id)
        for n, (name, cluster_id) in enumerate(racks, start=1)
    ]
    clients = [node(f"{rack}9", f"10.0.1.{n}", labels=f"rack={rack}") for n, rack in enumerate("ab", start=1)]
    peers = [
        peer(f"rack-{rack}", node_selector=f"rack == '{rack}'", peer_selector=f"has(rr) && rack == '{rack}'")
        for rack in "ab"
    ]
    resources = cluster(*reflectors, *clients, *peers, config(mesh=False))
    (fix,) = write_cluster_id(Case(observe(Snapshot(resources=resources)), ()), "a0")
    assert [step.what for step in fix.steps] == ["give a0 the cluster ID 244.0.0.7, which a1 has"]
