"""The law of the verdict: never better than the truth, over every fault of the catalogue, alone and in pairs."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, Variant, build_cluster
from calico_bgp.lab.faults.catalogue import CATALOGUE
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.faults.kinds import Scope
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Report, Verdict
from tests.lab_truth import Truth, truth_of
from tests.unit.auditing.conftest import snapshot_of

CLUSTERS = {
    f"{topology}-{number}-{len(families)}": build_cluster(
        6, topology=topology, families=families, switch=True, reflectors=number
    )
    for topology, number, families in (
        (Topology.MESH, 0, (Family.IPV4,)),
        (Topology.REFLECTORS, 2, tuple(Family)),
        (Topology.REFLECTORS, 3, (Family.IPV4,)),
    )
}
#: Which pairs of faults the suite takes, and how many.
SEED, SAMPLE = 20261130, 120
#: Two nodes with one router ID that have no session with each other: a table shows no router ID, so nobody sees it.
UNSEEN = "duplicate-router-id"


def faults_for(topology: Topology) -> list[str]:
    """Every fault of the catalogue, those that take a pair or a reflector also with fewer nodes."""
    found: list[str] = []
    for entry in CATALOGUE:
        if topology in entry.topologies:
            found.append(str(entry.kind))
            found += [f"{entry.kind}:node1,node5"] if entry.scope is Scope.PAIR else []
            found += [f"{entry.kind}:node1"] if entry.scope is Scope.REFLECTORS else []
    return found


ALONE = [(name, fault) for name, cluster in CLUSTERS.items() for fault in faults_for(cluster.topology)]
PAIRS = [
    (name, pair)
    for name, cluster in CLUSTERS.items()
    for pair in combinations(faults_for(cluster.topology), 2)
    if UNSEEN not in pair
]


def judged(name: str, *texts: str, resources: bool) -> tuple[Truth, Report]:
    cluster = CLUSTERS[name]
    faults = [parse_fault(text, cluster) for text in texts]
    snapshot = snapshot_of(cluster, *texts)
    if resources:
        snapshot = snapshot.model_copy(update={"resources": lab_resources(cluster, faults)})
    return truth_of(cluster, faults), audit(snapshot)


def assert_law(truth: Truth, report: Report) -> None:
    # A family of causes or a rule that fails costs only itself, and stands here.
    assert [left_out for left_out in report.not_checked if "please report it" in str(left_out)] == []
    if truth is Truth.ROUTES_MISSING:
        assert report.exit_code() != 0, report.findings
    if report.verdict is Verdict.HEALTHY:
        assert report.causes == ()
        assert report.checked.sessions_established == report.checked.sessions_expected
        assert not any(family.missing or family.unknown for family in report.reachability)
        assert report.unread == report.doubts == ()


@pytest.mark.parametrize("resources", [True, False], ids=["resources", "tables"])
@pytest.mark.parametrize(("name", "fault"), ALONE)
def test_alone(name, fault, resources):
    assert_law(*judged(name, fault, resources=resources))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The same pairs in every run, so that a failure is nobody's bad luck; `--all-pairs` takes all."""
    if "pair" in metafunc.fixturenames:
        every = metafunc.config.getoption("--all-pairs")
        chosen = PAIRS if every else random.Random(SEED).sample(PAIRS, SAMPLE)
        metafunc.parametrize(("name", "pair"), chosen, ids=[f"{name}-{'+'.join(pair)}" for name, pair in chosen])


@pytest.mark.parametrize("resources", [True, False], ids=["resources", "tables"])
def test_in_pairs(name, pair, resources):
    assert_law(*judged(name, *pair, resources=resources))


def test_kernels_that_lack_routes_are_in_doubt_though_felix_should_write_them():
    truth, report = judged("reflectors-3-1", "selector-narrow", "programmed-twice", resources=True)
    assert (truth, report.verdict) == (Truth.ROUTES_MISSING, Verdict.UNKNOWN)
    assert report.doubts == ("24 routes do not arrive over IPv4, by the nodes' tables",)


@pytest.mark.parametrize("name", CLUSTERS)
def test_a_healthy_cluster(name):
    truth, report = judged(name, resources=True)
    assert (truth, report.verdict, report.exit_code()) == (Truth.HEALTHY, Verdict.HEALTHY, 0)
    truth, report = judged(name, resources=False)
    assert report.exit_code() == (0 if CLUSTERS[name].topology is Topology.MESH else 3)


def test_reflectors_that_do_not_peer_lack_each_others_routes():
    cluster = build_cluster(6, variant=Variant.CLIENTS)
    assert truth_of(cluster) is Truth.ROUTES_MISSING
    report = audit(snapshot_of(cluster).model_copy(update={"resources": lab_resources(cluster)}))
    assert (report.verdict, report.doubts) == (Verdict.UNKNOWN, ("2 routes are missing over IPv4",))
    assert [finding.rule for finding in report.findings if finding.rule == "routes-missing"]
