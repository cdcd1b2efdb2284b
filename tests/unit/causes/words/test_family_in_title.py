"""Where a cluster has both families and a cause is about one, that one stands in its title."""

import pytest

from tests.unit.auditing.tables import UP, cluster, node, pasted, table

REFUSED, RESET, HELD = (
    "Active Socket: Connection refused",
    "Active Socket: Connection reset by peer",
    "Connect BGP Error: Hold timer expired",
)
NODES = cluster(*(node(f"n{n}", f"192.0.2.{n}/24 2001:db8::{n}/64") for n in (1, 2, 3, 4)))


def n1_down(info, family):
    """n1 and the others, in one family."""
    tables = []
    for n in (1, 2, 3, 4):
        rows = {}
        for version, network in ((4, "192.0.2."), (6, "2001:db8::")):
            bad = {m: version == family and 1 in (n, m) for m in (1, 2, 3, 4)}
            rows[version] = [
                f"{network}{m} {(('Passive' if n == 1 else info) if bad[m] else UP)}" for m in (1, 2, 3, 4) if m != n
            ]
        tables.append(table(f"n{n}", *rows[4], ipv6=rows[6]))
    return tables


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize(("info", "kind"), [(REFUSED, "port-refused"), (RESET, "port-reset"), (HELD, None)])
def test_the_family_that_is_meant(info, kind, family):
    (cause,) = pasted(*n1_down(info, family), resources=NODES).causes
    assert kind in {cause.kind, None}
    assert f"IPv{family}" in cause.title
    assert f"IPv{10 - family}" not in cause.title


def test_no_family_where_there_is_one():
    tables = [
        table(
            f"n{n}",
            *(f"192.0.2.{m} {REFUSED if m == 1 else 'Passive' if n == 1 else UP}" for m in (1, 2, 3, 4) if m != n),
        )
        for n in (1, 2, 3, 4)
    ]
    (cause,) = pasted(*tables).causes
    assert "IPv" not in cause.title
