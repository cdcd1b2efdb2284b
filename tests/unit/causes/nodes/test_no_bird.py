"""A cluster in which no BIRD runs: meant so for certain only where VXLAN carries every pool in use."""

from __future__ import annotations

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.resources import IPPool
from tests.unit.auditing.conftest import snapshot_of
from tests.unit.auditing.tables import cluster

VXLAN, CROSS = (IPPool(mode.lower(), "10.1.0.0/16", vxlan_mode=mode) for mode in ("Always", "CrossSubnet"))
IPIP, PLAIN = IPPool("ipip", "10.2.0.0/16", ipip_mode="Always"), IPPool("plain", "10.3.0.0/16")
DISABLED = IPPool("off", "10.4.0.0/16", ipip_mode="Always", disabled=True)


def audited(*pools):
    made = snapshot_of(build_cluster(4, topology=Topology.NO_BGP))
    return audit(made.model_copy(update={"resources": cluster(*pools)}))


@pytest.mark.parametrize(
    ("pools", "sure"),
    [
        ([VXLAN], True),
        ([VXLAN, CROSS], True),
        ([VXLAN, DISABLED], True),
        ([VXLAN, IPIP], False),
        ([DISABLED], False),
        ([], False),
    ],
)
def test_it_is_meant_so_where_every_pool_is_of_vxlan(pools, sure):
    (cause,) = audited(*pools).causes
    assert cause.kind == "no-bgp"
    assert (cause.confidence is Confidence.CERTAIN, cause.decide == ()) == (sure, sure)
    assert cause.evidence[: len(pools)] == tuple(f"IPPool {pool.name}: vxlanMode {pool.vxlan_mode}" for pool in pools)


def test_a_plain_pool_beside_it_needs_bird():
    assert [cause.kind for cause in audited(VXLAN, PLAIN).causes] == ["bird-down"]
