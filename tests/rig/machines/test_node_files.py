"""What a node gets of this machine's files, while other programs write there."""

from __future__ import annotations

from pathlib import Path

from tests.rig.machines.node_files import copy_tree


def test_a_file_that_vanishes_on_the_way_is_left_out(tmp_path: Path) -> None:
    source = tmp_path / "etc"
    source.mkdir()
    (source / "passwd").write_text("root")
    (source / "passwd.lock").write_text("")

    def meanwhile(folder: str, names: list[str]) -> set[str]:
        assert "passwd.lock" in names
        Path(folder, "passwd.lock").unlink()
        return set()

    copy_tree(source, tmp_path / "copy", meanwhile)
    assert [path.name for path in (tmp_path / "copy").iterdir()] == ["passwd"]
