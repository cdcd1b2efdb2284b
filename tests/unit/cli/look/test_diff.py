"""`calico-bgp diff`: exit codes, forms, and errors a tired person understands."""

import json

import pytest

from calico_bgp.store.snapshot_folder import save_snapshot


@pytest.fixture
def folders(tmp_path, captures):
    """The same reflectors, all well and one down."""
    for name, scenario in (("good", "rr_ok_v4"), ("bad", "rr_one_down")):
        save_snapshot(captures("v3.32", scenario), tmp_path / name)
    return tmp_path


def test_no_difference(run_cli, folders):
    result = run_cli("diff", folders / "good", folders / "good")
    assert result.exit_code == 0
    assert result.stdout.startswith("NO DIFFERENCE")


def test_differences(run_cli, folders):
    result = run_cli("diff", folders / "good", folders / "bad")
    assert result.exit_code == 1
    assert result.stdout.startswith("DIFFERENT: ")
    lines = result.stdout.splitlines()
    assert lines[lines.index("Peers") + 1] == (
        "  changed 192.0.2.11 (IPv4, global: up Established → start Active Socket: Connection refused) "
        "on 3 nodes: node[2-4]"
    )
    assert "  changed IPv4 running → not running on node1" in lines
    assert "  IPv4 peers of node1: BIRD not running after" in lines
    assert any(line.startswith("  came    error ") for line in lines[lines.index("Findings") :])


def test_pipe_gets_no_colour_unless_asked(run_cli, folders):
    assert "\x1b[" not in run_cli("diff", folders / "good", folders / "bad").stdout
    assert "\x1b[" in run_cli("diff", folders / "good", folders / "bad", "--color").stdout


def test_json_to_a_file(run_cli, folders):
    result = run_cli("diff", folders / "good", folders / "bad", "--format", "json", "-o", folders / "d.json")
    assert (result.exit_code, result.stdout) == (1, "")
    document = json.loads((folders / "d.json").read_text())
    assert document["schema"] == "calico-bgp/diff/1"
    assert set(document) == {
        "schema", "before_at", "after_at", "nodes", "daemons", "peers", "routes", "findings", "not_compared",
    }  # fmt: skip


def test_input_errors(run_cli, folders):
    result = run_cli("diff", folders / "good", folders / "none")
    assert result.exit_code == 2
    assert "no snapshot folder" in result.stderr
    assert "Traceback" not in result.stderr
    assert run_cli("diff", folders / "good").exit_code == 2


def test_help_has_examples(run_cli):
    assert "Examples:" in run_cli("diff", "--help").stdout
