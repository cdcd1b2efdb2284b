"""What `--wait` shows while it waits: in place on a terminal, a line for each change elsewhere, and how it ended.

A log that says the same every five seconds hides when something changed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import timedelta

import click

from calico_bgp.cli.options.duration import format_duration

_WIPE = "\r\x1b[2K"
_WIDEST = 200


class WaitLog:
    """Writes to standard error.

    Args:
        clock: Seconds of one clock that only goes forward.
        limit: How long is waited at most.
    """

    def __init__(self, clock: Callable[[], float], limit: timedelta) -> None:
        self._clock = clock
        self._began = clock()
        self._limit = limit
        self._last_state: str | None = None
        self._in_place = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._has_line = False

    def round(self, state: str, names: str) -> None:
        """Tell how it is.

        Args:
            state: The verdict, and what it rests on.
            names: What is waited for: nodes, or `a second look`; empty where that is no node's.
        """
        waiting = f"waiting{f' for {names}' if names else ''}"
        what = f"{state}; {waiting}"
        if self._in_place:
            # A line that wraps could not be wiped.
            room = min(os.get_terminal_size(2).columns if os.isatty(2) else _WIDEST, _WIDEST) - 1
            time_left = self._limit - self._passed()
            # Whom it waits for comes first: what a narrow terminal cuts off is how many sessions are up.
            line = f"{format_duration(max(time_left, timedelta()))} left, {waiting}: {state}"
            self._write(_WIPE + (line if len(line) <= room else line[: room - 3] + "..."))
            self._has_line = True
        elif what != self._last_state:
            # Of a change it is told when it came.
            since = "" if self._last_state is None else f"after {self.took()}: "
            click.echo(f"{since}{what}, at most {format_duration(self._limit)}", err=True)
        self._last_state = what

    def clear(self) -> None:
        """Wipe what is shown in place: something else is about to be written."""
        if self._has_line:
            self._write(_WIPE)
            self._has_line = False

    def end(self, outcome: str) -> None:
        """Tell how it ended, and how long it took."""
        self.clear()
        click.echo(f"{outcome} (after {self.took()})", err=True)

    def took(self) -> str:
        """How long it has taken so far."""
        return format_duration(timedelta(seconds=round(self._passed().total_seconds())))

    def _passed(self) -> timedelta:
        return timedelta(seconds=self._clock() - self._began)

    @staticmethod
    def _write(text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()
