"""peerSelectors that lead to no reflector: what they ask for is wrong, not the reflectors' labels."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace

import pytest

from calico_bgp.model.resources import BGPConfiguration, BGPPeer
from tests.unit.auditing.tables import cluster, commands, node, told
from tests.unit.causes.reflectors.test_layouts import as_asked

OFF = BGPConfiguration(name="default", node_to_node_mesh_enabled=False)


def numbered(*numbers: int, **fields):
    return [node(f"n{n}", f"192.0.2.{n}/24", **fields) for n in numbers]


def patch_of(report):
    return json.loads(shlex.split(report.causes[0].fixes[0].steps[0].kubectl)[-1])["spec"]


@pytest.mark.parametrize("far", ["!has(rr)", "has(worker)"])
def test_it_selects_the_clients_and_no_reflector(far):
    """A negation too much: the reflectors have their labels, and clients peer with clients."""
    peer = BGPPeer(name="rr", node_selector="!has(rr)", peer_selector=far)
    reflectors = numbered(1, 2, labels="rr", cluster_id="1.1.1.1")
    report = as_asked(cluster(*reflectors, *numbered(3, 4, 5, 6, labels="worker"), peer, OFF))
    assert told(report) == [("selector-matches-wrong-nodes", ["BGPPeer rr"])]
    assert report.unexplained == ()
    assert patch_of(report) == {"peerSelector": "has(rr)"}
    assert not any(" label " in command for command in commands(report))


def test_a_label_that_sits_on_other_nodes_is_what_is_wrong():
    """The reflectors have no label of their own any more: the selector is as it was."""
    reflectors = numbered(1, 2, cluster_id="1.1.1.1")
    peer = BGPPeer(name="rr", node_selector="all()", peer_selector="has(rr)")
    report = as_asked(cluster(*reflectors, *numbered(3, 4), *numbered(5, 6, labels="rr"), peer, OFF))
    assert "selector-matches-wrong-nodes" not in {kind for kind, _ in told(report)}


def hierarchy(tops: str):
    """Two racks of a reflector and two clients each, under two reflectors of reflectors that `tops` selects."""
    racks = [
        one
        for rack in (1, 2)
        for one in (
            *numbered(10 * rack, labels=f"rack=r{rack} rr", cluster_id=f"1.1.1.{rack}"),
            *numbered(10 * rack + 1, 10 * rack + 2, labels=f"rack=r{rack}"),
        )
    ]
    peers = [
        BGPPeer(
            name=f"rack{rack}",
            node_selector=f"rack == 'r{rack}' && !has(rr)",
            peer_selector=f"rack == 'r{rack}' && has(rr)",
        )
        for rack in (1, 2)
    ]
    top = BGPPeer(name="tops", node_selector="has(rr)", peer_selector=tops)
    together = replace(top, name="together", node_selector="tier == 'top'", peer_selector="tier == 'top'")
    return cluster(*racks, *numbered(90, 91, labels="tier=top", cluster_id="9.9.9.9"), *peers, top, together, OFF)


@pytest.mark.parametrize("written", ["tier == 'Top'", "tier == 'tops'", "teir == 'top'"])
def test_a_slip_in_one_of_several_peer_selectors(written):
    report = as_asked(hierarchy(written))
    assert told(report) == [("selector-matches-nothing", ["BGPPeer tops"])]
    assert report.unexplained == ()
    assert patch_of(report) == {"peerSelector": "tier == 'top'"}


def test_a_hierarchy_is_healthy():
    report = as_asked(hierarchy("tier == 'top'"))
    assert (report.causes, report.exit_code()) == ((), 0)
