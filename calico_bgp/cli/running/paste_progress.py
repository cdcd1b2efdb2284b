"""Shows on a terminal's stderr that a long paste is read. Nothing is loaded for short texts."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

#: A shorter paste is read before anybody waits.
LONG_PASTE = 20_000


@contextmanager
def paste_progress(text: str) -> Iterator[None]:
    """A bar that moves while a long text is read; nothing is shown of a short one, or where stderr is no terminal."""
    lines = text.count("\n") + 1
    if lines < LONG_PASTE or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console  # noqa: PLC0415 - half of the commands never show a bar
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    # How far it is nobody knows before the end: a text is read as a whole, several times.
    columns = (TextColumn(f"reading {lines:,} lines"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=5) as progress:
        progress.add_task("reading", total=None)
        yield
