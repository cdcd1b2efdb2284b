"""Whose an address is that both reflectors show as down: the one client's that shows both as down."""

from __future__ import annotations

from tests.unit.auditing.tables import GLOBAL, NODE, UP, pasted, table, told

SILENT, CLOSED = "Connect Socket: Operation timed out", "Active Socket: Connection closed"


def reflectors(*down, clients=(3, 4, 5, 6), said=SILENT):
    """Two reflectors and four clients in tables without addresses of their own; these clients reach none of the two."""
    for own, other in ((1, 2), (2, 1)):
        rows = [f"192.0.2.{n} {SILENT if n in down else UP}" for n in clients]
        yield table(f"node{own}", f"{GLOBAL}= 192.0.2.{other} {UP}", *rows, kind=NODE)
    for n in (3, 4, 5, 6):
        yield table(f"node{n}", *(f"192.0.2.{far} {said if n in down else UP}" for far in (1, 2)), kind=GLOBAL)


def test_the_client_that_is_down_is_one_cause():
    report = pasted(*reflectors(4))
    assert told(report) == [("host-network-cut", ["node4"])]


def test_of_two_nobody_knows_which_is_which_and_the_addresses_are_theirs():
    report = pasted(*reflectors(4, 5))
    assert told(report) == [("host-network-cut", ["node4"]), ("host-network-cut", ["node5"])]
    assert report.unexplained == ()


def test_of_more_addresses_than_nodes_either_may_be_theirs():
    report = pasted(*reflectors(4, 5, 7, clients=(3, 4, 5, 6, 7)))
    (external, *_) = [cause for cause in report.causes if cause.kind == "external-peer-down"]
    assert "one of node4, node5, whose addresses nobody here says" in external.title


def test_who_is_turned_away_may_have_another_address():
    kinds = {kind for kind, _ in told(pasted(*reflectors(4, said=CLOSED)))}
    assert "external-peer-down" in kinds


def test_more_addresses_than_nodes_leave_it_open():
    kinds = {kind for kind, _ in told(pasted(*reflectors(4, 7, clients=(3, 4, 5, 6, 7))))}
    assert "external-peer-down" in kinds


def test_sessions_are_counted_once_where_addresses_are_not_known():
    clients = (3, 4, 5, 6)
    tables = [
        table("node1", f"{GLOBAL}= 192.0.2.2 Passive", *(f"192.0.2.{n} {UP}" for n in clients), kind=NODE),
        table("node2", f"{GLOBAL}= 192.0.2.1 {SILENT}", *(f"192.0.2.{n} {SILENT}" for n in clients), kind=NODE),
        *(table(f"node{n}", f"192.0.2.1 {UP}", f"192.0.2.2 {SILENT}", kind=GLOBAL) for n in clients),
    ]
    (finding,) = [f for f in pasted(*tables).findings if f.rule == "isolated-node"]
    assert "all 5 are down" in finding.message
