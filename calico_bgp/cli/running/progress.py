"""That nodes or a long paste are being read, on stderr while it is a terminal. Results are counted here, not judged."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from calico_bgp.model.reading import GatherFailure
from calico_bgp.report.text.sanitize import plain

if TYPE_CHECKING:
    from calico_bgp.model.inventory import Host
    from calico_bgp.sources.gather import Result

#: So many nodes that have not answered are named.
_LAST = 3
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


@contextmanager
def reading_progress(hosts: Sequence[Host]) -> Iterator[Callable[[Host, Result], None] | None]:
    """A bar for `gather(..., on_result=...)`; None, and nothing shown, where stderr is no terminal."""
    if not sys.stderr.isatty() or not hosts:
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - half of the commands never show a bar
    from rich.markup import escape  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (
        TextColumn("reading"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[failed]}"),
        TextColumn("{task.fields[missing]}"),
    )
    progress = Progress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=5)
    task = progress.add_task("reading", total=len(hosts), failed="", missing="")
    failures = 0
    missing = {host.label: plain(host.node or host.label) for host in hosts}
    try:

        def on_result(host: Host, result: Result) -> None:
            nonlocal failures
            missing.pop(host.label, None)
            # Not before the first result: until then a passphrase may be asked, and the bar would wipe the question.
            progress.start()
            failures += isinstance(result, GatherFailure)
            # The last ones are those that one waits for; a name may hold what is markup to rich.
            names = escape(", ".join(missing.values())) if len(missing) <= _LAST else ""
            failed = f"{failures} not read" if failures else ""
            progress.update(task, advance=1, failed=failed, missing=f"waiting for {names}" if names else "")

        yield on_result
    finally:
        progress.stop()
