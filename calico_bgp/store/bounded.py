"""Reads what a user names within bounds of size and time: a folder, a device or a silent pipe never holds a run up.

What may not enter: what stands in the files.
"""

from __future__ import annotations

import errno
import os
import select
import stat
import time
from collections.abc import Iterator
from pathlib import Path

MEGABYTE = 1 << 20
_CHUNK = 1 << 20
#: Seconds until somebody opens the other end of a pipe (`mkfifo`) and until the next bytes come.
WRITER_WAIT = 5.0
BYTES_WAIT = 60.0
#: Seconds between two looks at a pipe that nobody has opened yet.
_LOOK = 0.05


def read_bounded(name: str | os.PathLike[str], *, limit: int) -> bytes:
    """A whole file.

    Args:
        name: A regular file, a pipe (`<(command)`, `mkfifo`), a terminal or /dev/null. Nothing else is read.
        limit: Bytes. A longer file is refused, not cut.

    Raises:
        OSError: As the system says, or with a `strerror` of ours: too long, no file, nothing comes.
    """
    # Opening a pipe that nobody writes into would wait without end.
    descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return _read(descriptor, limit, waits=False)
    finally:
        os.close(descriptor)


def read_open(descriptor: int, *, limit: int) -> bytes:
    """The same as `read_bounded` of a file that was opened with O_NONBLOCK, and that stays open.

    Raises:
        OSError: As for `read_bounded`.
    """
    return _read(descriptor, limit, waits=False)


def read_descriptor(descriptor: int, *, limit: int) -> bytes:
    """All that comes out of an open descriptor, however long it takes: at standard input somebody types, or waits.

    Raises:
        OSError: As for `read_bounded`.
    """
    return _read(descriptor, limit, waits=True)


def read_open_regular(descriptor: int, *, limit: int) -> bytes:
    """The whole of an open regular file, which stays open, and of nothing else: what a program of ours wrote there.

    Raises:
        OSError: As for `read_bounded`.
    """
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise OSError(errno.EINVAL, "it is no regular file")
    return _read(descriptor, limit, waits=True)


def _read(descriptor: int, limit: int, *, waits: bool) -> bytes:
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder")
    is_null = stat.S_ISCHR(mode) and os.path.samestat(os.fstat(descriptor), Path(os.devnull).stat())
    if stat.S_ISBLK(mode) or (stat.S_ISCHR(mode) and not is_null and not os.isatty(descriptor)):
        raise OSError(errno.EINVAL, "it is a device, no file")
    parts: list[bytes] = []
    size = 0
    for part in _parts(descriptor, deadline=not waits and not stat.S_ISREG(mode)):
        parts.append(part)
        size += len(part)
        if size > limit:
            raise OSError(errno.EFBIG, f"it has more than {limit:,} bytes, and that is not read")
    return b"".join(parts)


def _parts(descriptor: int, *, deadline: bool) -> Iterator[bytes]:
    """What comes, until its end; the first bytes of a pipe may need somebody who opens its other end."""
    began = time.monotonic()
    has_writer = False
    while True:
        try:
            part = os.read(descriptor, _CHUNK)
        except BlockingIOError:
            has_writer = True
            if not select.select([descriptor], [], [], BYTES_WAIT if deadline else None)[0]:
                raise OSError(errno.ETIMEDOUT, f"nothing came out of it for {BYTES_WAIT:.0f} s") from None
            continue
        if part:
            has_writer = True
            yield part
        elif has_writer or not deadline:
            return
        elif time.monotonic() - began > WRITER_WAIT:
            raise OSError(errno.ETIMEDOUT, "nobody writes into it")
        else:
            time.sleep(_LOOK)
