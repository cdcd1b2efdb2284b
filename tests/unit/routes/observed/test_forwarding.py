"""Where kernels lead packets, by hand-made tables: a and b are nodes, o has the block, s is a switch outside."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from types import SimpleNamespace

import pytest

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.bird_reading import BirdReading, ProtocolReading
from calico_bgp.model.routes.bird_route import Destination
from calico_bgp.model.routes.kernel_route import BIRD, STATIC, KernelHop, KernelRoute
from calico_bgp.model.routes.table import RouteTable, TableRoute
from calico_bgp.routes.observed.forwarding import THROW, Forwarding
from calico_bgp.routes.observed.tables import NodeTables
from calico_bgp.routes.observed.trail import Leads

BLOCK = ip_network("10.244.1.0/26")
ADDRESSES = {name: ip_address(f"192.0.2.{number}") for number, name in enumerate("abos", start=1)}
THERE, OUTSIDE, NOWHERE = Leads.THERE, Leads.OUTSIDE, Leads.NOWHERE


def kernel(to="o", prefix=BLOCK, *, device=None, kind="unicast", metric=0, table=None):
    """A route of the kernel, by several ways where `to` has several letters."""
    hops = tuple(KernelHop(ADDRESSES[name], device or "eth0") for name in to) or (KernelHop(None, device),)
    hops = () if kind == "blackhole" else hops
    return KernelRoute(ip_network(prefix), kind, BIRD, metric, hops, table=table)


def path(to, protocol="bgp1", **more):
    return TableRoute(BLOCK, Destination.GATEWAY, protocol, gateway=ADDRESSES[to], **more)


def node(name, *routes, bird=(), protocols=None, is_whole=True):
    table = RouteTable(Family.IPV4, bird=tuple(bird), kernel=routes, bird_is_whole=is_whole, kernel_is_whole=is_whole)
    reading = None if protocols is None else BirdReading(Family.IPV4, protocols=tuple(protocols))
    return NodeTables(name, table, reading)


def forwarding(*nodes, outside=(), told=()):
    """Of these nodes; `outside` have sessions with the switch s, and `told` tell it of their blocks."""
    names = {address: name for name, address in ADDRESSES.items() if name != "s"}
    addresses = frozenset([ADDRESSES["s"]] if outside else ())
    strangers = SimpleNamespace(addresses=addresses, nodes=frozenset(outside), is_told_by=lambda name: name in told)
    return Forwarding({each.name: each for each in nodes}, names.get, strangers, BLOCK.prefixlen)


def trail(*nodes, **more):
    """Where packets of the first node go that are meant for o."""
    return forwarding(*nodes, **more).trail(nodes[0], "o", BLOCK)


DEFAULT = "0.0.0.0/0"
AROUND = "10.244.0.0/16"


@pytest.mark.parametrize(
    ("routes", "leads"),
    [
        ([kernel("o")], THERE),
        ([], NOWHERE),
        ([kernel(kind="blackhole")], NOWHERE),
        ([kernel("", device="vxlan.calico")], THERE),
        ([kernel("b", device="vxlan.calico")], THERE),
        # Each of several ways counts.
        ([kernel("oo")], THERE),
        ([kernel("ob")], NOWHERE),
        ([kernel("bo")], NOWHERE),
        # The longest prefix, then a table before `main`, then the lowest metric.
        ([kernel("b", DEFAULT), kernel("o", AROUND)], THERE),
        ([kernel("o", DEFAULT), kernel("b", AROUND)], NOWHERE),
        ([kernel("b", AROUND), kernel("o", AROUND, table="7")], THERE),
        ([kernel("b", AROUND, metric=20), kernel("o", AROUND, metric=10)], THERE),
        ([kernel("o", AROUND, metric=20), kernel("b", AROUND, metric=10)], NOWHERE),
        ([kernel("o", AROUND), kernel("b")], NOWHERE),
        # To the next table.
        ([kernel("b", kind=THROW), kernel("o", AROUND)], THERE),
        ([kernel("b", AROUND, kind=THROW), kernel("o", DEFAULT)], THERE),
        # What is no network around the block.
        ([kernel("o", "10.245.0.0/16")], NOWHERE),
        ([kernel("o", "10.244.1.0/27")], NOWHERE),
        # A wider route over a tunnel's device tells not to whom.
        ([kernel("", AROUND, device="vxlan.calico")], OUTSIDE),
    ],
)
def test_a_packet_follows_the_kernel(routes, leads):
    assert trail(node("a", *routes), node("b")).leads is leads


@pytest.mark.parametrize(
    ("of_b", "leads", "because"),
    [
        ([kernel("o")], THERE, ""),
        ([], NOWHERE, f"{BLOCK}: the kernel of b has no route"),
        ([kernel("a")], NOWHERE, f"{BLOCK}: the kernels lead in a circle"),
        (None, OUTSIDE, f"{BLOCK}: the kernel of b was not read"),
    ],
)
def test_a_node_on_the_way_leads_on_by_its_own_kernel(of_b, leads, because):
    others = [] if of_b is None else [node("b", *of_b)]
    found = trail(node("a", kernel("b")), *others)
    assert (found.leads, found.because) == (leads, because)
    assert found.over == (() if leads is THERE else ("b", "a") if because.endswith("circle") else ("b",))


def test_half_a_kernel_tells_nothing():
    assert trail(node("a", is_whole=False)).leads is OUTSIDE


@pytest.mark.parametrize(
    ("prefix", "outside", "others", "is_open", "words"),
    [
        (DEFAULT, "", "", False, "by default to 192.0.2.4, which is no node"),
        (AROUND, "", "", False, "by 10.244.0.0/16 to 192.0.2.4, which is no node"),
        # Only a peer that may have been told of the block may lead on.
        (AROUND, "b", "", False, "by 10.244.0.0/16 to 192.0.2.4, which is no node"),
        (AROUND, "b", "b", True, "by 10.244.0.0/16 to 192.0.2.4, which is no node"),
    ],
)
def test_a_wider_route_to_what_is_no_node_leaves_the_cluster(prefix, outside, others, is_open, words):
    # b has the block from its kernel's owner where it has it at all, and its packets end at b.
    b = node("b", bird=[path("o")] if others else ())
    found = trail(node("a", kernel("s", prefix)), b, outside=outside)
    assert (found.leads, found.is_open) == (OUTSIDE, is_open)
    assert found.because == f"{BLOCK}: packets leave a {words}"


def test_what_the_owner_tells_a_switch_the_switch_leads_on():
    owner = node("o", bird=[TableRoute(BLOCK, Destination.BLACKHOLE, "static1")])
    a = node("a", kernel("s"), bird=[path("s")])
    assert trail(a, owner, outside="o", told="o").leads is THERE
    assert trail(a, owner, outside="o").leads is OUTSIDE
    assert trail(a, owner).leads is OUTSIDE
    without = node("o", bird=[])
    assert trail(a, without, outside="o", told="o").leads is OUTSIDE


@pytest.mark.parametrize("neighbour", ["s", "b", None])
def test_a_switch_that_announces_the_block_itself_leads_on(neighbour):
    address = None if neighbour is None else ADDRESSES[neighbour]
    protocols = [
        ProtocolReading("bgp0", "BGP", "up", "", neighbor_address=None),
        ProtocolReading("bgp1", "BGP", "up", "", neighbor_address=address),
    ]
    a = node("a", kernel("s"), bird=[path("s")], protocols=protocols)
    assert trail(a, outside="b").leads is (THERE if neighbour == "s" else OUTSIDE)
    # Of a BIRD that was not asked nobody knows who its peers are.
    assert trail(node("a", kernel("s"), bird=[path("s")]), outside="b").leads is OUTSIDE


@pytest.mark.parametrize(
    ("paths", "leads"),
    [
        ([], OUTSIDE),
        ([path("s")], OUTSIDE),
        ([path("o")], NOWHERE),
        ([path("o"), path("s")], OUTSIDE),
    ],
)
def test_a_gateway_that_bird_does_not_know_leads_nowhere(paths, leads):
    assert trail(node("a", kernel("s"), bird=paths)).leads is leads


@pytest.mark.parametrize(
    ("of_b", "leads"),
    [
        # b has the block from a kernel that leads to s, and tells others so: that is no way.
        ([path("s", "kernel1", kernel_source=STATIC)], NOWHERE),
        # b leaks another way, and has this one by BGP.
        ([path("o", "kernel1", kernel_source=STATIC), path("s")], OUTSIDE),
        # b leaks nothing.
        ([path("s")], OUTSIDE),
    ],
)
def test_where_a_node_that_leaks_a_block_leads_is_no_way_of_birds(of_b, leads):
    a = node("a", kernel("s"), bird=[path("s", originator_id=str(ADDRESSES["b"]))])
    assert trail(a, node("b", bird=of_b)).leads is leads


@pytest.mark.parametrize(
    ("one", "who"),
    [
        (path("o", originator_id="192.0.2.2"), "b"),
        (path("o", originator_id="192.0.2.4"), None),
        (path("o", originator_id="nonsense"), None),
        # By a reflector, which keeps the next hop of the node that announced it.
        (path("o", from_peer=ADDRESSES["b"]), "o"),
        (path("s", from_peer=ADDRESSES["b"]), "b"),
        (path("o"), "b"),  # the neighbour of bgp1
        (path("o", "static1"), "a"),
        (path("o", "unheard"), None),
    ],
)
def test_who_announced_a_path(one, who):
    protocols = [
        ProtocolReading("bgp1", "BGP", "up", "", neighbor_address=ADDRESSES["b"]),
        ProtocolReading("static1", "Static", "up", ""),
    ]
    a = node("a", protocols=protocols)
    assert forwarding(a).announcer(one, a) == who
    assert forwarding(a).announcer(path("o"), node("a")) is None


@pytest.mark.parametrize(
    ("pods", "leads"),
    [
        (["10.244.1.7/32"], True),
        (["10.244.1.7/32", "10.244.1.8/32"], True),
        (["10.244.1.7/32", "10.244.1.9/32"], False),
    ],
)
def test_each_pod_needs_a_way_of_its_own(pods, leads):
    single = [kernel("o", "10.244.1.7/32"), kernel("o", "10.244.1.8/32"), kernel("", "10.244.1.9/32", device="cali1")]
    found = forwarding(node("a", *single))
    assert found.leads_to_pods("a", "o", map(ip_network, pods)) is leads
    astray = forwarding(node("a", kernel("o", "10.244.1.7/32"), kernel("b", "10.244.1.8/32")), node("b"))
    assert astray.leads_to_pods("a", "o", [ip_network("10.244.1.7/32")])
    assert not astray.leads_to_pods("a", "o", map(ip_network, ["10.244.1.7/32", "10.244.1.8/32"]))
    assert not forwarding(node("a")).leads_to_pods("a", "o", [])


def test_a_leaker_is_who_has_a_network_from_its_kernel_over_no_tunnel():
    def of_kernel(prefix, interface="eth0"):
        return TableRoute(
            ip_network(prefix),
            Destination.GATEWAY,
            "kernel1",
            gateway=ADDRESSES["s"],
            interface=interface,
            kernel_source=STATIC,
        )

    a = node("a", bird=[of_kernel("10.244.1.0/26"), of_kernel("0.0.0.0/0"), of_kernel("10.244.2.0/26", "vxlan.calico")])
    b = node("b", bird=[of_kernel("10.244.1.0/26"), path("o")])
    found = forwarding(a, b)
    assert found.leakers(BLOCK) == {"a", "b"}
    assert found.leakers(ip_network("10.244.2.0/26")) == found.leakers(ip_network(DEFAULT)) == frozenset()


def test_what_was_asked_may_be_asked_again():
    a, b = node("a", kernel("b")), node("b", kernel("o"))
    found = forwarding(a, b)
    for tables in (a, b, a):
        assert found.trail(tables, "o", BLOCK).leads is THERE


def test_a_block_within_another_one_is_led_by_the_wider_ones_route():
    """Neither a longer prefix with the same first address nor one beside it."""
    small = ip_network("10.244.1.16/28")
    routes = [kernel("b", "10.244.1.16/30"), kernel("b", "10.244.1.64/26"), kernel("b", DEFAULT), kernel("o", BLOCK)]
    a = node("a", *routes)
    assert forwarding(a, node("b")).trail(a, "o", small).leads is THERE
    assert forwarding(a, node("b")).trail(a, "o", ip_network("10.244.2.0/28")).leads is NOWHERE


@pytest.mark.parametrize(
    ("route", "words"),
    [
        (kernel("s"), "packets leave a to 192.0.2.4, which is no node"),
        (kernel("s", AROUND), "packets leave a by 10.244.0.0/16 to 192.0.2.4, which is no node"),
        (kernel("", AROUND, device="vxlan.calico"), "packets leave a by 10.244.0.0/16 over a device"),
        (kernel("", DEFAULT, device="eth0"), "packets leave a by default over a device"),
    ],
)
def test_how_packets_leave_a_node(route, words):
    assert trail(node("a", route)).because == f"{BLOCK}: {words}"


@pytest.mark.parametrize("outside", ["b", "bo", "ob"])
def test_one_node_that_may_have_told_the_switch_is_enough(outside):
    b = node("b", bird=[path("o")])
    assert trail(node("a", kernel("s", AROUND)), b, node("o"), outside=outside).is_open


@pytest.mark.parametrize(
    ("of_b", "paths", "leads"),
    [
        # b tells the switch what it has of nodes, with itself as next hop: it must lead on as well.
        ([kernel("o")], [path("o")], THERE),
        ([], [path("o")], OUTSIDE),
        ([], [path("o"), path("s")], OUTSIDE),
        # What comes from outside it does not tell there.
        ([], [path("s")], THERE),
        ([], [], THERE),
    ],
)
def test_whoever_tells_a_switch_of_a_block_must_lead_on(of_b, paths, leads):
    owner = node("o", bird=[TableRoute(BLOCK, Destination.BLACKHOLE, "static1")])
    a, b = node("a", kernel("s"), bird=[path("s")]), node("b", *of_b, bird=paths)
    assert trail(a, b, owner, outside="bo", told="o").leads is leads


def test_what_a_node_has_from_its_own_kernel_is_no_way_of_birds():
    leaked = path("s", "kernel1", kernel_source=STATIC)
    assert trail(node("a", kernel("s"), bird=[leaked])).leads is NOWHERE
    assert trail(node("a", kernel("s"), bird=[leaked, path("s")])).leads is OUTSIDE


def test_a_switch_without_a_session_that_stands_leads_nobody_on():
    protocols = [ProtocolReading("bgp1", "BGP", "up", "", neighbor_address=ADDRESSES["s"])]
    assert trail(node("a", kernel("s"), bird=[path("s")], protocols=protocols)).leads is OUTSIDE
