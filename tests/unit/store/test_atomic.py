"""Whole files or none: permissions, links, devices, and what a failure leaves."""

import os
import stat
from pathlib import Path

import pytest

from calico_bgp.errors import StoreError
from calico_bgp.store import atomic
from calico_bgp.store.atomic import write_text_atomic


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_follows_the_umask(tmp_path):
    old = os.umask(0o027)
    try:
        write_text_atomic(tmp_path / "a", "gr\u00fcn\r\n")
    finally:
        os.umask(old)
    assert (tmp_path / "a").read_bytes() == b"gr\xc3\xbcn\r\n"
    assert mode(tmp_path / "a") == 0o640
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_an_existing_file_keeps_its_permissions(tmp_path):
    path = tmp_path / "a"
    path.write_text("old and longer")
    path.chmod(0o604)
    write_text_atomic(path, "new")
    assert path.read_text() == "new"
    assert mode(path) == 0o604


def test_a_link_keeps_pointing(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real/file")
    write_text_atomic(tmp_path / "link", "x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "file").read_text() == "x"


def test_a_device_is_written_to_and_stays(tmp_path):
    write_text_atomic(os.devnull, "x")
    assert Path(os.devnull).is_char_device()


def test_what_utf8_cannot_say_is_escaped(tmp_path):
    write_text_atomic(tmp_path / "a", "x\ud800y")
    assert (tmp_path / "a").read_text() == "x\\ud800y"


def test_a_long_name(tmp_path):
    path = tmp_path / ("n" * 250)
    write_text_atomic(path, "x")
    assert path.read_text() == "x"


@pytest.mark.parametrize("name", ["missing/a", "folder", "file/a", "loop", "n" * 300])
def test_what_cannot_be_written(tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(StoreError, match="cannot write"):
        write_text_atomic(tmp_path / name, "x")


def test_a_failure_leaves_the_old_file_alone(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_text("old")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(StoreError, match="a: No space left on device"):
        write_text_atomic(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_a_write_that_takes_less_is_continued(tmp_path, monkeypatch):
    real = os.write
    monkeypatch.setattr(atomic.os, "write", lambda descriptor, data: real(descriptor, bytes(data)[:3]))
    write_text_atomic(tmp_path / "a", "0123456789")
    assert (tmp_path / "a").read_text() == "0123456789"


def test_pieces_are_written_one_after_the_other_and_none_is_asked_for_twice(tmp_path):
    path = tmp_path / "mesh.json"
    write_text_atomic(path, (f"{number}\n" for number in range(3)))
    assert path.read_text() == "0\n1\n2\n"


def test_pieces_that_fail_leave_the_old_text_and_nothing_else(tmp_path):
    path = tmp_path / "mesh.json"
    path.write_text("old\n")

    def pieces():
        yield "new"
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        write_text_atomic(path, pieces())
    assert path.read_text() == "old\n"
    assert list(tmp_path.iterdir()) == [path]
