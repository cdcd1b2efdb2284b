"""A rack whose nodes get no peer: what joins them is a BGPPeer of their own, never a label of another rack."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace

import pytest

from calico_bgp.causes.case import Case
from calico_bgp.causes.remedies.layouts import serve_like
from calico_bgp.cluster.cluster import observe
from calico_bgp.expect.engine import expect
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, Resources
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.resources.reader import parse_resources
from tests.unit.auditing.tables import cluster, commands, node, told
from tests.unit.causes.reflectors.test_layouts import as_asked

OFF = BGPConfiguration(name="default", node_to_node_mesh_enabled=False)


def rack(number: int):
    """Two reflectors and three clients."""
    return [
        node(
            f"n{10 * number + place}",
            f"192.0.2.{10 * number + place}/24",
            labels=f"rack=r{number} {'rr' if place < 2 else ''}",
            cluster_id=f"1.1.1.{number}" if place < 2 else None,
        )
        for place in range(5)
    ]


def peering(number: int) -> BGPPeer:
    return BGPPeer(
        name=f"rack{number}",
        node_selector=f"rack == 'r{number}' && !has(rr)",
        peer_selector=f"rack == 'r{number}' && has(rr)",
    )


TOP = BGPPeer(name="top", node_selector="has(rr)", peer_selector="has(rr)")


def racks(*peers: BGPPeer) -> Resources:
    return cluster(*rack(1), *rack(2), *peers, TOP, OFF)


def first_command(report) -> str:
    return report.causes[0].fixes[0].steps[0].kubectl


def everyone_has_peers(resources: Resources) -> bool:
    return all(expect(resources).peers.values())


def test_the_bgp_peer_of_a_rack_was_deleted():
    broken = racks(peering(1))
    report = as_asked(broken)
    assert told(report) == [("no-peers-configured", ["n22", "n23", "n24"])]
    assert report.unexplained == ()
    assert not any(" label " in command for command in commands(report))
    printed = shlex.split(first_command(report).partition(" | ")[0])[2]
    made = parse_resources([("fix", printed)]).bgp_peers
    fixed = broken.model_copy(update={"bgp_peers": (*broken.bgp_peers, *made)})
    assert not everyone_has_peers(broken)
    assert protocols(fixed) == protocols(racks(peering(1), peering(2)))


def protocols(resources: Resources) -> dict[str, list[str]]:
    return {name: [peer.name for peer in peers] for name, peers in expect(resources).peers.items()}


@pytest.mark.parametrize("written", ["R2", "r3", "rack-2"])
def test_a_value_that_no_node_has_is_a_slip_of_the_selector(written):
    slip = replace(peering(2), node_selector=f"rack == '{written}' && !has(rr)")
    report = as_asked(racks(peering(1), slip))
    assert told(report) == [("selector-matches-nothing", ["BGPPeer rack2"])]
    assert not any(" label " in command for command in commands(report))
    patch = json.loads(shlex.split(first_command(report))[-1])
    assert patch == {"spec": {"nodeSelector": "rack == 'r2' && !has(rr)"}}


def in_two_racks(*, others: list[str]) -> Resources:
    """Reflectors and two clients in rack a, whose BGPPeer joins the nodes of that rack alone."""
    reflectors = [node(f"n{n}", f"192.0.2.{n}/24", labels="rr rack=a", cluster_id="1.1.1.1") for n in (1, 2)]
    clients = [node(f"n{n}", f"192.0.2.{n}/24", labels="rack=a") for n in (3, 4, 5)]
    left = [node(f"n{n}", f"192.0.2.{n}/24", labels=labels) for n, labels in enumerate(others, 6)]
    return cluster(
        *reflectors, *clients, *left, BGPPeer(name="rr", node_selector="rack == 'a'", peer_selector="has(rr)"), OFF
    )


@pytest.mark.parametrize("others", [["rack=b", "rack=b"], ["rack=b"], ["rack=b", "rack=c"]])
def test_a_rack_without_reflectors_is_no_slip_of_its_labels(others):
    report = as_asked(in_two_racks(others=others))
    assert told(report) == [("selector-matches-wrong-nodes", ["BGPPeer rr"])]
    assert not any(" label " in command for command in commands(report))


@pytest.mark.parametrize("labels", ["", "zone=x"])
def test_a_node_without_the_label_gets_it(labels):
    report = as_asked(in_two_racks(others=[labels]))
    assert told(report) == [("node-lost-label", ["n6"])]
    assert first_command(report) == "kubectl label node n6 rack=a --overwrite"


@pytest.mark.parametrize(
    ("meant", "written", "number", "is_slip"),
    [("rack-a", "rak-a", 1, True), ("rack-a", "rak-a", 2, False), ("rack2", "rack1", 1, False), ("a", "b", 1, False)],
)
def test_what_is_written_nearly_so_at_one_node_alone_is_a_slip(meant, written, number, is_slip):
    """rack1 is another rack than rack2, and what two nodes have nobody mistyped."""
    there = [
        replace(one, labels=tuple((key, meant if key == "rack" else value) for key, value in one.labels))
        for one in in_two_racks(others=[]).nodes
    ]
    left = [node(f"n{n}", f"192.0.2.{n}/24", labels=f"rack={written}") for n in range(6, 6 + number)]
    peer = BGPPeer(name="rr", node_selector=f"rack == '{meant}'", peer_selector="has(rr)")
    report = as_asked(cluster(*there, *left, peer, OFF))
    assert told(report)[0][0] == ("node-lost-label" if is_slip else "selector-matches-wrong-nodes")


def in_one_area(*more: BGPPeer) -> Case:
    """Two racks of one area, of which one has a BGPPeer."""
    nodes = [replace(one, labels=(("area", "x"), *one.labels)) for one in (*rack(1), *rack(2))]
    seen = Snapshot(resources=cluster(*nodes, OF_AREA, *more, TOP, OFF))
    return Case(observe(seen), ())


OF_AREA = replace(peering(1), node_selector="area == 'x' && rack == 'r1' && !has(rr)")


def test_a_label_that_only_the_near_end_asks_for_stays_as_it_is():
    like, (fix,) = serve_like(in_one_area(), [OF_AREA], ["n22", "n23", "n24"])
    assert like is OF_AREA
    assert [step.what for step in fix.steps] == [
        "make BGPPeer rack1-r2: area == 'x' && rack == 'r2' && !has(rr) with rack == 'r2' && has(rr)"
    ]


def test_a_bgp_peer_that_is_there_already_is_not_made_again():
    there = replace(TOP, name="rack1-r2")
    assert serve_like(in_one_area(there), [OF_AREA], ["n22", "n23", "n24"]) is None
