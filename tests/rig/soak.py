"""`make soak`: a real mesh of BIRDs is watched for half an hour while faults come and go at random. Not part of CI.

It fails when a fault that lasted three polls was not told within four, with its node; when anything else was told; when
a change of a session that BIRD's own log has, and that lasted longer than a poll, is not in the history; or when the
watcher's memory grows. What it says of the polls shows whether the machine was too slow for a verdict.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

from calico_bgp.lab.faults.fault import FaultKind
from calico_bgp.store.history.reader import HistoryReader
from tests.rig.faults import broken
from tests.rig.machines.cluster import Rig
from tests.rig.machines.operator import Operator
from tests.rig.machines.plan import mesh
from tests.rig.session_log import SessionLog, Spell, unwritten

NODES = 4
#: Fault → how many nodes it takes.
FAULTS = {FaultKind.BIRD_DOWN: 1, FaultKind.NODE_DOWN: 1, FaultKind.LINK_CUT: 2, FaultKind.FELIX_DOWN: 1}
_HELD, _HEALED = 5, 6
_TOLD_WITHIN = 4


@dataclass
class Watch:
    """A running `calico-bgp monitor`, and what it said.

    Attributes:
        process: The process, or the one that entered the bastion's network for it.
        history: Its file.
        events: Every line.
        memory: (seconds since the beginning, resident bytes).
    """

    process: subprocess.Popen[str]
    history: Path
    events: list[dict[str, Any]] = field(default_factory=list)
    memory: list[tuple[float, int]] = field(default_factory=list)

    def follow(self) -> None:
        """Read what it says until it ends."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.events.append(json.loads(line))

    def weigh(self, began: float) -> None:
        """Note how large it is."""
        family = [psutil.Process(self.process.pid)]
        family += family[0].children(recursive=True)
        self.memory.append((time.monotonic() - began, max(one.memory_info().rss for one in family)))

    @property
    def polls(self) -> list[datetime]:
        """When each poll began."""
        return [datetime.fromisoformat(event["at"]) for event in list(self.events) if event["kind"] == "poll"]


@dataclass(frozen=True)
class Broken:
    """A fault that was there.

    Attributes:
        kind: Which.
        nodes: Of which nodes.
        since: When it had been noticed by the nodes.
        until: When it was healed.
    """

    kind: FaultKind
    nodes: tuple[str, ...]
    since: datetime
    until: datetime


def soak(minutes: float, every: int, seed: int, folder: Path, say: Callable[[str], None]) -> list[str]:
    """Run it; say what was wrong.

    Args:
        minutes: How long.
        every: Seconds from poll to poll.
        seed: Of the faults.
        folder: For everything.
        say: Prints.
    """
    rng = random.Random(seed)
    began = time.monotonic()
    faults: list[Broken] = []
    machines, home = folder / "rig", folder / "home"
    machines.mkdir()
    home.mkdir()
    with Rig(mesh(NODES), machines) as rig:
        rig.wait_established()
        operator = Operator(rig, home)
        sessions = SessionLog({name: node.log for name, node in rig.nodes.items()})
        watch = _started(operator, folder / "history.db", every)
        reading = threading.Thread(target=watch.follow, daemon=True)
        reading.start()
        try:
            _polls(watch, 2, every)
            while time.monotonic() - began < minutes * 60:
                faults.append(_break(rig, rng, watch, every))
                say(f"{faults[-1].kind} of {', '.join(faults[-1].nodes)}")
                _polls(watch, _HEALED, every)
                watch.weigh(began)
        finally:
            for process in psutil.Process(watch.process.pid).children(recursive=True):
                process.terminate()
            watch.process.terminate()
            watch.process.wait(30)
            reading.join(10)
            (folder / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in watch.events))
            truth = sessions.close()
        hosts = {node.ipv4: name for name, node in rig.nodes.items()}
    say(_polled(watch, every))
    return [*_untold(watch, faults, every), *_unwritten(watch, truth, hosts, say), *_grown(watch, minutes, say)]


def _started(operator: Operator, history: Path, every: int) -> Watch:
    hosts = operator.hosts(*(f"{node.ipv4} node={name}" for name, node in operator.rig.nodes.items()))
    words = ("monitor", hosts, "--every", f"{every}s", "--log", "json", "-v", "--history", history)
    process = subprocess.Popen(
        operator.command(*words, "--connect-timeout", "3s"),
        env=operator.env(),
        cwd=operator.home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    return Watch(process, history)


def _polls(watch: Watch, number: int, every: int) -> None:
    """Wait for so many more polls."""
    wanted = len(watch.polls) + number
    deadline = time.monotonic() + (number + 3) * max(every, 10) * 2
    while len(watch.polls) < wanted:
        if time.monotonic() > deadline or watch.process.poll() is not None:
            raise AssertionError(f"the watcher polls no more: {watch.events[-3:]}")
        time.sleep(0.2)


def _break(rig: Rig, rng: random.Random, watch: Watch, every: int) -> Broken:
    kind = rng.choice(list(FAULTS))
    nodes = tuple(rng.sample(sorted(rig.nodes), FAULTS[kind]))
    with broken(rig, kind, *nodes):
        since = datetime.now(UTC)
        _polls(watch, _HELD, every)
        until = datetime.now(UTC)
    return Broken(kind, nodes, since, until)


def _untold(watch: Watch, faults: list[Broken], every: int) -> list[str]:
    """Faults that were not told within four polls; and what was told that is no fault's."""
    opened = [event for event in watch.events if event["kind"] == "opened"]
    problems, accounted = [], set()
    for fault in faults:
        # What is told may have been seen while the nodes were still noticing.
        early = fault.since - timedelta(seconds=60)
        of_it = [
            place
            for place, event in enumerate(opened)
            if early <= datetime.fromisoformat(event["at"]) <= fault.until + timedelta(seconds=2 * every)
            and set(event["nodes"]) == set(fault.nodes)
        ]
        accounted.update(of_it)
        if not of_it and _is_damped(watch, fault):
            continue
        if not of_it:
            problems.append(f"{fault.kind} of {fault.nodes} was not told")
            continue
        first = datetime.fromisoformat(opened[of_it[0]]["at"])
        polls = [at for at in watch.polls if fault.since <= at <= first]
        if len(polls) > _TOLD_WITHIN:
            problems.append(f"{fault.kind} of {fault.nodes} was told after {len(polls)} polls")
    for place, event in enumerate(opened):
        if place not in accounted:
            problems.append(f"told, and no fault: {event['text']} [{event['page']}]")
    return problems


def _is_damped(watch: Watch, fault: Broken) -> bool:
    """Whether the watcher has told that just this comes and goes, and not since that it does not."""
    told = [
        event["kind"]
        for event in watch.events
        if event["kind"] in {"flapping", "steady"}
        and event["page"] == str(fault.kind)
        and set(event["nodes"]) == set(fault.nodes)
        and datetime.fromisoformat(event["at"]) <= fault.until
    ]
    return told[-1:] == ["flapping"]


def _polled(watch: Watch, every: int) -> str:
    """How long the polls took: whether the machine kept up."""
    with HistoryReader(watch.history) as reader:
        took = [poll.took for poll in reader.polls()]
    late = sum(event["kind"] == "poll-late" for event in watch.events)
    return (
        f"{len(took)} polls every {every} s took {statistics.median(took):.1f} s, at most {max(took):.1f} s; "
        f"{late} times the next came late; load {os.getloadavg()[2]:.1f}"
    )


def _unwritten(watch: Watch, truth: Sequence[Spell], hosts: Mapping[str, str], say: Callable[[str], None]) -> list[str]:
    """What the history lacks of what was told, and of what the sessions really did."""
    with HistoryReader(watch.history) as reader:
        changes, polls = list(reader.changes()), list(reader.polls())
        coverage = [replace(row, host=hosts[row.host]) for row in reader.coverage()]
    say(f"{len(truth)} times a session was up, or was not; {len(changes)} changes are written")
    short = f"{len(watch.polls)} polls were told, {len(polls)} are written"
    return ([short] if len(polls) < len(watch.polls) else []) + unwritten(truth, polls, coverage, changes)


def _grown(watch: Watch, minutes: float, say: Callable[[str], None]) -> list[str]:
    """Whether the last five minutes need more than 1.05 of what minutes 5 to 10 did; nothing of a short run."""
    early = [size for at, size in watch.memory if 300 <= at <= 600]
    late = [size for at, size in watch.memory if at >= (minutes - 5) * 60]
    if minutes < 15 or not early or not late:
        return []
    ratio = statistics.median(late) / statistics.median(early)
    say(f"memory: {statistics.median(early) / 1e6:.1f} MB in minutes 5 to 10, {ratio:.3f} of that at the end")
    return [f"its memory grew to {ratio:.2f} of what it was"] if ratio > 1.05 else []


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--every", type=int, default=5, help="seconds from poll to poll")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", type=Path, help="a new folder for the history, the events and the nodes' logs")
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    if given.keep is not None:
        given.keep.mkdir(parents=True)
    with nullcontext(given.keep) if given.keep else tempfile.TemporaryDirectory(prefix="calico-bgp-soak-") as folder:
        problems = soak(given.minutes, given.every, given.seed, Path(folder), lambda text: print(text, flush=True))
    print("\n".join(problems) or "nothing was wrong")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
