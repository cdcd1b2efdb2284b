"""Resources in a snapshot folder: what comes back, what lies beside snapshot.json, and folders from elsewhere."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from calico_bgp.errors import StoreError
from calico_bgp.model.reading import GatherFailure, Stage
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.resources.reader import parse_resources
from calico_bgp.store.snapshot_folder import load_snapshot, save_snapshot

RESOURCES = Path(__file__).parents[2] / "fixtures/resources"
RAW = (("bgppeers.json", '{"kind": "List"}\n'), ("nodes.json", "[]\n"))


@pytest.fixture(params=sorted(path.name for path in RESOURCES.glob("docs-*")))
def snapshot(request: pytest.FixtureRequest) -> Snapshot:
    """A snapshot with every case of the fixtures."""
    files = sorted((RESOURCES / request.param).glob("*.yaml"))
    return Snapshot(resources=parse_resources((str(file), file.read_text()) for file in files), resources_raw=RAW)


def raw_folder(folder: Path) -> Path:
    name: str = json.loads((folder / "snapshot.json").read_text())["raw_folder"]
    return folder / name / "resources"


def test_resources_come_back_as_they_were(snapshot: Snapshot, tmp_path: Path) -> None:
    save_snapshot(snapshot, tmp_path / "s")
    loaded = load_snapshot(tmp_path / "s")
    assert loaded == snapshot
    assert loaded.resources is not None
    assert loaded.resources.nodes
    save_snapshot(loaded, tmp_path / "s")
    assert load_snapshot(tmp_path / "s") == snapshot
    assert len(list((tmp_path / "s").glob("raw-*"))) == 1


def test_what_was_printed_lies_beside_it(tmp_path: Path) -> None:
    save_snapshot(Snapshot(resources=parse_resources([("-", "[]")]), resources_raw=RAW), tmp_path / "s")
    folder = raw_folder(tmp_path / "s")
    assert {path.name: path.read_text() for path in folder.iterdir()} == dict(RAW)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert "List" not in (tmp_path / "s/snapshot.json").read_text()


def test_why_there_are_none_is_kept(tmp_path: Path) -> None:
    failure = GatherFailure(host="cp1", stage=Stage.COMMAND, message="no", hint="do")
    save_snapshot(Snapshot(resources_failure=failure), tmp_path / "s")
    assert load_snapshot(tmp_path / "s").resources_failure == failure


def test_a_snapshot_of_before_has_none(tmp_path: Path) -> None:
    (tmp_path / "snapshot.json").write_text('{"schema": "calico-bgp/snapshot/1", "readings": []}')
    loaded = load_snapshot(tmp_path)
    assert (loaded.resources, loaded.resources_failure, loaded.resources_raw) == (None, None, ())


def test_without_its_raw_files_a_snapshot_is_as_good(snapshot: Snapshot, tmp_path: Path) -> None:
    save_snapshot(snapshot, tmp_path / "s")
    for path in raw_folder(tmp_path / "s").iterdir():
        path.unlink()
    assert load_snapshot(tmp_path / "s") == snapshot.model_copy(update={"resources_raw": ()})


def test_no_link_is_followed_and_no_other_file_read(tmp_path: Path) -> None:
    save_snapshot(Snapshot(resources=parse_resources([("-", "[]")]), resources_raw=RAW), tmp_path / "s")
    folder = raw_folder(tmp_path / "s")
    (tmp_path / "secret").write_text("secret")
    (folder / "zz.json").symlink_to(tmp_path / "secret")
    (folder / "notes.txt").write_text("mine")
    assert load_snapshot(tmp_path / "s").resources_raw == RAW
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    assert load_snapshot(tmp_path / "s").resources_raw == ()


@pytest.mark.parametrize("name", ["../nodes.json", "nodes.json/x", "", "Nodes.JSON"])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError, match="no name for a file"):
        save_snapshot(Snapshot(resources_raw=((name, "x"),)), tmp_path / "s")
    assert list(tmp_path.iterdir()) == []
