import csv
import io
import json
import re

import pytest


def test_help_has_examples(run_cli):
    result = run_cli("status", "--help")
    assert result.exit_code == 0
    assert "calico-bgp status hosts.txt --state down" in result.stdout


def test_table(run_cli, paste):
    result = run_cli("status", "--pasted", paste("rr_one_down"))
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert lines[0].split() == ["NODE", "PEER", "ADDRESS", "TYPE", "STATE", "AGE", "LAST", "ERROR"]
    assert lines[-1] == "16 of 26 peers Established on 6 nodes"
    assert [line.split()[4:] for line in lines if line.startswith("node1 ")] == [
        ["BIRD", "down", "-", "BIRD", "is", "not", "running"]
    ]


@pytest.mark.parametrize(
    ("arguments", "number"),
    [
        ((), 26),
        (("--state", "down"), 10),
        (("--state", "Established", "--family", "ipv6"), 8),
        (("--node", "node[3-4]"), 8),
        (("--type", "global", "--node", "node2"), 2),
        (("--type", "mesh"), 0),
        (("--limit", "node2"), 10),
    ],
)
def test_filters(run_cli, paste, arguments, number):
    result = run_cli("status", "--pasted", paste("rr_one_down"), "--format", "csv", *arguments)
    assert result.exit_code == 0
    assert len(list(csv.DictReader(io.StringIO(result.stdout)))) == number


def test_a_node_that_was_pasted_twice_stands_once(run_cli, paste):
    text = paste("mesh_ok_v4").read_text()
    again = run_cli("status", "--pasted", "-", stdin=f"{text}\nand once more:\n\n{text}")
    assert again.stdout == run_cli("status", "--pasted", paste("mesh_ok_v4")).stdout


def test_json(run_cli, paste):
    document = json.loads(run_cli("status", "--pasted", paste("mesh_ok_v4"), "--format", "json").stdout)
    assert document["schema"] == "calico-bgp/status/1"
    assert {peer["node"] for peer in document["peers"]} == {"node1", "node2", "node3", "node4"}


def test_file(run_cli, paste, tmp_path):
    output = tmp_path / "peers.csv"
    result = run_cli("status", "--pasted", paste("mesh_ok_v4"), "--format", "csv", "-o", output)
    assert result.stdout == ""
    assert len(output.read_text().splitlines()) == 13


def test_no_source(run_cli):
    result = run_cli("status")
    assert result.exit_code == 2
    assert "say what to look at" in result.stderr


def test_unread_nodes_are_named(run_cli, lab, live):
    lab.set_faults(["no-sudo:node4"])
    result = run_cli("status", *live)
    assert result.exit_code == 3
    assert result.stderr == ""
    (row,) = [line for line in result.stdout.splitlines() if line.startswith("node4 ")]
    assert row.split()[4:6] == ["not", "read"]
    assert "sudo" in row
    assert result.stdout.endswith(" on 3 nodes; 1 node not read\n")
    result = run_cli("status", *live, "--format", "csv")
    assert result.exit_code == 3
    assert "calico-bgp: not read: node4: " in result.stderr


def test_live_peers_have_ages_and_names(run_cli, live):
    lines = [line.split() for line in run_cli("status", *live).stdout.splitlines()[1:] if line.startswith("node")]
    assert {line[1] for line in lines} == {"node1", "node2", "node3", "node4"}
    assert all(re.fullmatch(r"(\d+[smhdy]){1,2}", line[5]) for line in lines), lines


@pytest.mark.parametrize(
    ("scenario", "arguments", "code"),
    [
        ("mesh_ok_v4", (), 0),
        ("rr_one_down", (), 1),
        ("rr_one_down", ("--state", "Established"), 0),
        ("rr_one_down", ("--node", "node1"), 1),
    ],
)
def test_exit_code(run_cli, paste, scenario, arguments, code):
    assert run_cli("status", "--pasted", paste(scenario), *arguments).exit_code == 0
    assert run_cli("status", "--pasted", paste(scenario), "--exit-code", *arguments).exit_code == code


@pytest.mark.parametrize(("option", "word"), [("--state", "donw"), ("--node", "nope*")])
def test_a_slip_in_a_filter_does_not_look_like_a_healthy_cluster(run_cli, fixtures, option, word):
    capture = fixtures / "captures/v3.33/rr_ok_v4/node1.stdout.txt"
    result = run_cli("status", "--pasted", capture, option, word)
    assert result.exit_code == 2
    assert word in result.stderr
    assert "; there " in result.stderr


def test_a_table_that_was_cut_is_said_and_exits_with_3(run_cli, fixtures):
    text = (fixtures / "captures/v3.33/rr_ok_v4/node1.stdout.txt").read_text()
    cut = "\n".join(line[:60] for line in text.splitlines())
    result = run_cli("status", "--pasted", "-", stdin=cut)
    assert result.exit_code == 3
    assert "cut short" in result.stdout
