"""Nodes without a peer that are nobody's peer, without resources: Calico gives them none, for one of these reasons."""

import pytest

from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.report import Report
from tests.unit.auditing.tables import UP, pasted, read, table, told

REFLECTORS = ("r1", "r2")
CLUSTER_ID, SELECTOR, ADDRESS, NODE = "routeReflectorClusterID", "nodeSelector", "address", "no Node called"


def addresses(*names):
    return {name: f"192.0.2.{name[1:]}" for name in names}


def with_reflectors(*, unread=()) -> Report:
    """Reflectors r1 and r2, their client c3, and c4 without any."""
    reflectors = {f"r{n}": table(f"r{n}", f"192.0.2.{3 - n} {UP}", f"192.0.2.3 {UP}", kind="global") for n in (1, 2)}
    clients = {"c3": table("c3", f"192.0.2.1 {UP}", f"192.0.2.2 {UP}", kind="global"), "c4": table("c4")}
    tables = {name: text for name, text in (reflectors | clients).items() if name not in unread}
    return read(tables, addresses=addresses(*tables), reflectors=REFLECTORS, unread=unread)


def a_mesh() -> Report:
    """n1 to n3 mesh; n4 has nobody and is nobody's, as with a cluster ID of its own."""
    tables = {
        f"n{own}": table(f"n{own}", *(f"192.0.2.{far} {UP}" for far in (1, 2, 3) if far != own)) for own in (1, 2, 3)
    }
    return read(tables | {"n4": table("n4")}, addresses=addresses("n1", "n2", "n3", "n4"))


@pytest.mark.parametrize(
    ("report", "node", "reasons"),
    [(with_reflectors, "c4", [SELECTOR, ADDRESS, NODE]), (a_mesh, "n4", [CLUSTER_ID, ADDRESS, NODE])],
)
def test_what_it_may_be(report, node, reasons):
    made = report()
    assert told(made) == [("no-peer-given", [node])]
    (cause,) = made.causes
    assert cause.confidence is Confidence.LIKELY
    assert "no other node has it" in cause.title
    *outcomes, last = cause.decide[0].outcomes
    assert len(outcomes) == len(reasons)
    assert all(reason in outcome.sees for reason, outcome in zip(reasons, outcomes, strict=True))
    assert "confd" in last.means
    assert "isolated-node" not in {finding.rule for finding in made.unexplained}


def test_one_that_was_not_read_may_have_it_as_a_peer():
    causes = {cause.kind: cause for cause in with_reflectors(unread=("r2",)).causes}
    assert causes["no-peer-given"].confidence is Confidence.POSSIBLE
    assert "no other node that was read has it" in causes["no-peer-given"].title


def test_one_that_others_have_as_a_peer_is_another_matter():
    down = "Active Socket: Connection closed"
    tables = {
        f"n{own}": table(f"n{own}", *(f"192.0.2.{far} {UP}" for far in (1, 2, 3) if far != own), f"192.0.2.4 {down}")
        for own in (1, 2, 3)
    }
    report = read(tables | {"n4": table("n4")}, addresses=addresses("n1", "n2", "n3", "n4"))
    assert told(report) == [("confd-stuck", ["n4"])]


def of_reflectors(refused, *clients):
    """Two nodes without a peer, and clients that dial two addresses and hear this."""
    bare = [table(name) for name in ("node1", "node2")]
    dialling = [table(name, f"192.0.2.1 {refused}", f"192.0.2.2 {refused}", kind="node specific") for name in clients]
    return pasted(*bare, *dialling)


def test_addresses_that_refuse_may_be_those_of_nodes_without_a_peer():
    made = of_reflectors("Active Socket: Connection refused", "node3", "node4")
    assert told(made) == [("no-peer-given", ["node1", "node2"])]
    assert "192.0.2.1, 192.0.2.2, with which nobody has a session" in made.causes[0].title
    assert made.causes[0].sessions == 4


def test_of_addresses_at_which_nobody_is_they_have_none():
    made = of_reflectors("Active Socket: No route to host", "node3", "node4")
    (own,) = [cause for cause in made.causes if cause.kind == "no-peer-given"]
    assert "no other node has one of them as a peer" in own.title
