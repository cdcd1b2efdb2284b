"""A paste without names of which the errors pair the tables: each session is one, with its right ends."""

from calico_bgp.model.reports.report import Report

BORDER = "+--------------+-------------------+-------+----------+-----------------------------------+"
STOPPED = """\
Calico process is running.

INFO: BIRDv4 process: 'bird' is not running.
INFO: BIRDv6 process: 'bird6' is not running.
"""


def table(kind, rows):
    lines = ["Calico process is running.", "", "IPv4 BGP status", BORDER]
    lines += ["| PEER ADDRESS |     PEER TYPE     | STATE |  SINCE   |               INFO                |", BORDER]
    for address, info in rows.items():
        state = "up   " if info == "Established" else "start"
        lines.append(f"| {address:12} | {kind:17} | {state} | 06:11:42 | {info:33} |")
    return "\n".join((*lines, BORDER, "", "IPv6 BGP status", "No IPv6 peers found.", ""))


def audited(run_cli, path, *texts):
    path.write_text("\n".join(texts), encoding="utf-8")
    return Report.model_validate_json(run_cli("audit", "--pasted", path, "--format", "json").stdout)


def addresses(report):
    return [str(*node.addresses) for node in report.topology.nodes]


def test_both_ends_of_a_bad_peer_as_are_one_session(run_cli, tmp_path):
    rows = {"10.0.0.2": "Idle BGP Error: Bad peer AS", "10.0.0.3": "Active Socket: Connection refused"}
    report = audited(
        run_cli,
        tmp_path / "t",
        table("node specific", rows | {"10.0.0.4": "Established"}),
        table("node specific", {"10.0.0.1": "Idle Received: Bad peer AS"}),
        table("node specific", {"10.0.0.1": "Established"}),
    )
    assert addresses(report) == ["10.0.0.1", "10.0.0.2", "10.0.0.4"]
    assert (report.checked.sessions_established, report.checked.sessions_expected) == (1, 3)
    mismatched = [cause for cause in report.causes if cause.kind == "as-mismatch"]
    (cause,) = mismatched
    assert all(f"t:{line} shows" in " ".join(cause.evidence) for line in (1, 15))


def test_bird_that_does_not_run_is_the_cause_of_what_its_peers_are_refused(run_cli, tmp_path):
    rows = {"10.0.0.2": "Established", "10.0.0.3": "Active Socket: Connection refused", "10.0.0.4": "Established"}
    report = audited(run_cli, tmp_path / "t", table("node-to-node mesh", rows), STOPPED)
    assert [node.name.rpartition("/")[2] for node in report.topology.nodes if node.addresses] == ["t:15"]
    (cause,) = report.causes
    errors = [(finding.rule, finding.cause_id) for finding in report.findings if finding.severity == "error"]
    assert (cause.kind, errors) == ("bird-down", [("daemon-not-running", cause.id)])
    assert any("t:1 shows 10.0.0.3" in line for line in cause.evidence)
