"""Who writes the kernel's routes: by release, by two settings that nothing upstream compares, and by the pools in use.

The rows are upstream's own code of each release: felix/config/config_params.go and dataplane/linux/int_dataplane.go,
confd/pkg/backends/calico/bgp_processor.go.
"""

from dataclasses import replace

import pytest

from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.resources import BGPConfiguration, IPPool, Resources
from calico_bgp.model.resources.felix import FelixConfiguration
from calico_bgp.routes.network.pools import pool_fates
from calico_bgp.routes.network.programming import (
    PoolClass,
    class_of,
    conflicts_of,
    values_of_bird,
    values_of_felix,
    writers_of,
)

PLAIN = IPPool(name="plain", cidr="10.244.0.0/16", ipip_mode="Never", vxlan_mode="Never")
IPIP = IPPool(name="ipip", cidr="10.245.0.0/16", ipip_mode="CrossSubnet")
VXLAN = IPPool(name="vxlan", cidr="10.246.0.0/16", vxlan_mode="Always")


def given(*pools, bird=None, felix=None, of_node=None, wireguard=None, of="node.node1"):
    """`-` for a Felix of which nothing was given."""
    configs = (FelixConfiguration("default", program_cluster_routes=felix, wireguard_enabled=wireguard),)
    if of_node is not None:
        configs += (FelixConfiguration(of, program_cluster_routes=of_node),)
    return Resources(
        ip_pools=pools,
        bgp_configurations=(BGPConfiguration(name="default", program_cluster_routes=bird),),
        felix=() if felix == "-" else configs,
    )


def who(resources, version, name="default"):
    """Of IPIP and of plain pools: `B`, `F`, `BF` or nothing."""
    found = writers_of(resources, CalicoVersion(*version), name)
    return tuple(
        "B" * found[one].bird + "F" * (found[one].felix is True) for one in (PoolClass.IPIP, PoolClass.NO_ENCAP)
    )


@pytest.mark.parametrize(
    ("version", "bird", "felix", "ipip", "plain"),
    [
        ((3, 26), "Disabled", "Enabled", "B", "B"),
        ((3, 30), None, None, "B", "B"),
        ((3, 31), None, None, "B", "B"),
        ((3, 31), "Disabled", None, "B", "B"),
        ((3, 31), None, "Enabled", "BF", "BF"),
        ((3, 32), None, None, "B", "B"),
        ((3, 32), None, "Enabled", "BF", "BF"),
        ((3, 32), "Disabled", "Enabled", "F", "F"),
        ((3, 32), "Disabled", None, "", ""),
        ((3, 32), "EnabledNoEncapOnly", "EnabledIPIPOnly", "B", "B"),
        ((3, 33), None, None, "F", "B"),
        ((3, 33), "Enabled", None, "BF", "B"),
        ((3, 33), None, "Enabled", "F", "BF"),
        ((3, 33), None, "Disabled", "", "B"),
        ((3, 33), "Disabled", None, "F", ""),
        ((3, 33), "Disabled", "Enabled", "F", "F"),
        ((3, 33), "Enabled", "Disabled", "B", "B"),
        ((3, 33), "EnabledIPIPOnly", "EnabledNoEncapOnly", "B", "F"),
        ((3, 33), "Sometimes", "Never", "F", "B"),
    ],
)
def test_by_release_and_settings(version, bird, felix, ipip, plain):
    assert who(given(PLAIN, bird=bird, felix=felix), version) == (ipip, plain)


@pytest.mark.parametrize("beside", [{"pools": (IPIP,)}, {"pools": (VXLAN,)}, {"wireguard": True}])
def test_felix_writes_plain_routes_beside_no_overlay_until_v3_33(beside):
    pools = (PLAIN, *beside.get("pools", ()))
    resources = given(*pools, bird="Disabled", felix="Enabled", wireguard=beside.get("wireguard"))
    assert who(resources, (3, 32)) == ("F", "")
    beside_one = resources.model_copy(update={"felix": (*resources.felix, FelixConfiguration("node.n"))})
    assert who(beside_one, (3, 32)) == ("F", "")
    assert who(resources, (3, 33)) == ("F", "F")


def test_a_node_may_have_a_felix_of_its_own():
    resources = given(PLAIN, felix=None, of_node="Enabled")
    assert who(resources, (3, 33)) == ("F", "B")
    assert who(resources, (3, 33), "node.node1") == ("F", "BF")
    assert who(resources, (3, 33), "node.node2") == ("F", "B")


def test_without_a_felixconfiguration_nobody_knows():
    found = writers_of(given(PLAIN, bird="Disabled", felix="-"), CalicoVersion(3, 33))[PoolClass.NO_ENCAP]
    assert (found.bird, found.felix, found.are_both, found.is_nobody) == (False, None, False, False)
    # Before v3.31 it has no such setting.
    felix = [writers_of(given(PLAIN, felix="-"), CalicoVersion(3, n))[PoolClass.NO_ENCAP].felix for n in (30, 31)]
    assert felix == [False, None]


@pytest.mark.parametrize(
    ("bird", "felix", "of_node", "told"),
    [
        (None, None, None, []),
        # Both write IPIP's, by everybody's Felix; what a node's own says as well is not told twice.
        ("Enabled", None, None, [("IPIP", "BF", "default")]),
        ("Enabled", None, "EnabledIPIPOnly", [("IPIP", "BF", "default")]),
        (None, None, "EnabledIPIPOnly", []),
        # A node's own is told where it makes another conflict than the rest have.
        (None, None, "Enabled", [("unencapsulated", "BF", "node.node1")]),
        ("Enabled", None, "Enabled", [("IPIP", "BF", "default"), ("unencapsulated", "BF", "node.node1")]),
        ("Disabled", None, "Disabled", [("unencapsulated", "", "default"), ("IPIP", "", "node.node1")]),
        ("Enabled", "EnabledNoEncapOnly", "Disabled", [("unencapsulated", "BF", "default")]),
    ],
)
def test_which_pools_two_write_or_nobody(bird, felix, of_node, told):
    pools = (IPIP, PLAIN, VXLAN, replace(IPIP, name="unused", disabled=True), replace(PLAIN, allowed_uses=("Tunnel",)))
    resources = given(*pools, bird=bird, felix=felix, of_node=of_node)
    found = [
        (one.kind, "B" * one.writers.bird + "F" * bool(one.writers.felix), one.felix, one.pools)
        for one in conflicts_of(resources, CalicoVersion(3, 33))
    ]
    names = {"IPIP": ("ipip",), "unencapsulated": ("plain",)}
    assert found == [(kind, writers, felix, names[kind]) for kind, writers, felix in told]


def test_what_a_nodes_own_felix_mends_is_no_conflict_of_the_node():
    resources = given(IPIP, bird="Disabled", felix="Disabled", of_node="EnabledIPIPOnly")
    assert [one.felix for one in conflicts_of(resources, CalicoVersion(3, 33))] == ["default"]
    assert list(conflicts_of(given(IPIP, bird="Disabled", felix="-"), CalicoVersion(3, 33))) == []
    # A FelixConfiguration that is neither a node's nor the default one is nobody's.
    assert list(conflicts_of(given(PLAIN, of_node="Enabled", of="other"), CalicoVersion(3, 33))) == []


def test_classes_and_values():
    assert [class_of(one) for one in (PLAIN, IPIP, VXLAN)] == [PoolClass.NO_ENCAP, PoolClass.IPIP, None]
    assert values_of_bird(CalicoVersion(3, 31)) == ()
    assert set(values_of_bird(CalicoVersion(3, 32))) == {"Enabled", "Disabled"}
    assert len(values_of_bird(CalicoVersion(3, 33))) == 4
    assert [values_of_felix(CalicoVersion(3, minor)) for minor in (30, 31, 32, 33)] == [
        (),
        ("Disabled", "Enabled"),
        ("Disabled", "Enabled"),
        ("EnabledIPIPOnly", "Disabled", "EnabledNoEncapOnly", "Enabled"),
    ]


def test_what_becomes_of_pods_says_who_writes():
    def fate(**settings):
        (found,) = pool_fates(given(PLAIN, **settings), version=CalicoVersion(3, 33))
        return found.survives, found.because

    assert fate(bird="Disabled", felix="Disabled") == (
        False,
        "neither BIRD nor Felix programs its kernel routes (programClusterRoutes)",
    )
    assert fate(bird="Enabled", felix="Enabled") == (
        True,
        "Felix programs its kernel routes, and BIRD does as well (programClusterRoutes)",
    )
    assert fate(bird="Disabled", felix="-") == (
        True,
        "programClusterRoutes: Disabled leaves its kernel routes to Felix",
    )
    assert fate(bird="Enabled", felix="Disabled") == (
        False,
        "programClusterRoutes: Enabled lets BIRD program its kernel routes",
    )


@pytest.mark.parametrize(
    ("pool", "version", "survives", "because"),
    [
        (IPIP, (3, 32), False, "BIRD programs IPIP's kernel routes before v3.33"),
        (IPIP, (3, 33), True, "Felix programs IPIP's kernel routes from v3.33 on"),
        (PLAIN, (3, 33), False, "BIRD programs its kernel routes"),
        (VXLAN, (3, 20), True, "Felix always programs VXLAN's kernel routes"),
    ],
)
def test_who_writes_where_nothing_is_set(pool, version, survives, because):
    (found,) = pool_fates(given(pool), version=CalicoVersion(*version))
    assert (found.survives, found.because) == (survives, because)
