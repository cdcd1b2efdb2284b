"""The node-to-node mesh in the place of reflectors: not where it would be too large."""

import pytest

from calico_bgp.causes.case import Case
from calico_bgp.causes.remedies import reflectors
from calico_bgp.cluster.cluster import observe
from calico_bgp.model.snapshot import Snapshot
from tests.clusters import cluster, config, node


@pytest.mark.parametrize(("nodes", "sessions"), [(3, "3 sessions"), (4, "6 sessions"), (5, None)])
def test_it_is_offered_up_to_its_largest_size(monkeypatch, nodes, sessions):
    monkeypatch.setattr(reflectors, "_MOST_IN_MESH", 4)
    resources = cluster(*(node(f"n{n}", f"192.0.2.{n}") for n in range(1, nodes + 1)), config(mesh=False))
    fixes = reflectors.switch_mesh_on(Case(observe(Snapshot(resources=resources)), ()))
    assert [sessions in fix.summary for fix in fixes] == ([True] if sessions else [])


def test_it_is_not_offered_where_it_is_on():
    resources = cluster(node("a", "192.0.2.1"), node("b", "192.0.2.2"), config(mesh=True))
    assert reflectors.switch_mesh_on(Case(observe(Snapshot(resources=resources)), ())) == ()
