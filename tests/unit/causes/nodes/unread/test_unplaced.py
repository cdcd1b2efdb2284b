"""Addresses of which nobody knows the owner, and hosts of which nobody knows the address: which can be whose."""

import pytest

from calico_bgp.causes.case import Case
from calico_bgp.causes.network.unplaced import (
    absent_addresses,
    addresses_of_dead_birds,
    keys_of_absent,
    may_be_off,
)
from calico_bgp.cluster.cluster import observe
from calico_bgp.model.reading import GatherFailure, Silent, Stage
from tests.unit.auditing.tables import GLOBAL, MESH, UP, gathered, table
from tests.unit.causes.asked import case_of
from tests.unit.causes.several.two_things import printing

SILENT = "Active BGP Error: Hold timer expired"


def absent(*rows, kind=GLOBAL, addresses=("192.0.2.1 10.9.0.1", "192.0.2.2 10.9.0.2")):
    """Two nodes that have each other, two that were not read, and the same other rows at each: whose they may be."""
    tables = {f"n{n}": table(f"n{n}", f"192.0.2.{3 - n} {UP}", *rows, kind=kind) for n in (1, 2)}
    own = dict(zip(tables, addresses, strict=True))
    case = Case(observe(gathered(tables, addresses=own, unread=("n3", "n4"))), ())
    return {name: sorted(map(str, found)) for name, found in absent_addresses(case).items()}


@pytest.mark.parametrize(
    ("address", "kind", "is_nodes"),
    [
        # In the network of one of the addresses that nodes have; of two networks it need not be in both.
        ("192.0.2.3", GLOBAL, True),
        ("10.9.0.3", GLOBAL, True),
        ("203.0.113.3", GLOBAL, False),
        # A peer of the mesh is a node wherever it is.
        ("203.0.113.3", MESH, True),
    ],
)
def test_what_can_be_the_address_of_a_node(address, kind, is_nodes):
    assert absent(f"{address} {SILENT}", kind=kind) == ({"n3": [address], "n4": [address]} if is_nodes else {})


def test_more_addresses_than_hosts_are_nobodys():
    two, three = ([f"192.0.2.{n}" for n in range(3, last)] for last in (5, 6))
    assert absent(*(f"{address} {SILENT}" for address in two)) == {"n3": two, "n4": two}
    assert absent(*(f"{address} {SILENT}" for address in three)) == {}


@pytest.mark.parametrize("info", [UP, "Active Socket: Connection refused"])
def test_where_somebody_answers_the_host_is_not_off(info):
    assert absent(f"192.0.2.3 {info}") == {}


def test_one_row_of_the_mesh_says_that_it_is_a_node():
    tables = {
        f"n{n}": table(f"n{n}", f"192.0.2.{3 - n} {UP}", f"{kind}= 203.0.113.3 {SILENT}")
        for n, kind in ((1, MESH), (2, GLOBAL))
    }
    case = Case(observe(gathered(tables, addresses={"n1": "192.0.2.1", "n2": "192.0.2.2"}, unread=("n3", "n4"))), ())
    assert sorted(absent_addresses(case)) == ["n3", "n4"]


@pytest.mark.parametrize(
    ("stage", "silent", "off"),
    [
        (Stage.RESOLVE, None, True),
        (Stage.CONNECT, None, True),
        (Stage.TIMEOUT, Silent.HOST, True),
        (Stage.TIMEOUT, Silent.BIRD, False),
        (Stage.HOST_KEY, None, False),
        (Stage.COMMAND, None, False),
    ],
)
def test_a_host_of_which_anything_was_heard_is_not_off(stage, silent, off):
    assert may_be_off(GatherFailure(host="n3", stage=stage, message="no", silent=silent)) is off


REFUSED, RESET = "Active Socket: Connection refused", "Active Socket: Connection reset by peer"
CLOSED, STOPPED = "Active Socket: Connection closed", "Idle Received: Administrative shutdown"
BAD_AS = "Idle BGP Error: Bad peer AS"
BIRD_IS_DEAD = "Calico process is running.\n\nNone of the BGP backend processes (BIRD or GoBGP) are running.\n"


@pytest.mark.parametrize(
    ("info", "off", "dead"),
    [
        (SILENT, True, True),
        (STOPPED, True, True),
        # Its kernel is up: the host is not off, and no BIRD listens there.
        (REFUSED, False, True),
        (RESET, False, True),
        (CLOSED, False, True),
        (BAD_AS, False, False),
    ],
)
def test_what_is_said_of_a_host_that_is_off_and_of_one_without_a_bird(info, off, dead):
    assert bool(absent(f"192.0.2.3 {info}", kind=MESH)) is off
    tables = {f"n{n}": table(f"n{n}", f"192.0.2.{3 - n} {UP}", f"192.0.2.3 {info}") for n in (1, 2)}
    tables |= {"n3": table("n3"), "n4": table("n4")}
    made = gathered(tables, addresses={"n1": "192.0.2.1", "n2": "192.0.2.2"})
    made = printing(made, n3=BIRD_IS_DEAD, n4=BIRD_IS_DEAD)
    assert sorted(addresses_of_dead_birds(case_of(made))) == (["n3", "n4"] if dead else [])


def test_who_is_read_and_runs_is_neither():
    tables = {f"n{n}": table(f"n{n}", f"192.0.2.{3 - n} {UP}", f"192.0.2.3 {SILENT}") for n in (1, 2)}
    tables |= {"n3": table("n3"), "n4": table("n4")}
    case = case_of(gathered(tables, addresses={"n1": "192.0.2.1", "n2": "192.0.2.2"}))
    assert (absent_addresses(case), addresses_of_dead_birds(case)) == ({}, {})


def test_where_some_hosts_were_left_out_the_address_may_be_one_of_theirs():
    tables = {f"n{n}": table(f"n{n}", f"192.0.2.{3 - n} {UP}", f"192.0.2.3 {SILENT}") for n in (1, 2)}
    made = gathered(tables, addresses={"n1": "192.0.2.1", "n2": "192.0.2.2"}, unread=("n3", "n4"))
    assert sorted(absent_addresses(case_of(made))) == ["n3", "n4"]
    assert absent_addresses(case_of(made.model_copy(update={"limited": True}))) == {}


def test_addresses_of_both_families_may_be_one_host_s():
    tables = {
        f"n{n}": table(
            f"n{n}",
            f"192.0.2.{3 - n} {UP}",
            f"192.0.2.3 {SILENT}",
            ipv6=[f"2001:db8::{3 - n} {UP}", f"2001:db8::3 {SILENT}"],
        )
        for n in (1, 2)
    }
    own = {f"n{n}": f"192.0.2.{n} 2001:db8::{n}" for n in (1, 2)}
    case = case_of(gathered(tables, addresses=own, unread=("n3", "n4")))
    both = ["192.0.2.3", "2001:db8::3"]
    assert {name: sorted(map(str, a)) for name, a in absent_addresses(case).items()} == {"n3": both, "n4": both}
    explained = case.explained_by(keys_of_absent(case, "n3"))
    assert sorted(str(finding.subject) for finding in case.findings if finding.id in explained) == both


def test_one_of_two_addresses_that_answers_is_not_the_host_s_that_is_off():
    """There are two hosts that are off, and two addresses: one is refused."""
    assert absent(f"192.0.2.3 {SILENT}", f"192.0.2.4 {REFUSED}", kind=MESH) == {
        "n3": ["192.0.2.3"],
        "n4": ["192.0.2.3"],
    }
