"""A real mesh, broken in one place at a time: the audit names the broken node or link, and no innocent one."""

from __future__ import annotations

import json

import pytest

from calico_bgp.lab.faults.fault import FaultKind
from tests.rig.faults import broken
from tests.rig.machines.operator import NO_FLAPS, Operator, findings_of, of_node, of_session

pytestmark = pytest.mark.rig


def test_healthy(mesh_operator: Operator):
    audit = mesh_operator.audit()
    assert (audit.exit_code, audit.verdict, audit.findings) == (0, "healthy", set())
    assert audit.report is not None
    assert audit.report["topology"]["kind"] == "mesh"
    checked = audit.report["checked"]
    # 4 * 3 / 2 pairs, in two families.
    assert (checked["sessions_established"], checked["sessions_expected"], checked["nodes_read"]) == (12, 12, 4)
    assert checked["families"] == ["ipv4", "ipv6"]


def test_healthy_as_people_read_it(mesh_operator: Operator):
    done = mesh_operator.run("audit", mesh_operator.hosts())
    assert done.returncode == 0, done.stderr
    assert "healthy" in done.stdout.lower()


def test_a_node_is_off(mesh_operator: Operator):
    """Nobody can say what it is called: hosts.txt gives only its address."""
    address = mesh_operator.rig["node3"].ipv4
    with broken(mesh_operator.rig, FaultKind.NODE_DOWN, "node3"):
        audit = mesh_operator.audit("--connect-timeout", "4s")
    assert audit.findings == of_node("node-unreadable", address) | of_node("isolated-node", address)
    assert audit.exit_code == 1


def test_bird_is_stopped(mesh_operator: Operator):
    with broken(mesh_operator.rig, FaultKind.BIRD_DOWN, "node3"):
        audit = mesh_operator.audit()
    assert audit.findings == of_node("daemon-not-running", "node3")
    assert audit.exit_code == 1


def test_bird_is_stopped_for_one_family(mesh_operator: Operator):
    with broken(mesh_operator.rig, FaultKind.BIRD6_DOWN, "node2"):
        audit = mesh_operator.audit()
    assert audit.findings == of_node("daemon-not-running", "node2", ["ipv6"])


def test_felix_is_dead(mesh_operator: Operator):
    with broken(mesh_operator.rig, FaultKind.FELIX_DOWN, "node2"):
        audit = mesh_operator.audit()
    assert audit.findings == of_node("felix-not-running", "node2")


def test_birds_socket_is_gone(mesh_operator: Operator):
    with broken(mesh_operator.rig, FaultKind.SOCKET_MISSING, "node1"):
        audit = mesh_operator.audit()
    assert audit.findings == of_node("daemon-unreachable", "node1")


def test_a_wrong_as_at_one_end(mesh_operator: Operator):
    with broken(mesh_operator.rig, FaultKind.WRONG_AS, "node2", "node3"):
        audit = mesh_operator.audit()
    assert audit.findings == of_session("session-not-established", "node2", "node3")
    assert "Bad peer AS" in audit.told("session-not-established")
    assert audit.exit_code == 1


def test_a_node_with_another_as(mesh_operator: Operator):
    with broken(mesh_operator.rig, FaultKind.WRONG_AS, "node3"):
        audit = mesh_operator.audit()
    assert audit.findings == of_node("isolated-node", "node3")
    assert "Bad peer AS" in audit.told("isolated-node")


def test_a_disabled_protocol(mesh_operator: Operator):
    """It disappears from its own table; the other end shows what is left."""
    with broken(mesh_operator.rig, FaultKind.DISABLED_PEER, "node2", "node3"):
        audit = mesh_operator.audit()
    assert audit.findings == of_session("one-sided-session", "node2", "node3")
    assert "node2 does not show" in audit.told("one-sided-session")


def test_a_disabled_protocol_asked_of_bird_itself(mesh_operator: Operator):
    """Without calicoctl BIRD is asked, which shows disabled protocols: both ends have the peer, one is down."""
    with (
        broken(mesh_operator.rig, FaultKind.DISABLED_PEER, "node2", "node3"),
        broken(mesh_operator.rig, FaultKind.CALICOCTL_MISSING, "node2"),
    ):
        audit = mesh_operator.audit()
    assert audit.findings == of_session("session-not-established", "node2", "node3")


def test_a_peer_that_one_end_does_not_have(mesh_operator: Operator):
    with broken(mesh_operator.rig, FaultKind.MISSING_PEER, "node4", "node1"):
        audit = mesh_operator.audit()
    assert audit.findings == of_session("one-sided-session", "node1", "node4")


def test_a_cut_link(mesh_operator: Operator):
    with broken(mesh_operator.rig, FaultKind.LINK_CUT, "node2", "node3"):
        audit = mesh_operator.audit()
    assert audit.findings == of_session("session-not-established", "node2", "node3")
    assert audit.exit_code == 1


def test_a_link_that_is_cut_in_one_direction(mesh_operator: Operator):
    with broken(mesh_operator.rig, FaultKind.ONE_WAY, "node1", "node4"):
        audit = mesh_operator.audit()
    assert audit.findings == of_session("session-not-established", "node1", "node4")


def test_wait_until_healed(mesh_operator: Operator):
    """`--wait` during a rollout: BIRD comes back while the command waits."""
    with broken(mesh_operator.rig, FaultKind.BIRD_DOWN, "node3"):
        assert mesh_operator.audit().exit_code == 1
    audit = mesh_operator.audit("--wait", "30s")
    assert (audit.exit_code, audit.findings) == (0, set())


def test_a_snapshot_says_the_same_later(mesh_operator: Operator):
    """Gathered while a link was cut, judged offline when all is well again."""
    folder = mesh_operator.home / "monday"
    with broken(mesh_operator.rig, FaultKind.LINK_CUT, "node1", "node2"):
        gathered = mesh_operator.run("gather", mesh_operator.hosts(), "-o", folder)
        live = mesh_operator.audit()
    assert gathered.returncode == 0, gathered.stderr
    offline = mesh_operator.run("audit", "--snapshot", folder, "--format", "json", *NO_FLAPS)
    assert offline.returncode == live.exit_code == 1
    assert findings_of(json.loads(offline.stdout)) == live.findings
    assert live.findings == of_session("session-not-established", "node1", "node2")
