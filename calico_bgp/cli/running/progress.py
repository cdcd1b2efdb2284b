"""Shows on stderr that nodes are being read: in place on a terminal, else in few lines. Judges nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Protocol

from calico_bgp.cli.options.duration import format_duration
from calico_bgp.messages.words import count
from calico_bgp.model.reading import GatherFailure
from calico_bgp.report.text.names import short_names
from calico_bgp.report.text.sanitize import plain

if TYPE_CHECKING:
    from rich.progress import Progress

    from calico_bgp.model.inventory import Host
    from calico_bgp.sources.gather import Result

#: So many nodes that have not answered are named.
_LAST = 3
#: What is done when some nodes are asked once more.
_AGAIN = "reading routes that differ"
#: Seconds until the first line in a log, and the factor from one line to the next: 8 lines in 20 minutes.
_FIRST, _SLOWER = 10.0, 2


class OnResult(Protocol):
    """Takes the results of a reading as they come in."""

    def __call__(self, host: Host, result: Result) -> None:
        """A host answered, or will not."""

    def again(self, hosts: Sequence[Host]) -> None:
        """These are asked once more, for routes that nobody else has."""


@contextmanager
def reading_progress(hosts: Sequence[Host]) -> Iterator[OnResult | None]:
    """For `gather(..., on_result=...)`: a bar on a terminal, lines elsewhere; None where there are no hosts."""
    if not hosts:
        yield None
        return
    if not sys.stderr.isatty():
        with _log_lines(hosts) as tell:
            yield tell
        return
    from rich.console import Console  # noqa: PLC0415 - half of the commands never show a bar
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (
        TextColumn("{task.fields[what]}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[failed]}"),
        TextColumn("{task.fields[missing]}"),
    )
    bar = _Bar(Progress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=5), hosts)
    try:
        yield bar
    finally:
        bar.stop()


class _Bar:
    """A bar on a terminal: of all nodes, then of those that are asked once more."""

    def __init__(self, progress: Progress, hosts: Sequence[Host]) -> None:
        self._progress = progress
        self._task = progress.add_task("", what="reading", total=len(hosts), failed="", missing="")
        self._failures = 0
        self._missing = _names(hosts)

    def __call__(self, host: Host, result: Result) -> None:
        from rich.markup import escape  # noqa: PLC0415 - as above

        self._missing.pop(host.label, None)
        # Not before the first result: until then a passphrase may be asked, and the bar would wipe the question.
        self._progress.start()
        self._failures += isinstance(result, GatherFailure)
        # The last ones are those that one waits for; a name may hold what is markup to rich.
        names = escape(", ".join(map(plain, self._missing.values()))) if len(self._missing) <= _LAST else ""
        failed = f"{self._failures} not read" if self._failures else ""
        self._progress.update(self._task, advance=1, failed=failed, missing=f"waiting for {names}" if names else "")

    def again(self, hosts: Sequence[Host]) -> None:
        self._missing = _names(hosts)
        self._progress.reset(self._task, total=len(hosts), what=_AGAIN, missing="")

    def stop(self) -> None:
        self._progress.stop()


def _names(hosts: Sequence[Host]) -> dict[str, str]:
    return {host.label: host.node or host.label for host in hosts}


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
        self._missing = _names(hosts)
        self._what = "reading"
        self._last_count: int | None = None

    def on_result(self, host: Host, result: Result) -> None:
        """Take in that a host answered, or that it will not."""
        with self._lock:
            self._missing.pop(host.label, None)
            self._failures += isinstance(result, GatherFailure)

    __call__ = on_result

    def again(self, hosts: Sequence[Host]) -> None:
        """Take in that these are asked once more."""
        with self._lock:
            self._what, self._total, self._missing, self._last_count = _AGAIN, len(hosts), _names(hosts), None

    def line(self) -> str | None:
        """`reading: 297 of 300 nodes after 10s, 1 not read; waiting for node7, node9`; None where nothing is new."""
        with self._lock:
            missing, failures = tuple(self._missing.values()), self._failures
        if not missing or len(missing) == self._last_count:
            return None
        self._last_count = len(missing)
        took = format_duration(timedelta(seconds=round(self._clock() - self._began)))
        failed = f", {failures:,} not read" if failures else ""
        done = f"{self._total - len(missing):,} of {count(self._total, 'node')} after {took}{failed}"
        return f"{self._what}: {done}; waiting for {short_names(missing)}"


@contextmanager
def _log_lines(hosts: Sequence[Host]) -> Iterator[OnResult]:
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
        yield log
    finally:
        over.set()
        teller.join()
