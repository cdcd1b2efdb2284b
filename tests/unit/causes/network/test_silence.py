"""Silent sessions: which ends heard nothing, who is cut off, and over which address a node was read."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from calico_bgp.causes.case import Case
from calico_bgp.causes.network.silence import (
    gone_fars,
    is_read_over_bgp_address,
    islands,
    living_keys,
    lonely_ends,
    lonely_nodes,
    shared_places,
    silent_keys,
)
from calico_bgp.causes.signals import NOTHING_COMES
from calico_bgp.cluster.cluster import observe
from tests.unit.auditing.tables import UP, node
from tests.unit.causes.asked import case_of, pairs
from tests.unit.causes.several.two_things import CLOSED, HELD, WAITS, both, mesh, printing, showing, with_resources

HELD_THERE, CHANGED = "Active Received: Hold timer expired", "Active Received: Other configuration change"
UNREACHABLE, FORBIDDEN = "Active Socket: No route to host", "Active Socket: Permission denied"
TIMED_OUT, REFUSED = "Active Socket: Operation timed out", "Active Socket: Connection refused"
BIRD_IS_DEAD = "Calico process is running.\n\nNone of the BGP backend processes (BIRD or GoBGP) are running.\n"


@pytest.mark.parametrize("info", [HELD, HELD_THERE, CHANGED, UNREACHABLE, FORBIDDEN, TIMED_OUT, "Active"])
def test_what_is_silence(info):
    assert pairs(silent_keys(case_of(mesh(4, both("n1", "n2", info=info))))) == {("n1", "n2")}


def test_a_node_may_have_every_kind_of_silence():
    infos = [HELD, HELD_THERE, CHANGED, UNREACHABLE, FORBIDDEN, TIMED_OUT, "Active"]
    case = case_of(mesh(8, *(both("n1", f"n{n}", info=info) for n, info in enumerate(infos, start=2))))
    assert len(silent_keys(case)) == 7
    assert case.all_signals(silent_keys(case)) == NOTHING_COMES


@pytest.mark.parametrize(
    ("own", "far", "is_silent"),
    [
        # Its kernel opened no connection, and the far end heard nothing of it.
        (CLOSED, HELD, True),
        (CLOSED, TIMED_OUT, True),
        (CLOSED, UNREACHABLE, True),
        # The far end would have heard of a connection that it closed.
        (CLOSED, CLOSED, False),
        (CLOSED, REFUSED, False),
        (HELD, REFUSED, False),
        # A far end that only waits has no error; then one that dials has to find nobody there.
        (CLOSED, WAITS, False),
    ],
)
def test_an_end_that_cannot_send(own, far, is_silent):
    for said in ({("n1", "n2"): own, ("n2", "n1"): far}, {("n2", "n1"): own, ("n1", "n2"): far}):
        assert bool(silent_keys(case_of(mesh(4, said)))) is is_silent


def test_an_end_that_nobody_finds_cannot_send_to_one_that_waits():
    said = {("n1", "n2"): CLOSED, ("n2", "n1"): WAITS}
    n3_finds_nobody = {("n3", "n1"): UNREACHABLE, ("n1", "n3"): CLOSED}
    assert pairs(silent_keys(case_of(mesh(4, said, n3_finds_nobody)))) == {("n1", "n2"), ("n1", "n3")}
    n2_finds_nobody = {("n4", "n2"): UNREACHABLE, ("n2", "n4"): CLOSED}
    assert pairs(silent_keys(case_of(mesh(4, said, n2_finds_nobody)))) == {("n2", "n4")}


@pytest.mark.parametrize(
    ("ssh_address", "name", "is_read"),
    [
        ("192.0.2.1", "n1", True),
        # The address of another node, or of another network.
        ("192.0.2.2", "n1", False),
        ("10.9.0.1", "n1", False),
        # It did not come over an address, was not read, or is no node.
        (None, "n1", False),
        ("192.0.2.1", "n3", False),
        ("192.0.2.1", "198.51.100.1", False),
    ],
)
def test_over_which_address_it_was_read(ssh_address, name, is_read):
    made = mesh(3, unread=["n3"])
    first, *others = made.readings
    first = first.model_copy(update={"ssh_address": None if ssh_address is None else ip_address(ssh_address)})
    case = Case(observe(made.model_copy(update={"readings": (first, *others)})), ())
    assert is_read_over_bgp_address(case, name) is is_read


def test_groups_that_sessions_join():
    def of(made):
        case = case_of(made)
        return [" ".join(sorted(group)) for group in islands(case, silent_keys(case))]

    assert of(mesh(4)) == ["n1 n2 n3 n4"]
    # The largest first, of equal ones the one with the first node.
    assert of(mesh(4, both("n1", "n2", "n3", "n4"))) == ["n2 n3 n4", "n1"]
    assert of(mesh(4, both("n1", "n3", "n4"), both("n2", "n3", "n4"))) == ["n1 n2", "n3 n4"]
    # One silent session within a group: the silence does not lie between groups.
    assert of(mesh(4, both("n1", "n2"))) == []
    # Groups grow together however they meet.
    chain = {"n1": {"n2": UP}, "n2": {"n1": UP, "n3": UP}, "n3": {"n2": UP, "n4": UP}, "n4": {"n3": UP, "n5": HELD}}
    assert of(showing(**chain, n5={"n4": HELD})) == ["n1 n2 n3 n4", "n5"]


def test_what_nodes_share():
    def of(*labels):
        nodes = [node(f"n{n}", f"10.0.{n}.{n}/24", labels=text) for n, text in enumerate(labels, start=1)]
        addresses = [f"10.0.{n}.{n}" for n in range(1, len(labels) + 1)]
        made = with_resources(mesh(len(labels)), *nodes)
        readings = [
            reading.model_copy(update={"addresses": (ip_address(address),)})
            for reading, address in zip(made.readings, addresses, strict=True)
        ]
        made = made.model_copy(update={"readings": tuple(readings)})
        return [(what, sorted(names)) for what, names in shared_places(Case(observe(made), ()))]

    zone, rack = "topology.kubernetes.io/zone", "example.org/rack"
    assert of(f"{zone}=a", f"{zone}=a", f"{zone}=b") == [(f"{zone}=a", ["n1", "n2"])]
    assert of(f"{rack}=r1", f"{rack}=r1", f"{rack}=r2") == [(f"{rack}=r1", ["n1", "n2"])]
    # What all share is no place of some, and a label that says nothing of hardware no place at all.
    assert of(f"{zone}=a", f"{zone}=a", f"{zone}=a") == []
    assert of("pool=a", "pool=a", "pool=b") == []
    assert of("bracket=a", "bracket=a", "bracket=b") == []


def lonely(made):
    case = case_of(made)
    ends = lonely_ends(case, silent_keys(case))
    return [(name, None if family is None else family.label, sorted(pairs(keys))) for name, family, keys in ends]


ALL_OF_N1 = [("n1", "n2"), ("n1", "n3"), ("n1", "n4")]


def test_a_node_that_reaches_nobody():
    assert lonely(mesh(4, both("n1", "n2", "n3", "n4"))) == [("n1", None, ALL_OF_N1)]
    assert lonely_nodes(case_of(mesh(4, both("n1", "n2", "n3", "n4"))), frozenset()) == []
    # One session is up, or one peer is all that it has.
    assert lonely(mesh(4, both("n1", "n2", "n3"))) == []
    assert lonely(mesh(2, both("n1", "n2"))) == []


def test_in_one_family_alone():
    def four(v4, v6):
        return lonely(mesh(4, v4, ipv6=v6))

    cut = both("n1", "n2", "n3", "n4")
    assert four({}, cut) == [("n1", "IPv6", ALL_OF_N1)]
    assert four(cut, {}) == [("n1", "IPv4", ALL_OF_N1)]
    assert four(cut, cut) == [("n1", None, ALL_OF_N1)]
    assert four(cut, both("n1", "n2", "n3")) == [("n1", "IPv4", ALL_OF_N1)]


def test_a_node_that_one_family_cuts_off_is_not_one_without_any_session():
    cut = both("n1", "n2", "n3", "n4")
    for v4, v6, names in (({}, cut, []), (cut, {}, []), (cut, cut, ["n1"])):
        case = case_of(mesh(4, v4, ipv6=v6))
        assert lonely_nodes(case, silent_keys(case)) == names


def test_one_that_says_something_else_has_a_fault_of_its_own_where_it_has_no_session():
    """n5 has no session with anybody; the others of n1 are silent."""
    bad_as = {pair: "Idle BGP Error: Bad peer AS" for n in (1, 2, 3, 4) for pair in ((f"n{n}", "n5"), ("n5", f"n{n}"))}
    assert lonely(mesh(5, both("n1", "n2", "n3", "n4"), bad_as)) == [("n1", None, ALL_OF_N1)]
    # Where it has others what it says of n1 counts.
    bad_as = {("n1", "n5"): "Idle BGP Error: Bad peer AS", ("n5", "n1"): "Idle BGP Error: Bad peer AS"}
    assert lonely(mesh(5, both("n1", "n2", "n3", "n4"), bad_as)) == []


def test_a_peer_whose_bird_does_not_run_is_another_far_end():
    """n1 has two peers: n2 is silent, and on n3 no BIRD runs; n2 has a third one."""
    rows = {"n1": {"n2": HELD, "n3": HELD}, "n2": {"n1": HELD, "n4": UP}, "n3": {}, "n4": {"n2": UP}}
    made = printing(showing(**rows), n3=BIRD_IS_DEAD)
    case = case_of(made)
    assert gone_fars(case, "n1") == {"n3"}
    assert pairs(living_keys(case)) == {("n1", "n2")}
    assert lonely(made) == [("n1", None, [("n1", "n2")])]
