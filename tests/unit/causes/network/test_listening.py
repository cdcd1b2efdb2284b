"""A listenPort that BIRDs do not listen at yet: they open a port when they start, and only then."""

from __future__ import annotations

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.model.resources import BGPConfiguration, BGPPeer
from tests.running_birds import Birds
from tests.unit.auditing.tables import cluster, commands, node, told

PEER = BGPPeer(name="rr", node_selector="all()", peer_selector="has(rr)")


def numbered(*numbers: int, **fields):
    return [node(f"n{n}", f"192.0.2.{n}/24", internal=f"192.0.2.{n}", **fields) for n in numbers]


def default(*, mesh: bool, port: int | None = 1790) -> BGPConfiguration:
    return BGPConfiguration(name="default", node_to_node_mesh_enabled=mesh, listen_port=port)


MESH = numbered(1, 2, 3, 4, 5, 6)
REFLECTED = (*numbered(1, 2, labels="rr", cluster_id="1.1.1.1"), *numbered(3, 4, 5, 6), PEER)
BEFORE, NOW = cluster(*MESH, default(mesh=True, port=None)), cluster(*MESH, default(mesh=True))


@pytest.mark.parametrize("how", ["stuck", "not_restarted"])
@pytest.mark.parametrize("names", [["n4"], ["n1"], ["n2", "n4"]])
def test_a_node_that_did_not_follow_is_restarted_first(how, names):
    report = audit(Birds(NOW, before=BEFORE, **{how: frozenset(names)}).snapshot())
    assert told(report) == [("port-refused", [name]) for name in names]
    for cause, name in zip(report.causes, names, strict=True):
        first, second = cause.fixes
        assert (first.label, "one after the other" in first.summary) == ("restart pod", False)
        assert [step.kubectl.rpartition("=")[2] for step in first.steps] == [name]
        assert "TCP port 1790 (listenPort of BGPConfiguration default)" in second.summary
    assert report.unexplained == ()


def test_the_port_of_one_node_alone():
    own = cluster(*MESH, BGPConfiguration(name="node.n3", listen_port=1800))
    report = audit(Birds(own, before=cluster(*MESH), not_restarted=frozenset({"n3"})).snapshot())
    assert told(report) == [("port-refused", ["n3"])]
    assert "listenPort of BGPConfiguration node.n3" in report.causes[0].title
    assert "every node" not in report.causes[0].title


@pytest.mark.parametrize("things", [MESH, REFLECTED], ids=["mesh", "reflectors"])
def test_no_node_was_restarted(things):
    mesh = things is MESH
    now, before = (cluster(*things, default(mesh=mesh, port=port)) for port in (1790, None))
    birds = Birds(now, before=before, not_restarted=frozenset(f"n{n}" for n in range(1, 7)))
    report = audit(birds.snapshot())
    assert told(report) == [("port-refused", ["cluster"])]
    assert "every node" in report.causes[0].title
    assert len(commands(report)) == 6
    assert report.unexplained == ()


def test_where_nothing_sets_a_port_it_is_no_matter_of_a_restart():
    birds = Birds(BEFORE, before=NOW, not_restarted=frozenset({"n4"}))
    (cause,) = audit(birds.snapshot()).causes
    assert (cause.kind, [fix.label for fix in cause.fixes]) == ("port-refused", ["open firewall"])


def test_a_node_whose_sessions_stand_all_the_same_is_not_named():
    """The greatest address of a mesh is dialled by nobody."""
    assert audit(Birds(NOW, before=BEFORE, not_restarted=frozenset({"n6"})).snapshot()).causes == ()
