"""The kernel's routes without a path in BIRD: what is remembered of other nodes changes nothing."""

from ipaddress import ip_address, ip_network

from hypothesis import given
from hypothesis import strategies as st

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.bird_route import Destination
from calico_bgp.model.routes.kernel_route import BIRD, FELIX, KernelHop, KernelRoute
from calico_bgp.model.routes.table import RouteTable, SameAs, TableHash, TableRoute
from calico_bgp.routes.observed.alike.looked_up import Beside
from calico_bgp.routes.observed.tables import NodeTables

PREFIXES = [ip_network(f"10.0.{number}.0/26") for number in range(4)]
PATHS = [TableRoute(prefix, Destination.BLACKHOLE, protocol) for prefix in PREFIXES for protocol in ("one", "two")]
ROUTES = [KernelRoute(prefix, "unicast", writer, 0, ()) for prefix in PREFIXES for writer in (BIRD, FELIX)]
TABLES = st.builds(
    lambda bird, kernel: RouteTable(Family.IPV4, bird=tuple(bird), kernel=tuple(kernel)),
    # Some are the same object at all nodes, as those that were read from the same text; some are only equal.
    st.lists(st.sampled_from(PATHS) | st.sampled_from(PATHS).map(lambda path: path._replace())),
    st.lists(st.sampled_from(ROUTES) | st.sampled_from(ROUTES).map(lambda route: route._replace())),
)


@given(st.lists(TABLES, max_size=6))
def test_as_looking_every_route_up(tables):
    beside = Beside()
    for table in tables:
        held = {path.prefix for path in table.bird}
        expected = [route for route in table.kernel if route.protocol == BIRD and route.prefix not in held]
        expected.sort(key=lambda route: route.prefix)
        assert beside.not_in_bird(NodeTables("node", table), BIRD) == expected


def test_tables_that_were_not_read_hold_nothing():
    assert Beside().not_in_bird(NodeTables("node", RouteTable(Family.IPV4)), BIRD) == []
    kernel = NodeTables("node", RouteTable(Family.IPV4, kernel=tuple(ROUTES)))
    assert Beside().not_in_bird(kernel, FELIX) == ROUTES[1::2]


def test_what_stands_at_another_node_is_looked_up_there():
    """Through gateways both hold the same; blocks of their own and what is odd each sends itself."""
    gateway = (KernelHop(ip_address("192.0.2.1"), "eth0"),)
    held, not_held, own, own_not_held = PREFIXES
    shared = [KernelRoute(prefix, "unicast", BIRD, 0, gateway) for prefix in (held, not_held)]
    others = RouteTable(
        Family.IPV4,
        bird=(TableRoute(held, Destination.GATEWAY, "bgp", gateway=ip_address("192.0.2.1")),),
        kernel=tuple(shared),
    )
    table = RouteTable(
        Family.IPV4,
        bird=(TableRoute(own, Destination.BLACKHOLE, "static1"),),
        kernel=(
            *(KernelRoute(prefix, "blackhole", BIRD, 0, ()) for prefix in (own, own_not_held)),
            KernelRoute(own_not_held, "unicast", FELIX, 0, ()),
        ),
        bird_hash=TableHash("a", 1),
        kernel_hash=TableHash("b", 2),
        same_as=SameAs("other"),
    )
    node = NodeTables("node", table, base=NodeTables("other", others))
    beside = Beside()
    assert [route.prefix for route in beside.not_in_bird(node, BIRD)] == [not_held, own_not_held]
    assert [(route.prefix, route.protocol) for route in beside.not_in_bird(node, FELIX)] == [(own_not_held, FELIX)]
