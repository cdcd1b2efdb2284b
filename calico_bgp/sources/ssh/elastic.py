"""Work on many hosts in threads, where one that keeps us waiting does not take a place from another.

16 to 64 threads are best and 256 double the CPU, so `workers` is the number of hosts worked on at once; but a host that
has been waited for longer than its like is not counted, and another one starts beside it.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from calico_bgp.model.inventory import Host
from calico_bgp.sources.ssh.deadlines import Attempt

_Result = TypeVar("_Result")

#: Threads, the waiting ones included; each connection has a second one, and a file descriptor.
_MOST_THREADS = 400
#: Seconds after which a host is waited for, at first; later four times as long as a healthy one takes.
_SLOW = 1.0
#: A connection that has not come about after this many seconds costs nothing but patience.
_SLOW_CONNECT = 0.25
_TICK = 0.1
#: Seconds that threads have to end when the work is ended early.
_LEAVE = 0.6


class ElasticPool(Generic[_Result]):
    """Runs one batch.

    Args:
        work: Reads one host; must not raise, and ends soon when its attempt is aborted.
        workers: Hosts worked on at once.
        run_timeout: Seconds for the whole batch; None for no limit.
    """

    def __init__(self, work: Callable[[Host, Attempt], _Result], workers: int, run_timeout: float | None) -> None:
        self._work = work
        self._workers = workers
        self._run_timeout = run_timeout
        self._pending: deque[Host] = deque()
        self._results: queue.SimpleQueue[tuple[Attempt, _Result]] = queue.SimpleQueue()
        self._attempts: dict[int, Attempt] = {}
        self._threads: set[threading.Thread] = set()
        self._leaving: deque[threading.Thread] = deque()
        self._usual = _SLOW / 4
        self._run_until: float | None = None
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
                    self._look_after()
                    looked = now
                try:
                    attempt, result = self._results.get(timeout=_TICK)
                except queue.Empty:
                    continue
                missing -= 1
                # A moving average, so that a loaded machine or network is not mistaken for slow hosts.
                took = time.monotonic() - attempt.began
                self._usual += (min(took, 10 * self._usual) - self._usual) / 16
                yield result
        finally:
            self._end()

    def _look_after(self) -> None:
        """Abort who has overrun, and start as many threads as places are free."""
        while self._leaving and not self._leaving[0].is_alive():
            self._leaving.popleft()
        attempts = list(self._attempts.values())
        for attempt in attempts:
            if attempt.overdue:
                attempt.abort()
        busy = sum(not self._is_slow(attempt) for attempt in attempts)
        idle = max(0, len(self._threads) - len(attempts))
        wanted = min(self._workers - busy - idle, len(self._pending), _MOST_THREADS - len(self._threads))
        for _ in range(wanted):
            thread = threading.Thread(target=self._serve, name="calico-bgp", daemon=True)
            self._threads.add(thread)
            thread.start()

    def _is_slow(self, attempt: Attempt) -> bool:
        now = time.monotonic()
        if attempt.step_name.startswith("connecting"):
            return now - attempt.step_began > _SLOW_CONNECT
        return now - attempt.began > max(_SLOW, 4 * self._usual)

    def _serve(self) -> None:
        key = threading.get_ident()
        try:
            while not self._ended:
                try:
                    host = self._pending.popleft()
                except IndexError:
                    return
                attempt = self._attempts[key] = Attempt(host.label, run_until=self._run_until)
                result = self._work(host, attempt)
                self._attempts.pop(key, None)
                self._results.put((attempt, result))
                if len(self._threads) > self._workers and self._too_many():
                    return
        finally:
            self._leaving.append(threading.current_thread())
            self._threads.discard(threading.current_thread())

    def _too_many(self) -> bool:
        """Whether slow hosts came back, so that more are worked on than were meant to be."""
        return sum(not self._is_slow(attempt) for attempt in list(self._attempts.values())) >= self._workers

    def _end(self) -> None:
        self._ended = True
        self._pending.clear()
        for attempt in list(self._attempts.values()):
            attempt.abort("the run was ended")
        until = time.monotonic() + _LEAVE
        for thread in [*self._threads, *self._leaving]:
            thread.join(max(0.0, until - time.monotonic()))
