"""A node that tells a peer nothing is only remarkable where it has something to tell."""

from __future__ import annotations

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import build_cluster
from calico_bgp.lab.routing.trouble import Trouble
from tests.with_routes import change_protocols, with_routes

REFLECTED = build_cluster(6, reflectors=2)
NODES = [node.name for node in REFLECTED.nodes]


def told_nothing(*without, mute=(), static=None):
    """Who tells whom nothing, where these nodes have no block; `static`: what the first one's BIRD says of its own."""
    made = with_routes(REFLECTED, trouble=Trouble(own_lost=frozenset(without), mute=frozenset(mute)))
    for name in without:
        made = change_protocols(made, NODES.index(name), "static", state="up", imported=0)
    if static is not None:
        made = change_protocols(made, 0, "static", **static)
    return [str(f.subject) for f in audit(made).findings if f.rule == "nothing-exported"]


def test_a_reflector_tells_its_only_client_with_blocks_none_of_its_own_routes():
    assert told_nothing(*NODES[:-1]) == []


def test_a_static_protocol_that_is_down_has_no_routes():
    assert told_nothing(*NODES[:-1], static={"state": "down", "imported": None}) == []


@pytest.mark.parametrize("static", [{"imported": 1}, {"imported": None}])
def test_what_the_reflector_has_itself_it_should_tell(static):
    assert told_nothing(*NODES[:-1], static=static) == ["node1 <-> node6 (IPv4)"]


def test_what_other_clients_have_it_should_pass_on():
    assert told_nothing("node1", "node2", mute=[("node1", "node6")]) == ["node1 <-> node6 (IPv4)"]


def test_a_node_with_blocks_that_tells_one_peer_nothing_is_told():
    assert told_nothing(mute=[("node1", "node6")]) == ["node1 <-> node6 (IPv4)"]
