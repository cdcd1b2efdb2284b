"""One object of facts, of a snapshot or of resources alone: what is not there is no empty answer."""

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.auditing.lint import lint
from calico_bgp.cluster.cluster import observe, of_resources
from calico_bgp.expect.version import parse_version
from calico_bgp.failures import Lacking
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.model.reports.report import Severity, Verdict
from calico_bgp.model.reports.subject import ClusterSubject
from calico_bgp.rules.rule import Draft, rule
from tests.clusters import cluster, config, node, peer
from tests.unit.auditing.conftest import snapshot_of

THREE = cluster(node("n1", "192.0.2.1"), node("n2", "192.0.2.2"), node("n3", "192.0.2.3"), config())
WORDS = {"title": "t", "meaning": "m", "evidence": "e", "action": "a"}


@pytest.mark.parametrize("fact", ["snapshot", "members", "sessions", "expected", "judged", "topology", "now", "pods"])
def test_of_resources_alone_nothing_is_said_of_nodes(fact):
    with pytest.raises(Lacking, match="no node was asked"):
        getattr(of_resources(THREE), fact)


def test_of_resources_alone_all_is_said_of_them():
    facts = of_resources(THREE, version=parse_version("v3.28"))
    assert sorted(facts.configured.nodes) == ["n1", "n2", "n3"]
    assert str(facts.configured.expectation.version) == "v3.28"
    assert facts.has_resources
    assert not facts.has_snapshot


def test_of_a_snapshot_without_resources_nothing_is_said_of_them():
    facts = observe(snapshot_of(build_cluster(3)))
    assert not facts.has_resources
    assert facts.expectation is None
    with pytest.raises(Lacking, match="Calico's resources were not read"):
        _ = facts.configured


def test_nodes_without_an_address_say_nothing():
    facts = of_resources(cluster(node("n1"), config()))
    assert facts.expectation is None
    assert facts.configured.nodes == {}


def test_resources_of_a_cluster_without_bgp_do_not_count():
    snapshot = snapshot_of(build_cluster(3, topology=Topology.NO_BGP))
    assert not observe(snapshot.model_copy(update={"resources": cluster(config())})).has_resources


def test_what_was_worked_out_stays_when_the_lint_has_spoken():
    facts = observe(snapshot_of(build_cluster(3)))
    judged = facts.judged
    after = facts.with_linted(())
    assert after.judged is judged


@rule("asks-nodes", Severity.ERROR, messages={"x": "{nodes:count node}"}, **WORDS)
def asks_nodes(facts):
    yield Draft(ClusterSubject(), "x", nodes=len(facts.members))


@rule("asks-resources", Severity.ERROR, messages={"x": "{nodes:count Node}"}, **WORDS)
def asks_resources(facts):
    yield Draft(ClusterSubject(), "x", nodes=len(facts.configured.nodes))


def test_a_rule_that_lacks_what_it_needs_is_not_checked_by_the_lint():
    report = lint(THREE, rules=[asks_nodes])
    assert [(each.what, each.why) for each in report.not_checked] == [("rule asks-nodes", "no node was asked")]
    assert (report.verdict, report.rules, report.failed) == (Verdict.HEALTHY, (), ())


def test_a_rule_that_lacks_what_it_needs_is_not_checked_by_the_audit():
    snapshot = snapshot_of(build_cluster(3))
    report = audit(snapshot, rules=[asks_nodes, asks_resources])
    assert [finding.message for finding in report.findings] == ["3 nodes"]
    assert "rule asks-resources" in {each.what for each in report.not_checked}
    assert report.checked.rules == ("asks-nodes",)


def test_either_rule_may_ask_for_either():
    snapshot = snapshot_of(build_cluster(3)).model_copy(update={"resources": THREE})
    report = audit(snapshot, rules=[asks_resources], lint_rules=[asks_nodes])
    assert report.checked.rules == ("asks-resources", "asks-nodes")
    assert {finding.rule for finding in report.findings} == {"asks-resources", "asks-nodes"}


@pytest.mark.parametrize(("second", "uniform"), [("!has(rr)", True), ("name == 'n3'", False)])
def test_clients_are_alike_where_all_have_all_reflectors(second, uniform):
    reflectors = [node(f"n{n}", f"192.0.2.{n}", labels=f"rr name=n{n}", cluster_id="1.1.1.1") for n in (1, 2)]
    clients = [node(f"n{n}", f"192.0.2.{n}", labels=f"name=n{n}") for n in (3, 4)]
    peers = [
        peer("a", node_selector="!has(rr)", peer_selector="name == 'n1'"),
        peer("b", node_selector=second, peer_selector="name == 'n2'"),
    ]
    asked = cluster(*reflectors, *clients, *peers, config(mesh=False))
    assert observe(snapshot_of(build_cluster(3)).model_copy(update={"resources": asked})).shape.uniform is uniform
