"""What the model says of a fix: what is not known is never called kept."""

from dataclasses import fields

from calico_bgp.causes.case import Case
from calico_bgp.causes.remedies.remedy import Remedy, Step
from calico_bgp.causes.remedies.trial import Trial, helping_or_measured, try_changes
from calico_bgp.changes.change import SetClusterID, SetFields, SetLabel, SetMesh
from calico_bgp.cluster.cluster import observe
from calico_bgp.expect.engine import expect
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.cause import Risk
from calico_bgp.model.resources import ResourceKind
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.routes.network.from_expected import expected_network
from calico_bgp.whatif.unchanged import Unchanged
from tests.clusters import cluster, config, node, peer


def unchanged(resources):
    return Unchanged(expect(resources))


def trial_of(**numbers):
    none = dict.fromkeys((one.name for one in fields(Trial)), 0)
    return Trial(**none | {"restarts": frozenset()} | numbers)


CLIENTS = [node(f"c{n}", f"10.0.1.{n}") for n in range(1, 4)]


def test_a_reflector_that_is_given_back_restores_all_and_loses_none():
    nodes = [node("r1", "10.0.0.1"), *CLIENTS]
    asked = unchanged(cluster(*nodes, peer("reflectors", peer_selector="has(rr)"), config(mesh=False)))
    trial = try_changes(asked, [SetLabel("r1", "rr", "true"), SetClusterID("r1", "244.0.0.1")])
    assert (trial.restores, trial.loses, trial.untold, trial.helps) == (12, 0, 0, True)
    assert str(trial).endswith("loses none")


def test_what_would_lose_routes_does_not_help():
    asked = unchanged(cluster(*CLIENTS))
    trial = try_changes(asked, [SetMesh(on=False)])
    assert (trial.restores, trial.loses, trial.helps) == (0, 6, False)


def test_behind_an_external_peer_it_cannot_be_told():
    """A switch may pass routes on: nobody knows whether these nodes keep each other's without the mesh."""
    tor = peer("tor", peer_ip="192.0.2.1", as_number=65001)
    trial = try_changes(unchanged(cluster(*CLIENTS, tor)), [SetMesh(on=False)])
    assert (trial.loses, trial.untold, trial.helps) == (0, 6, False)
    assert "cannot tell of 6 routes" in str(trial)


def test_a_third_reflector_counts_by_itself_though_no_route_was_lost():
    """Two are left, so that no node that goes cuts anybody off: only the number of reflectors tells."""
    two = [node(f"r{n}", f"10.0.0.{n}", labels="rr=true", cluster_id="244.0.0.1") for n in (1, 2)]
    peers = peer("reflectors", node_selector="all()", peer_selector="has(rr)")
    asked = unchanged(cluster(*two, node("r3", "10.0.0.3"), *CLIENTS, peers, config(mesh=False)))
    trial = try_changes(asked, [SetLabel("r3", "rr", "true"), SetClusterID("r3", "244.0.0.1")])
    assert (trial.restores, trial.loses, trial.helps) == (0, 0, True)
    assert str(trial).endswith("3 nodes then reflect, not 2")


def test_what_is_interrupted_is_not_called_kept():
    assert "interrupts 4 routes until sessions are up again, loses none for good" in str(
        trial_of(restores=1, interrupts=4)
    )


def test_a_change_that_fits_nothing_is_no_trial():
    assert try_changes(unchanged(cluster(*CLIENTS)), [SetClusterID("nobody", "244.0.0.1")]) is None


def test_what_it_says_counts():
    assert str(trial_of(restores=1, exposed_before=9, exposed_after=2)) == (
        "in the model it brings back 1 route, loses none, the next node to go would then lose 2 routes at worst, not 9"
    )


def test_the_risk_comes_from_the_sessions_that_the_change_starts_again():
    two = [node(f"r{n}", f"10.0.0.{n}", labels="rr=true", cluster_id="244.0.0.1") for n in (1, 2)]
    peers = peer("p", node_selector="!has(rr)", peer_selector="has(rr)")
    asked = unchanged(cluster(*two, *CLIENTS, peers, config(mesh=False)))

    def risk(**fields):
        return try_changes(asked, [SetFields(ResourceKind.BGP_PEER, "p", tuple(fields.items()))]).risk

    assert risk(reverse_peering="Auto") is risk(node_selector="!(has(rr))") is Risk.NONE
    assert risk(ttl_security=1) is Risk.INTERRUPTS_TRAFFIC  # all sessions at once: nobody holds the routes meanwhile
    one = try_changes(asked, [SetClusterID("r2", "244.0.0.2")])
    assert {key.b for key in one.restarts} == {"r2"}
    assert len(one.restarts) == len(CLIENTS)
    assert one.risk is (Risk.INTERRUPTS_TRAFFIC if one.interrupts else Risk.RESTARTS_SESSIONS)


def test_the_unchanged_cluster_is_worked_out_once(monkeypatch):
    asked, made = unchanged(cluster(*CLIENTS)), []

    def counted(expectation, family):
        made.append(expectation)
        return expected_network(expectation, family)

    monkeypatch.setattr("calico_bgp.whatif.unchanged.expected_network", counted)
    for _ in range(3):
        assert try_changes(asked, [SetLabel("c1", "a", "b")]) is not None
    assert len(made) == len(Family)


def test_what_the_model_cannot_judge_is_offered_without_its_word_and_what_fits_nothing_is_not():
    resources = cluster(*CLIENTS)
    case = Case(observe(Snapshot(resources=resources)), ())

    def fixes(*changes):
        return helping_or_measured(case, Remedy("x", tuple(Step(change, "x") for change in changes)))

    (fix,) = fixes(SetLabel("c1", "rack", "a"))
    assert (fix.tried, fix.restores, len(fix.steps)) == (None, None, 1)
    assert fixes(SetClusterID("nobody", "244.0.0.1")) == ()
    assert fixes() == ()
