"""No client hears the reflectors, which hear each other: one cut before the reflectors, not a cut of each client."""

import pytest

from tests.unit.auditing.tables import UP, read, table, told

HELD, UNREACHABLE = "Active BGP Error: Hold timer expired", "Connect Socket: No route to host"
NUMBERS = range(1, 7)


def judged(info, *, up=()):
    """n1 and n2 reflect; `up` are the clients that they have."""
    tables = {
        f"n{n}": table(
            f"n{n}",
            *(
                f"192.0.2.{m} {UP if max(n, m) < 3 or {n, m} & set(up) else info}"
                for m in NUMBERS
                if m != n and min(n, m) < 3
            ),
            kind="node specific",
        )
        for n in NUMBERS
    }
    return read(tables, addresses={f"n{n}": f"192.0.2.{n}" for n in NUMBERS}, reflectors=("n1", "n2"))


@pytest.mark.parametrize("info", [HELD, UNREACHABLE])
def test_it_is_one_partition(info):
    report = judged(info)
    assert told(report) == [("partition", ["n1", "n2"])]
    assert "and the other 4 nodes is cut" in report.causes[0].title
    assert report.unexplained == ()


def test_clients_beside_others_that_have_their_reflectors_are_cut_themselves():
    assert told(judged(HELD, up=(5, 6))) == [("host-network-cut", ["n3"]), ("host-network-cut", ["n4"])]
