"""Which end of a session that is down opens connections, by what its type says where rows do not."""

from __future__ import annotations

import pytest

from calico_bgp.causes.case import Case
from calico_bgp.causes.network.dialling import dials
from calico_bgp.cluster.cluster import observe
from calico_bgp.model.resources import BGPConfiguration, BGPPeer
from tests.unit.auditing.tables import GLOBAL, MESH, NODE, UP, cluster, gathered, node, table
from tests.unit.causes.asked import session

NODES = [node(f"n{n}", f"192.0.2.{n}/24") for n in (1, 2, 3)]
OFF = BGPConfiguration(name="default", node_to_node_mesh_enabled=False)


@pytest.mark.parametrize(
    ("kind", "lower", "higher"),
    [
        # A peer of one node alone is never passive.
        (NODE, True, True),
        # In the mesh the higher address dials.
        (MESH, False, True),
        # Of a global peer either may be passive.
        ("global", None, None),
    ],
)
def test_who_dials_where_one_end_shows_no_row_and_the_other_no_state(kind, lower, higher):
    for lacking, dialling in (("n1", lower), ("n2", higher)):
        tables = {
            name: table(name, *([] if name == lacking else [f"192.0.2.{far} -"]), f"192.0.2.3 {UP}", kind=kind)
            for name, far in (("n1", 2), ("n2", 1))
        }
        tables["n3"] = table("n3", f"192.0.2.1 {UP}", f"192.0.2.2 {UP}", kind=kind)
        case = Case(observe(gathered(tables, addresses={f"n{n}": f"192.0.2.{n}" for n in (1, 2, 3)})), ())
        (key,) = case.cluster.judged.bad
        assert dials(case, lacking, key) is dialling


def one_down(info, back, *, kind=MESH, resources=None):
    """Three nodes; what n1 and n2 show of each other, without a state where it is `-`."""
    tables = {
        name: table(name, *(f"192.0.2.{far} {words}" for far, words in rows.items()), kind=kind)
        for name, rows in {"n1": {2: info, 3: UP}, "n2": {1: back, 3: UP}, "n3": {1: UP, 2: UP}}.items()
    }
    addresses = {name: f"192.0.2.{name[1:]}" for name in tables}
    return Case(observe(gathered(tables, addresses=addresses, resources=resources)), ())


@pytest.mark.parametrize(
    ("kind", "things", "lower", "higher"),
    [
        (MESH, (), False, True),
        # Both ends have the other as a peer of their own, and dial.
        (NODE, (BGPPeer(name="a", node_selector="all()", peer_selector="all()"), OFF), True, True),
        # Global peers by a selector are never passive; one by the address of a node waits where that is the higher one.
        (GLOBAL, (BGPPeer(name="a", peer_selector="all()"), OFF), True, True),
        (GLOBAL, (BGPPeer(name="a", peer_ip="192.0.2.2", as_number=64512), OFF), False, True),
        # A peer of the mesh, and a BGPPeer for the same neighbour that dials at both ends.
        (MESH, (BGPPeer(name="a", node_selector="all()", peer_selector="all()"),), True, True),
    ],
)
def test_what_the_resources_say_where_no_row_shows_a_state(kind, things, lower, higher):
    case = one_down("-", "-", kind=kind, resources=cluster(*NODES, *things))
    key = session("n1", "n2")
    assert [dials(case, name, key) for name in ("n1", "n2")] == [lower, higher]


@pytest.mark.parametrize(
    ("info", "back", "lower", "higher"),
    [
        ("Active", "Passive", True, False),
        ("Idle", "Connect", True, True),
        ("Passive", "-", False, True),
    ],
)
def test_the_state_that_a_row_shows_comes_before_what_the_resources_say(info, back, lower, higher):
    case = one_down(info, back, resources=cluster(*NODES))
    assert [dials(case, name, session("n1", "n2")) for name in ("n1", "n2")] == [lower, higher]


def test_a_row_that_is_up_says_nothing_of_who_dialled():
    """n1 shows it Established, n2 not any more; in the mesh the higher address dials."""
    case = one_down(UP, "Passive")
    assert dials(case, "n1", session("n1", "n2")) is False


def test_of_an_address_that_is_no_known_node_s_nobody_knows():
    tables = {"n1": table("n1", "192.0.2.9 -", f"192.0.2.3 {UP}"), "n3": table("n3", f"192.0.2.1 {UP}")}
    case = Case(observe(gathered(tables, addresses={"n1": "192.0.2.1", "n3": "192.0.2.3"})), ())
    key = session("n1", "192.0.2.9")
    assert (dials(case, "n1", key), dials(case, "192.0.2.9", key)) == (None, None)
