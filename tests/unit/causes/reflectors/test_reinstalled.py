"""A reflector that came back as a client like any other: whether another one is left is said with it."""

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.case import Case
from calico_bgp.causes.reflectors.departed import reinstalled
from calico_bgp.causes.reflectors.facts import aftermath_of
from calico_bgp.cluster.cluster import observe
from tests.clusters import config, node, peer
from tests.unit.auditing.tables import cluster, gathered, table


@pytest.mark.parametrize(("cluster_id", "none_left"), [("244.0.0.1", False), (None, True)])
def test_whether_a_reflector_is_left_is_said(cluster_id, none_left):
    nodes = [
        node("n1", "192.0.2.1"),
        node("n2", "192.0.2.2", labels="rr", cluster_id=cluster_id),
        node("n3", "192.0.2.3"),
    ]
    asked = cluster(*nodes, peer("rr", node_selector="all()", peer_selector="has(rr)"), config(mesh=False))
    tables = {name: table(name) for name in ("n1", "n2", "n3")}
    (candidate,) = reinstalled(Case(observe(gathered(tables, reflectors=["n1", "n2"], resources=asked)), ()))
    assert [str(subject) for subject in candidate.subjects] == ["n1"]
    assert candidate.explanation.endswith(" No route reflector is left.") is none_left


def test_one_that_has_its_cluster_id_or_no_node_was_not_installed_anew():
    nodes = [node(f"n{n}", f"192.0.2.{n}", labels="rr" if n == 2 else "", cluster_id="244.0.0.1") for n in (1, 2)]
    asked = cluster(
        *nodes,
        node("n3", "192.0.2.3"),
        peer("rr", node_selector="all()", peer_selector="has(rr)"),
        config(mesh=False),
    )
    tables = {name: table(name) for name in ("n1", "n2", "n3", "gone")}
    seen = gathered(tables, reflectors=["n1", "n2", "gone"], resources=asked)
    assert list(reinstalled(Case(observe(seen), ()))) == []


@pytest.mark.parametrize("shows_them", [True, False])
def test_a_node_whose_sessions_are_down_does_not_follow_from_a_reflector_that_is_gone(shows_them):
    """Sessions that are down, or that others show or have among each other, have causes of their own."""
    numbers = {"n1": 1, "n2": 2, "n3": 3}
    tables = {
        name: table(
            name,
            *(
                f"192.0.2.{other} {'Active' if 'n1' in {name, far} else 'Established'}"
                for far, other in numbers.items()
                if far != name and ("n1" not in {name, far} or shows_them)
            ),
        )
        for name in numbers
    }
    seen = gathered(tables, addresses={name: f"192.0.2.{n}" for name, n in numbers.items()})
    case = Case(observe(seen), audit(seen).findings)
    isolated = case.ids("isolated-node")
    assert isolated
    assert not isolated & aftermath_of(case)
