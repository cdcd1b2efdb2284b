"""What the audit says where some nodes, families or ends are so and others are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import build_cluster
from calico_bgp.model.inventory import Host
from calico_bgp.model.peer import Family
from calico_bgp.model.reading import Daemon, DaemonState, NodeReading, NodeStatus
from calico_bgp.model.snapshot import Snapshot
from tests.unit.auditing.conftest import NOW, snapshot_of
from tests.unit.auditing.tables import cluster, node
from tests.unit.rules.observed.rule_snapshots import four, with_reading

RUNNING, STOPPED, UNREACHABLE = DaemonState.RUNNING, DaemonState.NOT_RUNNING, DaemonState.UNREACHABLE


def without_peers(*states, resources=None):
    """Nodes n1, n2, ... without any row, whose BIRDs of IPv4 and IPv6 are in these states."""
    names = [f"n{number}" for number in range(1, len(states) + 1)]
    readings = [
        NodeReading(
            host=name,
            node=name,
            status=NodeStatus(
                felix_running=True, daemons=tuple(Daemon(*each) for each in zip(Family, of_both, strict=True))
            ),
        )
        for name, of_both in zip(names, states, strict=True)
    ]
    return Snapshot(
        hosts=tuple(Host(name=name, node=name) for name in names), readings=tuple(readings), resources=resources
    )


@pytest.mark.parametrize(
    ("states", "is_told"),
    [
        ([(RUNNING, RUNNING), (RUNNING, RUNNING)], True),
        # One family is not run.
        ([(RUNNING, STOPPED), (RUNNING, STOPPED)], True),
        # What one BIRD has is not known.
        ([(RUNNING, RUNNING), (RUNNING, UNREACHABLE)], False),
    ],
)
def test_nobody_has_a_peer_where_every_bird_said_so(states, is_told):
    found = [finding.rule for finding in audit(without_peers(*states)).findings]
    assert ("no-peers-anywhere" in found) is is_told


@pytest.mark.parametrize(("number", "severity"), [(2, "info"), (3, "warning")])
def test_bgp_is_not_used_for_sure_where_every_node_was_read(number, severity):
    resources = cluster(*(node(f"n{n}", f"192.0.2.{n}") for n in range(1, number + 1)))
    made = without_peers((STOPPED, STOPPED), (STOPPED, STOPPED), resources=resources)
    assert [finding.severity for finding in audit(made).findings if finding.rule == "no-bgp"] == [severity]


def test_a_session_that_changed_of_late_at_one_end_changed():
    """The other end's clock says something else."""
    made = four()
    far = made.readings[1].addresses[0]
    status = made.readings[0].status
    since = f"{NOW - timedelta(minutes=5):%H:%M:%S}"
    rows = tuple(replace(row, since=since) if row.address == far else row for row in status.peers)
    made = with_reading(made, 0, status=status.model_copy(update={"peers": rows}))
    found = [str(finding.subject) for finding in audit(made).findings if finding.rule == "recently-changed"]
    assert found == ["node1 <-> node2 (IPv4)"]


def test_a_reflector_that_has_one_other_reflector_is_no_client():
    made = snapshot_of(build_cluster(6, reflectors=3), "link-cut:node1,node3", roles=True)
    rules = {finding.rule for finding in audit(made).findings}
    assert "session-not-established" in rules
    assert "client-single-reflector" not in rules
