"""Run by test_kill.py: writes polls for ever and says after each that it is written, until somebody kills it."""

import random
import sys
from datetime import timedelta
from pathlib import Path

from calico_bgp.store.history.writer import HistoryWriter, PollRecord
from tests.unit.store.history.synthetic import START, mesh, restarted, snapshot


def main() -> None:
    rng = random.Random(sys.argv[2])
    with HistoryWriter(Path(sys.argv[1])) as writer:
        begin = 0 if writer.state is None else int(writer.state)
        tables = mesh(6, rng)
        for number in range(begin + 1, begin + 100_000):
            at = START + timedelta(minutes=number)
            restarted(tables, rng.randrange(6), at - timedelta(seconds=9), rng, is_up=bool(number % 2))
            writer.record(PollRecord(at, 0.1, snapshot([list(rows) for rows in tables], at), state=str(number)))
            print(number, flush=True)


main()
