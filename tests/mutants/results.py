"""What came of each fault: a file with a line each, so that a run that was stopped goes on where it was."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from math import comb
from pathlib import Path

from tests.mutants.child import Tried
from tests.mutants.mutant import Mutant

#: What can come of one: a test fails, none does, or (only told) no test could run at all.
NOTICED, SURVIVED, BROKEN = "noticed", "survived", "broken"


@dataclass(frozen=True)
class Result:
    """What came of one fault.

    Attributes:
        mutant: Which, with its line.
        number: Its place among the module's.
        key: What survivors.toml calls it.
        outcome: One of the three above.
        failed: The test that noticed it; None also where it ran on for ever.
        tests: How many ran.
        of: How many run the line.
        seconds: CPU time.
        anew: The module was imported with it.
    """

    mutant: str
    number: int
    key: tuple[str, str, str, str]
    outcome: str
    failed: str | None
    tests: int
    of: int
    seconds: float
    anew: bool

    def __str__(self) -> str:
        return f"{self.outcome.upper()} {self.mutant} ({self.tests} of {self.of} tests)"


class Results:
    """The file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._given = 0

    def add(self, mutant: Mutant, outcome: str, tried: Tried, *, anew: bool) -> None:
        """One line, in one write: several processes add."""
        times = os.times()
        seconds = round(times.user + times.system, 2)
        number, of = mutant.mutation.number, len(mutant.tests)
        result = Result(str(mutant), number, mutant.key, outcome, tried.failed, tried.tests, of, seconds, anew)
        with self._path.open("a") as file:
            file.write(json.dumps(asdict(result)) + "\n")

    def __iter__(self) -> Iterator[Result]:
        for line in self._path.read_text().splitlines() if self._path.exists() else ():
            yield _read(line)

    def new(self) -> Iterator[Result]:
        """Those that were not given before."""
        if self._path.exists():
            with self._path.open() as file:
                file.seek(self._given)
                while (line := file.readline()).endswith("\n"):
                    self._given = file.tell()
                    yield _read(line)

    def of(self, mutants: list[Mutant]) -> dict[Mutant, Result]:
        """The last result of each mutant that has one."""
        found = {(*result.key, result.number): result for result in self}
        return {m: found[*m.key, m.mutation.number] for m in mutants if (*m.key, m.mutation.number) in found}


def _read(line: str) -> Result:
    fields = json.loads(line)
    return Result(**fields | {"key": tuple(fields["key"])})


def share_at_most(some: int, all_: int, confidence: float = 0.95) -> float:
    """Of the whole, at most and with that confidence, where a sample has `some` of `all_` (Clopper and Pearson)."""
    low, high = some / all_, 1.0
    for _ in range(40):
        share = (low + high) / 2
        as_few = sum(comb(all_, n) * share**n * (1 - share) ** (all_ - n) for n in range(some + 1))
        low, high = (share, high) if as_few > 1 - confidence else (low, share)
    return high
