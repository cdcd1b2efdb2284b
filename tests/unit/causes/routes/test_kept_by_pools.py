"""One of two pools is not exported, and no BlockAffinities say whose blocks are whose: the tables of the nodes do."""

from __future__ import annotations

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.lab.routing.blocks import block_of
from calico_bgp.lab.routing.trouble import Trouble
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import IPPool
from tests.unit.auditing.tables import commands, told
from tests.with_routes import with_routes

CLUSTER = build_cluster(4, topology=Topology.MESH)
LAST = block_of(3, Family.IPV4)


def report(**fields):
    """A mesh of which node4 announces nothing; its block is in a pool of its own with these fields."""
    last = IPPool(name="last", cidr=str(LAST), ipip_mode="Never", **fields)
    others = [IPPool(name=f"pool-{n}", cidr=str(block_of(n, Family.IPV4)), ipip_mode="Never") for n in range(3)]
    resources = lab_resources(CLUSTER).model_copy(update={"ip_pools": (last, *others)})
    snapshot = with_routes(CLUSTER, trouble=Trouble(hidden=frozenset({"node4"})))
    return audit(snapshot.model_copy(update={"resources": resources}))


def test_the_pool_of_the_blocks_that_nobody_learns_is_named():
    made = report(disable_bgp_export=True)
    assert told(made) == [("pool-not-exported", ["IPPool last"])]
    assert made.causes[0].routes_lost == 3
    assert commands(made)[0].startswith("kubectl patch ippools.projectcalico.org last")


@pytest.mark.parametrize("fields", [{}, {"disabled": True}])
def test_a_pool_that_is_exported_keeps_nothing_back(fields):
    assert "pool-not-exported" not in dict(told(report(**fields)))
