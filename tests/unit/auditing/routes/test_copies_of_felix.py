"""Routes that Felix writes and BIRD passes on to eBGP peers are not followed: no verdict may rest on their absence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.reports.report import Severity, Verdict
from calico_bgp.model.resources import BGPPeer, IPPool
from tests.unit.auditing.tables import NODE, UP, gathered, table

AS_NUMBERS = {"node1": 64601, "node2": 64602, "node3": 64601}
ADDRESSES = {name: f"192.0.2.1{name[-1]}" for name in AS_NUMBERS}
#: node1 and node3, of one AS, are joined by node2 alone: BGP takes no route of the own AS (RFC 4271, 9.1.2).
WAYS = {"node1": ("node2",), "node2": ("node1", "node3"), "node3": ("node2",)}


def judged(*pools: IPPool):
    """The audit of what Calico's resources ask for, all sessions up."""
    made = lab_resources(build_cluster(3, topology=Topology.MESH))
    peers = tuple(
        BGPPeer(name=f"{name}-{far}", node=name, peer_ip=ADDRESSES[far], as_number=AS_NUMBERS[far])
        for name, others in WAYS.items()
        for far in others
    )
    update = {
        "nodes": tuple(replace(node, as_number=AS_NUMBERS[node.name]) for node in made.nodes),
        "bgp_configurations": tuple(replace(c, node_to_node_mesh_enabled=False) for c in made.bgp_configurations),
        "bgp_peers": peers,
        "ip_pools": pools,
    }
    tables = {
        name: table(name, *(f"{ADDRESSES[far]} {UP}" for far in others), kind=NODE) for name, others in WAYS.items()
    }
    snapshot = gathered(tables, addresses=ADDRESSES, resources=made.model_copy(update=update))
    return audit(snapshot)


PLAIN = IPPool("plain", "10.244.0.0/16")
OVERLAY = IPPool("overlay", "10.200.0.0/16", vxlan_mode="Always")


def test_where_felix_writes_all_routes_nothing_depends_on_the_copies():
    report = judged(OVERLAY)
    assert report.verdict is Verdict.HEALTHY
    assert [one for one in report.findings if one.severity is Severity.ERROR] == []
    assert any("such copies are not followed" in line for line in report.reachability[0].assumptions)


@pytest.mark.parametrize("pools", [(PLAIN,), (PLAIN, OVERLAY)], ids=["plain", "both"])
def test_where_a_pool_depends_on_bird_its_routes_are_missing(pools):
    report = judged(*pools)
    assert report.verdict is Verdict.UNHEALTHY
    assert report.reachability[0].pairs_cut_off == 2
