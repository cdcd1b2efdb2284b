"""Tables of routes that changed: what is written, and that every one comes back."""

from dataclasses import fields
from datetime import UTC, datetime
from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calico_bgp.model.peer import Family
from calico_bgp.model.reading import NodeReading, NodeStatus
from calico_bgp.model.routes.bird_route import Destination
from calico_bgp.model.routes.kernel_route import KernelRoute
from calico_bgp.model.routes.table import RouteTable, SameAs, TableHash, TableRoute
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.store.history.apply import apply
from calico_bgp.store.history.frame import from_json
from calico_bgp.store.history.packing import pack, unpack
from calico_bgp.store.history.patch import difference as json_difference
from calico_bgp.store.history.tables import (
    Pool,
    PooledRoutes,
    TablesDelta,
    apply_groups,
    difference,
    from_runs,
    packed_tables,
    patched,
    to_runs,
    unpacked_tables,
)


def route(number):
    """A new object each time."""
    return TableRoute(IPv4Network((0x0A00_0000 + 64 * number, 26)), Destination.GATEWAY, f"Mesh_{number}")


def kernel(number):
    return KernelRoute(IPv4Network((0x0A00_0000 + 64 * number, 26)), "unicast", 12, 32, ())


def table(bird, in_kernel=(), family=Family.IPV4, **given):
    return RouteTable(
        family,
        None if bird is None else tuple(map(route, bird)),
        None if in_kernel is None else tuple(map(kernel, in_kernel)),
        **given,
    )


def delta(before, after):
    """The groups, and what is made of them."""
    found = TablesDelta(before, after)
    groups, pool = unpack(pack([found.groups, found.pool.to_json()]))
    return groups, before | apply_groups(groups, before, sorted(after), PooledRoutes(pool))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("abcdefgh", "abdefh", ([2, 6], [])),
        ("abdefh", "abcdefgh", ([], [(2, "c"), (6, "g")])),
        ("abc", "aBc", ([1], [(1, "B")])),
        ("abc", "cba", ([0, 1, 2], [(0, "c"), (1, "b"), (2, "a")])),
        ("aab", "ab", ([1], [])),
        ("abac", "abca", ([2, 3], [(2, "c"), (3, "a")])),
        ("", "ab", ([], [(0, "a"), (1, "b")])),
        ("abc", "abc", ([], [])),
    ],
)
def test_difference(old, new, expected):
    assert difference(old, new) == expected


@given(st.lists(st.integers(0, 9)), st.lists(st.integers(0, 9)))
def test_every_difference_leads_to_the_new_table(old, new):
    removed, added = difference(old, new)
    assert list(patched(old, removed, added)) == new


@given(st.lists(st.integers(0, 20)))
def test_runs(numbers):
    assert from_runs(to_runs(numbers)) == numbers


def test_a_route_stands_once_whatever_object_it_is():
    pool = Pool()
    packed = [packed_tables((table([1, 2, 3], [1], bird_is_whole=True),), pool) for _ in range(3)]
    assert [len(routes) for routes in pool.to_json().values()] == [3, 1]
    assert packed[2] == [[{"family": "ipv4", "bird_is_whole": True}, [0, 3], [0, 1]]]
    back = unpacked_tables(packed[2], PooledRoutes(unpack(pack(pool.to_json()))))
    assert back == (table([1, 2, 3], [1], bird_is_whole=True),)


def test_nodes_that_lose_the_same_routes_stand_together():
    before = {f"node{n}": (table([10 + n, 1, 2, 3, 4], [1]),) for n in range(5)}
    after = before | {f"node{n}": (table([10 + n, 1, 3], [1]),) for n in range(4)}
    groups, found = delta(before, after)
    assert groups == [[[0, 4], [[{"family": "ipv4"}, [-1, [2, 1, 1, 1], []], 0]]]]
    assert found == after


def test_a_node_that_comes_back_is_written_by_what_another_holds():
    all_routes = list(range(100))
    before = {"node1": (table(all_routes),), "node2": (table(None, None),)}
    after = before | {"node2": (table([*all_routes[:50], 200, *all_routes[51:]]),)}
    groups, found = delta(before, after)
    ((nodes, ((*_, bird, _),)),) = groups
    assert nodes == [1, 1]
    assert bird == [0, [50, 1], [50, 0]]
    assert found == after


def test_a_table_comes_back_with_all_of_its_fields():
    whole = table(
        [1],
        [1],
        Family.IPV6,
        bird_is_whole=True,
        kernel_is_whole=True,
        not_read="cut short",
        wireguard_is_read=True,
        bird_hash=TableHash("ab" * 32, 3, "cd" * 32),
        kernel_hash=TableHash("ef" * 32, 2),
        same_as=SameAs("node9", (route(7),), (kernel(8),)),
        is_comparable=True,
    )
    unset = RouteTable(Family.IPV4)
    assert [field.name for field in fields(whole) if getattr(whole, field.name) == getattr(unset, field.name)] == []
    pool = Pool()
    packed, routes = unpack(pack([packed_tables((whole,), pool), pool.to_json()]))
    assert unpacked_tables(packed, PooledRoutes(routes)) == (whole,)
    _, found = delta({"node1": (table([1]),)}, {"node1": (whole,)})
    assert found == {"node1": (whole,)}


NUMBERS = st.none() | st.lists(st.integers(0, 40), max_size=40)
TABLES = st.builds(
    lambda bird, in_kernel, four, six, why: tuple(
        table(bird, in_kernel, family, bird_is_whole=four, not_read=why)
        for family, there in ((Family.IPV4, four), (Family.IPV6, six))
        if there
    ),
    NUMBERS,
    NUMBERS,
    st.booleans(),
    st.booleans(),
    st.none() | st.just("cut short"),
)
HOSTS = st.dictionaries(st.sampled_from("abcdef"), TABLES)


@given(HOSTS, HOSTS)
def test_all_tables_come_back(before, after):
    _, found = delta(before, after)
    assert {host: found.get(host, ()) for host in after} == after


def test_an_older_history_had_the_routes_among_what_is_kept_of_a_reading():
    one, other = ((table(numbers, [1], bird_is_whole=True),) for numbers in ([1, 2, 3], [1, 3, 4]))
    reading = NodeReading(host="node1", status=NodeStatus(), tables=one)
    head = reading.model_dump(
        mode="json", exclude={"taken_at": True, "clock": True, "birds": True, "status": {"peers"}}
    )
    packed = [head, [], [], [], None, None]
    frame = from_json(
        {"beside": Snapshot(readings=()).model_dump(mode="json"), "nodes": {"node1": packed}, "failures": {}}
    )
    assert frame.nodes["node1"].tables == one
    later = reading.model_copy(update={"tables": other}).model_dump(mode="json", include={"tables"})
    patch = unpack(pack(json_difference(reading.model_dump(mode="json", include={"tables"}), later)))
    apply(frame, {"h": {"node1": [patch, None]}}, datetime(2026, 11, 30, tzinfo=UTC))
    assert frame.nodes["node1"].tables == other
