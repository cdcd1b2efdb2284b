import json
import re

import pytest
from junitparser import JUnitXml

from calico_bgp.cli.look import audit as audit_module
from calico_bgp.model.reports.report import Report
from calico_bgp.sources.gather import GatherInterrupted
from calico_bgp.store.snapshot_folder import load_snapshot


def test_help_has_examples_and_exit_codes(run_cli):
    result = run_cli("audit", "--help")
    assert result.exit_code == 0
    assert "calico-bgp audit hosts.txt" in result.stdout
    assert "Exit codes: 0 healthy; 1" in result.stdout


# Pasted text


def test_healthy_paste(run_cli, paste):
    result = run_cli("audit", "--pasted", paste("mesh_ok_dual"))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("✓ HEALTHY  all 12 sessions up · no route missing\n")


def test_broken_paste(run_cli, paste):
    result = run_cli("audit", "--pasted", paste("bird_stopped_dual"))
    assert result.exit_code == 1
    assert result.stdout.startswith("✗ UNHEALTHY  6/12 sessions up · 12 of 24 routes missing\n")
    assert "✗ BIRD does not run on node2, the host is up.\n" in result.stdout
    assert "ERROR daemon-not-running\n" not in result.stdout
    assert "ERROR daemon-not-running\n" in run_cli("audit", "--pasted", paste("bird_stopped_dual"), "-v").stdout


def test_paste_on_standard_input_and_in_several_files(run_cli, paste):
    whole = run_cli("audit", "--format", "json", "--pasted", "-", stdin=paste("rr_ok_v4").read_text())
    first = paste("rr_ok_v4", nodes={"node1", "node2", "node3"}).rename(paste("rr_ok_v4").with_name("a"))
    second = paste("rr_ok_v4", nodes={"node4", "node5", "node6"})
    parts = run_cli("audit", "--format", "json", "--pasted", first, "--pasted", second)
    assert whole.exit_code == parts.exit_code == 0
    assert json.loads(whole.stdout)["checked"] == json.loads(parts.stdout)["checked"]


def test_a_file_without_an_answer_beside_files_with_one_is_a_host_that_was_not_read(run_cli, paste, tmp_path):
    """It was passed over, and the rest was healthy."""
    empty, log = tmp_path / "node9.txt", tmp_path / "bird.log"
    empty.write_text("Killed\n")
    log.write_text("bird: Mesh_192_0_2_12: Received: Administrative shutdown\n")
    result = run_cli("audit", "--pasted", paste("mesh_ok_dual"), "--pasted", str(empty))
    assert result.exit_code == 3
    assert "node9" in result.stdout
    assert run_cli("audit", "--pasted", paste("mesh_ok_dual"), "--pasted", str(log)).exit_code == 0
    assert run_cli("audit", "--pasted", str(empty)).exit_code == 2


def test_a_paste_on_standard_input_is_named_as_it_was_given(run_cli, paste):
    shown = run_cli("audit", "--pasted", "-", stdin=paste("bird_stopped_dual").read_text())
    assert "All: calico-bgp audit --pasted - -v\n" in shown.stdout


def test_limit_works_on_a_paste(run_cli, paste):
    result = run_cli("audit", "--format", "json", "--pasted", paste("mesh_ok_dual"), "--limit", "node[1-2]")
    assert json.loads(result.stdout)["checked"]["nodes_read"] == 2


# What goes wrong before anything is judged


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "say what to look at: HOSTS"),
        (("hosts.txt", "--snapshot", "x"), "give only one of HOSTS"),
        (("missing.txt",), "kubectl get nodes -o json | calico-bgp hosts -"),
        (("--snapshot", "missing"), "missing"),
        (("--pasted", "missing.txt"), "missing.txt does not exist"),
        (("--pasted", "."), ". is a folder"),
        (("--pasted", "-"), "no status table found in standard input"),
        (("--pasted", "-", "--wait", "5m"), "--wait needs HOSTS"),
        (("--pasted", "-", "--config", "missing.toml"), "missing.toml does not exist"),
        (("--pasted", "-", "--flap-window", "10"), "is no duration"),
        (("--explain", "session-not-establishd"), "did you mean session-not-established?"),
    ],
)
def test_input_errors(run_cli, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    result = run_cli("audit", *arguments, stdin="hello\n")
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_a_report_that_cannot_be_written(run_cli, paste, tmp_path):
    result = run_cli("audit", "--pasted", paste("mesh_ok_v4"), "-o", tmp_path / "no" / "such" / "folder")
    assert result.exit_code == 2
    assert "cannot write" in result.stderr


# Forms and files


def test_json(run_cli, paste):
    result = run_cli("audit", "--pasted", paste("wrong_as_t12"), "--format", "json", "--cluster", "prod")
    report = Report.model_validate_json(result.stdout)
    assert (result.exit_code, report.exit_code(), report.cluster) == (1, 1, "prod")


def test_junit(run_cli, paste):
    result = run_cli("audit", "--pasted", paste("wrong_as_t12"), "--format", "junit")
    (suite,) = JUnitXml.fromstring(result.stdout.encode())
    assert suite.failures == 2
    assert result.exit_code == 1


def test_output_file(run_cli, paste, tmp_path):
    output = tmp_path / "report.txt"
    result = run_cli("audit", "--pasted", paste("mesh_ok_v4"), "-o", output)
    assert result.stdout == ""
    assert result.stderr == f"HEALTHY: all 6 sessions up, no route missing; the report is in {output}\n"
    assert output.read_text("utf-8").startswith("✓ HEALTHY")


def test_fail_on(run_cli, paste):
    source = ("--pasted", paste("rr_port_ok_dual"))
    codes = [run_cli("audit", *source, "--fail-on", severity).exit_code for severity in ("error", "warning", "info")]
    assert codes == [0, 1, 1]


def test_config_in_the_folder_is_used(run_cli, paste, tmp_path, monkeypatch):
    source = ("--pasted", paste("rr_port_ok_dual"), "--fail-on", "warning")
    (tmp_path / "calico-bgp.toml").write_text(
        '[[ignore]]\nrule = "fewer-than-two-reflectors"\nreason = "a test cluster"\n'
    )
    assert run_cli("audit", *source).exit_code == 1
    monkeypatch.chdir(tmp_path)
    result = run_cli("audit", *source)
    assert result.exit_code == 0
    assert "Accepted: 1 finding (fewer-than-two-reflectors: a test cluster)\n" in result.stdout


def test_explain(run_cli):
    result = run_cli("audit", "--explain", "session-not-established")
    assert result.exit_code == 0
    assert result.stdout.startswith("session-not-established: ")
    assert {"What it means", "What it rests on", "What to do"} <= set(result.stdout.splitlines())


def ids(run_cli, source):
    report = Report.model_validate_json(run_cli("audit", "--pasted", source, "--format", "json").stdout)
    return [finding.id for finding in report.findings]


def test_explain_an_id_of_the_report(run_cli, paste):
    source = paste("wrong_as_t12")
    first = ids(run_cli, source)[0]
    for asked in (first, first[:8], first.upper()):
        result = run_cli("audit", "--pasted", source, "--explain", asked)
        assert result.exit_code == 0
        assert f"id          {first}\n" in result.stdout


def test_explain_the_cause_of_a_report(run_cli, paste):
    source = paste("bird_stopped_dual")
    report = Report.model_validate_json(run_cli("audit", "--pasted", source, "--format", "json").stdout)
    (cause,) = report.causes
    result = run_cli("audit", "--pasted", source, "--explain", cause.id)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"CAUSE {cause.kind}\n  {cause.title}\n")
    assert all(finding in result.stdout for finding in cause.findings)
    assert all(step.commands[0] in result.stdout for fix in cause.fixes for step in fix.steps)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--explain", "abcdef"), "say what to look at: HOSTS"),
        (("--explain", "abcdef", "--pasted", "PASTE"), "no cause and no finding of this report has the id 'abcdef'"),
        (("--explain", "abcdef", "--pasted", "PASTE", "--format", "json"), "--explain ID answers in text"),
        (("--explain", "no-such-thing"), "there is no rule or cause 'no-such-thing'"),
    ],
)
def test_an_id_that_cannot_be_explained(run_cli, paste, arguments, message):
    source = str(paste("mesh_ok_v4"))
    result = run_cli("audit", *(source if word == "PASTE" else word for word in arguments))
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_markdown_for_a_ticket(run_cli, paste, tmp_path):
    source = paste("wrong_as_t12")
    result = run_cli("audit", "--pasted", source, "--format", "markdown")
    assert result.exit_code == 1
    assert result.stdout.startswith("# BGP\n\n**UNHEALTHY**: ")
    assert "## Follow-up" in result.stdout
    output = tmp_path / "ticket.md"
    assert run_cli("audit", "--pasted", source, "--format", "markdown", "-o", output).exit_code == 1
    assert output.read_text("utf-8") == result.stdout


# Terminal, pipe, colour


def test_colour_and_width(run_cli, paste):
    source = ("audit", "--pasted", paste("bird_stopped_dual"))
    assert "\x1b[" not in run_cli(*source).stdout
    assert "\x1b[" in run_cli(*source, "--color").stdout
    assert "\x1b[" not in run_cli(*source, "--no-color").stdout
    narrow = run_cli(*source, env={"COLUMNS": "60"}).stdout
    assert narrow == run_cli(*source, "--width", "60").stdout
    commands = re.findall(r"(?m)^ +(?:kubectl|verify) .*$", narrow)
    assert len(commands) == 2
    commands += re.findall(r"(?m)^All: .*$", narrow)
    assert max(len(line) for line in narrow.splitlines() if line not in commands) <= 60


def test_a_terminal_of_few_characters(run_process, paste):
    env = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    result = run_process("audit", "--pasted", paste("bird_stopped_dual"), env=env)
    assert result.exit_code == 1
    assert result.stdout.isascii()
    assert result.stdout.startswith("x UNHEALTHY  6/12 sessions up, 12 of 24 routes missing\n")


def test_real_exit_codes(run_process, paste, tmp_path):
    assert run_process("audit", "--pasted", paste("mesh_ok_v4")).exit_code == 0
    assert run_process("audit", "--pasted", paste("no_peers_node4")).exit_code == 1
    assert run_process("audit", cwd=tmp_path).exit_code == 2


def test_a_paste_needs_no_ssh(paste):
    import subprocess
    import sys

    code = (
        "import sys; from calico_bgp.cli.main import cli\n"
        f"try: cli(['audit', '--pasted', {str(paste('mesh_ok_v4'))!r}])\n"
        "except SystemExit as e: sys.exit(e.code or ('paramiko' in sys.modules) or ('pandas' in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0


# Live


def test_live_and_from_its_snapshot(run_cli, lab, live, tmp_path):
    lab.set_faults(["bird-down:node3"])
    online = run_cli("audit", *live, "--format", "json", "--save", tmp_path / "snap")
    assert online.exit_code == 1
    offline = run_cli("audit", "--snapshot", tmp_path / "snap", "--format", "json")
    verified = re.compile(r'"check": "(calico-bgp audit|# read the nodes anew) [^"]*"')
    assert verified.sub("", offline.stdout) == verified.sub("", online.stdout) != online.stdout
    assert next(f["rule"] for f in json.loads(online.stdout)["findings"]) == "daemon-not-running"


def test_save_loses_no_earlier_snapshot_unasked(run_cli, lab, live, tmp_path):
    assert run_cli("audit", *live, "--save", tmp_path / "snap").exit_code in {0, 3}
    before = load_snapshot(tmp_path / "snap").taken_at
    refused = run_cli("audit", *live, "--save", tmp_path / "snap")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "holds a snapshot already: name another folder, or replace it with --replace" in refused.stderr
    assert load_snapshot(tmp_path / "snap").taken_at == before
    assert run_cli("audit", *live, "--save", tmp_path / "snap", "--replace").exit_code in {0, 3}
    assert load_snapshot(tmp_path / "snap").taken_at > before


def test_unreadable_nodes_alone_are_three(run_cli, lab, live):
    lab.set_faults(["no-sudo:node4"])
    result = run_cli("audit", *live)
    assert result.exit_code == 3
    assert result.stdout.startswith("? UNKNOWN  all 5 sessions up · 6 of 12 routes not known\n")


def test_wait_until_healthy_twice(run_cli, lab, live, monkeypatch):
    lab.set_faults(["bird-down:node3"])
    clock, slept = [0.0], []

    def sleep(seconds):
        clock[0] += seconds
        slept.append(seconds)
        lab.set_faults([])

    monkeypatch.setattr(audit_module.time, "sleep", sleep)
    monkeypatch.setattr(audit_module.time, "monotonic", lambda: clock[0])
    result = run_cli("audit", *live, "--resources", lab.resources_file, "--wait", "5m")
    assert result.exit_code == 0
    assert slept == [5, 10]
    first, second, last = result.stderr.splitlines()
    assert re.fullmatch(r"UNHEALTHY: .*; waiting for node3, at most 5m", first)
    # Well, and looked at again ten seconds later.
    assert re.fullmatch(r"after 5s: \w+: .*; waiting for a second look, at most 5m", second)
    assert re.fullmatch(r"\w+: .* \(after 15s\)", last)


def test_a_time_that_is_up_is_never_zero(run_cli, lab, live, monkeypatch):
    monkeypatch.setattr(audit_module.time, "sleep", lambda _: pytest.fail("no time is left"))
    result = run_cli("audit", *live, "--resources", lab.resources_file, "--wait", "3s")
    assert result.exit_code == 3
    assert "the time of --wait is up (3s) before a second look 10 s later" in result.stderr


def test_wait_ends_when_the_time_is_up(run_cli, lab, live, monkeypatch):
    lab.set_faults(["bird-down:node3"])
    monkeypatch.setattr(audit_module.time, "sleep", lambda _: pytest.fail("no time is left"))
    result = run_cli("audit", *live, "--wait", "3s")
    assert result.exit_code == 1
    assert "the time of --wait is up (3s), still waiting for node3 (after 0s)" in result.stderr


def test_ctrl_c_while_waiting_reports_the_last_round(run_cli, lab, live, monkeypatch):
    lab.set_faults(["bird-down:node3"])

    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(audit_module.time, "sleep", interrupt)
    result = run_cli("audit", *live, "--wait", "5m")
    assert result.exit_code == 130
    assert result.stdout.startswith("✗ UNHEALTHY")


@pytest.mark.parametrize("name", ["audit", "status"])
def test_ctrl_c_reports_what_was_read(run_cli, captures, live, monkeypatch, name):
    partial = captures("v3.32", "rr_ok_v4")
    partial = partial.model_copy(update={"readings": partial.readings[:3], "complete": False})

    def interrupt(*_, **__):
        raise GatherInterrupted(partial)

    monkeypatch.setattr("calico_bgp.cli.sources.live.gather", interrupt)
    result = run_cli(name, *live)
    assert result.exit_code == 130
    assert "node1" in result.stdout
    assert "interrupted" in result.stderr
