"""A node without peers, by its table alone: only others that have it as a peer tell that its file lacks them."""

from __future__ import annotations

from tests.unit.auditing.tables import UP, read, table, told

CLOSED = "Active Socket: Connection closed"
#: Two reflectors, by the inventory.
REFLECTORS = ("r1", "r2")


def seen(row):
    """Two clients that show no peer, and reflectors that show each other and, for each client, this row."""
    clients = {f"c{n}": table(f"c{n}") for n in (3, 4)}
    rows = [f"192.0.2.{n} {row}" for n in (3, 4)] if row else []
    reflectors = {f"r{n}": table(f"r{n}", f"192.0.2.{3 - n} {UP}", *rows, kind="global") for n in (1, 2)}
    addresses = {f"{'r' if n < 3 else 'c'}{n}": f"192.0.2.{n}" for n in (1, 2, 3, 4)}
    return read(reflectors | clients, addresses=addresses, reflectors=REFLECTORS)


def test_a_node_that_nobody_has_as_a_peer_is_given_none():
    """A BGPPeer's nodeSelector that leaves clients out looks so: their confd is all right."""
    report = seen(None)
    assert told(report) == [("no-peer-given", ["c3", "c4"])]
    assert report.exit_code() == 1
    assert {str(f.subject) for f in report.findings if f.severity == "error"} >= {"c3", "c4"}


def test_where_others_have_it_its_own_file_lacks_them():
    assert told(seen(CLOSED)) == [("confd-stuck", ["c3"]), ("confd-stuck", ["c4"])]
