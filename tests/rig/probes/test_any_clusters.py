"""What packets find is what calico_bgp says, pair for pair: filters, pools, limits and lost protocols at random."""

from __future__ import annotations

import pytest

from calico_bgp.model.peer import Family
from tests.rig.probes.agreement import Agreement
from tests.rig.probes.answers import Gathering
from tests.rig.probes.clusters import any_cluster
from tests.rig.probes.shapes import SHAPES

IPV4, IPV6 = Family
pytestmark = pytest.mark.rig

CLUSTERS = {seed: any_cluster(seed) for seed in range(21)}


class TestAgreement(Agreement):
    pass


def test_the_clusters_are_of_all_kinds(gathering: Gathering):
    every = list(CLUSTERS.values())
    assert {cluster.shape_name for cluster in every} == {make.__name__ for make in SHAPES}
    assert {cluster.families for cluster in every} == {(IPV4,), (IPV6,), (IPV4, IPV6)}
    assert sum(bool(cluster.resources.bgp_filters) for cluster in every) >= 8
    assert sum(any(pool.disable_bgp_export for pool in cluster.resources.ip_pools) for cluster in every) >= 4
    assert sum(any(pool.vxlan_mode for pool in cluster.resources.ip_pools) for cluster in every) >= 4
    lost = [sum(map(len, gathering.of(seed).lost.values())) for seed in CLUSTERS]
    assert sum(number == 0 for number in lost) >= 4
    assert sum(number > 0 for number in lost) >= 8
