"""The audit against Calico's resources: real captures, with the resources that their clusters had."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest

from calico_bgp import audit
from calico_bgp.model.inventory import Host
from calico_bgp.model.peer import Family, Peer, PeerType
from calico_bgp.model.reading import Daemon, DaemonState, NodeReading, NodeStatus
from calico_bgp.model.reports.report import Report, Verdict
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, CalicoNode, Resources
from calico_bgp.model.snapshot import Snapshot

MESH_OFF = BGPConfiguration(name="default", node_to_node_mesh_enabled=False)
REFLECTOR = ("route-reflector", "true")
UNQUOTED = BGPPeer(name="peer-with-reflectors", peer_selector="has(route-reflector)")
ALL = BGPPeer(name="peer-with-reflectors", node_selector="all()", peer_selector="has(route-reflector)")


def resources_of(captures, version: str, scenario: str) -> Resources:
    """The resources that make the peers which the scenario's truth configures."""
    truth = captures.truth(version, scenario)
    topology = truth["topology"]
    nodes = []
    for name, node in truth["nodes"].items():
        reflects = node.get("role") == "rr"
        nodes.append(
            CalicoNode(
                name=name,
                labels=(REFLECTOR,) if reflects else (),
                ipv4=ip_address(node["ip4"]) if "4" in truth["family"] and node.get("ip4") else None,
                ipv6=ip_address(node["ip6"]) if "6" in truth["family"] and node.get("ip6") else None,
                cluster_id="244.0.0.1" if reflects else None,
            )
        )
    if topology == "mesh":
        return Resources(nodes=tuple(nodes))
    port = 1790 if "port" in scenario else None
    config = replace(MESH_OFF, listen_port=port)
    peer = ALL if topology == "rr-nodesel" else UNQUOTED
    return Resources(nodes=tuple(nodes), bgp_peers=(peer,), bgp_configurations=(config,))


def with_resources(snapshot: Snapshot, resources: Resources) -> Snapshot:
    return snapshot.model_copy(update={"resources": resources})


def found(report: Report) -> set[tuple[str, str]]:
    """Rules and subjects, but for remarks: a family of a single-family cluster runs nowhere, the lint has warnings."""
    rows = {(finding.rule, str(finding.subject)) for finding in report.findings}
    return rows - {("family-not-running", "cluster (IPv6)"), ("resources-questionable", "cluster")}


HEALTHY = ["mesh_ok_dual", "mesh_ok_v4", "rr_ok_dual", "rr_ok_v4", "rr_nodeselector_ok_dual", "since_date_mixed"]


@pytest.mark.parametrize("version", ["v3.32", "v3.33"])
@pytest.mark.parametrize("scenario", [*HEALTHY, "newstyle_ok", "single_family_real_v4"])
def test_what_runs_is_what_the_resources_ask_for(captures, version, scenario):
    snapshot = with_resources(captures(version, scenario), resources_of(captures, version, scenario))
    report = audit(snapshot)
    assert (report.verdict, found(report)) == (Verdict.HEALTHY, set())
    assert report.checked.sessions_expected == report.checked.sessions_established > 0
    assert report.topology.evidence == "Calico's resources say so"


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("proto_disabled", {("one-sided-session", f"node2 <-> node3 ({f})") for f in ("IPv4", "IPv6")}),
        ("peer_missing_one_side", {("one-sided-session", f"node2 <-> node3 ({f})") for f in ("IPv4", "IPv6")}),
        ("wrong_as_t12", {("session-not-established", f"node2 <-> node3 ({f})") for f in ("IPv4", "IPv6")}),
        ("bird_stopped_dual", {("daemon-not-running", "node2")}),
        ("no_peers_node4", {("configuration-behind", "node4")}),
    ],
)
def test_a_fault_is_named_once(captures, scenario, expected):
    snapshot = with_resources(captures("v3.33", scenario), resources_of(captures, "v3.33", scenario))
    report = audit(snapshot)
    assert found(report) == expected
    assert report.exit_code() == 1


def test_a_missing_peer_says_because_of_which_resource(captures):
    snapshot = with_resources(
        captures("v3.33", "peer_missing_one_side"), resources_of(captures, "v3.33", "peer_missing_one_side")
    )
    finding = audit(snapshot).findings[0]
    assert any("BGPConfiguration default (mesh)" in line for line in finding.evidence)


def test_a_consistently_wrong_cluster_is_noticed(captures):
    """Without resources a cluster whose reflectors all lost their part looks right; with them it cannot."""
    resources = resources_of(captures, "v3.33", "mesh_ok_v4")
    meant = resources.model_copy(
        update={
            "bgp_peers": (ALL,),
            "bgp_configurations": (MESH_OFF,),
            "nodes": tuple(
                replace(node, labels=(REFLECTOR,), cluster_id="244.0.0.1") if node.name in {"node1", "node2"} else node
                for node in resources.nodes
            ),
        }
    )
    snapshot = captures("v3.33", "mesh_ok_v4")
    assert audit(snapshot).verdict is Verdict.HEALTHY
    report = audit(with_resources(snapshot, meant))
    assert ("configuration-behind", "cluster") in found(report)
    assert report.exit_code() == 1


def test_labels_that_vanished_from_the_resources_are_no_session_that_is_down(captures):
    """The tables still show the reflectors that the resources no longer make: nothing is down, BIRD lags behind."""
    resources = resources_of(captures, "v3.33", "rr_ok_v4")
    lost = resources.model_copy(
        update={"nodes": tuple(replace(node, labels=(), cluster_id=None) for node in resources.nodes)}
    )
    report = audit(with_resources(captures("v3.33", "rr_ok_v4"), lost))
    rules = {finding.rule for finding in report.findings}
    assert "configuration-behind" in rules
    assert not rules & {"session-not-established", "peer-missing", "reflector-missing-client", "isolated-node"}


def test_one_row_of_another_type(captures):
    resources = resources_of(captures, "v3.33", "rr_ok_v4")
    snapshot = captures("v3.33", "rr_ok_v4")
    reading = snapshot.readings[4]
    rows = tuple(replace(row, peer_type=PeerType.NODE) if i == 0 else row for i, row in enumerate(reading.peers))
    status = reading.status.model_copy(update={"peers": rows})
    readings = list(snapshot.readings)
    readings[4] = reading.model_copy(update={"status": status})
    report = audit(with_resources(snapshot.model_copy(update={"readings": tuple(readings)}), resources))
    assert found(report) == {("wrong-peer-type", "node1 <-> node5 (IPv4)")}
    assert "asked for by BGPPeer peer-with-reflectors (global)" in report.findings[0].evidence


def test_one_row_that_nothing_asks_for(captures):
    resources = resources_of(captures, "v3.33", "rr_ok_v4")
    snapshot = captures("v3.33", "rr_ok_v4")
    reading = snapshot.readings[4]
    extra = replace(reading.peers[0], address=ip_address("192.0.2.99"), address_text="192.0.2.99")
    status = reading.status.model_copy(update={"peers": (*reading.peers, extra)})
    readings = list(snapshot.readings)
    readings[4] = reading.model_copy(update={"status": status})
    report = audit(with_resources(snapshot.model_copy(update={"readings": tuple(readings)}), resources))
    assert found(report) == {("unexpected-peer", "192.0.2.99 <-> node5 (IPv4)")}


def test_a_node_that_only_the_resources_know(captures):
    """It was asked by nobody: unknown, not healthy - and what its peers show of it is judged."""
    resources = resources_of(captures, "v3.33", "mesh_ok_v4")
    whole = captures("v3.33", "mesh_ok_v4")
    part = whole.model_copy(update={"hosts": whole.hosts[:-1], "readings": whole.readings[:-1]})
    report = audit(with_resources(part, resources))
    name = whole.hosts[-1].name
    assert found(report) == {("node-not-listed", "cluster")}
    assert report.unread == (name,)
    assert (report.verdict, report.exit_code()) == (Verdict.UNKNOWN, 3)


def test_a_paste_of_one_node_is_judged_by_the_resources(captures):
    resources = resources_of(captures, "v3.33", "rr_ok_v4")
    whole = captures("v3.33", "rr_ok_v4", hosts=False)
    one = whole.model_copy(update={"readings": (whole.readings[5],)})
    report = audit(with_resources(one, resources))
    unread = tuple(sorted({node.name for node in resources.nodes} - {whole.readings[5].node}))
    assert (report.verdict, report.exit_code(), report.unread) == (Verdict.UNKNOWN, 3, unread)
    # Nothing is counted that could not be seen.
    assert report.checked.sessions_established == report.checked.sessions_expected


def test_a_host_that_is_no_node_of_the_cluster(captures):
    resources = resources_of(captures, "v3.33", "mesh_ok_v4")
    snapshot = captures("v3.33", "mesh_ok_v4")
    stranger = NodeReading(
        host="db1.example.org",
        status=NodeStatus(
            felix_running=True,
            daemons=(Daemon(Family.IPV4, DaemonState.NOT_RUNNING), Daemon(Family.IPV6, DaemonState.NOT_RUNNING)),
        ),
        addresses=(ip_address("192.0.2.200"),),
    )
    more = snapshot.model_copy(
        update={"hosts": (*snapshot.hosts, Host("db1.example.org")), "readings": (*snapshot.readings, stranger)}
    )
    assert ("not-a-node", "db1.example.org") in found(audit(with_resources(more, resources)))


def test_hosts_are_known_by_their_addresses(captures):
    """hosts.txt holds DNS names; the nodes are found by the addresses that they list."""
    resources = resources_of(captures, "v3.33", "rr_ok_dual")
    snapshot = captures("v3.33", "rr_ok_dual")
    renamed = snapshot.model_copy(
        update={
            "hosts": tuple(Host(f"host-{i}.example.org") for i, _ in enumerate(snapshot.hosts)),
            "readings": tuple(
                reading.model_copy(update={"host": f"host-{i}.example.org", "node": None})
                for i, reading in enumerate(snapshot.readings)
            ),
        }
    )
    report = audit(with_resources(renamed, resources))
    assert (report.verdict, found(report)) == (Verdict.HEALTHY, set())
    assert [node.name for node in report.topology.nodes] == [node.name for node in resources.nodes]


def without_bird(resources: Resources) -> Snapshot:
    daemons = (Daemon(Family.IPV4, DaemonState.NOT_RUNNING), Daemon(Family.IPV6, DaemonState.NOT_RUNNING))
    return Snapshot(
        hosts=tuple(Host(node.name, node=node.name) for node in resources.nodes),
        readings=tuple(
            NodeReading(host=node.name, node=node.name, status=NodeStatus(felix_running=True, daemons=daemons))
            for node in resources.nodes
        ),
        resources=resources,
    )


def test_a_cluster_without_bgp_is_no_dead_mesh():
    """CALICO_NETWORKING_BACKEND=vxlan: the resources say nothing, the mesh is on by default, and BIRD runs nowhere."""
    nodes = tuple(CalicoNode(name=f"node{i}", ipv4=ip_address(f"192.0.2.{10 + i}")) for i in (1, 2, 3))
    report = audit(without_bird(Resources(nodes=nodes)))
    assert {finding.rule for finding in report.findings} == {"no-bgp"}
    assert report.exit_code() == 0


def test_resources_that_name_bgp_peers_mean_bgp():
    """BIRD runs nowhere although somebody wrote a BGPPeer: it is dead, not unused."""
    nodes = tuple(CalicoNode(name=f"node{i}", ipv4=ip_address(f"192.0.2.{10 + i}")) for i in (1, 2, 3))
    report = audit(without_bird(Resources(nodes=nodes, bgp_peers=(ALL,))))
    assert {rule for rule, _ in found(report)} == {"daemon-not-running"}
    assert report.exit_code() == 1


def test_an_external_peer_that_a_node_lacks(captures):
    resources = resources_of(captures, "v3.33", "mesh_ok_v4")
    tor = BGPPeer(name="tor", peer_ip="203.0.113.1", as_number=65000, node="node1")
    report = audit(with_resources(captures("v3.33", "mesh_ok_v4"), resources.model_copy(update={"bgp_peers": (tor,)})))
    assert found(report) == {("peer-missing", "203.0.113.1 <-> node1 (IPv4)")}
    assert any("BGPPeer tor (node specific)" in line for line in report.findings[0].evidence)


def test_ports_in_names_meet(captures):
    snapshot = captures("v3.33", "rr_port_ok_dual")
    resources = resources_of(captures, "v3.33", "rr_port_ok_dual")
    report = audit(with_resources(snapshot, resources))
    assert found(report) == {("fewer-than-two-reflectors", "cluster")}  # there is but one
    assert report.exit_code() == 0
    off = resources.model_copy(update={"bgp_configurations": (MESH_OFF,)})
    assert ("configuration-behind", "cluster") in found(audit(with_resources(snapshot, off)))


def test_a_masked_table_proves_no_absence(captures):
    resources = resources_of(captures, "v3.33", "mesh_ok_v4")
    snapshot = captures("v3.33", "mesh_ok_v4")
    reading = snapshot.readings[0]
    masked: tuple[Peer, ...] = (replace(reading.peers[0], address=None, address_text="x.x.x.x"), *reading.peers[1:])
    status = reading.status.model_copy(update={"peers": masked})
    changed = snapshot.model_copy(
        update={"readings": (reading.model_copy(update={"status": status}), *snapshot.readings[1:])}
    )
    report = audit(with_resources(changed, resources))
    assert not {finding.rule for finding in report.findings} & {"configuration-behind", "peer-missing"}


def test_the_outage_is_no_agreement(captures):
    """Labels, cluster IDs and peers are gone on both sides: tables and resources agree, and nothing is healthy."""
    resources = resources_of(captures, "v3.33", "rr_ok_v4")
    lost = resources.model_copy(
        update={"nodes": tuple(replace(node, labels=(), cluster_id=None) for node in resources.nodes)}
    )
    snapshot = captures("v3.33", "rr_ok_v4")
    empty = snapshot.model_copy(
        update={
            "readings": tuple(
                reading.model_copy(update={"status": reading.status.model_copy(update={"peers": ()})})
                for reading in snapshot.readings
            )
        }
    )
    report = audit(with_resources(empty, lost))
    rules = {finding.rule for finding in report.findings}
    assert {"no-peers-anywhere", "selector-matches-nothing"} <= rules
    assert "configuration-behind" not in rules
    assert report.exit_code() == 1


def test_warnings_of_the_lint_are_one_remark(captures):
    snapshot = captures("v3.33", "rr_port_ok_dual")
    report = audit(with_resources(snapshot, resources_of(captures, "v3.33", "rr_port_ok_dual")))
    remark = next(finding for finding in report.findings if finding.rule == "resources-questionable")
    assert any(line.startswith("single-reflector") for line in remark.evidence)
    assert "resources-questionable" not in {
        finding.rule
        for finding in audit(
            with_resources(snapshot, resources_of(captures, "v3.33", "rr_port_ok_dual")), lint_rules=()
        ).findings
    }


def test_resources_without_nodes_say_nothing_of_what_should_be(captures):
    """Only the BGPPeers of a repository: judged by the default expectation, and the verdict is that it is not known."""
    snapshot = captures("v3.33", "rr_ok_v4")
    report = audit(with_resources(snapshot, Resources(bgp_peers=(UNQUOTED,), bgp_configurations=(MESH_OFF,))))
    alone = audit(snapshot)
    assert report.topology == alone.topology
    assert report.checked.sessions_expected == alone.checked.sessions_expected
    assert (report.verdict, report.exit_code()) == (Verdict.UNKNOWN, 3)
    assert any("there is no Node among them" in note.why for note in report.not_checked)


def test_resources_without_nodes_are_linted_all_the_same(captures):
    tor = BGPPeer(name="tor", peer_ip="203.0.113.1")
    report = audit(with_resources(captures("v3.33", "mesh_ok_v4"), Resources(bgp_peers=(tor,))))
    assert ("peer-without-as", "BGPPeer tor") in found(report)
    assert report.exit_code() == 1


def test_resources_without_nodes_do_not_hide_a_missing_session(captures):
    alone = audit(captures("v3.33", "peer_missing_one_side"))
    report = audit(with_resources(captures("v3.33", "peer_missing_one_side"), Resources()))
    assert found(report) == found(alone) != set()
