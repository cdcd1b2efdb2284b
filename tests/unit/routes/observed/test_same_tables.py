"""A table of which another node's hash stands for the routes through gateways: as if the node had sent them itself."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.bird_reading import BirdReading
from calico_bgp.model.routes.bird_route import Destination
from calico_bgp.model.routes.kernel_route import BIRD, BOOT, FELIX, KernelHop, KernelRoute
from calico_bgp.model.routes.table import RouteTable, SameAs, TableHash, TableRoute
from calico_bgp.routes.observed.alike.looked_up import Beside, WrittenTwice
from calico_bgp.routes.observed.tables import NodeTables, sent_whole

GATEWAY = ip_address("192.0.2.1")
SHARED, LEFT_OUT, OF_BASE, OWN, BOTH = (ip_network(f"10.244.{number}.0/26") for number in range(5))


def via(prefix, protocol="bgp1", **more):
    return TableRoute(prefix, Destination.GATEWAY, protocol, gateway=GATEWAY, **more)


def nowhere(prefix):
    return TableRoute(prefix, Destination.BLACKHOLE, "static1")


def route(prefix, writer=BIRD, *, to=GATEWAY, device="eth0", **more):
    kind = more.pop("kind", "unicast")
    return KernelRoute(ip_network(prefix), kind, writer, more.pop("metric", 0), (KernelHop(to, device),), **more)


LEAKED, LEAKED_LEFT_OUT = via(SHARED, "kernel1", kernel_source=4), via(LEFT_OUT, "kernel1", kernel_source=4)
GUARDED, GUARDED_LEFT_OUT = via(BOTH, interface="wireguard.cali"), via(LEFT_OUT, interface="wireguard.cali")
POD, POD_LEFT_OUT = route("10.244.0.7/32", BOOT), route("10.244.1.7/32", BOOT)


def pair(*, bird=(), kernel=(), base_bird=(), base_kernel=(), without=((), ()), hashes=(True, True), is_whole=True):
    """A node and the one whose routes it has, but for `without`."""
    base = NodeTables(
        "base",
        RouteTable(Family.IPV4, bird=base_bird, kernel=base_kernel, bird_is_whole=is_whole, kernel_is_whole=is_whole),
    )
    table = RouteTable(
        Family.IPV4,
        bird=bird,
        kernel=kernel,
        bird_hash=TableHash("a", len(base_bird)) if hashes[0] else None,
        kernel_hash=TableHash("b", len(base_kernel)) if hashes[1] else None,
        same_as=SameAs("base", *without),
    )
    return NodeTables("node", table, base=base)


def test_paths_are_the_others_through_gateways_but_for_those_it_lacks_and_its_own():
    node = pair(
        bird=(nowhere(OWN), nowhere(BOTH)),
        base_bird=(via(SHARED), via(LEFT_OUT), nowhere(OF_BASE), via(BOTH)),
        without=((via(LEFT_OUT),), ()),
    )
    assert dict(node.paths) == {SHARED: (via(SHARED),), OWN: (nowhere(OWN),), BOTH: (via(BOTH), nowhere(BOTH))}
    assert len(node.paths) == 3
    assert LEFT_OUT not in node.paths
    assert OF_BASE not in node.paths
    assert node.best(SHARED) == via(SHARED)
    assert node.best(LEFT_OUT) is None


def test_routes_of_the_kernel_likewise_and_the_one_that_counts_is_the_first():
    node = pair(
        kernel=(route(BOTH, metric=5), route(OWN, to=None), route(OWN, to=None, table="7", metric=9)),
        base_kernel=(route(SHARED, metric=2), route(SHARED, metric=1), route(LEFT_OUT), route(BOTH, metric=7)),
        without=((), (route(LEFT_OUT),)),
    )
    assert {prefix: [(r.metric, r.table) for r in routes] for prefix, routes in node.kernel.items()} == {
        SHARED: [(1, None), (2, None)],
        OWN: [(9, "7"), (0, None)],
        BOTH: [(5, None), (7, None)],
    }
    assert sorted(str(r.prefix) for r in node.kernel_routes) == sorted(map(str, [SHARED, SHARED, OWN, OWN, BOTH, BOTH]))


def test_of_what_bird_has_from_kernels_that_which_it_lacks_is_left_out():
    own = via(OWN, "kernel1", kernel_source=4)
    made = {"bird": (own, via(BOTH), nowhere(OWN)), "base_bird": (LEAKED, LEAKED_LEFT_OUT, via(BOTH))}
    assert pair(**made, without=((LEAKED_LEFT_OUT,), ())).learned_from_kernel == (own, LEAKED)
    assert pair(**made).learned_from_kernel == (own, LEAKED, LEAKED_LEFT_OUT)
    assert pair(**made, hashes=(False, True)).learned_from_kernel == (own,)


@pytest.mark.parametrize(
    ("base_bird", "base_kernel", "without", "has"),
    [
        ((), (), ((), ()), False),
        ((GUARDED,), (), ((), ()), True),
        ((GUARDED_LEFT_OUT,), (), ((GUARDED_LEFT_OUT,), ()), False),
        ((GUARDED_LEFT_OUT,), (), ((GUARDED,), ()), True),
        ((), (route(SHARED, device="wireguard.cali"),), ((), ()), True),
        ((), (route(SHARED, device="wireguard.cali"),), ((), (route(SHARED, device="wireguard.cali"),)), False),
        ((), (route(SHARED),), ((), ()), False),
    ],
)
def test_wireguard_is_seen_in_what_another_node_sent_as_well(base_bird, base_kernel, without, has):
    node = pair(base_bird=base_bird, base_kernel=base_kernel, without=without)
    assert node.has_wireguard is has
    assert pair(base_bird=base_bird, base_kernel=base_kernel, hashes=(False, False)).has_wireguard is False


def test_single_addresses_are_its_own_and_the_others_that_it_has():
    mine = route("10.244.3.7/32", BOOT)
    made = {"kernel": (mine, route(OWN)), "base_kernel": (POD, POD_LEFT_OUT, route(SHARED))}
    assert pair(**made, without=((), (POD_LEFT_OUT,))).singles == (mine, POD)
    assert pair(**made).singles == (mine, POD, POD_LEFT_OUT)
    assert pair(**made, hashes=(True, False)).singles == (mine,)
    # BIRD's own, and what is beside `main`, are none.
    odd = (route("10.244.0.8/32", BIRD), route("10.244.0.9/32", BOOT, table="7"))
    assert pair(kernel=odd).singles == ()


@pytest.mark.parametrize(
    ("hashes", "kernel", "base_kernel", "differs"),
    [
        ((True, True), (route(OWN),), (route(SHARED),), [LEFT_OUT, OF_BASE, OWN]),
        ((False, True), (), (), None),
        ((True, False), (), (), None),
        ((True, False), None, (route(SHARED),), None),
        ((True, False), None, None, [LEFT_OUT, OF_BASE, OWN]),
    ],
)
def test_where_two_tables_may_differ(hashes, kernel, base_kernel, differs):
    node = (
        pair(
            bird=(nowhere(OWN),),
            base_bird=(via(SHARED), nowhere(OF_BASE), via(LEFT_OUT)),
            kernel=kernel,
            without=((via(LEFT_OUT),), ()),
            hashes=hashes,
            base_kernel=base_kernel if base_kernel is not None else None,
        )
        if base_kernel is not None
        else _without_kernels()
    )
    assert node.differs_at == (None if differs is None else frozenset(differs))


def _without_kernels():
    base = NodeTables("base", RouteTable(Family.IPV4, bird=(via(SHARED), nowhere(OF_BASE), via(LEFT_OUT))))
    same = SameAs("base", (via(LEFT_OUT),), ())
    table = RouteTable(Family.IPV4, bird=(nowhere(OWN),), bird_hash=TableHash("a", 2), same_as=same)
    return NodeTables("node", table, base=base)


def test_the_number_of_paths_is_what_the_hash_counts_and_what_leads_through_no_gateway():
    made = {"bird": (nowhere(OWN), nowhere(BOTH), via(BOTH)), "base_bird": (via(SHARED), via(LEFT_OUT), via(BOTH))}
    assert pair(**made).number_of_paths == 3 + 2
    assert pair(**made, hashes=(False, True)).number_of_paths == 3


@pytest.mark.parametrize(
    ("device", "is_whole", "why"),
    [
        ("wireguard.cali", True, "WireGuard's routes, in a table of their own, were not read"),
        ("wireguard.cali", False, "the kernel's were not read"),
        ("eth0", False, "the kernel's were not read"),
    ],
)
def test_why_a_kernel_cannot_be_judged(device, is_whole, why):
    table = RouteTable(Family.IPV4, bird=(), kernel=(route(OWN, device=device),), kernel_is_whole=is_whole)
    node = NodeTables("a", table)
    assert (node.kernel_is_whole, node.why_no_kernel) == (False, why)


@pytest.mark.parametrize("is_whole", [True, False])
def test_it_is_whole_where_the_other_is(is_whole):
    node = pair(bird=(), kernel=(), is_whole=is_whole)
    assert (node.bird_is_whole, node.kernel_is_whole) == (is_whole, is_whole)
    assert not pair(bird=None, kernel=None).bird_is_whole
    assert not pair(bird=None, kernel=None).kernel_is_whole


@pytest.mark.parametrize(("is_recovering", "is_whole"), [(None, True), (False, True), (True, False)])
def test_a_table_of_a_bird_that_recovers_is_not_whole(is_recovering, is_whole):
    table = RouteTable(Family.IPV4, bird=(), bird_is_whole=True)
    assert NodeTables("a", table, BirdReading(Family.IPV4, is_recovering=is_recovering)).bird_is_whole is is_whole
    assert NodeTables("a", table).bird_is_whole


@pytest.mark.parametrize(
    ("now", "changed", "is_settled"),
    [
        ("2026-11-29 10:00:10", "2026-11-29 10:00:00", True),
        ("2026-11-29 10:00:10.9", "2026-11-29 10:00:00.1", True),
        ("2026-11-29 10:00:09", "2026-11-29 10:00:00", False),
        (None, "2026-11-29 10:00:00", True),
        ("2026-11-29 10:00:09", None, True),
    ],
)
def test_ten_seconds_after_a_new_configuration_it_has_arrived(now, changed, is_settled):
    reading = BirdReading(Family.IPV4, server_time=now, last_reconfiguration=changed)
    assert NodeTables("a", RouteTable(Family.IPV4, bird=()), reading).is_settled is is_settled


def test_the_best_path_is_the_marked_one_else_the_first():
    marked = via(SHARED, "bgp2", is_best=True)
    table = RouteTable(Family.IPV4, bird=(via(SHARED), marked, via(OWN), via(OWN, "bgp2")))
    assert NodeTables("a", table).best(SHARED) == marked
    assert NodeTables("a", table).best(OWN) == via(OWN)


# What is written beside BIRD


def test_the_kernels_routes_beside_bird_where_only_its_table_was_compared():
    """The kernel's routes it sent itself: those to networks without a path in BIRD, its own or the other's."""
    kernel = (route(SHARED), route(LEFT_OUT), route(OWN), route(BOTH, FELIX), route(OF_BASE))
    node = pair(
        bird=(nowhere(OWN),),
        kernel=kernel,
        base_bird=(via(SHARED), via(LEFT_OUT)),
        without=((via(LEFT_OUT),), ()),
        hashes=(True, False),
    )
    assert [r.prefix for r in Beside().not_in_bird(node, BIRD)] == [LEFT_OUT, OF_BASE]
    assert [r.prefix for r in Beside().not_in_bird(node, FELIX)] == [BOTH]


@pytest.mark.parametrize(
    ("routes", "paths", "is_twice"),
    [
        ([route(OWN), route(OWN, FELIX)], [], True),
        ([route(OWN)], [], False),
        ([route(OWN, FELIX)], [], False),
        ([route(OWN, FELIX), route(OWN, BOOT)], [], False),
        # What is beside `main`, and what leads nowhere, takes nothing from BIRD's.
        ([route(OWN, table="7"), route(OWN, FELIX)], [], False),
        ([route(OWN), route(OWN, FELIX, table="7")], [], False),
        ([route(OWN), route(OWN, FELIX, kind="blackhole")], [], False),
        # BIRD learned Felix's and could not write its own, which is the best.
        ([route(OWN, FELIX)], [via(OWN, kernel_source=FELIX), via(OWN, not_in_kernel=True)], True),
        ([route(OWN, FELIX)], [via(OWN, kernel_source=FELIX), via(OWN)], False),
        ([route(OWN, FELIX)], [via(OWN, kernel_source=FELIX, is_best=True), via(OWN, not_in_kernel=True)], False),
        ([route(OWN, FELIX)], [via(OWN, kernel_source=BOOT), via(OWN, not_in_kernel=True)], False),
    ],
)
def test_what_both_bird_and_felix_write(routes, paths, is_twice):
    others = (route(SHARED), route(SHARED, FELIX))
    table = RouteTable(Family.IPV4, bird=tuple(paths), kernel=(*others, *routes))
    expected = [SHARED, OWN] if is_twice else [SHARED]
    assert WrittenTwice().written(NodeTables("a", table)) == expected
    # As another node's table, from which one network differs: once by itself, once where it was kept.
    base_table = RouteTable(Family.IPV4, bird=tuple(paths), kernel=(*others, *routes))
    same = SameAs("base", (), (others[1],))
    hashes = {"bird_hash": TableHash("a", 1), "kernel_hash": TableHash("b", 1)}
    node = NodeTables(
        "b", RouteTable(Family.IPV4, bird=(), kernel=(), same_as=same, **hashes), base=NodeTables("base", base_table)
    )
    twice = WrittenTwice()
    assert twice.written(node) == twice.written(node) == expected[1:]


def test_who_sent_its_tables_whole_where_others_send_a_hash():
    def table(name, *, bird=(), comparable=False):
        return NodeTables(name, RouteTable(Family.IPV4, bird=bird, is_comparable=comparable))

    plain = {name: table(name) for name in ("n10", "n9")}
    assert sent_whole(plain) == ()
    unread = {"n1": table("n1", bird=None)}
    assert sent_whole({**plain, **unread, "n2": table("n2", comparable=True)}) == ("n9", "n10")
