"""A node whose BGP port refuses or resets: how many of its peers say so, and who is at fault where both ends do."""

import pytest

from calico_bgp.causes.case import Case
from calico_bgp.causes.network.ports import port_taken, refused_by_all, refused_or_reset
from calico_bgp.cluster.cluster import observe
from calico_bgp.model.reports.cause import Confidence
from tests.unit.auditing.tables import UP, gathered, table
from tests.unit.causes.asked import case_of
from tests.unit.causes.several.two_things import mesh as snapshot

REFUSED, RESET = "Active Socket: Connection refused", "Active Socket: Connection reset by peer"
FORBIDDEN, UNREACHABLE = "Active Socket: Permission denied", "Active Socket: No route to host"
HELD, WAITS, NO_SOCKET = "Active BGP Error: Hold timer expired", "Passive", "Idle Error: No listening socket"


def mesh(size, said=None, *, unread=(), more=None):
    """A mesh n1, n2, ...; `said` is what the first says of the second, where that is not that the session is up.

    `more` is another row of a node.
    """
    known = {frozenset(pair) for pair in said or {}}
    names = [f"n{n}" for n in range(1, size + 1)]
    tables = {
        one: table(
            one,
            *(
                f"192.0.2.{far[1:]} {(said or {}).get((one, far), WAITS) if frozenset((one, far)) in known else UP}"
                for far in names
                if far != one
            ),
            *((more or {}).get(one, ())),
        )
        for one in names
        if one not in unread
    }
    addresses = {name: f"192.0.2.{name[1:]}" for name in tables}
    return Case(observe(gathered(tables, addresses=addresses, unread=unread)), ())


def found(candidates):
    return [
        (candidate.kind, [subject.node for subject in candidate.subjects], len(candidate.keys))
        for candidate in candidates
    ]


@pytest.mark.parametrize(("info", "kind"), [(REFUSED, "port-refused"), (RESET, "port-reset")])
@pytest.mark.parametrize(("sayers", "confidence"), [((2,), Confidence.POSSIBLE), ((2, 3), Confidence.LIKELY)])
def test_one_peer_that_says_so_leaves_a_doubt(info, kind, sayers, confidence):
    case = mesh(4, {(f"n{n}", "n1"): info for n in sayers})
    (candidate,) = refused_or_reset(case)
    assert found([candidate]) == [(kind, ["n1"], len(sayers))]
    assert candidate.confidence is confidence


@pytest.mark.parametrize(("silent", "count"), [(1, 3), (2, 4), (3, None)])
def test_at_least_half_of_those_that_are_down_say_so(silent, count):
    """The others may keep the error of before: two say it, and one, two or three are silent."""
    said = {("n2", "n1"): REFUSED, ("n3", "n1"): REFUSED} | {(f"n{n}", "n1"): HELD for n in range(4, 4 + silent)}
    assert found(refused_or_reset(mesh(7, said))) == ([] if count is None else [("port-refused", ["n1"], count)])


def test_what_is_passed_over_ends_not_the_look_at_the_next():
    """n1 and n2 refuse each other, which tells of neither; n3 refuses two."""
    said = {("n1", "n2"): REFUSED, ("n2", "n1"): REFUSED, ("n4", "n3"): REFUSED, ("n5", "n3"): REFUSED}
    assert found(refused_or_reset(mesh(5, said))) == [("port-refused", ["n3"], 2)]


def test_one_of_whom_too_few_say_so_ends_not_the_look_at_the_next():
    said = {("n2", "n1"): REFUSED} | {(f"n{n}", "n1"): HELD for n in (3, 4, 5)}
    said |= {("n7", "n6"): REFUSED, ("n8", "n6"): REFUSED}
    assert found(refused_or_reset(mesh(8, said))) == [("port-refused", ["n6"], 2)]


def test_who_says_another_thing_has_another_reason():
    said = {("n2", "n1"): REFUSED, ("n3", "n1"): REFUSED, ("n4", "n1"): "Idle Received: Bad peer AS"}
    assert found(refused_or_reset(mesh(5, said))) == [("port-refused", ["n1"], 2)]


def test_a_node_that_was_not_read_ends_not_the_look_at_the_next():
    said = {("n2", "n1"): REFUSED, ("n4", "n3"): REFUSED, ("n5", "n3"): REFUSED}
    assert found(refused_or_reset(mesh(5, said, unread=["n1"]))) == [("port-refused", ["n3"], 2)]


def test_where_both_ends_say_so_the_one_of_more_is_at_fault():
    said = {("n1", "n2"): REFUSED, ("n2", "n1"): REFUSED, ("n3", "n2"): REFUSED}
    assert found(refused_or_reset(mesh(4, said))) == [("port-refused", ["n2"], 2)]


def test_what_others_refuse_says_nothing_of_the_two():
    """n1 and n2 refuse each other, and n1 one more; what n5 is refused elsewhere is no word about n2."""
    said = {("n1", "n2"): REFUSED, ("n2", "n1"): REFUSED, ("n3", "n1"): REFUSED}
    said |= {("n5", "n6"): REFUSED, ("n5", "n7"): REFUSED, ("n5", "n8"): REFUSED}
    assert ("port-refused", ["n1"], 2) in found(refused_or_reset(mesh(8, said)))


def test_a_node_whose_port_is_taken_refuses_nothing_of_its_own():
    said = {("n2", "n1"): REFUSED, ("n3", "n1"): REFUSED, ("n1", "n2"): NO_SOCKET, ("n1", "n3"): NO_SOCKET}
    case = mesh(4, said)
    assert found(refused_or_reset(case)) == []
    (taken,) = port_taken(case)
    assert found([taken]) == [("port-taken", ["n1"], 2)]


def test_of_a_taken_port_two_of_its_own_rows_are_enough():
    said = {("n1", f"n{n}"): NO_SOCKET for n in (2, 3, 4)} | {(f"n{n}", "n1"): REFUSED for n in (2, 3, 4)}
    (taken,) = port_taken(mesh(5, said))
    assert ["No listening socket" in line for line in taken.evidence[:3]] == [True, True, False]


def test_of_the_ports_that_are_taken_each_is_named():
    said = {("n2", "n3"): NO_SOCKET, ("n4", "n3"): NO_SOCKET}
    assert [nodes for _, nodes, _ in found(port_taken(mesh(5, said)))] == [["n2"], ["n4"]]


def refuses(name, *others, info=REFUSED):
    return {(name, other): info for other in others}


@pytest.mark.parametrize(
    ("said", "nodes"),
    [
        # A node that refuses all, be it the first or the last.
        (refuses("n1", "n2", "n3", "n4"), [["n1"]]),
        (refuses("n4", "n1", "n2", "n3"), [["n4"]]),
        # One of its sessions is up, or silent.
        (refuses("n1", "n2", "n3"), []),
        (refuses("n1", "n2", "n3") | {("n1", "n4"): HELD}, []),
        # One of its peers has no session either: that is a fault of its own.
        (refuses("n1", "n2", "n3", "n4") | {("n2", "n3"): HELD, ("n2", "n4"): HELD}, [["n1"]]),
        # Of most of its peers nothing is known.
        (refuses("n1", "n2", "n3", "n4") | {("n3", "n2"): HELD, ("n3", "n4"): HELD, ("n2", "n4"): HELD}, []),
        # A firewall may say `forbidden` to some and `unreachable` to others; the network says only the latter.
        (refuses("n1", "n2", info=FORBIDDEN) | refuses("n1", "n3", "n4", info=UNREACHABLE), [["n1"]]),
        (refuses("n1", "n2", "n3", "n4", info=UNREACHABLE), []),
        (refuses("n1", "n2", info=FORBIDDEN) | refuses("n1", "n3", "n4", info=HELD), []),
    ],
)
def test_a_node_that_refuses_whom_it_dials_has_a_firewall_of_its_own(said, nodes):
    assert [names for _, names, _ in found(refused_by_all(mesh(4, said)))] == nodes


def test_two_peers_are_enough_to_tell_whose_firewall_it_is_and_one_is_not():
    assert found(refused_by_all(mesh(3, refuses("n1", "n2", "n3")))) == [("port-refused", ["n1"], 2)]
    assert found(refused_by_all(mesh(2, refuses("n1", "n2")))) == []


@pytest.mark.parametrize(
    ("rows", "but"), [((), ""), ((f"global= 203.0.113.1 {UP}",), " but 203.0.113.1")], ids=["alone", "with a switch"]
)
def test_a_switch_that_it_reaches_is_named(rows, but):
    (candidate,) = refused_by_all(mesh(3, refuses("n1", "n2", "n3"), more={"n1": rows}))
    assert candidate.title.values["but"] == but


def nobody_of(*names):
    """None of these has a session with another one of them."""
    return {(one, other): HELD for one in names for other in names if one != other}


@pytest.mark.parametrize(
    ("size", "without", "told"),
    [
        # Of four peers two have no session of their own: half is not most.
        (5, ("n4", "n5"), False),
        (6, ("n5", "n6"), True),
        # Of five three have none.
        (6, ("n4", "n5", "n6"), False),
    ],
)
def test_most_of_the_peers_have_to_be_without_a_fault_of_their_own(size, without, told):
    names = [f"n{n}" for n in range(1, size + 1)]
    said = refuses("n1", *names[1:])
    said |= {(one, far): HELD for one in without for far in names[1:] if far != one}
    candidates = [names for _, names, _ in found(refused_by_all(mesh(size, said)))]
    assert (["n1"] in candidates) is told


def test_a_port_that_is_taken_over_one_family_says_nothing_of_the_other():
    taken = {("n1", f"n{n}"): NO_SOCKET for n in (2, 3, 4)} | {(f"n{n}", "n1"): REFUSED for n in (2, 3, 4)}
    (candidate,) = port_taken(case_of(snapshot(4, {("n1", "n2"): HELD, ("n2", "n1"): HELD}, ipv6=taken)))
    assert [str(subject) for subject in candidate.subjects] == ["n1 (IPv6)"]
    assert sorted(key.family.label for key in candidate.keys) == ["IPv6"] * 3


def test_a_peer_without_any_other_session_that_is_refused_as_well_is_one_of_them():
    """n5 has no session with anybody; what n1 says of it is what it says of all others."""
    said = refuses("n1", "n2", "n3", "n4", "n5") | {(one, "n5"): HELD for one in ("n2", "n3", "n4")}
    said |= {("n5", far): HELD for far in ("n2", "n3", "n4")}
    (candidate,) = [one for one in refused_by_all(mesh(5, said)) if one.subjects[0].node == "n1"]
    assert {key.far("n1") for key in candidate.keys} == {"n2", "n3", "n4", "n5"}
