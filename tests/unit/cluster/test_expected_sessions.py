"""Which sessions should be there where no resources say so: of each family those of the nodes that should take part."""

import pytest

from calico_bgp.cluster.cluster import observe
from calico_bgp.model.peer import Family
from tests.unit.auditing.tables import GLOBAL, MESH, UP, gathered, table


def expected(made, family):
    return sorted(f"{key.a}-{key.b}" for key in observe(made).expected if key.family is family)


def star(ipv6_only, *, roles=True):
    """Two clients of two reflectors over both families, but some nodes have no session over IPv4."""
    numbers = {"c1": 1, "c2": 2, "r1": 3, "r2": 4}

    def rows(name, address):
        fars = [far for far in numbers if far[0] != name[0]]
        return [f"{address}{numbers[far]} {UP}" for far in fars if "db8" in address or not {far, name} & {ipv6_only}]

    tables = {
        name: table(name, *rows(name, "192.0.2."), kind=GLOBAL, ipv6=rows(name, "2001:db8::")) for name in numbers
    }
    addresses = {name: f"192.0.2.{number} 2001:db8::{number}" for name, number in numbers.items()}
    return gathered(tables, addresses=addresses, reflectors=("r1", "r2") if roles else ())


PAIRS = ["c1-r1", "c1-r2", "c2-r1", "c2-r2"]


def test_a_reflector_without_a_session_of_a_family_should_have_them_all():
    assert expected(star("r2"), Family.IPV4) == PAIRS
    assert expected(star("r2"), Family.IPV6) == PAIRS


def test_a_client_without_a_session_of_a_family_may_lack_an_address():
    assert expected(star("c2"), Family.IPV4) == ["c1-r1", "c1-r2"]
    assert expected(star("c2"), Family.IPV6) == PAIRS


@pytest.mark.parametrize(("also_ipv6", "pairs"), [(False, ["n1-n2", "n1-n3", "n2-n3"]), (True, ["n1-n2"])])
def test_a_node_without_any_session_should_have_some_of_each_family_that_is_used(also_ipv6, pairs):
    """n3 has none over IPv4."""
    ipv6 = {name: [f"2001:db8::{n} {UP}" for n in (1, 2, 3) if name != f"n{n}"] for name in ("n1", "n2", "n3")}
    tables = {
        name: table(
            name,
            *(f"192.0.2.{n} {UP}" for n in (1, 2) if name in ("n1", "n2") and name != f"n{n}"),
            kind=MESH,
            ipv6=ipv6[name] if also_ipv6 else (),
        )
        for name in ipv6
    }
    made = gathered(tables, addresses={name: f"192.0.2.{name[1:]} 2001:db8::{name[1:]}" for name in tables})
    assert expected(made, Family.IPV4) == pairs
    assert expected(made, Family.IPV6) == (["n1-n2", "n1-n3", "n2-n3"] if also_ipv6 else [])
