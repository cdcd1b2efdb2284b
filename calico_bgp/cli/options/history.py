"""Where the history of a watched cluster lies. Nothing is opened here."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click


def default_history() -> Path:
    """`calico-bgp/history.db` where this user's programs keep their state (XDG Base Directory), or systemd's folder."""
    folder = os.environ.get("STATE_DIRECTORY")
    if folder:
        # systemd names several, separated by colons; StateDirectory= of the unit names one.
        return Path(folder.partition(":")[0]) / "history.db"
    state = os.environ.get("XDG_STATE_HOME", "")
    base = Path(state) if Path(state).is_absolute() else Path.home() / ".local" / "state"
    return base / "calico-bgp" / "history.db"


def history_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--history FILE`, as keyword `history`; None for the default."""
    return click.option(
        "--history",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="The history that `calico-bgp monitor` writes. [default: ~/.local/state/calico-bgp/history.db]",
    )(command)
