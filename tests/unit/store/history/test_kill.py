"""Kills (-9) at random moments: the history opens, and nothing that was reported as written is lost."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from calico_bgp.store.history.reader import HistoryReader

ROOT = Path(__file__).parents[4]
#: `HISTORY_KILLS=50` for the long run.
KILLS = int(os.environ.get("HISTORY_KILLS", "5"))


def test_kills(tmp_path):
    path = tmp_path / "history.db"
    rng = random.Random(7)
    for seed in range(KILLS):
        writer = subprocess.Popen(
            [sys.executable, "-m", "tests.unit.store.history.killed_writer", str(path), str(seed)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        try:
            assert writer.stdout.readline().strip().isdecimal()
            time.sleep(rng.uniform(0, 0.3))
        finally:
            writer.send_signal(signal.SIGKILL)
        reported = [int(line) for line in writer.stdout.read().split()]
        writer.stdout.close()
        writer.wait(10)
        with HistoryReader(path) as reader:
            polls = list(reader.polls())
            assert [poll.number for poll in polls] == list(range(1, len(polls) + 1))
            assert len(polls) >= max(reported, default=0)
            assert len(reader.snapshot_at(polls[-1].at).readings) == 6
            assert reader._connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
