"""The audit of every capture says exactly what had been broken: the broken node or link, and no innocent one."""

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.model.reports.report import Severity, Verdict

BOTH = ("IPv4", "IPv6")

#: Captures in which all is well, with what is said of them all the same: (rule, subject).
HEALTHY = {
    "mesh_ok_dual": set(),
    "mesh_ok_v4": {("family-not-running", "cluster (IPv6)")},
    "newstyle_ok": set(),
    "no_bgp_newstyle": {("no-bgp", "cluster")},
    "rr_nodeselector_ok_dual": {("reflectors-as-node-specific", "cluster")},
    "rr_ok_dual": set(),
    "rr_ok_v4": {("family-not-running", "cluster (IPv6)")},
    "rr_port_ok_dual": {("fewer-than-two-reflectors", "cluster")},  # there is but one: the warning that is due
    "since_date_mixed": set(),
    "single_family_real_v4": set(),
}


def _sessions(rule: str, a: str, b: str) -> set[tuple[str, str]]:
    return {(rule, f"{a} <-> {b} ({family})") for family in BOTH}


BROKEN = {
    "bird_stopped_dual": {("daemon-not-running", "node2")},
    "dual_bird4_stopped": {("daemon-not-running", "node2 (IPv4)")},
    "felix_stopped_oldstyle": {("felix-not-running", "node2")},
    "link_down_t15": {("isolated-node", "node3"), ("node-unreadable", "node3")},
    "no_peers_node4": {("isolated-node", "node4")},
    "peer_missing_one_side": _sessions("one-sided-session", "node2", "node3"),
    "proto_disabled": _sessions("one-sided-session", "node2", "node3"),
    "rr_one_down": {("daemon-not-running", "node1"), ("fewer-than-two-reflectors", "cluster")},
    "socket_missing": {
        ("daemon-unreachable", "node1 (IPv4)"),
        ("daemon-unreachable", "node2 (IPv6)"),
        ("daemon-unreachable", "node3"),
    },
    "wrong_as_t12": _sessions("session-not-established", "node2", "node3"),
    "wrong_password_t15": _sessions("session-not-established", "node2", "node3"),
    "fake_peers_v4_t12": {
        *(("session-not-established", f"192.0.2.{n} <-> node1 (IPv4)") for n in range(12, 33)),
        ("unknown-peers", "cluster (IPv4)"),
        ("family-not-running", "cluster (IPv6)"),
    },
    "odd_peers_t09": {
        *(
            ("session-not-established", f"{address} <-> node1 (IPv4)")
            for address in ("10.0.0.1", "192.0.2.13", "192.0.2.198", "192.0.2.199", "203.0.113.7", "203.0.113.9")
        ),
        *(
            ("session-not-established", f"{address} <-> node1 (IPv6)")
            for address in (
                "2001:db8:77::13",
                "2001:db8:77::198",
                "2001:db8:77:0:1111:2222:3333:4444",
                "2001:db8:fffe::9",
                "2001:db8:ffff:1111:2222:3333:4444:5555",
            )
        ),
        *_sessions("unexpected-peer", "node1", "node2"),
        *_sessions("duplicate-peer", "node1", "node2"),
        ("unknown-peers", "cluster (IPv4)"),
        ("unknown-peers", "cluster (IPv6)"),
    },
}

VERSIONS = ("v3.32", "v3.33")


def _said(report):
    return {(finding.rule, str(finding.subject)) for finding in report.findings}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("scenario", HEALTHY)
def test_a_healthy_capture_is_healthy(captures, version, scenario):
    report = audit(captures(version, scenario))
    assert _said(report) == HEALTHY[scenario]
    # Whether reflectors reflect does not show in tables.
    untold = scenario.startswith("rr_")
    assert report.exit_code() == (3 if untold else 0)
    warned = any(finding.severity is Severity.WARNING for finding in report.findings)
    assert report.verdict is (Verdict.UNKNOWN if untold else Verdict.HEALTHY)
    assert warned == (scenario == "rr_port_ok_dual")
    assert report.checked.sessions_established == report.checked.sessions_expected


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("scenario", BROKEN)
def test_a_broken_capture_names_what_is_broken(captures, version, scenario):
    report = audit(captures(version, scenario))
    assert _said(report) == BROKEN[scenario]
    assert report.verdict is Verdict.UNHEALTHY
    assert report.exit_code() == 1


def test_no_capture_is_forgotten(captures):
    for version in VERSIONS:
        assert set(captures.scenarios(version)) == HEALTHY.keys() | BROKEN.keys()


@pytest.mark.parametrize("scenario", ["mesh_ok_dual", "rr_ok_dual", "rr_nodeselector_ok_dual", "wrong_as_t12"])
def test_both_layouts_give_the_same_report(captures, scenario):
    old, new = (audit(captures(version, scenario)) for version in VERSIONS)
    assert old.topology == new.topology
    assert _said(old) == _said(new)


@pytest.mark.parametrize("scenario", ["mesh_ok_dual", "rr_ok_dual", "rr_nodeselector_ok_dual", "rr_port_ok_dual"])
def test_healthy_without_addresses_too(captures, scenario):
    """Pasted texts tell no addresses: identity comes from elimination, or is not checked."""
    snapshot = captures("v3.33", scenario, hosts=False)
    bare = snapshot.model_copy(
        update={"readings": tuple(reading.model_copy(update={"addresses": ()}) for reading in snapshot.readings)}
    )
    report = audit(bare)
    assert report.exit_code() == 0
    assert _said(report) == HEALTHY[scenario]


def test_addresses_of_a_mesh_are_found_by_elimination(captures):
    snapshot = captures("v3.33", "mesh_ok_dual", hosts=False)
    bare = snapshot.model_copy(
        update={"readings": tuple(r.model_copy(update={"addresses": ()}) for r in snapshot.readings)}
    )
    found = {node.name: [str(address) for address in node.addresses] for node in audit(bare).topology.nodes}
    assert found == {f"node{n}": [f"192.0.2.1{n}", f"2001:db8:77::1{n}"] for n in range(1, 5)}


def test_a_reflector_that_was_not_pasted_is_not_called_missing(captures):
    """192.0.2.12 may be a reflector: that node1 is the only one does not hold in every assignment."""
    snapshot = captures("v3.33", "rr_ok_dual", hosts=False)
    some = tuple(r.model_copy(update={"addresses": ()}) for r in snapshot.readings if r.node != "node2")
    report = audit(snapshot.model_copy(update={"readings": some}))
    assert report.findings == ()
    assert any("192.0.2.12" in entry.what for entry in report.not_checked)


def test_one_pasted_table_is_judged_from_its_end(captures):
    snapshot = captures("v3.33", "wrong_as_t12", hosts=False)
    only = tuple(r.model_copy(update={"addresses": ()}) for r in snapshot.readings if r.node == "node3")
    report = audit(snapshot.model_copy(update={"readings": only}))
    assert _said(report) == {
        ("session-not-established", "192.0.2.12 <-> node3 (IPv4)"),
        ("session-not-established", "2001:db8:77::12 <-> node3 (IPv6)"),
    }
