"""Hosts that have another address since, and BIRDs that did not follow."""

from __future__ import annotations

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.externals import TIMED_OUT, Row
from calico_bgp.model.peer import BGPState
from calico_bgp.model.resources import BGPConfiguration, BGPPeer
from tests.running_birds import Birds
from tests.unit.auditing.tables import cluster, node, told

OFF = BGPConfiguration(name="default", node_to_node_mesh_enabled=False)
PEER = BGPPeer(name="rr", node_selector="all()", peer_selector="has(rr)")
TOR = BGPPeer(name="tor", peer_ip="203.0.113.1", as_number=65001)


def numbered(*numbers: int, **fields):
    return [node(f"n{n}", f"192.0.2.{n}/24", internal=f"192.0.2.{n}", **fields) for n in numbers]


def reflected(*peers: BGPPeer):
    return cluster(*numbered(1, 2, labels="rr", cluster_id="1.1.1.1"), *numbered(3, 4, 5, 6), PEER, *peers, OFF)


MOVED = {"n1": ("192.0.2.55",)}


def test_a_reflector_by_the_tables_alone():
    """Its old address is no switch that is down, and it has not left: those dial it that it has as its peers."""
    report = audit(Birds(reflected(), hosts=MOVED).snapshot(resources=False))
    assert told(report) == [("wrong-address", ["n1"])]
    assert report.causes[0].title.startswith("Calico has the wrong BGP address of n1: the others dial 192.0.2.1, ")


def test_a_switch_beside_it_is_still_a_switch():
    down = {"203.0.113.1": Row("start", BGPState.CONNECT, TIMED_OUT)}
    report = audit(Birds(reflected(TOR), hosts=MOVED, externals=down).snapshot(resources=False))
    assert ("external-peer-down", ["203.0.113.1"]) in told(report)
    # That n1 dials the switch as well says nothing of which of its peers dial n1.
    assert ("wrong-address", ["n1"]) in told(report)


def test_a_switch_that_all_dial_is_nobody_s_old_address():
    down = {"203.0.113.1": Row("start", BGPState.CONNECT, TIMED_OUT)}
    report = audit(Birds(reflected(TOR), externals=down).snapshot(resources=False))
    assert told(report) == [("external-peer-down", ["203.0.113.1"])]


@pytest.mark.parametrize("resources", [True, False])
def test_where_no_host_lists_its_addresses_its_network_is_in_doubt(resources):
    """Nothing gets to it, and its own connections fail at once. It is one node's matter."""
    snapshot = Birds(reflected(), hosts=MOVED).snapshot(resources=resources, through_api=True, addresses=False)
    report = audit(snapshot)
    assert told(report) == [("host-network-cut", ["n1"])]
    assert report.causes[0].decide


def test_through_the_api_as_well():
    """Its pod is in the host's network, and lists the addresses that the host has."""
    report = audit(Birds(reflected(), hosts=MOVED).snapshot(through_api=True))
    assert told(report) == [("wrong-address", ["n1"])]


def test_by_the_tables_alone_beside_a_node_whose_bird_does_not_run():
    """It has no row for the old address, and the moved reflector has it as a peer all the same."""
    report = audit(Birds(reflected(), hosts=MOVED, down=frozenset({"n4"})).snapshot(resources=False))
    assert ("wrong-address", ["n1"]) in told(report)
    assert "external-peer-down" not in dict(told(report))


@pytest.mark.parametrize(("dialling", "is_told"), [(1, False), (2, True)])
def test_two_that_dial_it_are_enough_and_one_is_not(dialling, is_told):
    """n1 has just these as its peers, by BGPPeers; the others have each other."""
    pairs = [(1, far) for far in (2, 3)[:dialling]] + [(2, 3), (2, 4), (3, 4), (4, 5), (2, 5)]
    peers = [BGPPeer(name=f"p{a}{b}", node_selector=host_is(a), peer_selector=host_is(b)) for a, b in pairs]
    nodes = [numbered(n, labels=f"host=n{n}")[0] for n in (1, 2, 3, 4, 5)]
    report = audit(Birds(cluster(*nodes, *peers, OFF), hosts=MOVED).snapshot(resources=False))
    assert (("wrong-address", ["n1"]) in told(report)) is is_told


def host_is(number: int) -> str:
    return f"host == 'n{number}'"
