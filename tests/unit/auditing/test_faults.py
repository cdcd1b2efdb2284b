"""Every fault of the lab's catalogue, in both topologies: the audit names the fault and no innocent one."""

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, Variant
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Severity, Verdict
from calico_bgp.model.topology import TopologyKind

DUAL = (Family.IPV4, Family.IPV6)
MESH = {"nodes": 6, "topology": Topology.MESH, "families": DUAL}
REFLECTORS = {"nodes": 6, "families": DUAL}

#: A node as a whole: fault → findings.
OF_A_NODE = {
    "node-down": {("isolated-node", "{}"), ("node-unreadable", "{}")},
    "bird-down": {("daemon-not-running", "{}")},
    "bird4-down": {("daemon-not-running", "{} (IPv4)")},
    "bird6-down": {("daemon-not-running", "{} (IPv6)")},
    "socket-missing": {("daemon-unreachable", "{}")},
    "socket4-missing": {("daemon-unreachable", "{} (IPv4)")},
    "socket6-missing": {("daemon-unreachable", "{} (IPv6)")},
    "felix-down": {("felix-not-running", "{}")},
    "restarting": {("graceful-restart", "{}")},
    "link-cut": {("isolated-node", "{}")},
    "one-way": {("isolated-node", "{}")},
    "disabled-peer": {("isolated-node", "{}")},
    "missing-peer": {("isolated-node", "{}")},
    "wrong-as": {("isolated-node", "{}")},
    "wrong-password": {("isolated-node", "{}")},
    "calicoctl-hung": {("node-unreadable", "{}")},
    "calicoctl-missing": set(),
    "no-sudo": {("node-unreadable", "{}")},
    "host-key-changed": {("node-unreadable", "{}")},
}

#: One session: fault → rule.
OF_A_SESSION = {
    "link-cut": "session-not-established",
    "one-way": "session-not-established",
    "disabled-peer": "one-sided-session",
    "missing-peer": "one-sided-session",
    "wrong-as": "session-not-established",
    "wrong-password": "session-not-established",
}

#: Faults that leave every session up or coming up, or that only hide the node from us.
NO_SESSION_LOST = {
    "socket-missing", "socket4-missing", "socket6-missing", "felix-down", "restarting", "calicoctl-hung",
    "calicoctl-missing", "no-sudo", "host-key-changed",
}  # fmt: skip


def said(report):
    return {(finding.rule, str(finding.subject)) for finding in report.findings}


def named(fault, node):
    return {(rule, subject.format(node)) for rule, subject in OF_A_NODE[fault]}


@pytest.mark.parametrize("fault", OF_A_NODE)
def test_a_node_of_a_mesh(lab, fault):
    report = audit(lab(f"{fault}:node2", **MESH))
    assert said(report) == named(fault, "node2")
    assert report.topology.kind is TopologyKind.MESH


@pytest.mark.parametrize("variant", [Variant.GLOBAL, Variant.ALL])
@pytest.mark.parametrize("fault", OF_A_NODE)
def test_a_client(lab, fault, variant):
    report = audit(lab(f"{fault}:node5", **REFLECTORS, variant=variant))
    known = {("reflectors-as-node-specific", "cluster")} if variant is Variant.ALL else set()
    assert said(report) == named(fault, "node5") | known
    assert [node.name for node in report.topology.reflectors] == ["node1", "node2"]


@pytest.mark.parametrize("fault", [f for f in OF_A_NODE if f not in {"calicoctl-hung", "no-sudo", "host-key-changed"}])
def test_a_reflector(lab, fault):
    """What is lost with it is said once, about the cluster, and not of every client."""
    report = audit(lab(f"{fault}:node2", **REFLECTORS))
    one_family = fault in {"bird4-down", "bird6-down"}
    lost = set() if fault in NO_SESSION_LOST or one_family else {("fewer-than-two-reflectors", "cluster")}
    assert said(report) == named(fault, "node2") | lost


@pytest.mark.parametrize("fault", ["calicoctl-hung", "no-sudo", "host-key-changed"])
def test_a_reflector_that_is_only_out_of_sight_is_not_called_lost(lab, fault):
    report = audit(lab(f"{fault}:node2", **REFLECTORS))
    assert said(report) == named(fault, "node2")
    assert report.verdict is Verdict.UNKNOWN
    assert report.exit_code() == 3


@pytest.mark.parametrize(("fault", "rule"), OF_A_SESSION.items())
def test_a_session_of_a_mesh(lab, fault, rule):
    report = audit(lab(f"{fault}:node1,node4", **MESH))
    assert said(report) == {(rule, f"node1 <-> node4 ({family.label})") for family in DUAL}


@pytest.mark.parametrize(("fault", "rule"), OF_A_SESSION.items())
def test_a_session_of_a_client_and_a_reflector(lab, fault, rule):
    report = audit(lab(f"{fault}:node1,node4", **REFLECTORS))
    assert said(report) == {
        *((rule, f"node1 <-> node4 ({family.label})") for family in DUAL),
        *(("client-single-reflector", f"node4 ({family.label})") for family in DUAL),
    }


def test_the_outage_this_project_began_with(lab):
    """Both reflectors lost their labels, the mesh is off: every node is ready, and none has a peer."""
    report = audit(lab("reinstalled", **REFLECTORS))
    assert said(report) == {("no-peers-anywhere", "cluster")}
    assert report.exit_code() == 1


def test_one_lost_label_is_seen_where_roles_are_told(lab):
    """Without roles the cluster looks like one with a single reflector; hosts.txt knows better."""
    untold = audit(lab("reinstalled:node1", **REFLECTORS))
    assert said(untold) == {("fewer-than-two-reflectors", "cluster")}
    told = audit(lab("reinstalled:node1", **REFLECTORS, snapshot={"roles": True}))
    # node2 serves them all: redundancy is lost, and whether node2 reflects only resources say.
    assert told.exit_code() == 3
    assert {finding.severity for finding in told.findings} <= {Severity.WARNING, Severity.INFO}
    assert {subject for rule, subject in said(told) if rule == "reflector-missing-client"} == {
        f"node1 <-> node{n} ({family.label})" for n in (3, 4, 5, 6) for family in DUAL
    }


@pytest.mark.parametrize("config", [MESH, REFLECTORS, {"nodes": 6, "variant": Variant.CLIENTS}, {"nodes": 2, **MESH}])
def test_healthy(lab, config):
    report = audit(lab(**config))
    # Whether reflectors reflect only resources say.
    is_mesh = config.get("topology") is Topology.MESH
    assert report.verdict is (Verdict.HEALTHY if is_mesh else Verdict.UNKNOWN)
    assert report.exit_code() == (0 if is_mesh else 3)
    assert all(finding.severity is Severity.INFO for finding in report.findings)
    assert report.checked.sessions_established == report.checked.sessions_expected > 0


def test_no_bgp_is_healthy_and_says_so(lab):
    report = audit(lab(nodes=4, topology=Topology.NO_BGP))
    assert said(report) == {("no-bgp", "cluster")}
    assert report.verdict is Verdict.HEALTHY


def test_no_bgp_where_reflectors_were_told_is_an_outage(lab):
    report = audit(lab("bird-down:node1,node2,node3,node4", nodes=4, snapshot={"roles": True}))
    assert ("no-peers-anywhere", "cluster") in said(report)
    assert report.exit_code() == 1


def test_nothing_readable_is_unknown_not_healthy(lab):
    report = audit(lab("node-down:node1,node2,node3", nodes=3, topology=Topology.MESH))
    assert report.verdict is Verdict.UNKNOWN
    assert report.exit_code() == 3


def test_two_faults_are_both_named(lab):
    report = audit(lab("bird-down:node2", "wrong-as:node4,node5", **MESH))
    assert said(report) == {
        ("daemon-not-running", "node2"),
        *(("session-not-established", f"node4 <-> node5 ({family.label})") for family in DUAL),
    }


def test_both_reflectors_dead_blames_no_client(lab):
    report = audit(lab("bird-down:node1,node2", **REFLECTORS))
    assert said(report) == {
        ("no-working-reflector", "cluster"),
        ("daemon-not-running", "node1"),
        ("daemon-not-running", "node2"),
    }


def test_a_session_that_came_up_just_now_among_old_ones(lab):
    """A fault that healed five minutes ago leaves a young session behind."""
    from datetime import timedelta

    from calico_bgp.lab.cluster import build_cluster
    from calico_bgp.lab.faults.fault import parse_fault
    from calico_bgp.lab.printing.tables import Epoch, lab_tables
    from calico_bgp.model.inventory import Host
    from calico_bgp.model.reading import NodeReading
    from calico_bgp.model.snapshot import Snapshot

    cluster = build_cluster(5, topology=Topology.MESH)
    now = lab(**MESH).taken_at
    cut = parse_fault("link-cut:node1,node3", cluster)
    history = (
        Epoch(now - timedelta(hours=5)),
        Epoch(now - timedelta(hours=1), (cut,)),
        Epoch(now - timedelta(minutes=5)),
    )
    tables = lab_tables(cluster, history, now)
    readings = tuple(
        NodeReading(host=n.name, node=n.name, status=t.status, addresses=(n.ipv4,), taken_at=now, clock=now)
        for n, t in zip(cluster.nodes, tables, strict=True)
    )
    snapshot = Snapshot(hosts=tuple(Host(name=n.name) for n in cluster.nodes), taken_at=now, readings=readings)
    assert said(audit(snapshot)) == {("recently-changed", "node1 <-> node3 (IPv4)")}
    assert said(audit(snapshot, flap_window=timedelta(minutes=2))) == set()


def test_a_node_that_is_down_is_said_once_beside_a_switch(lab):
    """The switch is an explicit peer of every node; the address of the mesh that is left is the node's."""
    rules = [finding.rule for finding in audit(lab("node-down:node4", **{**MESH, "switch": True})).findings]
    assert rules.count("isolated-node") == 1
    assert "mesh-peer-down" not in rules
