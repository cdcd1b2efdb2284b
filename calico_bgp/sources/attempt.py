"""The reading of one host while it is under way: its deadlines, and how to end it from outside. Knows no protocol.

Three things end a step, each where the one before it fails: the library's own time-out, `Attempt.seconds_left` in the
thread that reads, and `Attempt.abort` from the pool. What does not even come back after that, the pool gives up
(pool.py).
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable

from calico_bgp.errors import GatherTimeout
from calico_bgp.model.peer import Address
from calico_bgp.model.reading import Silent

#: Seconds that a step may overrun before it is ended from outside; its own time-out should come first.
_GRACE = 0.3


class Attempt:
    """One host's reading: which step it is in, until when, what to cut to end it, and what to close after it.

    The thread that reads calls `step`, `left` and `release`; any other thread may call `abort`.

    Attributes:
        address: The address that is being tried, once it is known.
        done: Whether the result is there; what is still to be closed holds nobody up.
    """

    def __init__(self, label: str, *, run_until: float | None = None) -> None:
        self.label = label
        self.began = time.monotonic()
        self.step_began = self.began
        self.step_name = "start"
        self.only_waits = False
        self.silent: Silent | None = None
        self.address: Address | None = None
        self.done = False
        self.aborted_at: float | None = None
        self._until: float | None = run_until
        self._run_until = run_until
        self._ended: GatherTimeout | None = None
        self._cuts: list[Callable[[], object]] = []
        self._closers: list[Callable[[], object]] = []
        self._lock = threading.Lock()

    def step(self, name: str, seconds: float, *, only_waits: bool = False, silent: Silent | None = None) -> None:
        """Begin a step that may take this long, and no longer than the whole run.

        Args:
            name: For messages: `<name>: nothing came for 10 s`.
            seconds: From now on.
            only_waits: Whether the step costs no processor, only patience.
            silent: Who is to blame where its time passes.

        Raises:
            GatherTimeout: The attempt was ended from outside, or the run's time is up.
        """
        self.step_name = name
        self.only_waits = only_waits
        self.silent = silent
        self.step_began = time.monotonic()
        until = self.step_began + seconds
        self._until = until if self._run_until is None else min(until, self._run_until)
        self.seconds_left()

    def seconds_left(self) -> float:
        """Seconds left for this step, more than 0.

        Raises:
            GatherTimeout: None are left, or the attempt was ended from outside.
        """
        self.check()
        assert self._until is not None
        seconds = self._until - time.monotonic()
        if seconds <= 0:
            raise self.timed_out()
        return seconds

    def check(self) -> None:
        """Raise GatherTimeout when the attempt was ended from outside."""
        if self._ended is not None:
            raise self._ended_from_outside(self._ended)

    def timed_out(self) -> GatherTimeout:
        """The error for a step whose time is up."""
        if self._ended is not None:
            return self._ended_from_outside(self._ended)
        waited = time.monotonic() - self.step_began
        if self._run_until is not None and time.monotonic() >= self._run_until:
            return GatherTimeout(f"the time for the whole run was up ({self.step_name})", "allow more time for the run")
        return GatherTimeout(
            f"{self.step_name}: nothing came for {waited:.0f} s", "a longer --timeout may help", silent=self.silent
        )

    def _ended_from_outside(self, why: GatherTimeout) -> GatherTimeout:
        """A new error with the same message, to be raised once; the hint belongs to the first one."""
        return GatherTimeout(why.message, silent=why.silent)

    @property
    def is_over(self) -> bool:
        """Whether an end from outside was asked for, or the step has overrun."""
        return self._ended is not None or self.is_overdue

    @property
    def is_overdue(self) -> bool:
        """Whether the step has overrun, so that somebody must end it."""
        return self._until is not None and time.monotonic() > self._until + _GRACE

    def owns(self, cut: Callable[[], object], close: Callable[[], object]) -> None:
        """Register something that this attempt has opened.

        Args:
            cut: Ends whatever waits for it, at once: it must not block, because the pool calls it.
            close: Gives its resources back, and may take a moment; `release` calls it.

        Raises:
            GatherTimeout: The attempt was ended from outside meanwhile.
        """
        with self._lock:
            self._cuts.append(cut)
            self._closers.append(close)
        if self._ended is not None:
            cut()
        self.check()

    def abort(self, reason: str | None = None) -> None:
        """End it from another thread, without waiting for anything."""
        with self._lock:
            if self._ended is None:
                self._ended = self.timed_out() if reason is None else GatherTimeout(reason)
            self.aborted_at = self.aborted_at or time.monotonic()
            cuts = list(self._cuts)
        for cut in reversed(cuts):
            with contextlib.suppress(Exception):
                cut()

    def release(self) -> None:
        """Close what was opened, the last first."""
        with self._lock:
            closers, self._closers, self._cuts = self._closers, [], []
        for close in reversed(closers):
            with contextlib.suppress(Exception):
                close()
