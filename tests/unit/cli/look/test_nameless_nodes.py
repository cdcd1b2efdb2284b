"""Where nothing names a node, no command and no next step holds the place of its text."""

import json
import re
import shutil

import pytest

from calico_bgp.model.reports.report import Report
from calico_bgp.shell_words import is_place
from tests.cases import all_cases

#: Cases of which no text names its node, and most of which are not sound.
NAMELESS = (
    "birdcl_all_down",
    "birdcl_restricted_down",
    "bird_socket_down",
    "cut_in_info",
    "felix_down",
    "form_cat_n_down",
    "form_no_borders_down",
    "form_quoted_mail_down",
    "form_terminal_wrapped_down",
    "form_yaml_block_down",
    "form_typed_healthy",
    "issue_form_healthy",
)
BORDER = "+--------------+-------------------+-------+----------+--------------------------------+"
#: One row for every kind of trouble that a table shows.
INFOS = (
    "Established",
    "Idle",
    "Active",
    "Connect",
    "Passive",
    "OpenSent",
    "Active Socket: Connection refused",
    "Active Socket: Host is unreachable",
    "Active Socket: Connection reset by peer",
    "Connect Socket: Connection timed out",
    "Idle BGP Error: Bad peer AS",
    "Idle Received: Bad peer AS",
    "Idle BGP Error: Bad BGP identifier",
    "Active BGP Error: Hold timer expired",
    "Idle Received: Cease",
    "Idle Received: Authentication failure",
    "Idle Error: Neighbor lost",
)
SILENT = (
    "Calico process is not running.",
    "bash: calicoctl: command not found",
    "Error executing command: permission denied, must be root",
    "Error querying BIRD: unable to connect to BIRDv4 socket: i/o timeout",
    "Cluster version mismatch: use --allow-version-mismatch",
    "None of the BGP backend processes (BIRD or GoBGP) are running.",
    "Calico process is running.\n\nIPv4 BGP status\nError querying BIRD: read unix /x->/var/run/bird.ctl: i/o timeout",
)


def table(rows):
    lines = ["Calico process is running.", "", "IPv4 BGP status", BORDER]
    lines += ["| PEER ADDRESS |     PEER TYPE     | STATE |  SINCE   |              INFO              |", BORDER]
    for address, info in rows:
        state = "up   " if info == "Established" else "start"
        lines.append(f"| {address:12} | node-to-node mesh | {state} | 06:11:42 | {info:30} |")
    return "\n".join((*lines, BORDER, "", "IPv6 BGP status", "No IPv6 peers found.", ""))


def to_run(report):
    """Everything of a report that somebody runs, or is told to do next."""
    for finding in report.findings:
        yield finding.next_step or ""
    for cause in report.causes:
        for decision in cause.decide:
            yield from (decision.command, decision.on or "")
        for fix in cause.fixes:
            yield fix.check
            for step in fix.steps:
                yield from (*step.commands, step.on or "")


def commands_of(text):
    """The lines of a report for a screen that hold a command."""
    return [line for line in text.splitlines() if re.search(r"kubectl|calicoctl|birdcl|\bnc \b|ping|(^|: )on \S", line)]


def all_of(run_cli, name):
    told = Report.model_validate_json(run_cli("audit", "--pasted", name, "--format", "json").stdout)
    return [*to_run(told), *commands_of(run_cli("audit", "--pasted", name, "--details").stdout)]


@pytest.mark.parametrize("case", [case for case in all_cases() if case.name.endswith(NAMELESS)], ids=lambda c: c.name)
@pytest.mark.parametrize("name", ["ticket.txt", "my ticket"])
def test_no_case_without_names_has_a_command_with_a_place(case, name, run_cli, monkeypatch, tmp_path):
    shutil.copyfile(case.folder / "paste.txt", tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert not [text for text in all_of(run_cli, name) if re.search(rf"{re.escape(name)}'?:\d", text)]


@pytest.mark.parametrize("name", ["ticket.txt", "my ticket"])
@pytest.mark.parametrize("info", [*INFOS, *SILENT])
def test_no_kind_of_trouble_has_a_command_with_a_place(info, name, run_cli, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    first = table([("10.0.0.2", info), ("10.0.0.3", "Established")]) if info in INFOS else info + "\n"
    second = table([("10.0.0.1", "Active Socket: Connection refused"), ("10.0.0.3", "Established")])
    third = table([("10.0.0.1", "Passive"), ("10.0.0.2", info if info in INFOS else "Idle")])
    # Alone, some of them are no status at all, which is an error of its own.
    for texts in ([first], [first, second], [first, second, third])[info in SILENT :]:
        (tmp_path / name).write_text("\n\n".join(texts), encoding="utf-8")
        found = all_of(run_cli, name)
        assert not [text for text in found if re.search(rf"{re.escape(name)}:\d", text)]


def test_a_command_says_node_and_the_words_say_where(run_cli, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ticket").write_text("\n\nCalico process is not running.\n", encoding="utf-8")
    told = json.loads(run_cli("audit", "--pasted", "ticket", "--format", "json").stdout)
    (finding,) = (finding for finding in told["findings"] if finding["next_step"])
    assert "ticket:" in finding["message"]
    assert "NODE" in finding["next_step"]


@pytest.mark.parametrize("text", ["ticket.txt:12", "stdin:1", "a b:3", "./x/y:2000000"])
def test_a_place(text):
    assert is_place(text)


@pytest.mark.parametrize("text", ["node1", "10.0.0.1", "fd00::1", "fe80::12", "::1", "node:", ":12", "12"])
def test_no_place(text):
    assert not is_place(text)
