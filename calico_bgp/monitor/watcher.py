"""The watching loop: read, judge, step, write, tell; again and again. What reads and judges is given from outside."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from pydantic import TypeAdapter, ValidationError

from calico_bgp.errors import CalicoBGPError, StoreError
from calico_bgp.model.event import Event, EventKind
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Report
from calico_bgp.model.settings.maintenance import MaintenanceWindow
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.monitor.changes import changes_between, node_events
from calico_bgp.monitor.states.maintenance import maintenance_of
from calico_bgp.monitor.states.poll import Poll, poll_of
from calico_bgp.monitor.states.settings import Patience
from calico_bgp.monitor.states.step import WatchState, step
from calico_bgp.store.history.changes import PeerEvent
from calico_bgp.store.history.packing import json_text
from calico_bgp.store.history.writer import HistoryWriter, PollRecord

#: Seconds from poll to poll; and above so many nodes, for which each poll is so many entries in an audit log.
EVERY, EVERY_LARGE = 60.0, 300.0
LARGE = 500
_STATE = TypeAdapter(WatchState)
#: A process that comes back after longer than this begins its damping anew.
_LONGEST_PAUSE = 86_400.0


class SourceFailed(Exception):
    """Nothing could be read; the message says why. It never ends the watching."""


@dataclass(frozen=True, slots=True)
class Finished:
    """One finished poll: what the log, the metrics and the textfile are made of.

    Attributes:
        at: When it began (aware).
        took: Seconds.
        interval: Seconds from one poll to the next.
        snapshot: What was read; None where nothing could be.
        report: What the audit said of it; likewise.
        failure: Why nothing could be read.
        state: What is remembered.
        patience: When something counts.
        events: What is told.
        changes: What changed of the sessions.
        transitions: (node, family, `up` or `down`) → how often since the watching began.
        unwritten: Why the history could not be written.
    """

    at: datetime
    took: float
    interval: float
    snapshot: Snapshot | None
    report: Report | None
    failure: str | None
    state: WatchState
    patience: Patience
    events: tuple[Event, ...] = ()
    changes: tuple[PeerEvent, ...] = ()
    transitions: Counter[tuple[str, Family, str]] | None = None
    unwritten: str | None = None


class Clock(Protocol):
    """The two clocks, and how to wait."""

    def now(self) -> datetime:
        """The time (aware). It may jump."""
        ...

    def monotonic(self) -> float:
        """Seconds; they do not jump."""
        ...

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        ...


class SystemClock:
    """The machine's own."""

    def now(self) -> datetime:
        """The time (UTC)."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)


class Watcher:
    """Watches one cluster.

    Args:
        read: Gives a snapshot, or raises SourceFailed.
        judge: The audit.
        every: Seconds from poll to poll; None for 60 s, and 5 minutes above 500 nodes.
        patience: When something counts.
        windows: The operator's maintenance windows.
        history: Where everything is kept; None for nowhere.
        clock: The time.
    """

    def __init__(
        self,
        read: Callable[[], Snapshot],
        judge: Callable[[Snapshot], Report],
        *,
        every: float | None = None,
        patience: Patience | None = None,
        windows: Collection[MaintenanceWindow] = (),
        history: HistoryWriter | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._read = read
        self._judge = judge
        self._every = every
        self._patience = patience or Patience()
        self._windows = tuple(windows)
        self._history = history
        self._clock = clock or SystemClock()
        self._last: Snapshot | None = None if history is None else history.last
        self._state = _remembered(history)
        self._began: float | None = None
        #: Seconds since the last look at which anybody answered.
        self._unseen = 0.0
        self._transitions: Counter[tuple[str, Family, str]] = Counter()
        self._late: tuple[Event, ...] = ()

    def run(self, tell: Callable[[Finished], None], *, prune: Callable[[], None] | None = None) -> None:
        """Poll for ever; KeyboardInterrupt ends it, and costs at most the poll that is under way.

        Args:
            tell: Is given every finished poll.
            prune: Called once a day; for the history's retention.
        """
        pruned = None
        while True:
            began = self._clock.monotonic()
            if prune is not None and (pruned is None or began - pruned >= 86_400.0):
                prune()
                pruned = began
            finished = self.poll()
            tell(finished)
            time_left = began + finished.interval - self._clock.monotonic()
            if time_left < 0:
                skipped = int(-time_left // finished.interval) + 1
                self._late = (_late(finished, skipped),)
                time_left += skipped * finished.interval
            self._clock.wait(time_left)

    def poll(self) -> Finished:
        """One poll. Whatever its source does, it comes to an end with what is known.

        Raises:
            CalicoBGPError: What `read` raises of it: the user's own files are wrong.
        """
        at, began = self._clock.now(), self._clock.monotonic()
        elapsed = self._elapsed(at, began)
        self._began = began
        self._unseen += max(elapsed, 0.0)
        snapshot, report, failure = self._look()
        changes: tuple[PeerEvent, ...] = ()
        if snapshot is None or report is None:
            poll = Poll(at, elapsed, failure)
        else:
            at = snapshot.taken_at or at
            maintenance = maintenance_of(snapshot, self._windows, at)
            poll = poll_of(snapshot, report, at=at, elapsed=elapsed, maintenance=maintenance)
            failure = poll.failure
        if failure is not None or report is None:
            # A look at which nobody answered is none: what comes next is compared with what was seen before it.
            snapshot = report = None
        if snapshot is not None:
            changes = changes_between(self._last, snapshot, at=at, elapsed=self._unseen)
            self._unseen = 0.0
            for change in changes:
                self._transitions[change.node, change.family, "up"] += change.ups
                self._transitions[change.node, change.family, "down"] += change.downs
        self._state, trouble_events = step(self._state, poll, self._patience)
        of_nodes = () if snapshot is None else node_events(changes, snapshot, at=at)
        events = (*self._late, *of_nodes, *trouble_events)
        self._late = ()
        took = self._clock.monotonic() - began
        unwritten = self._write(PollRecord(at, took, snapshot, report, failure, events))
        self._last = snapshot or self._last
        return Finished(
            at=at,
            took=took,
            interval=self._interval(snapshot or self._last),
            snapshot=snapshot,
            report=report,
            failure=failure,
            state=self._state,
            patience=self._patience,
            events=events,
            changes=changes,
            transitions=self._transitions,
            unwritten=unwritten,
        )

    def _look(self) -> tuple[Snapshot | None, Report | None, str | None]:
        try:
            snapshot = self._read()
            return snapshot, self._judge(snapshot), None
        except SourceFailed as error:
            return None, None, str(error)
        except CalicoBGPError:
            raise
        except Exception as error:  # noqa: BLE001 - a mistake of ours must not end the watching either
            return None, None, f"calico_bgp failed: {type(error).__name__}: {error}"

    def _elapsed(self, at: datetime, began: float) -> float:
        if self._began is not None:
            return began - self._began
        before = None if self._history is None else self._history.last_at
        # Across processes only the wall clock tells; where it was set back, nothing has passed.
        return 0.0 if before is None else min(max((at - before).total_seconds(), 0.0), _LONGEST_PAUSE)

    def _interval(self, snapshot: Snapshot | None) -> float:
        if self._every is not None:
            return self._every
        nodes = 0 if snapshot is None else len(snapshot.hosts) or len(snapshot.readings)
        return EVERY_LARGE if nodes > LARGE else EVERY

    def _write(self, record: PollRecord) -> str | None:
        if self._history is None:
            return None
        state = json_text(_STATE.dump_python(self._state, mode="json"))
        try:
            self._history.record(replace(record, state=state))
        except StoreError as error:
            return str(error)
        return None


def _remembered(history: HistoryWriter | None) -> WatchState:
    """What the last process remembered; nothing where that is of another release."""
    if history is None or not history.state:
        return WatchState()
    try:
        return _STATE.validate_json(history.state)
    except ValidationError:
        return WatchState()


def _late(finished: Finished, skipped: int) -> Event:
    polls = "1 poll was" if skipped == 1 else f"{skipped} polls were"
    text = f"the poll took {finished.took:.0f} s, longer than the interval of {finished.interval:g} s: {polls} skipped"
    return Event(at=finished.at, kind=EventKind.POLL_LATE, text=text)
