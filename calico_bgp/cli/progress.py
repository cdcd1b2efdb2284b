"""How far the reading of nodes has come, on stderr, when that is a terminal. No report's words in this file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import GatherFailure, NodeReading

OnResult = Callable[[Host, NodeReading | GatherFailure], object]


@contextmanager
def reading_progress(hosts: Sequence[Host]) -> Iterator[OnResult | None]:
    """Show a bar while nodes are read; yields what `gather(on_result=...)` wants, None when nobody looks."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (
        TextColumn("reading nodes"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]}", style="red"),
        TimeElapsedColumn(),
    )
    failed = 0
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=len(hosts), failed="")

        def on_result(_: Host, result: NodeReading | GatherFailure) -> None:
            nonlocal failed
            failed += isinstance(result, GatherFailure)
            progress.update(task, advance=1, failed=f"{failed} not read" if failed else "")

        yield on_result
