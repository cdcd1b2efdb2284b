"""Two nodes that were not read: the two addresses of the mesh that nobody else has are theirs."""

from __future__ import annotations

from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.report import Verdict
from tests.unit.auditing.tables import UP, read, table, told

DOWN = "Connect Socket: Operation timed out"
READ = {"node1": "192.0.2.1", "node2": "192.0.2.2"}


def report(*others, unread=("node3", "node4"), kind="node-to-node mesh"):
    """Two nodes of a mesh, and what both show of other addresses."""
    tables = {
        name: table(
            name,
            *(f"{far} {UP}" for far in READ.values() if far != own),
            *(f"{kind}= {other}" for other in others),
        )
        for name, own in READ.items()
    }
    return read(tables, addresses=READ, unread=unread)


def test_their_bgp_works():
    made = report(f"192.0.2.3 {UP}", f"192.0.2.4 {UP}")
    assert told(made) == [("node-unreadable-only", ["node3", "node4"])]
    assert made.causes[0].confidence is Confidence.LIKELY
    assert made.verdict is Verdict.UNKNOWN, "what they show themselves nobody sees"


def test_one_that_is_down_may_be_either_ones():
    made = report(f"192.0.2.3 {UP}", f"192.0.2.4 {DOWN}")
    assert ("node-unreadable-only", ["node3", "node4"]) not in told(made)


def test_more_addresses_than_nodes_may_be_others():
    made = report(f"192.0.2.3 {UP}", f"192.0.2.4 {UP}", f"192.0.2.5 {UP}")
    assert told(made) == []


def test_peers_outside_the_mesh_may_be_switches():
    made = report(f"192.0.2.3 {UP}", f"192.0.2.4 {UP}", kind="node specific")
    assert ("node-unreadable-only", ["node3", "node4"]) not in told(made)


def test_without_any_address_nothing_is_said():
    bare = {name: table(name) for name in READ}
    made = read(bare, addresses=READ, unread=("node3", "node4"))
    assert "node-unreadable-only" not in dict(told(made))
