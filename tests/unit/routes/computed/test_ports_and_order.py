"""Sessions of which one end dials a port where nobody listens: whether the other dials depends on both addresses."""

from __future__ import annotations

import pytest

from calico_bgp.expect.engine import expect
from calico_bgp.model.peer import Family
from calico_bgp.routes.network.from_expected import expected_network
from tests.clusters import cluster, config, node, peer

NODES = {"nine": "10.0.0.9", "ten": "10.0.0.10", "x": "192.0.2.1", "y": "192.0.2.2", "z": "192.0.2.3"}


def sessions(*peers):
    nodes = [node(name, address) for name, address in NODES.items()]
    found = expect(cluster(*nodes, config(mesh=False), *peers))
    return [(one.node, other.node) for one, other in expected_network(found, Family.IPV4).sessions]


def to(address, **more):
    return peer(f"to-{address}", peer_ip=address, as_number=64512, **more)


def test_who_is_reversed_dials_the_port_that_each_node_listens_on():
    """All others dial port 500 of nine, which listens on 179; nine dials 179 of each."""
    assert sessions(to("10.0.0.9:500")) == [("nine", name) for name in ("ten", "x", "y", "z")]
    assert sessions(to("10.0.0.9:500", reverse_peering="Manual")) == []


@pytest.mark.parametrize(
    ("to_nine", "to_ten", "stands"),
    [
        # Of two global peers the end waits whose neighbour's address is the greater as text: ten waits for nine.
        ("10.0.0.9", "10.0.0.10", True),
        ("10.0.0.9:500", "10.0.0.10", True),
        ("10.0.0.9", "10.0.0.10:500", False),
        ("10.0.0.9:500", "10.0.0.10:500", False),
    ],
)
def test_the_end_that_does_not_wait_must_dial_the_right_port(to_nine, to_ten, stands):
    manual = {"reverse_peering": "Manual"}
    assert (("nine", "ten") in sessions(to(to_nine, **manual), to(to_ten, **manual))) is stands
