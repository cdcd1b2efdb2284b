"""`--replace`, of the commands that save a snapshot: an earlier one is evidence, and is not lost unasked."""

from __future__ import annotations

import os
from pathlib import Path

import click

from calico_bgp.errors import StoreError
from calico_bgp.store.snapshot_folder import SNAPSHOT_FILE, check_folder

replace_option = click.option(
    "--replace", "replaces", is_flag=True, help="Take the place of a snapshot that is in that folder."
)


def check_target(folder: Path, *, replaces: bool) -> None:
    """Refuse a folder before an hour of reading rather than after it.

    Args:
        folder: Where a snapshot shall go.
        replaces: Whether it may take the place of one that is there.

    Raises:
        StoreError: It holds a snapshot that may not be replaced, or something else, or cannot be looked at.
    """
    check_folder(folder)
    if not replaces and (Path(os.path.realpath(folder)) / SNAPSHOT_FILE).exists():
        raise StoreError(f"{folder} holds a snapshot already: name another folder, or replace it with --replace")
