"""Groups of nodes that nothing joins, without resources: racks whose reflectors are apart, or several clusters."""

from tests.unit.auditing.tables import UP, read, table, told


def racks(*, joined=False, info=UP):
    """Reflectors 1 and 4, each with two clients; their session is there where they are joined."""
    tables = {}
    for reflector, clients in ((1, (2, 3)), (4, (5, 6))):
        extra = [f"192.0.2.{5 - reflector} {info}"] if joined else []
        rows = [*(f"192.0.2.{client} {UP}" for client in clients), *extra]
        tables[f"n{reflector}"] = table(f"n{reflector}", *rows, kind="node specific")
        for client in clients:
            tables[f"n{client}"] = table(f"n{client}", f"192.0.2.{reflector} {UP}", kind="node specific")
    return read(tables, addresses={name: f"192.0.2.{name[1:]}" for name in tables})


def test_both_that_it_may_be_are_said():
    report = racks()
    assert told(report) == [("reflectors-not-joined", ["cluster (IPv4)"])]
    (cause,) = report.causes
    assert cause.title == (
        "the nodes fall into groups that nothing joins over IPv4 (3 nodes: n1, n2, n3 and 3 nodes: n4, n5, n6): their "
        "reflectors do not peer with each other, or these are several clusters"
    )
    assert [outcome.means for outcome in cause.decide[0].outcomes] == [
        "add a BGPPeer that joins the reflectors",
        "these are two clusters: read each by itself",
    ]
    assert report.unexplained == ()


def test_joined_racks_are_none():
    assert told(racks(joined=True)) == []


def test_a_session_between_them_that_is_down_has_a_cause_of_its_own():
    report = racks(joined=True, info="Active Socket: No route to host")
    assert [kind for kind, _ in told(report)] == ["partition"]
