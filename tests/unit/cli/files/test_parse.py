"""The parse command: its JSON to the letter, files and standard input, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from calico_bgp.cli.main import cli

TABLE = (
    "Calico process is running.\n\nIPv4 BGP status\n"
    "| 192.0.2.12.port.500 | global | start | 07:13:23 | Active Socket: x |\n"
)


def run(*arguments: str, stdin: str | bytes = ""):
    return CliRunner().invoke(cli, ["parse", *arguments], input=stdin)


def test_json(tmp_path: Path):
    file = tmp_path / "ticket.txt"
    file.write_text(
        f"hello\nroot@node1:~# calicoctl node status\n{TABLE}what is this\nIPv6 BGP status\nNo IPv6 peers found.\n"
    )
    result = run("--format", "json", str(file))
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "schema": "calico-bgp/parse/1",
        "readings": [
            {
                "source": str(file),
                "line": 2,
                "node": "node1",
                "host": "node1",
                "felix_running": True,
                "daemons": [
                    {"family": "ipv4", "state": "running", "message": None},
                    {"family": "ipv6", "state": "running", "message": "No IPv6 peers found."},
                ],
                "peers": [
                    {
                        "family": "ipv4",
                        "address": "192.0.2.12",
                        "address_text": "192.0.2.12.port.500",
                        "port": 500,
                        "peer_type": "global",
                        "protocol_state": "start",
                        "bgp_state": "Active",
                        "since": "07:13:23",
                        "info": "Active Socket: x",
                        "error": {"class": "Socket", "message": "x"},
                    }
                ],
                "messages": [],
                "unrecognised": [{"line": 7, "text": "what is this"}],
                "addresses": [],
                "complete": True,
                "origin": "calicoctl",
            }
        ],
    }


def test_readings_in_the_order_of_files_and_text(tmp_path: Path):
    for name in ("b", "a"):
        (tmp_path / name).write_text(TABLE + TABLE)
    result = run("--format", "json", str(tmp_path / "b"), "-", str(tmp_path / "a"), stdin=TABLE)
    assert [(Path(each["source"]).name, each["line"]) for each in json.loads(result.stdout)["readings"]] == [
        ("b", 1), ("b", 5), ("-", 1), ("a", 1), ("a", 5),
    ]  # fmt: skip


@pytest.mark.parametrize("arguments", [(), ("-",)])
def test_standard_input(arguments):
    result = run(*arguments, stdin=TABLE)
    assert result.exit_code == 0
    assert "192.0.2.12.port.500  global  start  07:13:23  Active Socket: x" in result.stdout


def test_text():
    text = f"{TABLE}?\nError querying BIRD: BIRDv6 socket: no\n"
    assert run(stdin=text).stdout == (
        "-:1\n  Felix: running\n  IPv4: running, 1 peer\n"
        "    192.0.2.12.port.500  global  start  07:13:23  Active Socket: x\n"
        "  IPv6: unreachable: Error querying BIRD: BIRDv6 socket: no\n  not understood: -:5: ?\n"
    )


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_status(form):
    result = run("--format", form, stdin="hello\n")
    assert result.exit_code == 2
    assert result.stderr == "calico-bgp: no `calicoctl node status` in standard input\n"
    assert result.stdout == (
        "" if form == "text" else json.dumps({"schema": "calico-bgp/parse/1", "readings": []}, indent=2) + "\n"
    )


def test_missing_file(tmp_path: Path):
    result = run(str(tmp_path / "none.txt"))
    assert result.exit_code == 2
    assert result.stderr == f"calico-bgp: cannot read {tmp_path}/none.txt: No such file or directory\n"


def test_strict():
    result = run("--strict", stdin=f"{TABLE}huh\nIPv6 BGP status\nNo IPv6 peers found.\n")
    assert result.exit_code == 2
    assert result.stderr.startswith("calico-bgp: -:5: a line that calicoctl does not print\n    huh\n  expected ")


def test_bytes_that_are_not_utf8():
    result = run("--format", "json", stdin=b"\xff\xfe\n" + TABLE.encode())
    assert result.exit_code == 0
    assert len(json.loads(result.stdout)["readings"][0]["peers"]) == 1


def test_help_has_examples():
    assert "calico-bgp parse --format json ticket.txt" in run("--help").stdout


def test_json_of_a_file_whose_name_is_no_utf8(tmp_path: Path):
    file = tmp_path / "ticket\udcff.txt"
    file.write_text(TABLE)
    result = run("--format", "json", str(file))
    assert result.exit_code == 0
    assert json.loads(result.stdout)["readings"][0]["source"] == str(file)


def test_what_powershell_writes_is_read():
    assert run("-", stdin=TABLE.encode("utf-16")).stdout == run("-", stdin=TABLE).stdout
