"""Answers about several families, nodes, filters and pools of which some are so and others are not."""

import pytest

from calico_bgp.changes.change import ApplyResources, SetFields
from calico_bgp.expect.engine import expect
from calico_bgp.expect.version import NEWEST
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import FelixConfiguration, IPPool, ResourceKind
from calico_bgp.model.routes.bgp_filter import BGPFilter
from calico_bgp.whatif.question import what_if_resources
from calico_bgp.whatif.unchanged import Unchanged
from calico_bgp.whatif.verdict import Basis, FamilyVerdict, Safety, WhatIf
from tests.clusters import cluster, config, node, peer


def of_family(family, *, lost=(), doubts=()):
    return FamilyVerdict(family, ("a", "b"), 0, 0, lost, (), doubts, ())


@pytest.mark.parametrize(
    ("ipv4", "ipv6", "safety"),
    [
        ({}, {}, Safety.SAFE),
        ({}, {"doubts": ("a doubt",)}, Safety.CANNOT_TELL),
        ({"doubts": ("a doubt",)}, {}, Safety.CANNOT_TELL),
        ({"doubts": ("a doubt",)}, {"lost": ("a loss",)}, Safety.NOT_SAFE),
    ],
)
def test_one_family_decides(ipv4, ipv6, safety):
    families = (of_family(Family.IPV4, **ipv4), of_family(Family.IPV6, **ipv6))
    assert WhatIf((), (), next(iter(Basis)), families, (), (), ()).safety is safety


def test_the_worst_failure_of_two_reflectors_that_serve_different_nodes():
    """rr1 serves c1 to c3, rr2 serves d1, and they hand on each other's routes.

    Without rr1 five nodes are left, of which only rr2 and d1 have each other: 5 x 4 - 2. Without rr2 d1 is alone.
    """
    resources = cluster(
        *(node(f"rr{n}", f"10.0.1.{n}", labels=f"rr={n}", cluster_id=f"{n}.{n}.{n}.{n}") for n in (1, 2)),
        *(node(f"c{n}", f"10.0.0.{n}", labels="side=1") for n in (1, 2, 3)),
        node("d1", "10.0.0.9", labels="side=2"),
        peer("one", node_selector="side == '1'", peer_selector="rr == '1'"),
        peer("two", node_selector="side == '2'", peer_selector="rr == '2'"),
        peer("join", node_selector="has(rr)", peer_selector="has(rr)"),
        config(mesh=False),
    )
    assert Unchanged(expect(resources, version=NEWEST)).worst_failure == 18


def test_of_two_filters_the_one_that_was_not_given_is_named():
    tor = peer("tor", peer_ip="10.0.0.254", as_number=65001)
    resources = cluster(node("n1", "10.0.0.1"), node("n2", "10.0.0.2"), tor)
    resources = resources.model_copy(update={"bgp_filters": (BGPFilter("given"),)})
    change = SetFields(ResourceKind.BGP_PEER, "tor", (("filters", ("given", "other")),))
    unknown = what_if_resources(resources, [change]).unknown
    assert "BGPPeer tor would have BGPFilter other, which was not given" in unknown


def test_a_cluster_of_ipv6_alone_is_judged():
    resources = cluster(
        *(node(f"n{n}", f"fd00::{n}") for n in (1, 2, 3)), peer("tor", peer_ip="fd00::fe", as_number=65001)
    )
    change = SetFields(ResourceKind.BGP_PEER, "tor", (("as_number", 65002),))
    assert [family.family for family in what_if_resources(resources, [change]).families] == [Family.IPV6]


def of_kernels(*, bird: str | None, felix: str | None, **pool):
    """Two nodes, an IPPool, and what programClusterRoutes says: BGPConfiguration's, and FelixConfiguration's if any."""
    felix_configurations = () if felix is None else (FelixConfiguration("default", program_cluster_routes=felix),)
    return cluster(node("n1", "10.0.0.1"), node("n2", "10.0.0.2"), config(program_cluster_routes=bird)).model_copy(
        update={"ip_pools": (IPPool("pods", "10.244.0.0/16", **pool),), "felix": felix_configurations}
    )


NOBODY = (
    "neither BIRD nor Felix would write the kernel's routes of IPPool pods, so that pods lose their way "
    "(programClusterRoutes)"
)
NOT_KNOWN = (
    "BIRD would no longer write the kernel's routes of IPPool pods, and whether Felix does is not known: add the "
    "FelixConfigurations"
)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (("Enabled", "Disabled"), ("Disabled", "Disabled"), [NOBODY]),
        (("Disabled", "Enabled"), ("Disabled", "Disabled"), [NOBODY]),
        (("Enabled", None), ("Disabled", None), [NOT_KNOWN]),
        (("Enabled", "Disabled"), ("Disabled", "Enabled"), []),
        (("Enabled", "Enabled"), ("Disabled", "Enabled"), []),
        (("Disabled", "Disabled"), ("Disabled", "Disabled"), []),
    ],
)
def test_who_writes_the_kernels_routes_after_a_change(before, after, told):
    was, will = (of_kernels(bird=bird, felix=felix) for bird, felix in (before, after))
    answer = what_if_resources(was, [ApplyResources(will, "new.yaml")])
    assert [*answer.broken, *answer.unknown] == told
    assert (NOBODY in told) is bool(answer.broken)
    assert answer.safety is (Safety.NOT_SAFE if answer.broken else Safety.CANNOT_TELL if told else Safety.SAFE)


def test_who_wrote_the_kernels_routes_before_must_be_known():
    """With BIRD's off and no FelixConfiguration given Felix writes them, or nobody does already."""
    was, will = of_kernels(bird="Disabled", felix=None), of_kernels(bird="Disabled", felix="Disabled")
    answer = what_if_resources(was, [ApplyResources(will, "new.yaml")])
    assert (answer.safety, answer.unknown, answer.broken) == (Safety.CANNOT_TELL, (NOBODY,), ())


def test_a_setting_of_a_single_node_leaves_it_open_who_writes():
    own = FelixConfiguration("node.n1", program_cluster_routes="Enabled")
    was, will = (
        made.model_copy(update={"felix": (*made.felix, own)})
        for made in (of_kernels(bird=bird, felix="Disabled") for bird in ("Enabled", "Disabled"))
    )
    answer = what_if_resources(was, [ApplyResources(will, "new.yaml")])
    assert (answer.safety, answer.broken) == (Safety.CANNOT_TELL, ())


def test_one_node_has_no_way_to_lose():
    was, will = (
        made.model_copy(update={"nodes": made.nodes[:1]})
        for made in (of_kernels(bird=bird, felix="Disabled") for bird in ("Enabled", "Disabled"))
    )
    assert what_if_resources(was, [ApplyResources(will, "new.yaml")]).safety is Safety.CANNOT_TELL


@pytest.mark.parametrize("pool", [{"vxlan_mode": "Always"}, {"disabled": True}], ids=["VXLAN", "not in use"])
def test_a_pool_whose_kernel_routes_no_setting_decides_about_is_not_told(pool):
    was, will = (of_kernels(bird=bird, felix="Disabled", **pool) for bird in ("Enabled", "Disabled"))
    assert what_if_resources(was, [ApplyResources(will, "new.yaml")]).safety is Safety.SAFE


def test_of_several_pools_all_are_named_whose_kernel_routes_nobody_would_write():
    more = {"ip_pools": (IPPool("pods", "10.244.0.0/16"), IPPool("more", "10.246.0.0/16"))}
    was, will = (of_kernels(bird=bird, felix="Disabled").model_copy(update=more) for bird in ("Enabled", "Disabled"))
    (told,) = what_if_resources(was, [ApplyResources(will, "new.yaml")]).broken
    assert told.startswith("neither BIRD nor Felix would write the kernel's routes of the IPPools more and pods, so ")
