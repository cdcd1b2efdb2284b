"""How many routes arrive, by hand-made networks and resources, and which pods depend on them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from calico_bgp.expect.engine import expect
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import FamilyReachability
from calico_bgp.model.resources import IPPool, Resources
from calico_bgp.model.topology import TopologyKind
from calico_bgp.routes.consequences import FamilyRoutes
from calico_bgp.routes.counts import carries_pods, counted, in_words, suspected
from tests.clusters import cluster, config, node, peer
from tests.hand_made_networks import mesh, network, reflected, session, switch

V4, V6 = Family.IPV4, Family.IPV6
V3_31, V3_33 = CalicoVersion(3, 31), CalicoVersion(3, 33)


def seen(*pools, version=V3_33, is_told=True, kind=TopologyKind.MESH, expectation=None, hosts=True, unclaimed=False):
    readings = [SimpleNamespace(calicoctl_version="v3.33.0" if is_told else None)]
    return SimpleNamespace(
        snapshot=SimpleNamespace(
            resources=Resources(ip_pools=pools) if pools else None, readings=readings, hosts=hosts
        ),
        version=version,
        shape=SimpleNamespace(kind=kind),
        expectation=expectation,
        identity=SimpleNamespace(unclaimed=dict.fromkeys(Family, unclaimed), owner={}),
        members=(),
        memory={},
    )


def pool(name, cidr="10.244.0.0/16", **more):
    return IPPool(name, cidr, **more)


VXLAN, PLAIN, IPIP = {"vxlan_mode": "Always"}, {}, {"ipip_mode": "Always"}
SIX = "fd00::/48"


@pytest.mark.parametrize(
    ("pools", "needed"),
    [
        ([], True),
        ([pool("a")], True),
        ([pool("a", **VXLAN)], False),
        ([pool("a", **VXLAN), pool("b")], True),
        ([pool("a"), pool("b", **VXLAN)], True),
        # Neither a pool that nobody has addresses of nor one of the other family.
        ([pool("a", **VXLAN), pool("b", disabled=True)], False),
        ([pool("a", **VXLAN), pool("b", SIX)], False),
        ([pool("b", SIX), pool("a", **VXLAN)], False),
        # Nothing is known of a family without a pool.
        ([pool("b", SIX, **VXLAN)], True),
        ([pool("a", **VXLAN, disabled=True)], True),
    ],
)
def test_pods_need_bgps_routes_unless_felix_writes_those_of_every_pool_in_use(pools, needed):
    assert carries_pods(seen(*pools), V4) is needed


@pytest.mark.parametrize(
    ("version", "is_told", "needed"), [(V3_33, True, False), (V3_31, True, True), (V3_33, False, True)]
)
def test_a_release_that_no_node_told_may_be_an_older_one(version, is_told, needed):
    # From v3.33 on Felix writes IPIP's.
    assert carries_pods(seen(pool("a", **IPIP), version=version, is_told=is_told), V4) is needed


@pytest.mark.parametrize(
    ("cut_off", "unknown", "doubts", "words"),
    [
        (1, 0, (), "1 route is missing over IPv4"),
        (2, 5, (), "2 routes are missing over IPv4"),
        (0, 1, (), "whether 1 route arrives over IPv4 is not known"),
        (0, 2, ("one", "two"), "whether 2 routes arrive over IPv4 is not known (one)"),
    ],
)
def test_what_keeps_a_cluster_from_being_healthy(cut_off, unknown, doubts, words):
    numbers = FamilyReachability(
        family=V4, nodes=9, pairs=0, pairs_cut_off=cut_off, pairs_unknown=unknown, doubts=doubts
    )
    assert in_words(numbers) == words


def numbers_of(made, routes):
    (numbers,) = counted(made, {V4: routes})
    return numbers.pairs, numbers.pairs_cut_off, numbers.pairs_unknown, numbers.doubts


WHO = "who passes routes on (cluster IDs, AS numbers) only Calico's resources say"
REFLECTORS = TopologyKind.REFLECTORS


def test_in_a_mesh_what_no_session_joins_is_cut_off():
    routes = FamilyRoutes(mesh("abcd", cut=[("a", "b")]), {})
    assert numbers_of(seen(), routes) == (10, 2, 0, ())


def test_who_passes_routes_on_is_not_known_without_resources():
    """Of r's two clients and the lone x: each client has r for certain, and one another perhaps."""
    net = network("rabxyz", [*reflected({"r": "a b"}).sessions, session("y", "z")])
    by_design = seen(kind=REFLECTORS)
    # 3 sessions are 6 pairs; 8 pairs hang together; of all 30 the other 22 are cut off.
    assert numbers_of(by_design, FamilyRoutes(net, {})) == (6, 22, 2, (WHO,))
    direct = network("ab", [session("a", "b")])
    assert numbers_of(by_design, FamilyRoutes(direct, {})) == (2, 0, 0, ())


def test_what_a_switch_may_pass_on_is_not_cut_off_though_no_session_joins_it():
    """a and b have the switch; x has nobody: its 4 pairs are cut off."""
    net = network("abx", [], externals=(switch("a"), switch("b")))
    pairs, cut_off, unknown, _ = numbers_of(seen(kind=REFLECTORS), FamilyRoutes(net, {}))
    assert (pairs, cut_off, unknown) == (0, 4, 2)


@pytest.mark.parametrize(("address", "is_doubted"), [("192.0.2.9", True), ("2001:db8::9", False)])
def test_only_filters_of_peers_of_the_family_are_a_doubt(address, is_doubted):
    """Whether b learns a's routes hangs on a session that perhaps stands; the filter of a switch was not given."""
    switched = peer("tor", node="a", peer_ip=address, as_number=65001, filters=("gone",))
    nodes = (node("a", "192.0.2.1", "2001:db8::1"), node("b", "192.0.2.2", "2001:db8::2"))
    expectation = expect(cluster(*nodes, config(mesh=False), switched))
    made = seen(expectation=expectation)
    made.expected_peers = {"a-tor": expectation.peers["a"]}
    net = network("ab", [], possible=(session("a", "b"),))
    doubt = ("whether pods' routes pass BGPFilter gone, which was not given is not known",) * is_doubted
    assert numbers_of(made, FamilyRoutes(net, {})) == (0, 0, 2, doubt)
    # Where all is known nothing depends on it.
    assert numbers_of(made, FamilyRoutes(mesh("ab"), {})) == (2, 0, 0, ())


def test_of_a_paste_nothing_is_counted():
    routes = FamilyRoutes(mesh("ab"), {})
    assert list(counted(seen(hosts=False, unclaimed=True), {V4: routes})) == []
    assert len(list(counted(seen(hosts=False), {V4: routes}))) == 1
    assert len(list(counted(seen(unclaimed=True), {V4: routes}))) == 1


def numbers(cut_off=0, unknown=0):
    return FamilyReachability(family=V4, nodes=2, pairs=0, pairs_cut_off=cut_off, pairs_unknown=unknown)


def rack(node, as_number, **settings):
    """A node's session with a switch of AS 65000, where it speaks as that AS itself."""
    one = switch(node)
    return one._replace(near=one.near._replace(settings=one.near.settings._replace(local_as=as_number, **settings)))


NAMED = SimpleNamespace()


@pytest.mark.parametrize(
    ("externals", "is_suspected"),
    [
        # Each hands the other's AS number on to the other: it is dropped (RFC 4271 section 9.1.2).
        ([rack("a", 64512), rack("b", 64512)], True),
        ([rack("a", 64512), rack("b", 64513)], False),
        ([rack("a", 64512, allowed_local_as=1), rack("b", 64512)], True),
        # Whoever else there is: nodes without sessions of their own are not told apart by what they have outside.
        ([rack("a", 64512), rack("b", 64513), rack("c", 64513)], True),
        ([rack("a", 64513), rack("b", 64512), rack("c", 64513)], True),
        ([rack("a", 64512, allowed_local_as=1), rack("b", 64512, allowed_local_as=1)], False),
        # In the switch's own AS nothing is dropped.
        ([rack("a", 65000), rack("b", 65000)], False),
        # One of two sessions is enough to hear it by.
        ([rack("a", 64512), rack("a", 64513), rack("b", 64512), rack("b", 64514)], False),
        ([rack("a", 64513), rack("b", 64512), rack("c", 64514)], False),
        # Each has one session by which it hears whatever there is.
        (
            [rack(node, 64512) for node in "ab"] + [rack(node, 64513, allowed_local_as=1) for node in "ab"],
            False,
        ),
        # Whose sessions are all in AS numbers that the other has as well.
        ([rack(node, number) for node in "ab" for number in (64513, 64512)], True),
        ([rack("a", 64512), *(rack("b", number) for number in (64513, 64512))], True),
    ],
)
def test_nodes_of_one_as_that_only_a_switch_joins_lack_each_others_routes(externals, is_suspected):
    nodes = sorted({one.near.node for one in externals})
    routes = FamilyRoutes(network(nodes, [], externals=tuple(externals)), {})
    assert suspected(seen(pool("a"), expectation=NAMED), V4, routes, numbers(unknown=2)) is is_suspected


def test_what_is_suspected_of_a_switch_and_what_is_not():
    apart = FamilyRoutes(network("ab", [], externals=(rack("a", 64512), rack("b", 64513))), {})
    named = {"expectation": NAMED}
    assert not suspected(seen(pool("a"), **named), V4, apart, numbers())
    assert not suspected(seen(pool("a", **VXLAN), **named), V4, apart, numbers(unknown=2))
    assert suspected(seen(pool("a")), V4, apart, numbers(unknown=2))
    assert suspected(seen(pool("a", disable_bgp_export=True), **named), V4, apart, numbers(unknown=2))
    # A pool that is kept back on purpose counts where it is in use, and of this family.
    for kept in (pool("k", disable_bgp_export=True, disabled=True), pool("k", SIX, disable_bgp_export=True)):
        assert not suspected(seen(pool("a"), kept, **named), V4, apart, numbers(unknown=2))
    inside = FamilyRoutes(mesh("ab"), {})
    assert suspected(seen(pool("a"), **named), V4, inside, numbers(cut_off=1))
