"""What a node's tables tell by themselves."""

from ipaddress import ip_address, ip_network

import pytest

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.bird_route import Destination
from calico_bgp.model.routes.kernel_route import BIRD, BOOT, KernelHop, KernelRoute
from calico_bgp.model.routes.table import RouteTable, TableRoute
from calico_bgp.routes.observed.tables import NodeTables, sent_whole

BLOCK, GATEWAY = ip_network("10.244.0.0/26"), ip_address("192.0.2.1")


@pytest.mark.parametrize(
    ("interface", "gateway", "is_odd"),
    [("wireguard.cali", GATEWAY, True), ("eth0", GATEWAY, False), ("wireguard.cali", None, False)],
)
def test_a_path_over_wireguard_through_a_gateway_is_odd(interface, gateway, is_odd):
    kind = Destination.INTERFACE if gateway is None else Destination.GATEWAY
    path = TableRoute(BLOCK, kind, "Mesh_192_0_2_1", gateway=gateway, interface=interface)
    tables = NodeTables("node", RouteTable(Family.IPV4, bird=(path,)))
    assert tables.odd_paths == ((path,) if is_odd else ())


def test_a_table_that_was_not_read_has_no_paths():
    assert NodeTables("node", RouteTable(Family.IPV4)).odd_paths == ()


def kernel(prefix, *interfaces, gateway=None, protocol=BOOT, kind="unicast", metric=0, table=None):
    hops = tuple(KernelHop(gateway, interface) for interface in interfaces)
    return KernelRoute(ip_network(prefix), kind, protocol, metric, hops, table=table)


def path(prefix=BLOCK, kind=Destination.GATEWAY, protocol="Mesh_192_0_2_1", **fields):
    return TableRoute(ip_network(prefix), kind, protocol, **{"gateway": GATEWAY, "interface": "eth0"} | fields)


def of(*, bird=(), routes=(), whole=True, **fields):
    table = RouteTable(Family.IPV4, tuple(bird), tuple(routes), bird_is_whole=whole, kernel_is_whole=whole, **fields)
    return NodeTables("node", table)


POD, PLAIN = kernel("10.244.0.7/32", "cali1"), kernel("10.244.9.0/26", "eth0", gateway=GATEWAY, protocol=BIRD)
OVER_WIREGUARD = kernel("10.244.8.0/26", "eth0", "wireguard.cali", gateway=GATEWAY)


@pytest.mark.parametrize(
    ("tables", "has_wireguard", "is_whole"),
    [
        (of(bird=[path()], routes=[PLAIN, POD]), False, True),
        (of(routes=[PLAIN, OVER_WIREGUARD]), True, False),
        (of(bird=[path(), path(interface="wireguard.cali")], routes=[PLAIN]), True, False),
        (of(bird=[path(interface="wireguard.cali"), path()], routes=[PLAIN]), True, False),
        # Its routes were read as well.
        (of(routes=[PLAIN], wireguard_is_read=True), True, True),
        (of(routes=[PLAIN, OVER_WIREGUARD], wireguard_is_read=True), True, True),
        (of(routes=[PLAIN], whole=False), False, False),
        (of(routes=[OVER_WIREGUARD], whole=False), True, False),
    ],
)
def test_whether_a_kernels_table_is_all_of_it(tables, has_wireguard, is_whole):
    assert (tables.has_wireguard, tables.kernel_is_whole) == (has_wireguard, is_whole)
    if not is_whole:
        only_wireguard = has_wireguard and tables.table.kernel_is_whole
        assert tables.why_no_kernel.startswith("WireGuard's routes" if only_wireguard else "the kernel's were not read")


def test_the_best_of_several_paths():
    first, second = path(protocol="one"), path(protocol="two")
    marked = second._replace(is_best=True)
    elsewhere = path("10.244.1.0/26", is_best=True)
    assert of(bird=[elsewhere, first, marked]).best(BLOCK) == marked
    assert of(bird=[elsewhere, first, second]).best(BLOCK) == first
    assert of(bird=[elsewhere]).best(BLOCK) is None
    assert of(bird=[elsewhere, first, marked]).number_of_paths == 3


def test_of_several_routes_of_the_kernel_that_of_another_table_counts_first_then_the_lowest_metric():
    late, early, wireguard = (
        kernel(str(BLOCK), name, metric=metric, table=table)
        for name, metric, table in (("eth0", 100, None), ("eth1", 5, None), ("wireguard.cali", 900, "51820"))
    )
    assert of(routes=[late, PLAIN, early, wireguard]).kernel[BLOCK] == (wireguard, early, late)


def test_what_a_node_has_of_its_own():
    """Blocks, what its kernel sends nowhere, its pods and the addresses that BIRD learns: each beside what is none."""
    blackhole = Destination.BLACKHOLE
    bird = [
        path(protocol="static1"),
        path("10.244.1.0/26", blackhole, "kernel1", gateway=None),
        path("10.244.2.0/26", blackhole, "static1", gateway=None),
        path("10.244.2.7/32", blackhole, "static1", gateway=None),
        path("10.244.3.0/26", blackhole, "static2", gateway=None),
    ]
    routes = [
        PLAIN,
        kernel("10.244.2.0/26", kind="blackhole"),
        kernel("10.244.2.8/32", "eth0", "cali2"),
        kernel("10.244.2.9/32", "eth0", gateway=GATEWAY),
        kernel("10.244.2.10/32", "cali3", protocol=BIRD),
        kernel("10.244.2.11/32", "cali4", table="100"),
        kernel("10.244.2.12/31", "cali5"),
        POD,
    ]
    tables = of(bird=bird, routes=routes)

    def texts(prefixes):
        return sorted(map(str, prefixes))

    assert texts(tables.static) == ["10.244.2.0/26", "10.244.3.0/26"]
    assert texts(tables.blackholes) == ["10.244.2.0/26"]
    assert texts(tables.pods) == ["10.244.0.7/32", "10.244.2.8/32"]
    assert texts(route.prefix for route in tables.singles) == ["10.244.0.7/32", "10.244.2.8/32", "10.244.2.9/32"]
    assert texts(route.prefix for route in tables.odd_routes) == ["10.244.2.9/32"]


def test_the_paths_that_bird_has_from_the_kernel_through_a_gateway():
    learned = path("10.244.1.0/26", protocol="kernel1", kernel_source=3)
    device = path("10.244.2.0/26", Destination.INTERFACE, "kernel1", gateway=None, kernel_source=3)
    assert of(bird=[path(), device, learned]).learned_from_kernel == (learned,)


def test_who_sent_its_tables_as_they_are_where_others_send_a_hash():
    comparable = of(is_comparable=True)
    unread = NodeTables("node", RouteTable(Family.IPV4))
    assert sent_whole({"n10": of(), "n1": comparable, "n9": of(), "n2": unread}) == ("n9", "n10")
    assert sent_whole({"n10": of(), "n9": of()}) == ()
    assert sent_whole({}) == ()
