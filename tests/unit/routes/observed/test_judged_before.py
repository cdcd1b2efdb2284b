"""What is remembered of judged tables, and what becomes of tables whose other half is not in the snapshot."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from types import SimpleNamespace

import pytest

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.bird_route import Destination
from calico_bgp.model.routes.kernel_route import BIRD, KernelHop, KernelRoute
from calico_bgp.model.routes.table import RouteTable, SameAs, TableHash, TableRoute
from calico_bgp.routes.observed.alike.judged import MOST, Alike, arrives_alike
from calico_bgp.routes.observed.tables import NodeTables, node_tables

NAMES = tuple(f"n{number}" for number in range(6))
BLOCKS = {name: (ip_network(f"10.244.{number}.0/26"),) for number, name in enumerate(NAMES)}
BLOCKS["n5"] = (*BLOCKS["n5"], ip_network("10.245.5.0/26"))
GATEWAYS = {name: ip_address(f"192.0.2.{number}") for number, name in enumerate(NAMES, start=1)}
PATHS = {
    block: TableRoute(block, Destination.GATEWAY, "bgp", gateway=GATEWAYS[name])
    for name, blocks in BLOCKS.items()
    for block in blocks
}


def table(*blocks, kernel=(), kernel_is_whole=False):
    paths = tuple(PATHS[block] for block in (blocks or PATHS))
    return RouteTable(Family.IPV4, bird=paths, kernel=kernel, bird_is_whole=True, kernel_is_whole=kernel_is_whole)


def test_sixty_four_tables_are_remembered():
    alike = Alike(BLOCKS)
    for number in range(MOST):
        assert not alike.is_full
        alike.keep(NodeTables(f"k{number}", table()), NAMES)
    assert MOST == 64
    assert alike.is_full


@pytest.mark.parametrize(
    ("differs", "learner", "arrive", "blocks", "others"),
    [
        ([], "n0", 4, 5, {"n0", "n4"}),
        (["n2"], "n0", 3, 4, {"n0", "n2", "n4"}),
        (["n5"], "n0", 3, 3, {"n0", "n4", "n5"}),
        (["n4"], "n4", 5, 6, {"n4"}),
        (["n4"], "elsewhere", 5, 6, {"n4", "elsewhere"}),
    ],
)
def test_beside_a_judged_table_those_are_looked_at_whose_routes_differ(differs, learner, arrive, blocks, others):
    """n4's routes do not arrive there; n5 has two blocks."""
    there = frozenset(NAMES) - {"n4"}
    tables = NodeTables(learner, table())
    prefixes = [BLOCKS[name][0] for name in differs] + [ip_network("192.0.2.0/24")]
    found = Alike(BLOCKS).beside(there, tables, prefixes)
    assert (found.arrive, found.blocks, found.others) == (arrive, blocks, others & set(NAMES))
    assert found.tables is tables


@pytest.mark.parametrize(
    ("missing", "known"),
    [
        ((), True),
        (("n1",), True),
        (("n1", "n2"), True),
        # The learner and three others are more than half of six.
        (("n1", "n2", "n3"), False),
    ],
)
def test_a_table_that_is_half_like_a_judged_one_is_looked_at_in_part(missing, known):
    alike = Alike(BLOCKS)
    alike.keep(NodeTables("n5", table()), NAMES)
    blocks = [block for name, own in BLOCKS.items() if name not in missing for block in own]
    found = alike.before(NodeTables("n0", table(*blocks)))
    assert (found is not None) is known
    if found is not None:
        assert found.others == {"n0", *missing}
        assert (found.arrive, found.blocks) == (6 - len(found.others), 7 - len(found.others))
        # The node's routes to the blocks of those alone.
        assert [path.prefix for path in found.tables.table.bird] == list(BLOCKS["n0"])


def test_nothing_is_known_of_other_tables_of_empty_ones_and_of_those_read_otherwise():
    alike = Alike(BLOCKS)
    alike.keep(NodeTables("n5", table()), NAMES)
    copies = RouteTable(Family.IPV4, bird=tuple(path._replace() for path in PATHS.values()))
    for other in (copies, RouteTable(Family.IPV4, bird=()), RouteTable(Family.IPV4), table(kernel_is_whole=True)):
        assert alike.before(NodeTables("n0", other)) is None


OWN = BLOCKS["n1"][0]


def kernel(to="n1", **more):
    hops = (KernelHop(None if to is None else GATEWAYS[to], "eth0"),)
    return KernelRoute(OWN, more.pop("kind", "unicast"), BIRD, more.pop("metric", 0), hops, **more)


@pytest.mark.parametrize(
    ("paths", "routes", "arrives"),
    [
        ([{}], [kernel()], True),
        ([{}], None, True),
        ([], [kernel()], False),
        # Of several paths exactly one must be the best: else it hangs on their order.
        ([{"is_best": True}, {}], [kernel()], True),
        ([{}, {}], [kernel()], False),
        ([{"is_best": True}, {"is_best": True}], [kernel()], False),
        ([{"destination": Destination.UNREACHABLE}], [kernel()], False),
        ([{"is_resolved": False}], [kernel()], False),
        ([{"destination": Destination.BLACKHOLE, "protocol": "static1"}], [kernel()], False),
        ([{}], [], False),
        ([{}], [kernel(kind="blackhole")], False),
        ([{}], [kernel("n2")], False),
        ([{}], [kernel(None)], True),
        # Of two routes that count alike it hangs on their order.
        ([{}], [kernel(), kernel("n2", metric=1)], True),
        ([{}], [kernel(), kernel("n2")], False),
        ([{}], [kernel(table="7"), kernel("n2")], True),
        ([{}], [kernel(), kernel("n2", metric=1), kernel("n3")], False),
    ],
)
def test_what_arrives_at_any_node_with_the_same_routes(paths, routes, arrives):
    bird = tuple(PATHS[OWN]._replace(**fields) for fields in paths)
    given = RouteTable(Family.IPV4, bird=bird, kernel=tuple(routes or ()), kernel_is_whole=routes is not None)
    owner = {address: name for name, address in GATEWAYS.items()}.get
    assert arrives_alike(NodeTables("n0", given), "n1", BLOCKS["n1"], owner) is arrives
    # Each block counts.
    assert not arrives_alike(NodeTables("n0", given), "n1", (*BLOCKS["n1"], *BLOCKS["n2"]), owner)


# What stands at another node


def read(*nodes):
    """(name, table) of nodes, by their names."""

    def reading(name, given):
        return SimpleNamespace(host=f"{name}.example", table=lambda family: given, bird=lambda family: None)

    members = [
        SimpleNamespace(name=name, reading=None if given is None else reading(name, given)) for name, given in nodes
    ]
    return node_tables(SimpleNamespace(members=members), Family.IPV4)


def like(host, *without):
    return RouteTable(
        Family.IPV4, bird=(), kernel=(), bird_hash=TableHash("a", 6), same_as=SameAs(host, tuple(without))
    )


def test_tables_stand_where_they_were_sent():
    gone = PATHS[BLOCKS["n1"][0]]
    found = read(("n1", None), ("n2", like("n0.example", gone)), ("n0", table()), ("n3", RouteTable(Family.IPV4)))
    assert sorted(found) == ["n0", "n2"]
    assert found["n2"].base is found["n0"]
    assert set(found["n2"].paths) == set(PATHS) - {gone.prefix}


@pytest.mark.parametrize(
    ("host", "base"),
    [
        ("elsewhere.example", table()),
        ("n0.example", RouteTable(Family.IPV4, bird=table().bird)),  # half a table
        # It lacks what the other does not have.
        ("n0.example", table(*BLOCKS["n2"])),
    ],
)
def test_a_table_whose_other_half_is_not_there_was_not_read(host, base):
    found = read(("n0", base), ("n2", like(host, PATHS[BLOCKS["n1"][0]])), ("n3", table()))
    assert found["n2"].table.not_read == f"its routes are those of {host}, which are not in the snapshot"
    assert (found["n2"].base, found["n2"].table.bird_hash, found["n2"].table.same_as) == (None, None, None)
    assert found["n3"].bird_is_whole  # those after it are read all the same
