"""Felix's routes that BIRD passes on to eBGP peers are not followed, and the answer says so where there are any."""

from dataclasses import replace

import pytest

from calico_bgp.cluster.cluster import observe
from calico_bgp.expect.engine import expect
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BGPConfiguration, IPPool
from calico_bgp.routes.network.from_expected import expected_network
from calico_bgp.routes.network.from_observed import observed_network
from tests.unit.auditing.conftest import snapshot_of

MESH = build_cluster(3, topology=Topology.MESH)
VXLAN = IPPool(name="over-vxlan", cidr="10.244.0.0/16", vxlan_mode="Always")
OLD = CalicoVersion(3, 31)
SAID = "Felix writes the routes of over-vxlan into every kernel, and BIRD passes them on to eBGP peers"


def resources(*, pool=VXLAN, ebgp=True, setting=None):
    """Each node with an AS of its own, or all with one."""
    found = lab_resources(MESH)
    nodes = tuple(replace(one, as_number=65000 + number if ebgp else None) for number, one in enumerate(found.nodes))
    configs = tuple(replace(one, program_cluster_routes=setting) for one in found.bgp_configurations)
    return found.model_copy(update={"nodes": nodes, "ip_pools": (pool,), "bgp_configurations": configs})


def said(of, version=OLD):
    """By the resources, and by the sessions that stand."""
    made = snapshot_of(MESH).model_copy(update={"resources": of})
    found = observed_network(observe(made, version=version), Family.IPV4)
    networks = (expected_network(expect(of, version=version), Family.IPV4), found)
    return [any(text.startswith(SAID) for text in network.assumptions) for network in networks]


def test_of_ebgp_between_nodes_it_is_said():
    assert isinstance(resources().bgp_configurations[0], BGPConfiguration)
    assert said(resources()) == [True, True]


@pytest.mark.parametrize(
    "of",
    [
        resources(ebgp=False),
        resources(pool=replace(VXLAN, disable_bgp_export=True)),
        resources(pool=replace(VXLAN, vxlan_mode="Never")),
        resources(pool=replace(VXLAN, vxlan_mode="Never", ipip_mode="Always")),
        resources(pool=replace(VXLAN, cidr="fd00::/112")),
    ],
    ids=["ibgp", "not-exported", "plain", "ipip", "ipv6"],
)
def test_where_there_are_none_nothing_is_said(of):
    assert said(of) == [False, False]


def test_ipip_is_felixs_from_v3_33_on():
    ipip = replace(VXLAN, vxlan_mode="Never", ipip_mode="Always")
    assert said(resources(pool=ipip), CalicoVersion(3, 33))[0] is True
    assert said(resources(pool=ipip, setting="Enabled"), CalicoVersion(3, 33))[0] is False
