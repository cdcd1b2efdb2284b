"""Whose blocks are whose, by hand-made tables of n1, n2 and n3."""

from __future__ import annotations

from ipaddress import ip_network
from types import SimpleNamespace

import pytest

from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BGPConfiguration, BlockAffinity, IPPool, Resources
from calico_bgp.model.routes.bird_route import Destination
from calico_bgp.model.routes.kernel_route import BIRD, BOOT, KernelHop, KernelRoute
from calico_bgp.model.routes.table import RouteTable, TableRoute
from calico_bgp.routes.observed.own import OwnBlocks, own_blocks
from calico_bgp.routes.observed.tables import NodeTables

NAMES = ("n1", "n2", "n3")
BLOCK, SINGLE = "10.244.1.0/26", "10.244.1.7/32"


def static(*prefixes):
    return tuple(TableRoute(ip_network(each), Destination.BLACKHOLE, "static1") for each in prefixes)


def blackholes(*prefixes):
    return tuple(KernelRoute(ip_network(each), "blackhole", BIRD, 0, ()) for each in prefixes)


def pods(*prefixes, interface="cali1"):
    hops = (KernelHop(None, interface),)
    return tuple(KernelRoute(ip_network(each), "unicast", BOOT, 0, hops) for each in prefixes)


def blocks(tables, *, affinities=(), pools=(), services=()):
    """Node → its blocks; of each node what BIRD and the kernel hold, None where that was not read."""
    resources = Resources(
        block_affinities=tuple(affinities),
        ip_pools=tuple(pools),
        bgp_configurations=(BGPConfiguration("default", service_cluster_ips=tuple(services)),),
    )
    read = {
        name: NodeTables(name, RouteTable(Family.IPV4, bird=bird, kernel=kernel, bird_is_whole=True))
        for name, (bird, kernel) in tables.items()
    }
    cluster = SimpleNamespace(
        snapshot=SimpleNamespace(resources=resources), members=[SimpleNamespace(name=name) for name in NAMES]
    )
    return own_blocks(cluster, Family.IPV4, read)


def texts(prefixes):
    return sorted(map(str, prefixes))


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({}, True),
        ({"state": ""}, True),
        ({"state": "confirmed"}, True),
        ({"state": "pending"}, False),
        ({"state": "pendingDeletion"}, False),
        ({"type": "host"}, True),
        ({"type": "virtual"}, False),
        ({"deleted": True}, False),
        ({"cidr": "fd00::/122"}, False),
        ({"cidr": "nonsense"}, False),
    ],
)
def test_the_blocks_that_calico_gave_a_node_for_good(fields, counts):
    affinity = BlockAffinity(**{"name": "a", "node": "n1", "cidr": BLOCK, **fields})
    other = BlockAffinity("b", "n2", "10.244.2.0/26")
    found = blocks({}, affinities=[affinity, other])
    assert {name: texts(own.assigned) for name, own in found.items()} == {
        "n1": [BLOCK] if counts else [],
        "n2": ["10.244.2.0/26"],
        "n3": [],
    }
    assert not any(own.is_known for own in found.values())


def test_a_node_of_which_nothing_was_read_has_no_blocks_but_those_after_it_do():
    assert texts(blocks({"n3": (static(BLOCK), None)}).pop("n3").in_bird) == [BLOCK]
    assert blocks({"n1": (None, ())}) == {}


@pytest.mark.parametrize(
    ("tables", "in_bird"),
    [
        # Without the kernel: what at most two nodes call their own.
        ([(static(BLOCK), None)], [BLOCK]),
        ([(static(BLOCK), None)] * 2, [BLOCK]),
        ([(static(BLOCK), None)] * 3, []),
        # With it: what BIRD writes there, or what nobody else has.
        ([(static(BLOCK), ())], [BLOCK]),
        ([(static(BLOCK), ())] * 2, []),
        ([(static(BLOCK), blackholes(BLOCK))] * 3, [BLOCK]),
        ([(static(BLOCK), pods(BLOCK))] * 2, []),
        # Neither single addresses nor what other protocols send nowhere.
        ([(static(SINGLE), None)], []),
        ([(tuple(path._replace(protocol="kernel1") for path in static(BLOCK)), None)], []),
    ],
)
def test_where_no_pool_tells_a_block_is_told_from_ranges_of_services(tables, in_bird):
    found = blocks(dict(zip(NAMES, tables, strict=False)))
    assert texts(found["n1"].in_bird) == in_bird


@pytest.mark.parametrize(
    ("more", "in_bird"),
    [
        ({"pools": [IPPool("pods", "10.244.0.0/16")]}, [BLOCK]),
        ({"pools": [IPPool("pods", "10.245.0.0/16")]}, []),
        ({"pools": [IPPool("lb", "10.244.0.0/16", allowed_uses=("LoadBalancer",))]}, [BLOCK]),
        ({"pools": [IPPool("pods", "10.245.0.0/16")], "affinities": [BlockAffinity("a", "n1", BLOCK)]}, [BLOCK]),
        ({"services": [BLOCK]}, []),
        ({"services": [BLOCK], "pools": [IPPool("pods", "10.244.0.0/16")]}, []),
    ],
)
def test_pools_affinities_and_ranges_of_services_tell_what_is_a_block(more, in_bird):
    assert texts(blocks({"n1": (static(BLOCK), ())}, **more)["n1"].in_bird) == in_bird


def test_pods_are_those_of_the_pools_where_there_are_any():
    kernel = (*pods(SINGLE, "10.99.0.7/32"), *pods("10.244.1.8/32", interface="eth0"), *pods("10.244.2.0/26"))
    tables = {"n1": ((), kernel), "n2": ((), None)}
    assert texts(blocks(tables)["n1"].pods) == [SINGLE, "10.99.0.7/32"]
    found = blocks(tables, pools=[IPPool("pods", "10.244.0.0/16")])
    assert texts(found["n1"].pods) == [SINGLE]
    assert found["n2"].pods is None


def own(in_bird=(), assigned=None, *, is_known=True, pods=None):
    def networks(given):
        return None if given is None else frozenset(map(ip_network, given))

    return OwnBlocks(networks(in_bird), networks(assigned), is_known, networks(pods))


OTHER = "10.244.2.0/26"


@pytest.mark.parametrize(
    ("blocks_", "lost", "all_"),
    [
        (own([BLOCK]), [], [BLOCK]),
        (own([BLOCK], [BLOCK, OTHER]), [OTHER], [BLOCK, OTHER]),
        (own([], [OTHER, BLOCK]), [BLOCK, OTHER], [BLOCK, OTHER]),
        # One without a pod may be new; a block of a single address has no static route.
        (own([BLOCK], [OTHER], pods=[SINGLE]), [], [BLOCK]),
        (own([OTHER], [BLOCK], pods=[SINGLE]), [BLOCK], [BLOCK, OTHER]),
        (own([BLOCK], [SINGLE]), [], [BLOCK]),
        # Of half a table nobody knows what is lost.
        (own([BLOCK], [OTHER], is_known=False), [], [BLOCK, OTHER]),
        (own([BLOCK], is_known=False), [], [BLOCK]),
        # Where BIRD announces no block, each pod.
        (own(pods=[SINGLE]), [], [SINGLE]),
        (own([BLOCK], pods=[SINGLE]), [], [BLOCK]),
        (own(pods=[SINGLE], is_known=False), [], []),
        (own(), [], []),
    ],
)
def test_what_others_should_have_a_route_to(blocks_, lost, all_):
    assert list(map(str, blocks_.lost)) == lost
    assert list(map(str, blocks_.all)) == all_


def test_the_pods_in_a_block():
    found = own(pods=[SINGLE, "10.244.2.1/32"])
    assert texts(found.pods_in(ip_network(BLOCK))) == [SINGLE]
    assert own().pods_in(ip_network(BLOCK)) == []
