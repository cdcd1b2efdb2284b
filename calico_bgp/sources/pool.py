"""Work on many hosts in threads, where one that keeps us waiting takes no place from another. Knows no protocol.

The rule: `workers` hosts are worked on at once (16 to 64 are best; 256 double the CPU); a host that has been waited for
longer than its like is not counted, and another one starts beside it. The thread that hands out the work never waits
for a host: it aborts an attempt whose time is up, and gives it up when it does not come back even then.
"""

from __future__ import annotations

import logging
import queue
import resource
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from calico_bgp.errors import GatherError, GatherTimeout, HostUnreachable
from calico_bgp.model import validators
from calico_bgp.model.inventory import Host
from calico_bgp.sources.attempt import Attempt

_Result = TypeVar("_Result")
_log = logging.getLogger(__name__)

#: Threads, the waiting ones included; each connection has a second one, and a file descriptor.
_MOST_THREADS = 400
#: File descriptors that are left for everything but connections; a connection needs two while its name is looked up.
_SPARE_FILES, _FILES_EACH = 16, 2
#: Seconds after which a host is waited for, at first; later four times as long as a healthy one takes.
_SLOW = 1.0
#: The same for a step that costs nothing but patience.
_SLOW_WAIT = 0.25
_TICK = 0.1
#: Seconds after its abort within which an attempt must come back.
_GIVE_UP = 0.7
#: Seconds that threads have to end when the work is ended early.
_LEAVE = 0.6


def most_at_once() -> int:
    """How many hosts this process can have open at once, by its limit of open files (`ulimit -n`)."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return _MOST_THREADS
    try:
        already = len(list(Path("/dev/fd").iterdir()))
    except OSError:
        already = _SPARE_FILES
    return max(1, min(_MOST_THREADS, (limit - already - _SPARE_FILES) // _FILES_EACH))


class HostPool(Generic[_Result]):
    """Runs one batch.

    Args:
        work: Reads one host; must not raise, and ends soon when its attempt is aborted.
        failed: The result for a host whose attempt had to be given up, or was never begun.
        workers: Hosts worked on at once.
        run_timeout: Seconds for the whole batch; None for no limit.
    """

    def __init__(
        self,
        work: Callable[[Host, Attempt], _Result],
        failed: Callable[[Host, GatherError], _Result],
        workers: int,
        run_timeout: float | None,
    ) -> None:
        validators.make_all()
        self._work = work
        self._failed = failed
        self._most_threads = most_at_once()
        self._workers = min(workers, self._most_threads)
        self._run_timeout = run_timeout
        self._run_until: float | None = None
        self._pending: deque[Host] = deque()
        self._results: queue.SimpleQueue[tuple[Attempt, _Result]] = queue.SimpleQueue()
        #: What is under way, or done and not yet handed out. Threads add; only the thread that hands out removes.
        self._attempts: dict[Attempt, Host] = {}
        self._threads: dict[threading.Thread, Attempt | None] = {}
        self._given_up: set[Attempt] = set()
        self._leaving: deque[threading.Thread] = deque()
        self._usual = _SLOW / 4
        self._ended = False

    def run(self, hosts: Sequence[Host]) -> Iterator[_Result]:
        """Yield results as they come in. Closing the iterator aborts what is under way."""
        self._pending.extend(hosts)
        if self._run_timeout is not None:
            self._run_until = time.monotonic() + self._run_timeout
        missing = len(hosts)
        looked = 0.0
        try:
            while missing:
                now = time.monotonic()
                if now - looked >= _TICK or not self._attempts:
                    for result in [*self._ended_from_outside(now), *self._start_threads()]:
                        missing -= 1
                        yield result
                    looked = now
                try:
                    attempt, result = self._results.get(timeout=_TICK)
                except queue.Empty:
                    continue
                if self._attempts.pop(attempt, None) is None:
                    continue  # it came back after all, too late
                missing -= 1
                # A moving average, so that a loaded machine or network is not mistaken for slow hosts.
                took = time.monotonic() - attempt.began
                self._usual += (min(took, 10 * self._usual) - self._usual) / 16
                yield result
        finally:
            self._end()

    @property
    def given_up(self) -> int:
        """How many attempts did not come back after their abort."""
        return len(self._given_up)

    def _ended_from_outside(self, now: float) -> Iterator[_Result]:
        """Abort who has overrun; results for those that do not come back even so."""
        for attempt, host in list(self._attempts.items()):
            if attempt.done:
                continue
            if attempt.aborted_at is None:
                if attempt.is_overdue:
                    attempt.abort()
            elif now - attempt.aborted_at > _GIVE_UP:
                del self._attempts[attempt]
                why = attempt.timed_out()
                self._given_up.add(attempt)
                _log.warning("%s: given up (%d so far): %s", host.label, self.given_up, attempt.step_name)
                yield self._failed(
                    host,
                    GatherTimeout(
                        f"{why.message}; the connection could not even be ended, and was given up",
                        "the host, or a jump host, does not keep to the protocol: look at it, or leave it out",
                        silent=why.silent,
                    ),
                )

    def _start_threads(self) -> Iterator[_Result]:
        """Start as many threads as places are free. Results only where no thread can be had, now or later."""
        while self._leaving and not self._leaving[0].is_alive():
            self._leaving.popleft()
        idle = sum(attempt is None for attempt in list(self._threads.values()))
        number = min(self._workers - self._busy() - idle, len(self._pending), self._most_threads - len(self._threads))
        problem = "every thread is held up by a host that could not be ended"
        full = len(self._threads) >= self._most_threads
        for _ in range(number):
            thread = threading.Thread(target=self._serve, name="calico-bgp host", daemon=True)
            self._threads[thread] = None
            try:
                thread.start()
            except RuntimeError as error:
                del self._threads[thread]
                problem, full = f"this machine starts no more threads: {error}", True
                break
        if full and all(attempt in self._given_up for attempt in list(self._threads.values())):
            while self._pending:
                host = self._pending.popleft()
                yield self._failed(host, HostUnreachable(f"it was not tried: {problem}", "fewer --workers may help"))

    def _busy(self) -> int:
        """How many hold a place."""
        return sum(not (attempt.done or self._is_slow(attempt)) for attempt in list(self._attempts))

    def _is_slow(self, attempt: Attempt) -> bool:
        now = time.monotonic()
        if attempt.only_waits:
            return now - attempt.step_began > _SLOW_WAIT
        return now - attempt.began > max(_SLOW, 4 * self._usual)

    def _serve(self) -> None:
        thread = threading.current_thread()
        try:
            while not self._ended:
                try:
                    host = self._pending.popleft()
                except IndexError:
                    return
                attempt = Attempt(host.label, run_until=self._run_until)
                self._attempts[attempt] = host
                self._threads[thread] = attempt
                result = self._work(host, attempt)
                attempt.done = True
                self._results.put((attempt, result))
                attempt.release()
                if len(self._threads) > self._workers and self._busy() >= self._workers:
                    return  # slow hosts came back, so that more are worked on than were meant to be
        finally:
            self._leaving.append(thread)
            self._threads.pop(thread, None)

    def _end(self) -> None:
        self._ended = True
        self._pending.clear()
        for attempt in list(self._attempts):
            attempt.abort("the run was ended")
        until = time.monotonic() + _LEAVE
        ending = [thread for thread, attempt in list(self._threads.items()) if attempt not in self._given_up]
        for thread in [*ending, *self._leaving]:
            thread.join(max(0.0, until - time.monotonic()))
