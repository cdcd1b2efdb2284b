"""A snapshot as a folder: `snapshot.json`, and the raw output of every node beside it. Judges nothing.

```
DIR/snapshot.json          the Snapshot, and "raw_folder": which raw folder belongs to it
DIR/raw-<id>/<host>.txt    what each host printed
DIR/raw-<id>/resources/    Calico's resources, where they were fetched: one JSON file a kind
```

A kill at any moment leaves the old snapshot or the new one: a new folder is made beside its place and renamed into it;
in an existing one the raw output is written to a folder with a new name, and replacing snapshot.json, which names it,
is the one step that counts. The next writer removes what a killed one left behind.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from calico_bgp.errors import StoreError
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.store.atomic import replace_file, sync_folder, write_all
from calico_bgp.store.raw_names import raw_names
from calico_bgp.store.snapshot_reader import (
    RESOURCES_FILE,
    RESOURCES_FOLDER,
    SNAPSHOT_FILE,
    StoredSnapshot,
    load_snapshot,
)

__all__ = ["SNAPSHOT_FILE", "check_folder", "load_snapshot", "save_snapshot"]

_RAW = re.compile(r"raw-[0-9a-f]{16}")
_TEMPORARY = re.compile(rf"\.{re.escape(SNAPSHOT_FILE)}\.[0-9a-f]{{16}}\.tmp")
# What nodes print may hold what is nobody else's business.
_FOLDER_MODE = 0o700
_FILE_MODE = 0o600


def save_snapshot(snapshot: Snapshot, folder: str | os.PathLike[str], *, replace: bool = True) -> None:
    """Write a snapshot to a folder, wholly or not at all.

    Args:
        snapshot: What was read.
        folder: A new name, an empty folder, or a snapshot folder, whose snapshot is then replaced. Parents are made.
            What is new is readable by its owner only.
        replace: False refuses to replace a snapshot.

    Raises:
        StoreError: The folder holds something else, or the system refuses.
    """
    target = Path(os.path.realpath(folder))
    stored = StoredSnapshot.of(snapshot, raw_folder=f"raw-{secrets.token_hex(8)}")
    document = _json(stored)
    try:
        check_folder(folder, replace=replace)
        if target.exists() or not _create(target, stored, document):
            check_folder(folder, replace=replace)
            _update(target, stored, document)
    except OSError as error:
        raise StoreError(f"cannot write the snapshot {folder}: {error.strerror or error}") from error


def _json(stored: StoredSnapshot) -> bytes:
    try:
        return stored.model_dump_json(indent=1).encode() + b"\n"
    except ValueError:
        # Half a surrogate pair, as in the name of a file that is not UTF-8: `?` stands in its place. What was read in
        # an hour is not thrown away for it.
        text = json.dumps(stored.model_dump(mode="json"), indent=1, ensure_ascii=False)
        return text.encode("utf-8", "replace") + b"\n"


def check_folder(folder: str | os.PathLike[str], *, replace: bool = True) -> None:
    """Raise unless a snapshot may be saved there: better before an hour of gathering than after it.

    The folder must be free, empty or ours: `-o .` must not mix a snapshot into somebody's home folder.

    Raises:
        StoreError: It holds something else, or cannot be looked at.
    """
    try:
        _check(Path(os.path.realpath(folder)), folder, replace=replace)
    except OSError as error:
        raise StoreError(f"cannot write the snapshot {folder}: {error.strerror or error}") from error


def _check(target: Path, folder: str | os.PathLike[str], *, replace: bool) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        raise StoreError(f"cannot write the snapshot {folder}: it is a file, not a folder")
    if (target / SNAPSHOT_FILE).exists():
        if not replace:
            raise StoreError(f"{folder} holds a snapshot already; name another folder")
        return
    if any(not _is_leftover(entry.name) for entry in target.iterdir()):
        raise StoreError(
            f"{folder} is not empty and no snapshot folder (no {SNAPSHOT_FILE} in it); name another folder"
        )


def _create(target: Path, stored: StoredSnapshot, document: bytes) -> bool:
    """Make the folder beside its place and rename it. False when another writer was faster."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_dead_siblings(target)
    sibling = target.with_name(f".{target.name[:100]}.{secrets.token_hex(8)}.calico-bgp")
    sibling.mkdir(mode=_FOLDER_MODE)
    try:
        with _lock(sibling):
            _write_raw(sibling, stored)
            replace_file(sibling / SNAPSHOT_FILE, document, mode=_FILE_MODE)
            try:
                sibling.rename(target)
            except OSError:
                # rename(2) never takes the place of a folder with something in it.
                if target.is_dir():
                    return False
                raise
    finally:
        shutil.rmtree(sibling, ignore_errors=True)
    sync_folder(target.parent)
    return True


def _update(target: Path, stored: StoredSnapshot, document: bytes) -> None:
    """Write the new raw folder, then replace snapshot.json, then remove what nothing names any more."""
    with _lock(target):
        try:
            _write_raw(target, stored)
            replace_file(target / SNAPSHOT_FILE, document, mode=_FILE_MODE)
        except BaseException:
            shutil.rmtree(target / str(stored.raw_folder), ignore_errors=True)
            raise
        for entry in target.iterdir():
            if _RAW.fullmatch(entry.name) and entry.name != stored.raw_folder:
                shutil.rmtree(entry, ignore_errors=True)
            elif _TEMPORARY.fullmatch(entry.name):
                entry.unlink(missing_ok=True)


def _is_leftover(name: str) -> bool:
    """Whether only we make such names: what a killed writer leaves in a folder that had no snapshot yet."""
    return _RAW.fullmatch(name) is not None or _TEMPORARY.fullmatch(name) is not None


def _write_raw(folder: Path, stored: StoredSnapshot) -> None:
    raw = folder / str(stored.raw_folder)
    raw.mkdir(mode=_FOLDER_MODE)
    outputs = stored.outputs
    for name, output in zip(raw_names(output.host for output in outputs), outputs, strict=True):
        if not output.raw:
            continue
        _write_new(raw / name, output.raw)
    if stored.resources_raw:
        folder = raw / RESOURCES_FOLDER
        folder.mkdir(mode=_FOLDER_MODE)
        for name, text in stored.resources_raw:
            if not RESOURCES_FILE.fullmatch(name):
                raise StoreError(f"cannot save the snapshot: {name!r} is no name for a file of resources")
            _write_new(folder / name, text)
        sync_folder(folder)
    sync_folder(raw)


def _write_new(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
    try:
        write_all(descriptor, text.encode("utf-8", errors="surrogatepass"))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """One writer at a time. The lock goes with the process, so a kill leaves none behind; readers need none."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # Network file systems may know no locks; then two writers at once are the users' own affair.
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _remove_dead_siblings(target: Path) -> None:
    """Remove the unfinished folders of writers that were killed. A living writer holds the lock of its own."""
    pattern = re.compile(rf"\.{re.escape(target.name[:100])}\.[0-9a-f]{{16}}\.calico-bgp")
    for sibling in target.parent.iterdir():
        if not pattern.fullmatch(sibling.name):
            continue
        with suppress(OSError):
            descriptor = os.open(sibling, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(sibling)
            finally:
                os.close(descriptor)
