"""Blocks of pools whose routes Felix writes, beside pools that depend on BIRD: what BIRD does with those is no loss."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import build_cluster
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.reports.report import Verdict
from calico_bgp.model.resources import IPPool
from calico_bgp.model.resources.blocks import BlockAffinity
from calico_bgp.model.routes.bgp_filter import BGPFilter, FilterAction, FilterRule, MatchOperator
from tests.unit.auditing.conftest import snapshot_of

CLIENTS = build_cluster(6)
PLAIN, VXLAN = "10.244.0.0/16", "10.200.0.0/16"
POOLS = (IPPool("plain", PLAIN), IPPool("overlay", VXLAN, vxlan_mode="Always"))
#: A block of each pool on each node.
AFFINITIES = tuple(
    BlockAffinity(name=f"{node.name}-{cidr}", node=node.name, cidr=cidr)
    for number, node in enumerate(CLIENTS.nodes, 1)
    for cidr in (f"10.244.{number}.0/26", f"10.200.{number}.0/26")
)


def rejecting(cidr, *, affinities, pools=POOLS):
    """The report where the BGPPeer of the reflectors names a filter that rejects a pool at export."""
    made = lab_resources(CLIENTS)
    written = BGPFilter("guard", export_v4=(FilterRule(FilterAction.REJECT, cidr, MatchOperator.IN),))
    peers = tuple(replace(peer, filters=("guard",)) for peer in made.bgp_peers)
    update = {"ip_pools": pools, "bgp_filters": (written,), "bgp_peers": peers, "block_affinities": affinities}
    return audit(snapshot_of(CLIENTS).model_copy(update={"resources": made.model_copy(update=update)}))


@pytest.mark.parametrize("affinities", [AFFINITIES, ()], ids=["blocks", "pools alone"])
def test_a_filter_that_rejects_the_blocks_of_vxlan_costs_nothing(affinities):
    report = rejecting(VXLAN, affinities=affinities)
    assert (report.verdict, report.causes) == (Verdict.HEALTHY, ())


def test_one_that_rejects_the_others_costs_all():
    report = rejecting(PLAIN, affinities=AFFINITIES)
    assert (report.verdict, [cause.kind for cause in report.causes]) == (Verdict.UNHEALTHY, ["filter-rejects-routes"])
    assert report.causes[0].routes_lost == 30


def test_what_depends_on_the_release_counts():
    """Felix writes IPIP's routes from v3.33 on: no node said which release it has."""
    pools = (IPPool("plain", PLAIN), IPPool("overlay", VXLAN, ipip_mode="Always"))
    assert rejecting(VXLAN, affinities=AFFINITIES, pools=pools).verdict is Verdict.UNHEALTHY
