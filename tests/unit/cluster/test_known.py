"""Whose a pasted table without a name is: of the one free host that it does not show, and of nobody where two are."""

from ipaddress import ip_address

import pytest

from calico_bgp.cluster.nodes.known import with_known
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.cluster.nodes.own_lists import lists_another
from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import GatherFailure, Stage
from tests.unit.cluster.test_who_is_who import reading, row

HOSTS = [Host(name=f"h{n}", node=f"n{n}", addresses=(ip_address(f"192.0.2.{n}"),)) for n in (1, 2, 3)]


def pasted(*numbers):
    """A table without a name, that shows these nodes."""
    made = reading("-", *map(row, numbers)).model_copy(update={"node": None})
    return Member("table 1", reading=made)


@pytest.mark.parametrize(
    ("shown", "name"),
    [
        ((2, 3), "n1"),
        ((1, 3), "n2"),
        # It shows one of three: either of the others may have printed it.
        ((2,), "table 1"),
        # It shows all, or none of them.
        ((1, 2, 3), "table 1"),
        ((9,), "table 1"),
    ],
)
def test_whose_a_table_is(shown, name):
    first, *others = with_known([pasted(*shown)], HOSTS)
    assert first.name == name
    assert [member.name for member in others] == [f"n{n}" for n in (1, 2, 3) if f"n{n}" != name]


def test_a_host_whose_address_is_not_known_is_not_the_one_that_a_table_does_not_show():
    """In a mesh the table of any other host would show n1."""
    first, *_ = with_known([pasted(2, 3)], [*HOSTS, Host(name="h4", node="n4")])
    assert first.name == "n1"


@pytest.mark.parametrize(("address", "another"), [("192.0.2.1", False), ("2001:db8::1", False), ("2001:db8::2", True)])
def test_a_host_lists_another_address_where_it_lists_any_of_that_family(address, another):
    host = Member("n1", reading=reading("n1").model_copy(update={"addresses": (ip_address("2001:db8::1"),)}))
    assert lists_another(host, ip_address(address)) is another


@pytest.mark.parametrize(
    "said",
    [
        {"host": "N2"},
        {"addresses": (ip_address("192.0.2.2"),)},
        {"host": "192.0.2.2"},
        # Two names of one host.
        {"host": "h2", "node": "n2"},
    ],
)
def test_whose_a_text_is_by_what_it_shows(said):
    """Its rows show no host."""
    made = reading("-").model_copy(update={"node": None} | said)
    first, *others = with_known([Member("text 1", reading=made)], HOSTS)
    assert (first.name, first.host) == ("n2", HOSTS[1])
    assert [member.name for member in others] == ["n1", "n3"]


@pytest.mark.parametrize("address", [None, "192.0.2.2", "198.51.100.1"])
def test_whose_a_failure_is_by_where_ssh_led(address):
    failure = GatherFailure(
        host="H2" if address is None else "somewhere",
        stage=Stage.CONNECT,
        message="no",
        ssh_address=None if address is None else ip_address(address),
    )
    (first, *_) = with_known([Member("somewhere", failure=failure)], HOSTS)
    assert first.name == ("somewhere" if address == "198.51.100.1" else "n2")


def test_an_address_that_two_hosts_have_tells_neither():
    twice = [HOSTS[0], Host(name="h9", node="n9", addresses=HOSTS[0].addresses)]
    made = reading("-").model_copy(update={"node": None, "addresses": HOSTS[0].addresses})
    first, *_ = with_known([Member("text 1", reading=made)], twice)
    assert first.name == "text 1"


def test_a_table_that_says_whose_it_is_is_not_that_of_the_one_free_host():
    named = Member("n9", reading=reading("n9", *map(row, (2, 3))))
    assert [member.name for member in with_known([named], HOSTS)] == ["n9", "n1", "n2", "n3"]


def test_a_table_of_a_known_host_is_not_that_of_the_one_free_host():
    """Its rows show another one than itself that they lack."""
    made = reading("h2", *map(row, (2, 3))).model_copy(update={"node": None})
    first, *others = with_known([Member("h2", reading=made)], HOSTS)
    assert (first.name, [member.name for member in others]) == ("n2", ["n1", "n3"])


@pytest.mark.parametrize(
    ("text_says", "host", "is_it"),
    [
        ("1.0.0.9", Host(name="h", addresses=(ip_address("1.0.0.1"),)), False),
        ("10.0.0.9", Host(name="10.0.0.1"), False),
        ("10.0.0.1", Host(name="10.0.0.1"), True),
        ("01-node", Host(name="01-node.example"), True),
        ("2001:db8::9", Host(name="h", addresses=(ip_address("2001:db8::1"),)), False),
    ],
)
def test_the_first_number_of_an_address_is_no_short_name(text_says, host, is_it):
    first, *_ = with_known([Member(text_says)], [host])
    assert (first.host is host) is is_it


@pytest.mark.parametrize("text_says", ["node1", "node1.lan", "NODE1.lan"])
def test_a_name_without_its_domain_is_that_of_the_one_host_of_that_short_name(text_says):
    hosts = [Host(name=f"node{n}.example") for n in (1, 2)]
    first, second = with_known([Member(text_says)], hosts)
    assert [member.host for member in (first, second)] == hosts
