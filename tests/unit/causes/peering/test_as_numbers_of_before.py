"""The AS number of the cluster changed, and some nodes did not follow."""

from __future__ import annotations

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.model.resources import BGPConfiguration
from tests.running_birds import Birds
from tests.unit.auditing.tables import cluster, commands, node, told

NODES = [node(f"n{n}", f"192.0.2.{n}/24") for n in range(1, 7)]


def of_as(number: int | None):
    return cluster(*NODES, BGPConfiguration(name="default", as_number=number))


@pytest.mark.parametrize("stuck", [{"n5"}, {"n5", "n6"}, {"n1", "n2", "n6"}])
def test_those_that_did_not_follow_are_restarted_and_nobody_else(stuck):
    report = audit(Birds(of_as(65010), of_as(None), stuck=frozenset(stuck)).snapshot())
    assert told(report) == [("confd-stuck", [name]) for name in sorted(stuck)]
    assert report.unexplained == ()
    assert {command.rpartition("=")[2] for cause in report.causes for command in commands_of(cause)} == stuck


def commands_of(cause):
    return [command for fix in cause.fixes for step in fix.steps for command in step.commands]


def test_without_bird_s_own_list_nobody_is_picked():
    birds = Birds(of_as(65010), of_as(None), stuck=frozenset({"n5", "n6"}))
    assert told(audit(birds.snapshot(details=False))) == [("as-mismatch", ["n5", "n6"])]


def test_where_the_resources_contradict_each_other_nobody_lags_behind():
    """A node with an AS of its own in a mesh expects that of the others: the resources are at fault."""
    own = [node("n5", "192.0.2.5/24", as_number=65005) if one.name == "n5" else one for one in NODES]
    report = audit(Birds(cluster(*own)).snapshot())
    assert told(report) == [("as-mismatch", ["n5"])]
    assert any("ASNumber-" in command for command in commands(report))


def test_of_one_peer_alone_both_ends_are_named():
    """A line of a file that somebody edited, or one node's AS that changed: two nodes are at odds, not the cluster."""
    before = [node("n6", "192.0.2.6/24", as_number=65006) if one.name == "n6" else one for one in NODES]
    report = audit(Birds(of_as(None), cluster(*before), stuck=frozenset({"n5"})).snapshot())
    assert told(report) == [("as-mismatch", ["n5 <-> n6 (IPv4)"])]
    assert {command.rpartition("=")[2] for cause in report.causes for command in commands_of(cause)} == {"n5"}
