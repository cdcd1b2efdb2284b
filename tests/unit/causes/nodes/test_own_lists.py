"""A peer that calicoctl does not show: BIRD's own list tells whether it is disabled, or not there."""

from __future__ import annotations

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.model.reports.cause import Confidence
from tests.running_birds import Birds
from tests.unit.auditing.tables import cluster, commands, node, told


def numbered(*numbers: int):
    return [node(f"n{n}", f"192.0.2.{n}/24") for n in numbers]


SIX, SEVEN = cluster(*numbered(1, 2, 3, 4, 5, 6)), cluster(*numbered(1, 2, 3, 4, 5, 6, 7))


@pytest.mark.parametrize("resources", [True, False])
def test_a_protocol_that_is_down_is_disabled(resources):
    birds = Birds(SIX, disabled=frozenset({("n5", "n2")}))
    report = audit(birds.snapshot(resources=resources))
    assert told(report) == [("disabled-peer", ["n2 <-> n5 (IPv4)"])]
    (cause,) = report.causes
    assert (cause.confidence, cause.title) == (Confidence.CERTAIN, "the peer n2 is disabled in BIRD on n5")
    assert [command for command in commands(report) if "delete pod" in command] == []
    assert all("enable Mesh_192_0_2_2" in command for command in commands(report))


@pytest.mark.parametrize("resources", [True, False])
def test_a_protocol_that_is_not_there_cannot_be_enabled(resources):
    birds = Birds(SEVEN, SIX, stuck=frozenset({"n5"}))
    report = audit(birds.snapshot(resources=resources))
    assert told(report) == [("confd-stuck", ["n5"])]
    (cause,) = report.causes
    # Without resources the far end may have a peer too many.
    assert cause.confidence is (Confidence.LIKELY if resources else Confidence.POSSIBLE)
    asked = "which the resources ask for" if resources else "which has it as one"
    assert cause.title == f"BIRD on n5 does not have its peer n7, {asked}"
    assert not any("enable" in command for command in commands(report))


@pytest.mark.parametrize("resources", [True, False])
def test_without_bird_s_own_list_it_may_be_either(resources):
    birds = Birds(SIX, disabled=frozenset({("n5", "n2")}))
    report = audit(birds.snapshot(resources=resources, details=False))
    assert told(report) == [("disabled-peer", ["n2 <-> n5 (IPv4)"])]
    assert report.causes[0].confidence is not Confidence.CERTAIN
