"""That nodes are being read, on stderr: in place on a terminal, else in few lines. Judges nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from calico_bgp.cli.options.duration import format_duration
from calico_bgp.model.reading import GatherFailure
from calico_bgp.report.text.names import short_names
from calico_bgp.report.text.sanitize import plain

if TYPE_CHECKING:
    from calico_bgp.model.inventory import Host
    from calico_bgp.sources.gather import Result

#: So many nodes that have not answered are named.
_LAST = 3
#: Seconds until the first line in a log, and the factor from one line to the next: 8 lines in 20 minutes.
_FIRST, _SLOWER = 10.0, 2


@contextmanager
def reading_progress(hosts: Sequence[Host]) -> Iterator[Callable[[Host, Result], None] | None]:
    """For `gather(..., on_result=...)`: a bar on a terminal, lines elsewhere; None where there are no hosts."""
    if not hosts:
        yield None
        return
    if not sys.stderr.isatty():
        with _log_lines(hosts) as tell:
            yield tell
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


class ReadingLog:
    """How far the reading is, in a line for a log.

    Args:
        hosts: All that are read.
        clock: Seconds of one clock that only goes forward.
    """

    def __init__(self, hosts: Sequence[Host], clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began = clock()
        self._lock = Lock()
        self._total = len(hosts)
        self._failures = 0
        self._missing = {host.label: host.node or host.label for host in hosts}
        self._told: int | None = None

    def on_result(self, host: Host, result: Result) -> None:
        """Take in that a host answered, or that it will not."""
        with self._lock:
            self._missing.pop(host.label, None)
            self._failures += isinstance(result, GatherFailure)

    def line(self) -> str | None:
        """`reading: 297 of 300 nodes after 10s, 1 not read; waiting for node7, node9`; None where nothing is new."""
        with self._lock:
            missing, failures = tuple(self._missing.values()), self._failures
        if not missing or len(missing) == self._told:
            return None
        self._told = len(missing)
        took = format_duration(timedelta(seconds=round(self._clock() - self._began)))
        failed = f", {failures:,} not read" if failures else ""
        done = f"{self._total - len(missing):,} of {self._total:,} nodes after {took}{failed}"
        return f"reading: {done}; waiting for {short_names(missing)}"


@contextmanager
def _log_lines(hosts: Sequence[Host]) -> Iterator[Callable[[Host, Result], None]]:
    """Lines at ever longer intervals, while there is something new to tell; none of a reading that is quick."""
    log, over = ReadingLog(hosts, time.monotonic), Event()

    def tell() -> None:
        pause = _FIRST
        while not over.wait(pause):
            pause *= _SLOWER
            line = log.line()
            if line is not None:
                sys.stderr.write(f"{line}\n")
                sys.stderr.flush()

    teller = Thread(target=tell, name="reading-log", daemon=True)
    teller.start()
    try:
        yield log.on_result
    finally:
        over.set()
        teller.join()
