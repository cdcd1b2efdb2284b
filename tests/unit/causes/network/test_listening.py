"""A listenPort that BIRDs do not listen at yet: they open a port when they start, and only then."""

from __future__ import annotations

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.network.listening import listens_elsewhere
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.resources import BGPConfiguration, BGPPeer
from tests.running_birds import Birds
from tests.unit.auditing.tables import cluster, commands, node, told
from tests.unit.causes.asked import case_of, pairs
from tests.unit.causes.asked import told as told_of
from tests.unit.causes.several.two_things import REFUSED, WAITS, both, mesh, with_resources

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


def found(size, *said, unread=(), ipv6=None, port=1790):
    """A mesh of which all listen, by the resources, at another port."""
    nodes = [
        node(f"n{n}", f"192.0.2.{n}/24" if ipv6 is None else f"192.0.2.{n}/24 2001:db8::{n}/64")
        for n in range(1, size + 1)
    ]
    made = with_resources(mesh(size, *said, unread=unread, ipv6=ipv6), *nodes, default(mesh=True, port=port))
    return list(listens_elsewhere(case_of(made)))


def refused(dialling, *others):
    return {(dialling, far): REFUSED for far in others} | {(far, dialling): WAITS for far in others}


def nobody(size, *but):
    """In a mesh without any session each is refused by those before it; of the pairs of `but` both ends are silent."""
    names = [f"n{n}" for n in range(1, size + 1)]
    said = {}
    for place, name in enumerate(names):
        said |= refused(name, *names[:place])
    for one, other in but:
        said |= both(one, other)
    return said


@pytest.mark.parametrize(("size", "steps"), [(3, 3), (6, 6), (7, 0), (8, 0)])
def test_many_restarts_are_a_rollout(size, steps):
    (candidate,) = found(size, nobody(size))
    (restart, _) = candidate.fixes
    assert candidate.title.key == "everywhere"
    assert (restart.label, len(restart.steps)) == ("restart pods", steps)
    assert "one after the other" in restart.summary


def test_what_is_down_beside_them_has_no_other_reason():
    (candidate,) = found(4, nobody(4, ("n1", "n3")))
    assert told_of([candidate]) == [("port-refused", ["cluster"])]
    assert len(candidate.keys) == 6
    # The rows are of those that are refused.
    assert not any("n1" in line and "192.0.2.3" in line for line in candidate.evidence)


@pytest.mark.parametrize("alone", ["n1", "n5"])
def test_a_node_that_nobody_refuses_is_not_one_of_them(alone):
    """It is silent to all others, be it the first or the last by name."""
    others = [f"n{n}" for n in range(1, 6) if f"n{n}" != alone]
    (candidate,) = found(5, nobody(5, *((alone, other) for other in others)))
    assert pairs(candidate.keys) == {(one, other) for one in others for other in others if one < other}


@pytest.mark.parametrize(("fars", "confidence"), [(("n1",), Confidence.POSSIBLE), (("n1", "n2"), Confidence.LIKELY)])
def test_one_refusal_leaves_a_doubt(fars, confidence):
    (candidate, *_) = found(5, refused("n5", *fars))
    assert candidate.confidence is confidence


def test_a_single_session_is_not_the_cluster():
    """Two nodes, of which one refuses the other: no session is up, and it is one of the two."""
    (candidate,) = found(2, refused("n2", "n1"))
    assert told_of([candidate]) == [("port-refused", ["n1"])]
    assert candidate.title.key == "not_followed"
    (restart, _) = candidate.fixes
    assert (restart.label, len(restart.steps)) == ("restart pod", 1)
    assert "one after the other" not in restart.summary


def test_the_fewest_nodes_that_have_all_of_them():
    """n1 refuses three, n2 one of these as well: two nodes; of n2 and n5 the one that is dialled."""
    said = refused("n3", "n1") | refused("n4", "n1") | refused("n5", "n1", "n2")
    candidates = found(6, said)
    assert told_of(candidates) == [("port-refused", ["n1"]), ("port-refused", ["n2"])]
    assert pairs(candidates[0].keys) == {("n1", "n3"), ("n1", "n4"), ("n1", "n5")}
    assert pairs(candidates[1].keys) == {("n2", "n5")}


def test_a_node_that_has_most_of_them_is_one_even_where_it_dials():
    candidates = found(6, refused("n5", "n1", "n2", "n3"))
    assert told_of(candidates) == [("port-refused", ["n5"])]


def test_nodes_that_were_not_read_are_not_told_to_refuse():
    assert found(4, {("n3", "n1"): REFUSED, ("n4", "n1"): REFUSED}, unread=["n1"]) == []


def test_without_a_listen_port_a_refusal_is_another_thing():
    assert found(4, refused("n4", "n1", "n2"), port=None) == []


def test_a_node_without_any_session_is_isolated_because_of_it():
    """n1 is refused by nobody's fault but its own; it has no session, the others have."""
    said = {pair: info for far in ("n2", "n3", "n4") for pair, info in refused(far, "n1").items()}
    nodes = [node(f"n{n}", f"192.0.2.{n}/24") for n in range(1, 5)]
    case = case_of(with_resources(mesh(4, said), *nodes, default(mesh=True)))
    isolated = case.of_node("n1", "isolated-node")
    assert isolated
    (candidate,) = listens_elsewhere(case)
    assert isolated <= candidate.explains
