"""`python -m benchmarks history`: the room that the history of a watched cluster takes, and what a poll costs.

Tables are made up. A mesh in which nodes restart, some at once, with sessions alone and with the routes of BIRD and of
the kernel; and 5,000 nodes with 20,000 peers, of which some change in every poll. 90 days of a poll a minute are
129,600 polls; the room of a poll without changes is measured by itself.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import tempfile
import time
from collections.abc import Collection, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from calico_bgp.model.peer import Peer, PeerType
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.store.history.reader import HistoryReader
from calico_bgp.store.history.writer import HistoryWriter, PollRecord
from tests.unit.store.history.synthetic import START, down, mesh, peer, restarted, snapshot, up, with_routes

MINUTE = timedelta(minutes=1)
#: MB: a mesh of 1,000 at its beginning, what the restart of all its nodes adds, and 90 days with a million changes.
BASE, ROLLING, LONG = 60.0, 20.0, 100.0
POLLS, CHANGES = 90 * 1440, 1_000_000


class Measured:
    """A history that grows.

    Args:
        folder: Where.
    """

    def __init__(self, folder: Path) -> None:
        self.writer = HistoryWriter(folder / "history.db")
        self.cpu: list[float] = []

    def record(self, snapshot: Snapshot) -> None:
        """Write a poll."""
        assert snapshot.taken_at is not None
        began = time.process_time()
        self.writer.record(PollRecord(snapshot.taken_at, 1.0, snapshot))
        self.cpu.append(time.process_time() - began)

    def size(self) -> float:
        """MB of the file, as it is when all is in it."""
        with closing(sqlite3.connect(self.writer.path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return self.writer.path.stat().st_size / 1e6


def measure_mesh(nodes: int, restarts: int, at_once: int, *, routes: bool) -> bool:
    """Nodes of a mesh restart one group after the other; say what all of them would take."""
    rng = random.Random(4)
    tables = mesh(nodes, rng)

    def seen(at: timedelta, silent_nodes: Collection[int] = ()) -> Snapshot:
        current = snapshot([list(rows) for rows in tables], START + at)
        return with_routes(current, silent_nodes) if routes else current

    with tempfile.TemporaryDirectory() as folder:
        history = Measured(Path(folder))
        history.record(seen(timedelta()))
        base, at = history.size(), timedelta()
        for first in range(0, restarts * at_once, at_once):
            group = range(first, first + at_once)
            for is_up in (False, True):
                at += MINUTE
                for node in group:
                    restarted(tables, node, START + at - timedelta(seconds=20), rng, is_up=is_up)
                last = seen(at, () if is_up else group)
                history.record(last)
        grown = (history.size() - base) / (restarts * at_once) * nodes
        history.writer.close()
        began = time.process_time()
        with HistoryReader(history.writer.path) as reader:
            then = reader.snapshot_at(START + at)
        reading = time.process_time() - began
    assert [(r.tables, r.peers) for r in then.readings] == [(r.tables, r.peers) for r in last.readings]
    what = "sessions and routes" if routes else "sessions"
    print(
        f"  mesh of {nodes}, {what:20} base {base:6.1f} MB   all restart, {at_once} at once: {grown:6.1f} MB   "
        f"first poll {history.cpu[0]:5.1f} s, others {max(history.cpu[1:]):5.1f} s, --at {reading:5.1f} s of CPU"
    )
    scale = (1000 / nodes) ** 2
    return base * scale < BASE and grown * scale < ROLLING


def measure_empty(polls: int) -> float:
    """MB that a poll takes in which nothing changed, however many nodes there are."""
    tables = mesh(2, random.Random(1))
    with tempfile.TemporaryDirectory() as folder:
        history = Measured(Path(folder))
        history.record(snapshot(tables, START))
        before = history.size()
        for number in range(1, polls + 1):
            history.record(snapshot(tables, START + number * MINUTE))
        grown = history.size() - before
        history.writer.close()
    return grown / polls


def measure_reflected(nodes: int, polls: int) -> bool:
    """Clients of four reflectors, of whose sessions some change in each poll, single and in bursts."""
    rng = random.Random(5)
    tables: list[list[Peer]] = [
        [peer(n, "08:00:00", PeerType.NODE) for n in range(100_000, 100_004)] for _ in range(nodes)
    ]
    empty = measure_empty(5000)
    with tempfile.TemporaryDirectory() as folder:
        history = Measured(Path(folder))
        history.record(snapshot(tables, START))
        base, changes = history.size(), 0
        for number in range(1, polls + 1):
            at = START + number * MINUTE
            some = rng.sample(range(nodes), 400 if number % 50 == 0 else rng.randrange(2))
            for node in some:
                place = rng.randrange(4)
                row = tables[node][place]
                since = (at - timedelta(seconds=rng.randrange(60))).strftime("%H:%M:%S")
                tables[node][place] = down(row, since) if row.is_established else up(row, since)
            changes += len(some)
            history.record(snapshot([list(rows) for rows in tables], at))
        each = (history.size() - base - polls * empty) / changes
        history.writer.close()
    long = base + POLLS * empty + CHANGES * each
    print(
        f"  {nodes:,} nodes, {4 * nodes:,} peers: base {base:.1f} MB, {empty * 1e6:.0f} bytes a poll, "
        f"{each * 1e6:.0f} bytes a change ({changes:,} of them): {long:.0f} MB for 90 days with a million"
    )
    return long < LONG


def main(arguments: Sequence[str] = ()) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mesh", type=int, default=1000, help="nodes of the mesh")
    parser.add_argument("--nodes", type=int, default=5000, help="nodes behind reflectors")
    given = parser.parse_args(arguments)
    print("\nThe room of a history")
    met = [
        measure_mesh(given.mesh, 2, 1, routes=False),
        measure_mesh(given.mesh, 2, 1, routes=True),
        measure_mesh(given.mesh, 1, 3, routes=True),
        measure_reflected(given.nodes, 100),
    ]
    return 0 if all(met) else 1
