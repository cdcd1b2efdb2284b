"""Which side of silent sessions has another password: the fewer nodes, where nothing else tells."""

from tests.clusters import cluster, config, node, peer
from tests.unit.auditing.tables import UP, read, table, told


def _reflected(*, up=()):
    """Two reflectors, which have each other, and four clients; of pairs of these only those in `up` have a session."""
    names = ["r1", "r2", "c3", "c4", "c5", "c6"]
    nodes = [node(name, f"10.0.0.{n}", labels="rr" if n < 3 else "", cluster_id="244.0.0.1" if n < 3 else None)
             for n, name in enumerate(names, start=1)]  # fmt: skip
    secret = peer("clients", node_selector="!has(rr)", peer_selector="has(rr)", has_password=True)
    rows = {
        name: [
            f"node specific= 10.0.0.{m} {UP if max(n, m) < 3 or (n, m) in up or (m, n) in up else 'Active'}"
            for m in range(1, 7)
            if m != n and min(n, m) < 3
        ]
        for n, name in enumerate(names, start=1)
    }
    asked = cluster(*nodes, secret, peer("both", node_selector="has(rr)", peer_selector="has(rr)"), config(mesh=False))
    return told(read({name: table(name, *mine) for name, mine in rows.items()}, resources=asked))


def test_no_four_clients_have_another_password_where_two_reflectors_may():
    assert _reflected() == [("password-mismatch", ["r1", "r2"])]


def test_a_client_has_another_password_where_the_reflectors_have_sessions_with_it_elsewhere():
    found = _reflected(up={(1, 5), (2, 5), (1, 6), (2, 6)})
    assert found == [("password-mismatch", ["c3"]), ("password-mismatch", ["c4"])]
