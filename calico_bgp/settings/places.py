"""Where calico-bgp.toml may lie. Nothing is opened here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

NAME = "calico-bgp.toml"


def user_file(environ: Mapping[str, str]) -> Path:
    """The user's own: XDG_CONFIG_HOME/calico-bgp/ (XDG Base Directory Specification: a relative one does not count)."""
    base = environ.get("XDG_CONFIG_HOME", "")
    folder = Path(base) if base.startswith("/") else Path(environ.get("HOME") or "~").expanduser() / ".config"
    return folder / "calico-bgp" / NAME


def folder_file(start: Path) -> Path | None:
    """The nearest in or above a folder."""
    for folder in (start, *start.parents):
        path = folder / NAME
        if is_there(path):
            return path
    return None


def is_there(path: Path) -> bool:
    """Whether there is such a file, as far as this user may look: what is behind a folder of others does not count."""
    try:
        return path.is_file()
    except OSError:  # Path.is_file() of Python before 3.14 hides only some
        return False
