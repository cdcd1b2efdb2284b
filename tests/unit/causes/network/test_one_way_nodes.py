"""A node around which one direction works: what peers received from it, or it from them, tells which."""

from __future__ import annotations

import pytest

from tests.unit.auditing.tables import UP, pasted, table, told

HELD, RECEIVED = "BGP Error: Hold timer expired", "Received: Hold timer expired"
MESH = range(1, 5)


def report(own, far, *, but=None):
    """A mesh of four in which node4 says this of each, and they of it; where `but` is given node1 says that."""
    tables = [
        table(
            f"node{n}",
            *(f"192.0.2.{other} {UP}" for other in MESH if other not in (n, 4)),
            f"192.0.2.4 Active {but if n == 1 and but else far}",
        )
        for n in range(1, 4)
    ]
    return pasted(*tables, table("node4", *(f"192.0.2.{n} Passive {own}" for n in range(1, 4))))


@pytest.mark.parametrize(
    ("own", "far", "said"),
    [
        (HELD, RECEIVED, "packets from 3 peers do not arrive at node4"),
        (RECEIVED, HELD, "packets from node4 do not arrive at 3 peers"),
    ],
)
def test_the_direction_is_told(own, far, said):
    made = report(own, far)
    assert told(made) == [("one-way", ["node4"])]
    assert said in made.causes[0].title
    assert made.causes[0].sessions == 3
    assert "ping -c 3 -M do -s 1472" in made.causes[0].decide[0].command


def test_where_they_contradict_each_other_no_direction_is_told():
    made = report(HELD, HELD)
    assert told(made) == [("host-network-cut", ["node4"])]


def test_most_tell_where_one_has_dialled_in_vain_since():
    made = report(HELD, RECEIVED, but="Socket: Connection timed out")
    assert told(made) == [("one-way", ["node4"])]
    assert made.causes[0].title.startswith("packets from 2 peers do not arrive at node4")


def test_a_pair_is_told_of_an_mtu_as_well():
    made = pasted(
        table("node1", f"192.0.2.2 {UP}", f"192.0.2.3 Active {RECEIVED}"),
        table("node2", f"192.0.2.1 {UP}", f"192.0.2.3 {UP}"),
        table("node3", f"192.0.2.1 Passive {HELD}", f"192.0.2.2 {UP}"),
    )
    assert told(made) == [("one-way", ["node1 <-> node3 (IPv4)"])]
    assert "or no large ones do" in made.causes[0].title
    assert any("-M do" in decision.command for decision in made.causes[0].decide)
