"""Tables that are alike are judged once: what is found must be what looking at every pair finds."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calico_bgp.cluster.cluster import observe
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.routing.blocks import block_of
from calico_bgp.lab.routing.trouble import Trouble
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import Resources
from calico_bgp.model.resources.blocks import BlockAffinity
from calico_bgp.model.routes.bird_route import Destination
from calico_bgp.model.routes.table import RouteTable, TableRoute
from calico_bgp.routes.observed import compare
from calico_bgp.routes.observed.alike import judged
from calico_bgp.routes.observed.compare import observed_routes
from calico_bgp.routes.observed.tables import NodeTables
from tests.with_routes import change_table, with_routes

NODES = 8
CLUSTERS = (build_cluster(NODES), build_cluster(NODES, topology=Topology.MESH), build_cluster(NODES, switch=True))
NAMES = st.sampled_from([f"node{number}" for number in range(1, NODES + 1)])
BLOCKS = st.integers(0, NODES - 1).map(lambda number: block_of(number, Family.IPV4))


@pytest.fixture
def pairs_seen(monkeypatch):
    """Counts the pairs that are looked at one by one."""
    seen = []
    look = compare._Comparison._pair

    def counting(self, learner, origin, *rest):
        seen.append((learner.name, origin))
        return look(self, learner, origin, *rest)

    monkeypatch.setattr(compare._Comparison, "_pair", counting)
    return seen


def compared(snapshot, most=judged.MOST):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judged, "MOST", most)
        return observed_routes(observe(snapshot), Family.IPV4)


def interned(snapshot):
    """The snapshot with one object for equal routes, as reading gives it."""
    kept = {}
    for number, reading in enumerate(snapshot.readings):
        table = reading.tables[0]
        routes = {
            name: tuple(kept.setdefault(route, route) for route in given)
            for name in ("bird", "kernel")
            if (given := getattr(table, name)) is not None
        }
        snapshot = change_table(snapshot, number, **routes)
    return snapshot


troubles = st.builds(
    Trouble,
    own_lost=st.frozensets(NAMES, max_size=1),
    kept_back=st.frozensets(NAMES, max_size=1),
    limits=st.frozensets(st.tuples(NAMES, NAMES), max_size=2),
    shared_blocks=st.lists(st.tuples(NAMES, NAMES).filter(lambda pair: pair[0] != pair[1]), max_size=1).map(tuple),
    kernel_behind=st.frozensets(NAMES, max_size=1),
)


def _bird(change):
    return lambda prefix: {"bird": lambda routes: tuple(r for one in routes for r in change(prefix, one))}


def _kernel(change):
    return lambda prefix: {"kernel": lambda routes: tuple(r for one in routes for r in change(prefix, one))}


def _elsewhere(route):
    return tuple(hop._replace(gateway=ip_address("198.18.0.12")) for hop in route.hops)


#: What else may be otherwise in one node's tables; each takes a prefix.
CHANGES = (
    _bird(lambda prefix, one: () if one.prefix == prefix else (one,)),
    _bird(lambda prefix, one: (one._replace(is_best=False) if one.prefix == prefix else one,)),
    _bird(lambda prefix, one: (one._replace(is_resolved=False) if one.prefix == prefix else one,)),
    _bird(lambda prefix, one: (one, one._replace(destination=Destination.UNREACHABLE, is_best=False))),
    _bird(lambda prefix, one: (one._replace(destination=Destination.UNREACHABLE, is_best=False), one)),
    _kernel(lambda prefix, one: () if one.prefix == prefix else (one,)),
    _kernel(lambda prefix, one: (one._replace(type="prohibit", hops=()) if one.prefix == prefix else one,)),
    _kernel(lambda prefix, one: (one._replace(hops=_elsewhere(one)), one) if one.prefix == prefix else (one,)),
    _kernel(lambda prefix, one: (one, one._replace(hops=_elsewhere(one))) if one.prefix == prefix else (one,)),
    _kernel(lambda prefix, one: (one._replace(hops=tuple(h._replace(interface="wireguard.cali") for h in one.hops)),)),
    lambda _: {"bird": lambda routes: routes[::-1]},
    lambda _: {"kernel": lambda routes: routes[::-1]},
    lambda _: {"bird": lambda routes: tuple(route._replace() for route in routes)},
    lambda _: {"bird": ()},
    lambda _: {"bird": None},
    lambda _: {"kernel": None},
    lambda _: {"bird_is_whole": False},
    lambda _: {"kernel_is_whole": False},
)
changes = st.lists(st.tuples(st.integers(0, NODES - 1), st.sampled_from(CHANGES), BLOCKS), max_size=3)
affinities = st.lists(st.tuples(NAMES, BLOCKS), max_size=2)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(CLUSTERS), troubles, changes, affinities, st.tuples(st.booleans(), st.booleans()))
def test_what_is_judged_once_is_what_every_pair_shows(cluster, trouble, changed, given_blocks, how):
    for_all, is_read = how
    snapshot = with_routes(cluster, trouble=trouble)
    for number, change, prefix in changed:
        for one in range(NODES) if for_all else (number,):
            table = snapshot.readings[one].tables[0]
            if table.bird is not None and table.kernel is not None:
                snapshot = change_table(snapshot, one, **change(prefix))
    blocks = tuple(BlockAffinity(name=f"a{n}", node=node, cidr=str(p)) for n, (node, p) in enumerate(given_blocks))
    snapshot = snapshot.model_copy(update={"resources": Resources(block_affinities=blocks) if blocks else None})
    snapshot = interned(snapshot) if is_read else snapshot
    assert compared(snapshot) == compared(snapshot, most=0)


@pytest.mark.parametrize("cluster", CLUSTERS[:2])
def test_of_a_table_that_is_as_another_only_what_differs_is_looked_at(cluster, pairs_seen):
    found = compared(with_routes(cluster))
    assert found.arrive == NODES * (NODES - 1)
    by_learner = {name: [origin for learner, origin in pairs_seen if learner == name] for name, _ in pairs_seen}
    full = [name for name, origins in by_learner.items() if len(origins) == NODES - 1]
    # The reflectors' tables have other lines than those of their clients.
    assert len(full) <= 3
    assert all(len(origins) == 1 for name, origins in by_learner.items() if name not in full)


def test_a_fault_is_found_in_a_table_that_is_as_others_otherwise():
    gone = ip_network("10.244.0.128/26")
    snapshot = change_table(
        with_routes(CLUSTERS[1]), 6, kernel=lambda routes: tuple(r for r in routes if r.prefix != gone)
    )
    found = compared(snapshot)
    assert [(m.learner, m.origin, m.blocks) for m in found.missing] == [("node7", "node2", (gone,))]
    assert found.arrive == NODES * (NODES - 1) - 1


def _both_ways(prefix, wrong):
    """For one prefix a second, wrong route beside each: behind it on the first node, before it on the next."""

    def changed(number):
        def change(routes):
            found = []
            for one in routes:
                pair = [one, wrong(one)] if one.prefix == prefix and (one.protocol != "static1") else [one]
                found += pair[::-1] if number % 2 else pair
            return tuple(found)

        return change

    return changed


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        ("kernel", lambda one: one._replace(hops=_elsewhere(one))),
        ("bird", lambda one: one._replace(destination=Destination.UNREACHABLE)),
    ],
)
def test_what_hangs_on_the_order_of_routes_is_looked_at_at_each_node(table, wrong):
    snapshot = with_routes(CLUSTERS[1])
    prefix = ip_network("10.244.1.0/26")
    for number in range(NODES):
        change = _both_ways(prefix, wrong)(number)
        snapshot = change_table(snapshot, number, **{table: change})
        if table == "bird":
            snapshot = change_table(
                snapshot, number, bird=lambda routes: tuple(r._replace(is_best=False) for r in routes), kernel=None
            )
    snapshot = interned(snapshot)
    found = compared(snapshot)
    assert found == compared(snapshot, most=0)
    assert {m.learner for m in found.missing} == {"node2", "node6", "node8"}


def test_wireguard_on_a_route_to_no_block_counts_for_all_of_them():
    snapshot = with_routes(CLUSTERS[1])
    for number in range(NODES):
        snapshot = change_table(
            snapshot,
            number,
            kernel=lambda routes: tuple(
                r._replace(hops=tuple(hop._replace(interface="wireguard.cali") for hop in r.hops))
                if r.prefix.prefixlen == 0
                else r
                for r in routes
                if r.protocol != 12
            ),
        )
    snapshot = interned(snapshot)
    found = compared(snapshot)
    assert found == compared(snapshot, most=0)
    assert found.missing == ()


def test_no_more_tables_are_remembered_than_are_allowed(pairs_seen):
    compared(with_routes(CLUSTERS[1]), most=0)
    assert len(pairs_seen) == NODES * (NODES - 1)


@pytest.mark.parametrize(
    ("best", "arrives"),
    [
        ({}, True),
        ({"destination": Destination.UNREACHABLE, "gateway": None}, False),
        ({"is_resolved": False}, False),
    ],
)
def test_a_route_that_leads_nowhere_does_not_arrive(best, arrives):
    block, owner = block_of(1, Family.IPV4), ip_address("192.0.2.12")
    path = TableRoute(block, Destination.GATEWAY, "Mesh_192_0_2_12", gateway=owner, is_best=True)._replace(**best)
    learner = NodeTables("node1", RouteTable(Family.IPV4, bird=(path,), bird_is_whole=True))
    assert judged.arrives_alike(learner, "node2", [block], {owner: "node2"}.get) is arrives
