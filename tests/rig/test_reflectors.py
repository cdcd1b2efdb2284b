"""Real route reflectors and their clients, broken in one place at a time."""

from __future__ import annotations

import pytest

from calico_bgp.lab.faults.fault import FaultKind
from tests.rig.faults import broken
from tests.rig.machines.operator import Operator, of_node, of_session

pytestmark = pytest.mark.rig

#: The warning that is due when the next failure would cut every client off.
ONE_LEFT = {("fewer-than-two-reflectors", "cluster")}


def named(operator: Operator) -> list[str]:
    """A hosts.txt that names the nodes."""
    return [f"{node.ipv4} node={node.name}" for node in operator.rig.nodes.values()]


def test_all_established_without_resources(reflector_operator: Operator):
    """By the sessions alone nothing is wrong to be seen; who passes routes on only resources or the tables say."""
    audit = reflector_operator.audit("--no-routes")
    assert (audit.exit_code, audit.verdict, audit.findings) == (3, "unknown", set())
    assert audit.report is not None
    assert audit.report["topology"]["kind"] == "reflectors"
    checked = audit.report["checked"]
    assert checked["reflectors"] == ["node1", "node2"]
    # Two reflectors with each other and with four clients each, in two families.
    assert (checked["sessions_established"], checked["sessions_expected"]) == (18, 18)


def test_without_resources_the_tables_show_that_all_routes_arrive(reflector_operator: Operator):
    audit = reflector_operator.audit()
    assert (audit.exit_code, audit.verdict, audit.findings) == (0, "healthy", set())
    assert audit.report is not None
    for family in audit.report["reachability"]:
        assert (family["observed"]["pairs"], family["observed"]["kernels"]) == (30, 6)


def test_all_established_with_roles_told(reflector_operator: Operator):
    nodes = reflector_operator.rig.nodes.values()
    hosts = [f"{n.ipv4} role={'reflector' if n.plan.cluster_id else 'client'} ip={n.ipv4},{n.ipv6}" for n in nodes]
    audit = reflector_operator.audit("--no-routes", hosts=hosts)
    assert (audit.exit_code, audit.verdict, audit.findings) == (3, "unknown", set())


def test_a_reflector_is_off(reflector_operator: Operator):
    with broken(reflector_operator.rig, FaultKind.NODE_DOWN, "node1"):
        audit = reflector_operator.audit("--connect-timeout", "4s", hosts=named(reflector_operator))
    assert audit.findings == of_node("node-unreadable", "node1") | of_node("isolated-node", "node1") | ONE_LEFT
    assert audit.exit_code == 1


def test_bird_of_a_reflector_is_stopped(reflector_operator: Operator):
    with broken(reflector_operator.rig, FaultKind.BIRD_DOWN, "node2"):
        audit = reflector_operator.audit()
    assert audit.findings == of_node("daemon-not-running", "node2") | ONE_LEFT


def test_a_client_is_off(reflector_operator: Operator):
    with broken(reflector_operator.rig, FaultKind.NODE_DOWN, "node6"):
        audit = reflector_operator.audit("--connect-timeout", "4s", hosts=named(reflector_operator))
    assert audit.findings == of_node("node-unreadable", "node6") | of_node("isolated-node", "node6")


def test_a_client_is_cut_off_from_one_reflector(reflector_operator: Operator):
    with broken(reflector_operator.rig, FaultKind.LINK_CUT, "node1", "node4"):
        audit = reflector_operator.audit()
    assert audit.findings == of_session("session-not-established", "node1", "node4") | of_node(
        "client-single-reflector", "node4", ["ipv4", "ipv6"]
    )


def test_a_client_disabled_a_reflector(reflector_operator: Operator):
    with broken(reflector_operator.rig, FaultKind.DISABLED_PEER, "node5", "node2"):
        audit = reflector_operator.audit()
    assert audit.findings == of_session("one-sided-session", "node2", "node5") | of_node(
        "client-single-reflector", "node5", ["ipv4", "ipv6"]
    )


def test_no_reflectors_left(reflector_operator: Operator):
    """The outage this project began with: no labels, no cluster IDs, the mesh off, and every node `ready`."""
    with broken(reflector_operator.rig, FaultKind.REINSTALLED, "node1", "node2"):
        audit = reflector_operator.audit()
    assert audit.findings == {("no-peers-anywhere", "cluster")}
    assert audit.exit_code == 1
