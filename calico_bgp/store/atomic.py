"""Writes a file so that a reader, a crash and a kill see the old text or the new one. Judges no content."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from calico_bgp.errors import StoreError


def write_text_atomic(path: str | os.PathLike[str], text: str | Iterable[str]) -> None:
    r"""Write `text` to a file, wholly or not at all. `-` is not handled here.

    An existing file keeps its permissions (and its owner, as far as we may); a symbolic link keeps pointing. What is no
    regular file (`/dev/stdout`, a FIFO) is written to directly, because replacing it would destroy it.

    Args:
        path: The file. Its folder must exist.
        text: Whole, or in pieces, of which only one is held at a time. Written as UTF-8, line ends as they stand; what
            UTF-8 cannot say is written as a `\uXXXX` escape.

    Raises:
        StoreError: It cannot be written; the message says why.
    """
    target = Path(path)
    pieces = (text,) if isinstance(text, str) else text
    data = (piece.encode("utf-8", errors="backslashreplace") for piece in pieces)
    try:
        if target.is_dir():
            raise StoreError(f"cannot write {path}: it is a folder")
        if target.exists() and not target.is_file():
            # Not resolved: behind /dev/stdout is a pipe that has no name.
            with target.open("wb") as file:
                file.writelines(data)
            return
        _replace(_resolved(target), data)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror or error}") from error


def _resolved(target: Path) -> Path:
    try:
        return target.resolve()
    except RuntimeError as error:
        # A loop of symbolic links, before Python 3.13.
        raise OSError(str(error)) from error


def replace_file(target: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Write `data` to a temporary file beside `target`, make it durable, and put it in the place of `target`.

    Args:
        target: A regular file or a free name.
        data: The whole content.
        mode: For a new file, before the umask. An existing one keeps its own.

    Raises:
        OSError: As the system says; the temporary file is removed.
    """
    _replace(target, iter((data,)), mode=mode)


def _replace(target: Path, pieces: Iterator[bytes], *, mode: int = 0o666) -> None:
    try:
        old = target.stat()
    except FileNotFoundError:
        old = None
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(8)}.tmp")
    # Never wider than the file it replaces, not even for a moment.
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode if old is None else 0o600)
    try:
        try:
            if old is not None:
                with suppress(OSError):
                    os.fchown(descriptor, old.st_uid, old.st_gid)
                os.fchmod(descriptor, stat.S_IMODE(old.st_mode))
            for data in pieces:
                write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    sync_folder(target.parent)


def write_all(descriptor: int, data: bytes) -> None:
    """``os.write`` until everything is written: a single call may take less."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable. Some file systems cannot, and that is no reason to fail."""
    # A folder that may be written to and not read cannot be opened: what is in it stands all the same.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
