"""Addresses of which nobody knows the owner, and hosts of which nobody knows the address: which can be whose."""

import pytest

from calico_bgp.causes.case import Case
from calico_bgp.causes.network.unplaced import absent_addresses, may_be_off
from calico_bgp.cluster.cluster import observe
from calico_bgp.model.reading import GatherFailure, Silent, Stage
from tests.unit.auditing.tables import GLOBAL, MESH, UP, gathered, table

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
