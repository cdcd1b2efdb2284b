"""Reads a file of settings only where it is the user's own: what others may write could hide a broken cluster.

Owner and mode are those of the file that was opened, not of the name.
"""

from __future__ import annotations

import grp
import os
import pwd
import stat
from pathlib import Path

from calico_bgp.errors import CalicoBGPError
from calico_bgp.store.bounded import MEGABYTE, read_descriptor, read_open

#: No honest file of settings is longer; in bytes.
_LONGEST = 4 * MEGABYTE


def read_own(path: Path) -> str:
    """The text of a file that belongs to this user or to root, and that nobody else may write; `-` is standard input.

    Raises:
        CalicoBGPError: It is not so, or the file cannot be read; the message says what fixes it.
    """
    try:
        if str(path) == "-":
            return _text(read_descriptor(0, limit=_LONGEST), path)
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            data = read_open(descriptor, limit=_LONGEST)
        finally:
            os.close(descriptor)
    except FileNotFoundError as error:
        raise CalicoBGPError(f"{path} does not exist.") from error
    except OSError as error:
        raise CalicoBGPError(f"cannot read {path}: {error.strerror or error}") from error
    if status.st_uid not in {os.geteuid(), 0}:
        raise CalicoBGPError(
            f"{path} belongs to {_user(status.st_uid)}, so it does not count: it could hide what is broken."
            " `--config none` goes without it."
        )
    if status.st_mode & stat.S_IWOTH or (status.st_mode & stat.S_IWGRP and not _is_private(status.st_gid)):
        raise CalicoBGPError(
            f"{path} may be written by others (mode {stat.S_IMODE(status.st_mode):o}), so it does not count:"
            f" chmod go-w {path}, or `--config none`."
        )
    return _text(data, path)


def _text(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CalicoBGPError(f"{path}:{line}: not UTF-8 text; save the file as UTF-8") from error


def _is_private(group: int) -> bool:
    """Whether a group is this user's alone, as many systems give each user one (umask 002)."""
    try:
        user, own_group = pwd.getpwuid(os.geteuid()), grp.getgrgid(group)
    except KeyError:
        return False
    return user.pw_gid == group and own_group.gr_name == user.pw_name and set(own_group.gr_mem) <= {user.pw_name}


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"
