"""`calico-bgp anonymise`: any source in, a new folder out, and every other command works on it."""

from calico_bgp.store.snapshot_folder import load_snapshot, save_snapshot
from tests.unit.report.lab_reports import report_of


def test_a_copy_of_a_snapshot_is_audited_as_any_other(run_cli, tmp_path):
    _, snapshot = report_of("bird-down:node1", nodes=6)
    save_snapshot(snapshot, tmp_path / "mine")
    done = run_cli("anonymise", "--snapshot", str(tmp_path / "mine"), "-o", str(tmp_path / "public"))
    assert done.exit_code == 0
    assert "6 readings saved in" in done.stderr
    assert [host.node for host in load_snapshot(tmp_path / "public").hosts][:2] == ["node-1", "node-2"]
    report = run_cli("audit", "--snapshot", str(tmp_path / "public"))
    assert report.exit_code == 1
    assert "node-1" in report.stdout
    assert not any(
        "192.0.2.1" in file.read_text() and "node1" in file.read_text() for file in _files(tmp_path / "public")
    )


def test_it_replaces_nothing(run_cli, tmp_path):
    _, snapshot = report_of(nodes=3)
    save_snapshot(snapshot, tmp_path / "mine")
    before = sorted(file.read_bytes() for file in _files(tmp_path / "mine"))
    done = run_cli("anonymise", "--snapshot", str(tmp_path / "mine"), "-o", str(tmp_path / "mine"))
    assert done.exit_code == 2
    assert sorted(file.read_bytes() for file in _files(tmp_path / "mine")) == before


def test_it_needs_a_source_and_a_folder(run_cli, tmp_path):
    assert run_cli("anonymise", "-o", str(tmp_path / "x"), "--snapshot", str(tmp_path / "none")).exit_code == 2
    assert run_cli("anonymise", "--snapshot", str(tmp_path)).exit_code == 2


def _files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]
