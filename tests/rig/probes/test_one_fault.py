"""One fault at a time in clusters that are else whole: packets, tables and the first cause agree on where it is."""

from __future__ import annotations

import pytest

from tests.rig.probes import judging
from tests.rig.probes.agreement import Agreement
from tests.rig.probes.answers import Answers, Gathering
from tests.rig.probes.clusters import cluster_with_one_fault
from tests.rig.probes.faults import FaultKind

pytestmark = pytest.mark.rig

CLUSTERS = {seed: cluster_with_one_fault(seed) for seed in range(24)}


class TestAgreement(Agreement):
    pass


def test_the_first_cause_is_the_fault(answers: Answers):
    judging.check_cause(answers)


def test_every_fault_is_there():
    assert {fault.kind for cluster in CLUSTERS.values() for fault in cluster.faults} == set(FaultKind)


def test_most_faults_cost_routes(gathering: Gathering):
    costly = [seed for seed in CLUSTERS if any(gathering.of(seed).lost.values())]
    assert len(costly) >= len(CLUSTERS) // 2
