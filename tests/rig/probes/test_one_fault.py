"""One fault at a time in clusters that are else whole: packets, tables and the first cause agree on where it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.rig.probes import judging
from tests.rig.probes.answers import Answers, Gathering
from tests.rig.probes.clusters import cluster_with_one_fault
from tests.rig.probes.faults import FaultKind

pytestmark = pytest.mark.rig

CLUSTERS = {seed: cluster_with_one_fault(seed) for seed in range(24)}
of_each_seed = pytest.mark.parametrize("seed", CLUSTERS, ids=lambda seed: CLUSTERS[seed].name.replace(" ", "-"))


@pytest.fixture(scope="module")
def gathering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gathering]:
    with Gathering(CLUSTERS.values(), tmp_path_factory.mktemp("probes")) as running:
        yield running


@pytest.fixture
def answers(gathering: Gathering, seed: int) -> Answers:
    return gathering.of(seed)


@of_each_seed
def test_what_is_observed_is_what_packets_find(answers: Answers):
    judging.check_observed(answers)


@of_each_seed
def test_what_is_computed_is_what_packets_find(answers: Answers):
    judging.check_computed(answers)


@of_each_seed
def test_the_verdict_is_not_better_than_what_packets_find(answers: Answers):
    judging.check_verdict(answers)


@of_each_seed
def test_the_first_cause_is_the_fault(answers: Answers):
    judging.check_cause(answers)


def test_every_fault_is_there():
    assert {fault.kind for cluster in CLUSTERS.values() for fault in cluster.faults} == set(FaultKind)


def test_most_faults_cost_routes(gathering: Gathering):
    costly = [seed for seed in CLUSTERS if any(gathering.of(seed).lost.values())]
    assert len(costly) >= len(CLUSTERS) // 2
