"""What BIRD's list of protocols says of a peer."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from calico_bgp.cluster.sessions.own_list import Listed, listed_by_bird
from calico_bgp.model.peer import Family
from calico_bgp.model.reading import NodeReading, NodeStatus
from calico_bgp.model.routes.bird_reading import BirdReading, ProtocolReading

PEER = ip_address("192.0.2.12")


def protocol(name, state="up", *, proto="BGP", **fields):
    return ProtocolReading(name=name, proto=proto, state=state, since="10:00:00", **fields)


def reading(*protocols, complete=True, family=Family.IPV4):
    bird = BirdReading(family=family, protocols=(protocol("kernel1", proto="Kernel"), *protocols), complete=complete)
    return NodeReading(host="n", status=NodeStatus(felix_running=True), birds=(bird,))


@pytest.mark.parametrize(
    ("protocols", "told"),
    [
        ([], Listed.ABSENT),
        ([protocol("Mesh_192_0_2_13")], Listed.ABSENT),
        # 192.0.2.12 is not the beginning of 192.0.2.123
        ([protocol("Mesh_192_0_2_123", "down")], Listed.ABSENT),
        ([protocol("Mesh_192_0_2_12", "down")], Listed.DISABLED),
        ([protocol("Node_192_0_2_12_port_1790", "down")], Listed.DISABLED),
        ([protocol("by_hand", "down", neighbor_address=PEER)], Listed.DISABLED),
        # the name is no proof where BIRD tells the address
        ([protocol("Mesh_192_0_2_12", "down", neighbor_address=ip_address("192.0.2.99"))], Listed.ABSENT),
        ([protocol("Mesh_192_0_2_12", "start")], None),
        ([protocol("Mesh_192_0_2_12", "down"), protocol("Node_192_0_2_12", "start")], None),
        ([protocol("Mesh_192_0_2_12", "down", last_error="Automatic shutdown: Route limit exceeded")], None),
        # by another name, and nothing says whose
        ([protocol("to_the_peer")], None),
    ],
)
def test_by_name_and_address(protocols, told):
    assert listed_by_bird(reading(*protocols), Family.IPV4, [PEER]) is told


def test_an_answer_that_was_cut_short_or_is_not_there_tells_nothing():
    assert listed_by_bird(None, Family.IPV4, [PEER]) is None
    assert listed_by_bird(reading(complete=False), Family.IPV4, [PEER]) is None
    assert listed_by_bird(reading(family=Family.IPV6), Family.IPV4, [PEER]) is None
    assert listed_by_bird(reading(), Family.IPV4, []) is None
    assert listed_by_bird(reading(), Family.IPV4, [ip_address("2001:db8::12")]) is None


def test_a_peer_with_two_addresses_of_which_bird_has_one():
    found = reading(protocol("Mesh_192_0_2_12", "down"))
    assert listed_by_bird(found, Family.IPV4, [ip_address("192.0.2.1"), PEER]) is Listed.DISABLED


def test_ipv6():
    peer = ip_address("2001:db8::12")
    found = reading(protocol("Mesh_2001_db8__12", "down"), family=Family.IPV6)
    assert listed_by_bird(found, Family.IPV6, [peer, PEER]) is Listed.DISABLED
