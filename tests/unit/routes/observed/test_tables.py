"""What a node's tables tell by themselves."""

from ipaddress import ip_address, ip_network

import pytest

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.bird_route import Destination
from calico_bgp.model.routes.table import RouteTable, TableRoute
from calico_bgp.routes.observed.tables import NodeTables

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
