import pytest

from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BGPConfiguration, IPPool, Resources
from calico_bgp.routes.network.pools import pool_fates

OLD, NEW = CalicoVersion(3, 32), CalicoVersion(3, 33)


def fate(version=NEW, told=None, **pool):
    config = (BGPConfiguration(name="default", program_cluster_routes=told),)
    resources = Resources(ip_pools=(IPPool(name="p", cidr="10.244.0.0/16", **pool),), bgp_configurations=config)
    (found,) = pool_fates(resources, version=version)
    return found


@pytest.mark.parametrize(
    ("pool", "old", "new", "words"),
    [
        ({}, False, False, "unencapsulated"),
        ({"ipip_mode": "Never", "vxlan_mode": "Never"}, False, False, "unencapsulated"),
        ({"ipip_mode": "Always"}, False, True, "IPIP"),
        ({"ipip_mode": "CrossSubnet", "vxlan_mode": "Never"}, False, True, "IPIP across subnets"),
        ({"vxlan_mode": "Always"}, True, True, "VXLAN"),
        ({"vxlan_mode": "CrossSubnet", "ipip_mode": "Never"}, True, True, "VXLAN across subnets"),
    ],
)
def test_who_programs_the_routes(pool, old, new, words):
    assert fate(OLD, **pool).survives is old
    assert fate(NEW, **pool).survives is new
    assert fate(**pool).encapsulation == words


@pytest.mark.parametrize(("told", "survives"), [("Enabled", False), ("Disabled", True)])
def test_program_cluster_routes_moves_all_but_vxlan(told, survives):
    assert fate(told=told).survives is survives
    assert fate(told=told, ipip_mode="Always").survives is survives
    assert fate(told=told, vxlan_mode="Always").survives is True


def test_a_pool_that_is_not_exported():
    assert fate().exported
    assert not fate(disable_bgp_export=True).exported


def test_sorted_by_name_with_their_family():
    pools = (IPPool(name="b", cidr="fd00::/48"), IPPool(name="a", cidr="10.0.0.0/8"))
    found = pool_fates(Resources(ip_pools=pools))
    assert [(one.name, one.family) for one in found] == [("a", Family.IPV4), ("b", Family.IPV6)]


def test_no_pools():
    assert pool_fates(Resources()) == ()
