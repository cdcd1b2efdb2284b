"""Blocks that lie in no IPPool: their nodes announce them, and whoever learned them passes them on to nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.expect.engine import expect
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Verdict
from calico_bgp.model.resources import IPPool
from calico_bgp.routes.held_back import held_back
from calico_bgp.routes.network.holding.block_kinds import blocks_outside
from tests.unit.auditing.conftest import snapshot_of
from tests.with_routes import with_routes

CLIENTS = build_cluster(6)
MESH = build_cluster(6, topology=Topology.MESH)


def deleted(cluster, *pools):
    """The resources after the pools of the blocks 10.244.0.64/26 to 10.244.1.128/26 were deleted, with others."""
    made = lab_resources(cluster, [parse_fault("pool-deleted", cluster)])
    return made.model_copy(update={"ip_pools": (*made.ip_pools, *(IPPool(name=cidr, cidr=cidr) for cidr in pools))})


def lost(resources):
    return [(held.kind, held.pairs, held.total) for held in held_back(expect(resources), Family.IPV4)]


@pytest.mark.parametrize(
    ("pools", "outside", "pairs"),
    [
        # Of six nodes two reflect: four clients lack those of three each.
        ((), 6, 12),
        (("10.244.0.0/16",), 0, None),
        # It holds those of node1, node2 and node3; node3 to node6 lack those of node4, node5 and node6.
        (("10.244.0.0/24",), 3, 9),
        # A pool within a block holds it in part: what becomes of it is not known, and nothing is said.
        (("10.244.0.64/27",), 5, 12),
    ],
)
def test_who_lacks_whose_routes(pools, outside, pairs):
    resources = deleted(CLIENTS, *pools)
    assert len(blocks_outside(resources, Family.IPV4)) == outside
    assert lost(resources) == ([] if pairs is None else [("no IPPool", pairs, 30)])


def test_in_a_mesh_every_node_tells_its_own():
    assert lost(deleted(MESH)) == []


def test_a_pool_that_is_disabled_holds_its_blocks():
    resources = deleted(CLIENTS, "10.244.0.0/16")
    pools = tuple(replace(pool, disabled=True) for pool in resources.ip_pools)
    assert lost(resources.model_copy(update={"ip_pools": pools})) == []


def test_without_any_pool_nothing_is_said():
    """Who may not read IPPools has none, and knows nothing of them."""
    assert blocks_outside(deleted(CLIENTS).model_copy(update={"ip_pools": ()}), Family.IPV4) == ()


def test_the_resources_alone_show_that_pods_are_cut_off():
    """Of a large cluster no tables are read: all sessions stand, and nothing else tells."""
    fault = "pool-deleted"
    made = snapshot_of(CLIENTS).model_copy(update={"resources": lab_resources(CLIENTS, [parse_fault(fault, CLIENTS)])})
    report = audit(made)
    assert (report.verdict, [cause.kind for cause in report.causes]) == (Verdict.UNHEALTHY, ["pool-deleted"])
    assert report.causes[0].routes_lost == 12


def test_the_pool_again_is_tried_in_the_model():
    made = with_routes(CLIENTS, "pool-deleted").model_copy(update={"resources": deleted(CLIENTS)})
    (cause,) = audit(made).causes
    again, move = cause.fixes
    assert (again.restores, again.restarts, move.restores) == (12, 0, None)
    command = again.steps[0].kubectl
    assert '"cidr": "10.244.0.0/23"' in command
    assert '"disabled": true' in command


def test_where_a_pool_is_in_the_way_pods_must_move():
    """10.244.0.0/23 would overlap 10.244.1.0/25."""
    resources = deleted(CLIENTS, "10.244.1.0/25")
    made = with_routes(CLIENTS, "pool-deleted").model_copy(update={"resources": resources})
    assert [fix.label for cause in audit(made).causes for fix in cause.fixes] == ["move pods"]
