"""How long a step may take, and how to end it from outside. It knows sockets only as things that can be closed."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from calico_bgp.errors import GatherTimeout
from calico_bgp.model.peer import Address

#: Seconds that a step may overrun before it is ended from outside; its own time-out should come first.
_GRACE = 0.3


class Attempt:
    """The reading of one host while it is under way: which step it is in, until when, and what to close to end it.

    The thread that reads calls `step`; any other thread may call `abort`.

    Attributes:
        address: The address that is being tried, once it is known.
    """

    def __init__(self, label: str, *, run_until: float | None = None) -> None:
        self.label = label
        self.began = time.monotonic()
        self.step_began = self.began
        self.step_name = "start"
        self.address: Address | None = None
        self._until: float | None = run_until
        self._run_until = run_until
        self._closers: list[Callable[[], object]] = []
        self._aborted: str | None = None
        self._lock = threading.Lock()

    def step(self, name: str, seconds: float) -> None:
        """Begin a step that may take this long, and no longer than the whole run.

        Raises:
            GatherTimeout: The attempt was ended from outside, or the run's time is up.
        """
        self.step_name = name
        self.step_began = time.monotonic()
        until = self.step_began + seconds
        self._until = until if self._run_until is None else min(until, self._run_until)
        self.left()

    def left(self) -> float:
        """Seconds left for this step, more than 0.

        Raises:
            GatherTimeout: None are left, or the attempt was ended from outside.
        """
        self.check()
        assert self._until is not None
        left = self._until - time.monotonic()
        if left <= 0:
            raise self.timed_out()
        return left

    def check(self) -> None:
        """Raise GatherTimeout when the attempt was ended from outside."""
        if self._aborted is not None:
            raise GatherTimeout(self._aborted)

    def timed_out(self) -> GatherTimeout:
        """The error for a step whose time is up."""
        if self._aborted is not None:
            return GatherTimeout(self._aborted)
        waited = time.monotonic() - self.step_began
        if self._run_until is not None and time.monotonic() >= self._run_until:
            return GatherTimeout(f"the time for the whole run was up ({self.step_name})", "allow more time for the run")
        return GatherTimeout(f"{self.step_name}: nothing came for {waited:.0f} s", "a longer --timeout may help")

    @property
    def is_over(self) -> bool:
        """Whether an end from outside was asked for, or the step has overrun."""
        return self._aborted is not None or self.overdue

    @property
    def overdue(self) -> bool:
        """Whether the step has overrun, so that somebody must end it."""
        return self._until is not None and time.monotonic() > self._until + _GRACE

    @contextlib.contextmanager
    def closing(self, close: Callable[[], object]) -> Iterator[None]:
        """Within this block, `abort` calls `close`; so does leaving it."""
        with self._lock:
            self._closers.append(close)
        try:
            self.check()
            yield
        finally:
            with self._lock:
                self._closers.remove(close)
            with contextlib.suppress(Exception):
                close()

    def abort(self, reason: str | None = None) -> None:
        """End it from another thread: what it waits for is closed under it."""
        with self._lock:
            self._aborted = self._aborted or reason or self.timed_out().message
            closers = list(self._closers)
        for close in reversed(closers):
            with contextlib.suppress(Exception):
                close()
