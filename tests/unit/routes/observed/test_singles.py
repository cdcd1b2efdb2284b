"""Single addresses outside their node's blocks: which are lent or left over, which are strays, which are nothing."""

from ipaddress import ip_address, ip_network
from types import SimpleNamespace

import pytest

from calico_bgp.cluster.cluster import observe
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import Family
from calico_bgp.model.resources.blocks import BlockAffinity
from calico_bgp.model.resources.pools import IPPool
from calico_bgp.model.routes.kernel_route import BOOT, FELIX, STATIC, KernelHop, KernelRoute
from calico_bgp.model.routes.observed import Apart, SingleAddress
from calico_bgp.routes.observed.compare import observed_routes
from calico_bgp.routes.observed.own import OwnBlocks
from calico_bgp.routes.observed.singles import singles_apart, with_lost
from calico_bgp.routes.observed.trail import Leads
from tests.with_routes import change_table, with_routes

MESH = build_cluster(3, topology=Topology.MESH)
BOTH = build_cluster(3, topology=Topology.MESH, families=tuple(Family))
POOL = IPPool(name="pods", cidr="10.244.0.0/16")
POOL6 = IPPool(name="pods6", cidr="fd00:10:244::/112")


def route(address, interface="cali1", *, gateway=None, protocol=BOOT, kind="unicast", table=None):
    hop = KernelHop(None if gateway is None else ip_address(gateway), interface)
    return KernelRoute(ip_network(address), kind, protocol, 0, (hop,), table=table)


def apart(*routes, pools=(POOL,), affinities=(), cluster=MESH, family=Family.IPV4, cut=False):
    """What the first node has besides, as (kind, address, owner)."""
    made = with_routes(cluster)
    place = 0
    if family is Family.IPV4:
        made = change_table(made, place, kernel=lambda old: (*old, *routes))
    else:
        reading = made.readings[place]
        first, second = reading.tables
        second = type(second)(
            **{**{f: getattr(second, f) for f in second.__slots__}, "kernel": (*second.kernel, *routes)}
        )
        made = made.model_copy(
            update={"readings": (reading.model_copy(update={"tables": (first, second)}), *made.readings[1:])}
        )
    if cut:
        made = change_table(made, 2, bird=None, kernel=None)
    resources = lab_resources(cluster).model_copy(update={"ip_pools": pools, "block_affinities": affinities})
    found = observed_routes(observe(made.model_copy(update={"resources": resources})), family)
    assert {one.node for one in found.apart} <= {"node1"}
    return [(one.kind, str(one.address), one.owner) for one in found.apart]


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        (route("10.244.0.130/32"), (Apart.BORROWED, "10.244.0.130/32", "node2")),
        # OpenStack calls the interfaces of workloads otherwise.
        (route("10.244.0.130/32", "tap9"), (Apart.BORROWED, "10.244.0.130/32", "node2")),
        (route("10.244.9.1/32"), (Apart.NO_BLOCK, "10.244.9.1/32", None)),
        (route("203.0.113.7/32"), (Apart.NO_POOL, "203.0.113.7/32", None)),
        (
            route("10.244.0.130/32", "eth1", gateway="192.0.2.50", protocol=STATIC),
            (Apart.STRAY, "10.244.0.130/32", "node2"),
        ),
        (route("10.244.9.1/32", "eth1", gateway="192.0.2.50"), (Apart.STRAY, "10.244.9.1/32", None)),
    ],
    ids=["borrowed", "borrowed-tap", "no-block", "no-pool", "stray-in-block", "stray-in-pool"],
)
def test_what_an_address_is(extra, expected):
    assert apart(extra) == [expected]


@pytest.mark.parametrize(
    "extra",
    [
        route("10.244.0.70/32"),
        # Borrowed addresses of others, as Felix writes them: over its tunnels, and in plain pools with its own number.
        route("10.244.0.130/32", "vxlan.calico", gateway="10.244.0.129"),
        route("10.244.0.130/32", "tunl0", gateway="192.0.2.12", protocol=FELIX),
        route("10.244.0.130/32", "eth0", gateway="192.0.2.12", protocol=FELIX),
        route("10.244.0.130/32", "wireguard.cali", protocol=FELIX, table="1"),
        # Services under eBPF, addresses of load balancers, a gateway of the administrator's.
        route("10.96.0.1/32", "bpfin.cali", gateway="169.254.1.1"),
        route("203.0.113.9/32", "kube-ipvs0"),
        route("198.51.100.9/32", "eth0", gateway="192.0.2.254", protocol=STATIC),
        route("192.0.2.254/32", "eth0"),
        KernelRoute(ip_network("10.244.0.130/32"), "blackhole", FELIX, 0, ()),
        # BIRD's own: it does not learn it back.
        route("10.244.0.130/32", "eth0", gateway="192.0.2.12", protocol=12),
    ],
)
def test_what_is_none(extra):
    assert apart(extra) == []


def test_a_block_of_calicos_ipam_is_a_block_though_no_bird_has_it():
    affinities = tuple(
        BlockAffinity(name=n, node=n, cidr=c) for n, c in (("node1", "10.244.0.64/26"), ("gone", "10.244.9.0/26"))
    )
    assert apart(route("10.244.9.1/32"), affinities=affinities) == [(Apart.NO_BLOCK, "10.244.9.1/32", None)]
    mine = (BlockAffinity(name="a", node="node1", cidr="10.244.9.0/26"),)
    assert apart(route("10.244.9.1/32"), affinities=mine) == []


def test_a_block_of_one_address():
    mine = (BlockAffinity(name="a", node="node1", cidr="10.244.9.1/32"),)
    assert apart(route("10.244.9.1/32"), affinities=mine) == []


def test_where_a_nodes_blocks_are_not_known_none_is_called_left_over():
    assert apart(route("10.244.9.1/32"), cut=True) == []
    assert apart(route("10.244.0.130/32"), cut=True) == [(Apart.BORROWED, "10.244.0.130/32", "node2")]


def test_without_pools_nothing_is_outside_of_them():
    assert apart(route("203.0.113.7/32"), route("10.244.9.1/32"), pools=()) == []


def test_ipv6_likewise():
    extra = route("fd00:10:244::84/128"), route("2001:db8:5::1/128")
    found = apart(*extra, pools=(POOL, POOL6), cluster=BOTH, family=Family.IPV6)
    assert found == [
        (Apart.BORROWED, "fd00:10:244::84/128", "node2"),
        (Apart.NO_POOL, "2001:db8:5::1/128", None),
    ]


def blocks(*cidrs, assigned=None):
    of = frozenset(map(ip_network, cidrs))
    return OwnBlocks(of, None if assigned is None else frozenset(map(ip_network, assigned)), is_known=True)


def node_with(*routes, static=()):
    return SimpleNamespace(singles=routes, static=frozenset(map(ip_network, static)))


def two_hops(*hops):
    gateways = [KernelHop(None if gateway is None else ip_address(gateway), name) for gateway, name in hops]
    return KernelRoute(ip_network("10.244.1.9/32"), "unicast", BOOT, 0, tuple(gateways), table=None)


def of_nodes(tables, own, *, pools=("10.244.0.0/16",), is_all=True):
    found = singles_apart(tables, own, tuple(map(ip_network, pools)), is_all=is_all)
    return [(one.node, str(one.address).removesuffix("/32"), one.kind, one.owner) for one in found]


def test_every_node_is_looked_at_and_every_address_of_each():
    """Also after a node without such addresses, one whose blocks nobody knows, and an address within a block."""
    addresses = [route(f"10.244.{n}.9/32") for n in (1, 2, 3)]
    tables = {
        "n0": node_with(),
        "stranger": node_with(*addresses),
        "n1": node_with(*addresses),
        "n2": node_with(*addresses, static=["10.244.3.0/24"]),
        "n3": node_with(*addresses),
    }
    own = {
        "n0": blocks(),
        "n1": blocks("10.244.1.0/26"),
        "n2": blocks("10.244.4.0/24", assigned=["10.244.2.0/26"]),
        "n3": blocks(),
    }
    assert of_nodes(tables, own) == [
        ("n1", "10.244.2.9", Apart.BORROWED, "n2"),
        ("n1", "10.244.3.9", Apart.NO_BLOCK, None),
        # It announces 10.244.3.0/24 as a whole.
        ("n2", "10.244.1.9", Apart.BORROWED, "n1"),
        ("n3", "10.244.1.9", Apart.BORROWED, "n1"),
        ("n3", "10.244.2.9", Apart.BORROWED, "n2"),
        ("n3", "10.244.3.9", Apart.NO_BLOCK, None),
    ]


@pytest.mark.parametrize(
    ("extra", "kind"),
    [
        (two_hops((None, "cali1"), (None, "cali2")), Apart.BORROWED),
        # Of several ways one to a pod is enough, whatever the other is.
        (two_hops(("192.0.2.50", "eth0"), (None, "cali1")), Apart.BORROWED),
        (two_hops((None, "vxlan.calico"), (None, "cali1")), Apart.BORROWED),
        # Of Felix's own one is enough, as well.
        (two_hops((None, "vxlan.calico"), (None, "tap1")), None),
        (two_hops((None, "tap1"), (None, "wireguard.cali")), None),
        (two_hops((None, "tap1"), (None, None)), Apart.BORROWED),
        # Half of it leads away.
        (two_hops((None, "tap1"), ("192.0.2.50", "eth0")), Apart.STRAY),
        (two_hops(), Apart.STRAY),
    ],
)
def test_an_address_with_several_ways(extra, kind):
    found = of_nodes({"n1": node_with(extra)}, {"n1": blocks(), "n2": blocks("10.244.1.0/26")})
    assert [one for _, _, one, _ in found] == ([] if kind is None else [kind])


@pytest.mark.parametrize(
    ("extra", "pools", "is_all", "kind"),
    [
        (route("10.244.1.9/32"), ["10.244.0.0/16"], True, Apart.NO_BLOCK),
        # Perhaps in a block of a node that was not read.
        (route("10.244.1.9/32"), ["10.244.0.0/16"], False, None),
        (route("10.244.1.9/32"), ["10.1.0.0/16", "10.244.0.0/16"], True, Apart.NO_BLOCK),
        (route("10.244.1.9/32"), ["10.1.0.0/16"], True, Apart.NO_POOL),
        (route("10.244.1.9/32"), ["10.1.0.0/16"], False, Apart.NO_POOL),
        (route("10.244.1.9/32"), [], True, None),  # no pool was given
        (route("10.244.1.9/32", "tap1"), ["10.1.0.0/16"], True, None),  # perhaps no pod's
        (route("10.244.1.9/32", "eth1", gateway="192.0.2.50"), ["10.1.0.0/16"], True, None),
        (route("10.244.1.9/32", "eth1", gateway="192.0.2.50"), ["10.244.0.0/16"], False, Apart.STRAY),
        (route("10.244.1.9/32", "eth1", gateway="192.0.2.50", protocol=FELIX), ["10.244.0.0/16"], True, None),
        (route("10.244.1.9/32", "lo", gateway="192.0.2.50", kind="local"), ["10.244.0.0/16"], True, None),
    ],
)
def test_an_address_in_no_block(extra, pools, is_all, kind):
    found = of_nodes({"n1": node_with(extra)}, {"n1": blocks()}, pools=pools, is_all=is_all)
    assert [one for _, _, one, _ in found] == ([] if kind is None else [kind])


def test_who_does_not_reach_an_address_is_told_of_borrowed_ones_only():
    """Not the node itself, not one whose kernel was not read, and not one that leads out of what was read."""
    leads = {"n1": Leads.NOWHERE, "n2": Leads.THERE, "n10": Leads.NOWHERE, "n9": Leads.NOWHERE, "n4": Leads.OUTSIDE}
    tables = {name: SimpleNamespace(name=name, kernel_is_whole=name != "n3") for name in (*leads, "n3")}
    forwarding = SimpleNamespace(
        tables=tables,
        trail=lambda learner, origin, address: SimpleNamespace(leads=leads.get(learner.name, Leads.NOWHERE)),
    )
    address = ip_network("10.244.1.9/32")
    stray = SingleAddress("n1", address, Apart.STRAY, "n2")
    borrowed = SingleAddress("n1", address, Apart.BORROWED, "n2")
    found = list(with_lost([stray, borrowed], forwarding))
    assert found[0] == stray
    assert (found[1].kind, found[1].unreached_by) == (Apart.BORROWED, ("n9", "n10"))
