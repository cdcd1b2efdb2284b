"""A node around which one direction works: what peers received from it, or it from them, tells which."""

from __future__ import annotations

import pytest

from calico_bgp.causes.network.one_way import deaf_end, deaf_node, do_large_packets_pass, is_deaf
from calico_bgp.model.peer import Family
from tests.unit.auditing.tables import UP, pasted, table, told
from tests.unit.causes.asked import case_of
from tests.unit.causes.several.two_things import both, mesh

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


HEARS_NOTHING, NOT_HEARD = f"Passive {HELD}", f"Active {RECEIVED}"


def around(name, size, *says, ipv6=None):
    """A mesh of which one node says this of each other one, and the others of it: (own, far)."""
    others = [f"n{n}" for n in range(1, size + 1) if f"n{n}" != name]
    said = {}
    for far, (own, of_it) in zip(others, says, strict=True):
        said |= {(name, far): own, (far, name): of_it}
    return case_of(mesh(size, said, ipv6=ipv6))


DEAF, UNHEARD = (HEARS_NOTHING, NOT_HEARD), (NOT_HEARD, HEARS_NOTHING)
SILENT = (HEARS_NOTHING, HEARS_NOTHING)


@pytest.mark.parametrize(
    ("says", "deaf"),
    [
        ((DEAF, DEAF), True),
        ((UNHEARD, UNHEARD), False),
        ((DEAF, DEAF, SILENT), True),
        ((UNHEARD, UNHEARD, SILENT), False),
        # One alone is not enough, nor half of them.
        ((DEAF, SILENT), None),
        ((DEAF, DEAF, SILENT, SILENT), None),
        ((DEAF, DEAF, DEAF, SILENT, SILENT), True),
        # One speaks against it.
        ((DEAF, DEAF, UNHEARD), None),
        ((UNHEARD, UNHEARD, DEAF), None),
        ((SILENT, SILENT), None),
    ],
)
@pytest.mark.parametrize("is_last", [False, True])
def test_most_sessions_tell_and_none_speaks_against_it(says, deaf, is_last):
    size = len(says) + 1
    name = f"n{size}" if is_last else "n1"
    case = around(name, size, *says)
    assert is_deaf(case, name, case.bad_keys(name)) is deaf


def test_which_end_of_one_session_is_deaf():
    def of(*says):
        case = around("n2", 4, *says)
        return deaf_end(case, case.bad_keys("n2"))

    nothing = (UP, UP)
    assert of(DEAF, nothing, nothing) == "n2"
    assert of(UNHEARD, nothing, nothing) == "n1"
    assert of(nothing, DEAF, nothing) == "n2"
    assert of(nothing, UNHEARD, nothing) == "n3"
    assert of(SILENT, SILENT, DEAF) == "n2"
    assert of(SILENT, SILENT, SILENT) is None


@pytest.mark.parametrize(
    ("says", "key", "on", "command"),
    [
        # The node does not hear: a peer sends to it.
        (DEAF, "deaf-node", "n1", "ping -c 3 -M do -s 1472 192.0.2.4"),
        (UNHEARD, "unheard-node", "n4", "ping -c 3 -M do -s 1472 192.0.2.1"),
    ],
)
def test_who_sends_large_packets_to_whom(says, key, on, command):
    case = around("n4", 4, says, says, says)
    (candidate,) = deaf_node(case)
    assert candidate.title.key == key
    assert (candidate.decide[0].on, candidate.decide[0].command) == (on, command)
    assert case.of_node("n4", "isolated-node") <= candidate.explains


def test_in_one_family_the_first_of_its_sessions_is_asked():
    said = {("n4", f"n{n}"): HEARS_NOTHING for n in (1, 2, 3)} | {(f"n{n}", "n4"): NOT_HEARD for n in (1, 2, 3)}
    case = case_of(mesh(4, ipv6=said))
    (candidate,) = deaf_node(case)
    assert str(candidate.subjects[0]) == "n4 (IPv6)"
    assert candidate.decide[0].command == "ping -c 3 -M do -s 1452 2001:db8::4"
    both = case_of(mesh(4, said, ipv6=said))
    (candidate,) = deaf_node(both)
    assert str(candidate.subjects[0]) == "n4"
    assert candidate.decide[0].command == "ping -c 3 -M do -s 1472 192.0.2.4"


def test_the_size_of_a_full_packet():
    case = case_of(mesh(2, ipv6={}))
    for family, size in ((Family.IPV4, 1500 - 20 - 8), (Family.IPV6, 1500 - 40 - 8)):
        assert f" -s {size} " in do_large_packets_pass(case, "n1", "n2", family).command


def test_that_it_has_no_session_is_explained_beside_one_with_a_fault_of_its_own():
    """n5 has another AS number than all others think: nobody has a session with it, and so n3 has none either."""
    of_n5 = both("n5", "n1", "n2", "n3", "n4", "n6", info="Idle BGP Error: Bad peer AS")
    deaf = {("n3", f"n{n}"): HEARS_NOTHING for n in (1, 2, 4, 6)} | {(f"n{n}", "n3"): NOT_HEARD for n in (1, 2, 4, 6)}
    case = case_of(mesh(6, deaf, of_n5))
    isolated = case.of_node("n3", "isolated-node")
    assert isolated
    (candidate,) = deaf_node(case)
    assert str(candidate.subjects[0]) == "n3"
    assert isolated <= candidate.explains
    # Over one family the finding is about all sessions of it, which is more than this explains.
    case = case_of(mesh(6, ipv6=deaf | of_n5))
    isolated = case.of_node("n3", "isolated-node")
    assert isolated
    (candidate,) = deaf_node(case)
    assert str(candidate.subjects[0]) == "n3 (IPv6)"
    assert isolated.isdisjoint(candidate.explains)
