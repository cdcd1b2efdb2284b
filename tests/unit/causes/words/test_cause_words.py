"""Words that the families of causes share: how many rows are shown, whose come first, and how many show what."""

import pytest

from calico_bgp.causes.case import Case
from calico_bgp.causes.words import address_of, host_of, in_one_family, rows_about, rows_of, tcp_port, told_by
from calico_bgp.cluster.cluster import observe
from calico_bgp.model.peer import Family
from tests.unit.auditing.tables import UP, gathered, table

DOWN = "Active Socket: Connection refused"


def mesh(down, *, lacks=(), size=6, ipv6=()):
    """A mesh n1, n2, ...: n1 is down with some, at both ends, some of which have no row for it."""
    tables = {}
    for n in range(1, size + 1):
        rows = [
            f"192.0.2.{m} {DOWN if {1} <= {n, m} and max(n, m) in down else UP}"
            for m in range(1, size + 1)
            if m != n and not (m == 1 and n in lacks)
        ]
        tables[f"n{n}"] = table(f"n{n}", *rows, ipv6=ipv6)
    return Case(observe(gathered(tables, addresses={name: f"192.0.2.{name[1:]}" for name in tables})), ())


@pytest.mark.parametrize(("down", "more"), [((2, 3, 4), None), ((2, 3, 4, 5), "and 2 more")])
def test_six_rows_are_shown(down, more):
    case = mesh(down)
    for lines in (rows_of(case, case.bad_keys("n1")), rows_about(case, "n1", case.bad_keys("n1"))):
        assert len(lines) == 6 + (more is not None)
        assert ("more" in lines[-1]) is (more is not None)
        assert more in (None, lines[-1])


def test_what_others_show_of_a_node_comes_before_what_it_shows_itself():
    case = mesh((2, 3))
    about = rows_about(case, "n1", case.bad_keys("n1"))
    assert [line.partition(" ")[0].rstrip(":") for line in about] == ["n2", "n3", "n1", "n1"]
    both = rows_of(case, case.bad_keys("n1"))
    assert [line.partition(" ")[0].rstrip(":") for line in both] == ["n1", "n2", "n1", "n3"]


def test_a_row_that_an_end_lacks_is_said():
    case = mesh((2,), lacks=(2,))
    assert "n2 shows no row for it" in rows_of(case, case.bad_keys("n1"))


@pytest.mark.parametrize(("size", "words"), [(2, "1 peer shows it Established"), (4, "3 peers show it Established")])
def test_how_many_show_it(size, words):
    case = mesh((), size=size)
    assert told_by(case, "n1", case.up_keys("n1")) == words


def test_the_family_is_said_where_there_are_two():
    one, two = mesh((2,)), mesh((2,), ipv6=[f"2001:db8::99 {UP}"])
    assert in_one_family(one, one.bad_keys("n1")) == ""
    assert in_one_family(two, two.bad_keys("n1")) == " over IPv4"
    assert in_one_family(two, two.bad_keys("n1") | two.up_keys("n3", Family.IPV6)) == ""


def test_by_what_a_node_is_found():
    case = mesh((2,))
    assert (address_of(case, "n2", Family.IPV4), address_of(case, "n2", Family.IPV6)) == ("192.0.2.2", None)
    assert (host_of(case, "n2", Family.IPV4), host_of(case, "n2", Family.IPV6)) == ("192.0.2.2", "n2")
    assert tcp_port(case, case.bad_keys("n1")) == "TCP port 179"
