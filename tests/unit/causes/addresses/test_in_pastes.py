"""What pastes tell of a node whose address is gone or is not its own, and of one that nobody has as a peer."""

from __future__ import annotations

from calico_bgp.model.reports.cause import Confidence
from tests.unit.auditing.tables import UP, commands, pasted, table, told

CLOSED, NOBODY, WAITS = "Active Socket: Connection closed", "Active Socket: Host is unreachable", "Passive"


def with_node4(*rows, shown=("", "", ""), others=(1, 2, 3)):
    """A mesh of three, whose tables show this about node4, and node4 with these rows about them."""
    tables = [
        table(
            f"node{own}",
            *(f"192.0.2.{far} {UP}" for far in others if far != own),
            *([f"192.0.2.4 {said}"] if said else []),
        )
        for own, said in zip(others, shown, strict=True)
    ]
    return pasted(*tables, table("node4", *(f"192.0.2.{n} {row}" for n, row in zip(others, rows, strict=True))))


def test_a_node_that_nobody_has_as_a_peer():
    made = with_node4(CLOSED, CLOSED, CLOSED)
    assert told(made) == [("node-left", ["node4"])]
    assert "hosts.txt" not in made.causes[0].fixes[0].summary


def test_a_node_at_whose_address_nobody_is_and_that_opens_no_connection():
    made = with_node4(CLOSED, CLOSED, WAITS, shown=(WAITS, WAITS, NOBODY))
    assert told(made) == [("host-network-cut", ["node4"])]
    assert made.causes[0].sessions == 3


def test_where_nobody_says_that_the_node_is_not_there_its_connections_are_what_is_odd():
    made = with_node4(CLOSED, CLOSED, CLOSED, shown=(WAITS, WAITS, WAITS))
    assert told(made) == [("other-source-address", ["node4"])]
    assert made.causes[0].confidence is Confidence.POSSIBLE
    assert "or its host does not have that" in made.causes[0].title
    assert made.causes[0].decide[0].command == "ip -brief address"
    assert commands(made)[0].startswith("kubectl delete pods")


def test_who_finds_the_node_proves_that_its_host_has_the_address():
    made = with_node4(CLOSED, CLOSED, UP, shown=(WAITS, WAITS, UP), others=(1, 2, 5))
    assert told(made) == [("other-source-address", ["node4"])]
    assert made.causes[0].confidence is Confidence.LIKELY
