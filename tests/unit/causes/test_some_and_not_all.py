"""Where some of several nodes or sessions are so and others are not: what families of causes tell, and what not."""

from __future__ import annotations

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.addresses.exchanged import addresses_exchanged
from calico_bgp.causes.case import Case
from calico_bgp.causes.network.firewalls import dropped
from calico_bgp.causes.nodes.emptied import no_peers
from calico_bgp.causes.peering.external_sessions import external_session_down
from calico_bgp.cluster.cluster import observe
from calico_bgp.model.reports.cause import Confidence
from tests.unit.causes.two_things import (
    CLOSED,
    SWITCH,
    UP,
    both,
    exchanged_and_wrong,
    lacks,
    mesh,
    one_way,
    waits_for,
)


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
    "one of the silent sessions is dialled by the node": (
        dropped,
        mesh(7, waits_for("n4", "n5", "n6", "n7"), one_way("n4", "n3")),
        [],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_told(case):
    family, snapshot, told = CASES[case]
    candidates = family(Case(observe(snapshot), audit(snapshot).findings))
    assert [(candidate.kind, " ".join(map(str, candidate.subjects))) for candidate in candidates] == told


@pytest.mark.parametrize(("silent", "confidence"), [("", Confidence.CERTAIN), ("n4", Confidence.LIKELY)])
def test_exchanged_addresses_are_certain_where_every_host_listed_its_own(silent, confidence):
    """Kubernetes knows the address of a host that gave no list."""
    made = exchanged_and_wrong("n2", "n4", wrong="n6").snapshot(through_api=True)
    readings = [one.model_copy(update={"addresses": ()}) if one.node == silent else one for one in made.readings]
    made = made.model_copy(update={"readings": tuple(readings)})
    (candidate,) = addresses_exchanged(Case(observe(made), audit(made).findings))
    assert candidate.confidence is confidence
