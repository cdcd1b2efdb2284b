"""Where some of several nodes or sessions are so and others are not: what families of causes tell, and what not."""

from __future__ import annotations

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.addresses.exchanged import addresses_exchanged
from calico_bgp.causes.addresses.sources import other_source_address
from calico_bgp.causes.addresses.strangers import node_left
from calico_bgp.causes.case import Case
from calico_bgp.causes.external.sessions import external_session_down
from calico_bgp.causes.network.cuts import cuts
from calico_bgp.causes.network.firewalls import dropped
from calico_bgp.causes.network.hosts import link_cut
from calico_bgp.causes.network.partial_cuts import partly_cut
from calico_bgp.causes.network.ports import refused_or_reset
from calico_bgp.causes.nodes.emptied import no_peers
from calico_bgp.causes.peering.configuration import confd_stuck
from calico_bgp.causes.reflectors.departed import none_left_by_tables
from calico_bgp.causes.reflectors.roles import lost_by_tables
from calico_bgp.cluster.cluster import observe
from calico_bgp.lab.cluster import build_cluster
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.resources import BGPPeer
from tests.unit.auditing.conftest import snapshot_of
from tests.unit.auditing.tables import gathered, table
from tests.unit.causes.addresses.test_exchanged_addresses import moved_round
from tests.unit.causes.several.two_things import (
    CLOSED,
    HELD,
    MESH,
    OFF,
    PEER,
    REFLECTED,
    REFUSED,
    SWITCH,
    UP,
    WAITS,
    both,
    lacks,
    mesh,
    one_way,
    waits_for,
    with_resources,
)

TAKEN = "Idle Error: No listening socket"
REFLECTORS_OF_EIGHT = build_cluster(8, reflectors=3)


def refused_by(name: str, *others: str):
    return {(other, name): REFUSED for other in others} | {(name, other): WAITS for other in others}


def by_switch(*lacking: int):
    return {f"n{n}": [f"{SWITCH} {CLOSED if n in lacking else UP}"] for n in (1, 2, 3, 4)}


#: What is so of some only → the family of causes, the cluster, and what it tells.
CASES = {
    "all nodes that lack a switch have no other trouble": (
        external_session_down,
        mesh(4, more=by_switch(1, 3)),
        [("external-session-down", "198.51.100.1 <-> n1 (IPv4) 198.51.100.1 <-> n3 (IPv4)")],
    ),
    "one of two nodes that lack a switch has other trouble": (
        external_session_down,
        mesh(4, both("n1", "n2"), more=by_switch(1, 3)),
        [],
    ),
    "a node shows one of the peers that it has no session with": (
        no_peers,
        mesh(6, lacks("n5", "n1", "n2", "n3", "n4"), both("n5", "n6")),
        [],
    ),
    "all silent sessions are dialled by the others": (
        dropped,
        mesh(7, waits_for("n4", "n5", "n6", "n7")),
        [("port-dropped", "n4")],
    ),
    "a node whose port is taken for one of those that it refuses": (
        refused_or_reset,
        mesh(5, refused_by("n1", "n2", "n3"), {("n1", "n2"): TAKEN}),
        [],
    ),
    "two nodes that refuse two others each, and one the other": (
        refused_or_reset,
        mesh(7, refused_by("n1", "n2", "n3"), refused_by("n2", "n4", "n5")),
        [("port-refused", "n1"), ("port-refused", "n2")],
    ),
    "all that a node dials turn it away": (
        other_source_address,
        mesh(6, one_way("n4", "n1", "n2", "n3", info=CLOSED)),
        [("other-source-address", "n4")],
    ),
    "one that a node dials does not turn it away": (
        other_source_address,
        mesh(6, one_way("n4", "n1", "n2", info=CLOSED)),
        [],
    ),
    "both ends have a peer that they do not reach": (
        link_cut,
        mesh(4, both("n1", "n2")),
        [("link-cut", "n1 <-> n2 (IPv4)")],
    ),
    "one end lacks the peer": (
        link_cut,
        mesh(4, lacks("n1", "n2", info=HELD)),
        [],
    ),
    "a node dials one of two that it does not reach": (
        partly_cut,
        mesh(6, one_way("n4", "n3"), waits_for("n4", "n5")),
        [("host-network-cut", "n4 (IPv4)")],
    ),
    "a reflector that no client has": (
        lost_by_tables,
        snapshot_of(REFLECTORS_OF_EIGHT, "lost-label:node2", roles=True),
        [("reflector-lost-label", "node2")],
    ),
    "a reflector that no client has, and one of the clients has none at all": (
        lost_by_tables,
        snapshot_of(REFLECTORS_OF_EIGHT, "lost-label:node2", "node-unlabelled:node8", roles=True),
        [],
    ),
    "one of the nodes that run another configuration refuses the new one": (
        confd_stuck,
        with_resources(mesh(6), *REFLECTED.nodes, PEER, BGPPeer(name="x", node="n1", peer_ip="198.51.100.1"), OFF),
        [("confd-stuck", "cluster")],
    ),
    "a node that left has no row of one of the others": (
        node_left,
        mesh(
            6,
            {("n5", name): CLOSED for name in ("n1", "n2", "n4", "n6")} | {("n5", "n3"): None},
            {(name, "n5"): None for name in ("n1", "n2", "n3", "n4", "n6")},
        ),
        [("node-left", "n5")],
    ),
    "one of the silent sessions is dialled by the node": (
        dropped,
        mesh(7, waits_for("n4", "n5", "n6", "n7"), one_way("n4", "n3")),
        [],
    ),
}


@pytest.mark.parametrize("unread", [(), ("n2",), ("n5",)])
def test_of_two_groups_that_are_cut_apart_some_are_not_read(unread):
    halves = [(one, other) for one in ("n1", "n2", "n3") for other in ("n4", "n5", "n6")]
    made = mesh(6, dict.fromkeys((*halves, *(pair[::-1] for pair in halves)), HELD), unread=unread)
    (cut,) = cuts(Case(observe(made), ()))
    assert (sorted(cut.group), sorted(cut.others)) == (["n4", "n5", "n6"], ["n1", "n2", "n3"])


@pytest.mark.parametrize("case", CASES)
def test_what_is_told(case):
    family, snapshot, told = CASES[case]
    candidates = family(Case(observe(snapshot), audit(snapshot).findings))
    assert [(candidate.kind, " ".join(map(str, candidate.subjects))) for candidate in candidates] == told


@pytest.mark.parametrize("names", [("n2", "n4"), ("n2", "n4", "n6")])
@pytest.mark.parametrize(("silent", "confidence"), [("", Confidence.CERTAIN), ("n4", Confidence.LIKELY)])
def test_exchanged_addresses_are_certain_where_every_host_listed_its_own(silent, confidence, names):
    """Kubernetes knows the address of a host that gave no list."""
    made = moved_round(MESH, *names).snapshot(through_api=True)
    readings = [one.model_copy(update={"addresses": ()}) if one.node == silent else one for one in made.readings]
    made = made.model_copy(update={"readings": tuple(readings)})
    (candidate,) = addresses_exchanged(Case(observe(made), audit(made).findings))
    assert candidate.confidence is confidence


def test_a_cluster_of_one_node_has_lost_no_reflector():
    made = gathered({"n1": table("n1")})
    (found,) = [finding for finding in audit(made).findings if finding.rule == "no-peers-anywhere"]
    assert found.severity is Severity.INFO
    assert list(none_left_by_tables(Case(observe(made), (found,)))) == []
    without = gathered({"n1": table("n1"), "n2": table("n2")})
    assert [one.kind for one in none_left_by_tables(Case(observe(without), audit(without).findings))] == [
        "no-reflector-left"
    ]
