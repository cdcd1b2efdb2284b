"""The shape that sessions make: who stands between the others, and whether clients have all reflectors or some each."""

from __future__ import annotations

import pytest

from calico_bgp.cluster.cluster import observe
from calico_bgp.model.inventory import Role
from calico_bgp.model.topology import TopologyKind
from tests.unit.auditing.tables import GLOBAL, MESH, NODE, UP, gathered, table


def shape_of(fars, *, kind=GLOBAL, roles=(), more=(), names=None):
    """The shape of nodes of which each has sessions with some others; `fars` names each session at one end."""
    ends = {*fars, *(far for of_node in fars.values() for far in of_node.split())}
    names = names or sorted(ends.union(*more))
    address = {name: f"192.0.2.{place}" for place, name in enumerate(names, 1)}
    both = {(name, far) for name, of_node in fars.items() for far in of_node.split()}
    both |= {(far, name) for name, far in both}
    # A reflector shows its clients as node specific.
    kinds = {(near, far): NODE if near[0] == "r" else kind for near, far in both}
    kinds |= dict.fromkeys((*more, *(pair[::-1] for pair in more)), MESH)
    rows = {pair: f"{shown}= {address[pair[1]]} {UP}" for pair, shown in sorted(kinds.items())}
    tables = {name: table(name, *(row for (near, _), row in rows.items() if near == name)) for name in names}
    return observe(gathered(tables, addresses=address, reflectors=roles)).shape


def clients(*sets):
    """c1, c2, ...: each with so many reflectors, named by their numbers."""
    return {f"c{n}": " ".join(f"r{number}" for number in of_one) for n, of_one in enumerate(sets, 1)}


@pytest.mark.parametrize(
    ("sets", "uniform"),
    [
        (["12", "12"], True),
        # A few strays are findings.
        (["12", "12", "1"], True),
        (["12", "12", "1", "2"], True),
        # Two camps are a design, also beside some that have all.
        (["12", "1", "1"], False),
        (["12", "12", "1", "1"], False),
        (["12", "12", "12", "1", "1"], True),
        (["1", "2"], False),
        # None has all of them.
        (["12", "23", "13"], False),
        (["12", "13"], False),
    ],
)
@pytest.mark.parametrize("are_told", [False, True])
def test_whether_clients_should_have_every_reflector(sets, uniform, are_told):
    fars = clients(*sets)
    reflectors = sorted({far for of_node in fars.values() for far in of_node.split()})
    found = shape_of(fars, roles=reflectors if are_told else ())
    assert {name for name, role in found.roles.items() if role is Role.REFLECTOR} == set(reflectors)
    if not are_told:
        assert found.uniform is uniform
        assert ("clients use different reflectors" in found.evidence) is not uniform


@pytest.mark.parametrize(
    ("sets", "more", "uniform"),
    [
        # Told roles: a client without a reflector, or that one lacks, is a finding.
        (["12", "12"], {}, True),
        (["12", "1"], {}, True),
        (["1", "2"], {}, True),
        (["1", "1", "2", "2"], {}, False),
        (["1", "1", "2", "2", ""], {}, True),
        (["12", "12", "1", "1", "2", "2"], {}, False),
        (["12", "12", "12", "1", "1", "1"], {}, False),
        (["12", "12", "12", "12", "1", "1", "1"], {}, True),
        # Above those that clients have stand others, which peer with them and with each other.
        (["12", "12"], {"r3": "r1 r2 r4", "r4": "r1 r2"}, False),
        (["12", "12"], {"r3": "r1 r2"}, True),
        # Of two that do not peer with each other, above two, it is not known which they are.
        (["12", "12"], {"r3": "r1 r2", "r4": "r1 r2"}, False),
        (["1", "1"], {"r3": "r1", "r4": "r1"}, True),
    ],
)
def test_whether_clients_should_have_every_reflector_of_which_each_is_told(sets, more, uniform):
    fars = clients(*sets) | more
    names = sorted({*fars, *(far for of_node in fars.values() for far in of_node.split())})
    found = shape_of(fars, roles=[name for name in names if name[0] == "r"], names=names)
    assert found.kind is TopologyKind.REFLECTORS
    assert found.uniform is uniform
    assert found.evidence.endswith("; clients use different ones") is not uniform


@pytest.mark.parametrize(
    ("fars", "kind", "reflectors"),
    [
        # All with all, a ring, a pair: nobody stands between the others.
        ({"a": "b c", "b": "c"}, TopologyKind.EXPLICIT, None),
        ({"a": "b d", "c": "b d"}, TopologyKind.EXPLICIT, None),
        ({"a": "b"}, TopologyKind.EXPLICIT, None),
        ({"h": "a b c"}, TopologyKind.REFLECTORS, "h"),
        ({"h": "a b c", "g": "a b c h"}, TopologyKind.REFLECTORS, "g h"),
        # One that is as well connected as a hub, and is none.
        ({"h": "a b", "g": "a b c"}, TopologyKind.EXPLICIT, None),
    ],
)
def test_who_stands_between_the_others(fars, kind, reflectors):
    """The tables show all as node specific, so that the sessions alone tell."""
    found = shape_of(fars, kind=NODE)
    told = sorted(name for name, role in found.roles.items() if role is Role.REFLECTOR)
    assert (found.kind, " ".join(told)) == (kind, reflectors or "")


def test_how_it_is_known_who_is_a_reflector():
    found = shape_of({"h": "a b c e", "g": "a b c", "d": ""}, kind=NODE)
    assert found.role_evidence == {
        "h": "peers with 4 of the 6 other nodes",
        "g": "peers with 3 of the 6 other nodes",
        **dict.fromkeys("abc", "peers with 2 of 2 reflectors and no one else"),
        "e": "peers with 1 of 2 reflectors and no one else",
        "d": "shows no explicit peer",
    }


def test_reflectors_beside_the_mesh():
    mesh = [(one, other) for one, other in (("c1", "c2"), ("c1", "c3"), ("c2", "c3"))]
    found = shape_of(clients("12", "12", "12"), more=mesh)
    assert found.kind is TopologyKind.MIXED
    assert sorted(name for name, role in found.roles.items() if role is Role.REFLECTOR) == ["r1", "r2"]
    assert found.role_evidence["r1"] == "peers with 3 of the 4 other nodes, which show it as global"
    told = shape_of(clients("12", "12", "12"), more=mesh, roles=("r1", "r2"))
    assert (told.kind, told.uniform) == (TopologyKind.MIXED, True)


def test_a_hub_that_takes_part_in_the_mesh_is_no_reflector():
    found = shape_of({"h": "a b c"}, kind=NODE, more=[("h", "d"), ("d", "e")])
    assert (found.kind, found.roles) == (TopologyKind.MESH, {})


def test_who_is_told_no_reflector_is_a_client():
    found = shape_of(clients("1", "1"), roles=("r1",))
    assert found.roles == {"r1": Role.REFLECTOR, "c1": Role.CLIENT, "c2": Role.CLIENT}
    assert found.role_evidence == {
        "r1": "role= in the inventory",
        "c1": "not named a reflector",
        "c2": "not named a reflector",
    }
