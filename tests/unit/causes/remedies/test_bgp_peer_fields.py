"""A BGPPeer without the address of its far end or of the gateway to it: each is asked for by what it is."""

from __future__ import annotations

import pytest

from calico_bgp.causes.case import Case
from calico_bgp.causes.remedies.configuration import write_address
from calico_bgp.cluster.cluster import observe
from calico_bgp.model.snapshot import Snapshot
from tests.clusters import cluster, node, peer


@pytest.mark.parametrize(
    ("fields", "summaries", "asked"),
    [
        ({"peer_ip": "y"}, ["give BGPPeer p an address as peerIP"], "the address of the far end"),
        (
            {"peer_ip": "198.51.100.1", "reachable_by": "x"},
            [
                "give BGPPeer p an address as reachableBy",
                "take reachableBy out of BGPPeer p, where nodes have a route to the peer anyway",
            ],
            "the address of the gateway by which nodes reach the peer",
        ),
    ],
)
def test_what_nothing_tells_is_asked_for(fields, summaries, asked):
    nodes = [node(f"n{number}", f"192.0.2.{number}") for number in (1, 2, 3)]
    resources = cluster(*nodes, peer("p", as_number=65001, **fields))
    first, *others = write_address(Case(observe(Snapshot(resources=resources)), ()), "p")
    assert [fix.summary for fix in (first, *others)] == summaries
    assert [one.what for one in first.asks] == [asked]
    assert all(fix.asks == () for fix in others)
