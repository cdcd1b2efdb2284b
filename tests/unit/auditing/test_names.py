"""Two hosts that claim one node name, and a host that contradicts its `node=`: never healthy, and named."""

from dataclasses import replace

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology
from calico_bgp.model.reports.report import Verdict


def said(report, rule):
    return [str(finding.subject) for finding in report.findings if finding.rule == rule]


def with_hosts(snapshot, **nodes):
    """The snapshot as if hosts.txt had said these `node=`, by the name that the machine gives itself."""
    machine = {reading.host: reading.node for reading in snapshot.readings}
    hosts = tuple(replace(host, node=nodes.get(machine[host.label], host.node)) for host in snapshot.hosts)
    return snapshot.model_copy(update={"hosts": hosts})


@pytest.fixture
def good(lab):
    made = lab(nodes=4, topology=Topology.MESH)
    assert audit(made).verdict is Verdict.HEALTHY
    return made


def test_a_host_that_is_another_node_than_the_inventory_says(good):
    report = audit(with_hosts(good, node2="node9"))
    assert said(report, "node-contradicts-inventory") == ["node2"]
    assert report.verdict is Verdict.UNKNOWN
    assert report.unread == ("node9",)
    assert report.exit_code() == 3
    (finding,) = (f for f in report.findings if f.rule == "node-contradicts-inventory")
    assert "node9 was not read" in finding.message


def test_two_lines_that_were_mixed_up(good):
    report = audit(with_hosts(good, node2="node3", node3="node2"))
    assert said(report, "node-contradicts-inventory") == ["node2", "node3"]
    assert report.verdict is Verdict.WARNINGS  # everything was read, under other names
    assert report.unread == ()


def test_two_hosts_that_claim_one_name(good):
    second = good.readings[1].model_copy(update={"node": "node1"})
    snapshot = good.model_copy(update={"readings": (good.readings[0], second, *good.readings[2:])})
    report = audit(snapshot)
    assert said(report, "node-name-twice") == ["node1"]
    assert said(report, "node-contradicts-inventory") == []
    assert report.verdict is Verdict.UNHEALTHY


def test_a_host_without_node_contradicts_nothing(good):
    hosts = tuple(replace(host, node=None) for host in good.hosts)
    report = audit(good.model_copy(update={"hosts": hosts}))
    assert report.verdict is Verdict.HEALTHY
