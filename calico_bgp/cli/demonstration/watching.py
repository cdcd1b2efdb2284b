"""`calico-bgp demo --monitor`: an hour of a watched cluster in a minute. Words and their order only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from calico_bgp.auditing.engine import audit
from calico_bgp.cli.demonstration.lab import INDENT, read_lab_cluster
from calico_bgp.cli.options.metrics import Endpoint
from calico_bgp.cli.watch.monitor import publishing
from calico_bgp.lab.cluster import LabCluster, build_cluster
from calico_bgp.lab.lab import Lab
from calico_bgp.model.event import Event, EventKind
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.monitor.log import lines
from calico_bgp.monitor.watcher import Finished, Watcher
from calico_bgp.report.history.flaps import flaps, flaps_to_text
from calico_bgp.store.history.reader import HistoryReader
from calico_bgp.store.history.writer import HistoryWriter

NODES = 6
_MINUTE = timedelta(minutes=1)
#: For how long a fault is there already when a poll sees it.
_BEFORE_THE_POLL = timedelta(seconds=20)
#: What is told in each act, by the cause's kind; of the reflector the node as well.
_LOST, _SWITCH = "node-down", "external-peer-down"


@dataclass(frozen=True, slots=True)
class _Scene:
    """What is broken at one poll after the other, and how much time lies between them.

    Attributes:
        title: What happens, for the screen.
        faults: At each poll.
        apart: From poll to poll.
    """

    title: str
    faults: tuple[tuple[str, ...], ...]
    apart: timedelta = _MINUTE


def scenes() -> tuple[_Scene, ...]:
    """The hour."""
    rollout = tuple((f"restarting:node{number}",) for number in range(1, NODES + 1) for _ in range(2))
    switch = ("tor-down",)
    return (
        _Scene("1. A healthy cluster: two reflectors, four clients, all peer with a switch", ((),) * 3),
        _Scene("2. calico-node is rolled out, node by node: expected, and not told", (*rollout, (), ())),
        _Scene("3. A reflector is lost, with its machine",
               (("node-down:node1",),) * 12),
        _Scene("4. It comes back", ((),) * 5),
        _Scene("5. The switch comes and goes, minute by minute: told once, and not each time", (switch, ()) * 5),
        _Scene("6. The switch stays, and an hour passes", ((),) * 22, timedelta(minutes=5)),
    )  # fmt: skip


class _Hour:
    """The clock of the play: it moves from poll to poll, whatever they take."""

    def __init__(self) -> None:
        self._at = self._start = datetime.now(UTC).replace(microsecond=0)

    def now(self) -> datetime:
        """The play's time."""
        return self._at

    def monotonic(self) -> float:
        """Seconds since it began."""
        return (self._at - self._start).total_seconds()

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self._at += timedelta(seconds=seconds)


def play_hour(
    say: Callable[..., None], *, pace: float = 0.0, metrics: Endpoint | None = None, history: Path | None = None
) -> list[str]:
    """Play it; say what was not as expected.

    Args:
        say: Prints (`speaker`).
        pace: Seconds of ours that a poll takes at least.
        metrics: Where to serve them meanwhile.
        history: Where the history goes; into a folder that is removed, when None.
    """
    clock = _Hour()
    events_so_far: list[Event] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="calico-bgp-demo-")))
        path = history or folder / "history.db"
        publish = stack.enter_context(publishing(metrics, None, per_node=True))
        lab = stack.enter_context(Lab(_cluster(), clock=clock.now))
        with HistoryWriter(path) as writer:
            watcher = Watcher(
                lambda: _read(lab, clock.now()),
                lambda snapshot: audit(snapshot, flap_window=timedelta()),
                every=_MINUTE.total_seconds(),
                history=writer,
                clock=clock,
            )
            say("$ calico-bgp monitor --metrics 9469", command=True)
            for scene in scenes():
                say(scene.title)
                number = len(events_so_far)
                for finished in _played(scene, lab, watcher, clock, pace):
                    publish(finished)
                    events_so_far += finished.events
                    for line in lines(finished, as_json=False):
                        say(line, indent=INDENT, blank=False)
                if events_so_far[number:]:
                    say("", blank=False)
                else:
                    say("(nothing to tell)", indent=INDENT)
        say("What it remembers: who changed most")
        say("$ calico-bgp flaps --most 3", command=True)
        with HistoryReader(path) as reader:
            say("".join(flaps_to_text(flaps(reader.changes()), most=3)), indent=INDENT)
    return _problems(events_so_far)


def _cluster() -> LabCluster:
    return build_cluster(NODES, reflectors=2, switch=True)


def _played(scene: _Scene, lab: Lab, watcher: Watcher, clock: _Hour, pace: float) -> Iterator[Finished]:
    """The polls of a scene."""
    for faults in scene.faults:
        began = time.monotonic()
        if tuple(map(str, lab.faults)) != faults:
            lab.set_faults(faults, ago=_BEFORE_THE_POLL)
        yield watcher.poll()
        clock.wait(scene.apart.total_seconds())
        time.sleep(max(pace - (time.monotonic() - began), 0.0))


def _read(lab: Lab, at: datetime) -> Snapshot:
    """The cluster as it is at a time of the play."""
    snapshot = read_lab_cluster(lab)
    readings = tuple(reading.model_copy(update={"taken_at": at}) for reading in snapshot.readings)
    return snapshot.model_copy(update={"taken_at": at, "readings": readings})


def _problems(all_events: list[Event]) -> list[str]:
    """What was not told as it should, in words."""
    sent = [(event.page, event.kind) for event in all_events if event.kind.is_sent]
    problems = []
    of_reflector = [kind for page, kind in sent if page == _LOST]
    if of_reflector != [EventKind.OPENED, EventKind.RESOLVED]:
        problems.append(f"the lost reflector was told as {_words(of_reflector)}")
    of_switch = [kind for page, kind in sent if page == _SWITCH]
    if of_switch.count(EventKind.FLAPPING) != 1 or of_switch.count(EventKind.STEADY) != 1 or len(of_switch) > 4:
        problems.append(f"the flapping switch was told as {_words(of_switch)}")
    others = sorted({str(page) for page, _ in sent} - {_LOST, _SWITCH})
    if others:
        problems.append(f"told besides: {', '.join(others)}")
    if EventKind.MAINTENANCE_BEGAN not in {event.kind for event in all_events}:
        problems.append("the rollout was not seen")
    return problems


def _words(kinds: list[EventKind]) -> str:
    return ", ".join(kinds) or "nothing"


def refuse_beside(fault: str | None, pace: object, metrics: object, history: object, *, monitor: bool) -> None:
    """Refuse options that do not go together.

    Raises:
        click.UsageError: It says which.
    """
    if monitor and fault is not None:
        raise click.UsageError("--monitor plays its own faults; leave out --fault")
    if not monitor and (pace is not None or metrics is not None or history is not None):
        raise click.UsageError("--pace, --metrics and --history go with --monitor")
