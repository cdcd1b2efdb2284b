"""Which tests noticed faults so far: those of the same file are tried first. Chooses nothing else, runs nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from itertools import takewhile
from pathlib import PurePath

#: What a test counts that noticed a fault of another file: so much less per folder in which the files part.
_FARTHER = 0.25
#: A test that nobody measured, and what each costs besides.
_UNKNOWN_SECONDS, _EACH_SECONDS = 1.0, 0.02
#: So many go first, and the others in their own order: what noticed much may notice nothing here.
_FIRST = 40


class Experience:
    """Test → in which files it noticed faults, and how many."""

    def __init__(self) -> None:
        self._noticed: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add(self, place: str, test: str) -> None:
        """A test noticed a fault of a file."""
        self._noticed[test][place] += 1

    def first(self, place: str, tests: Collection[str], seconds: Mapping[str, float]) -> list[str]:
        """Those of the tests from which most is to be hoped for a fault of this file, per second."""
        hopes = {test: self._hope(place, test) for test in tests if test in self._noticed}
        costs = {test: _EACH_SECONDS + seconds.get(test, _UNKNOWN_SECONDS) for test in hopes}
        return sorted(hopes, key=lambda test: (-hopes[test] / costs[test], test))[:_FIRST]

    def _hope(self, place: str, test: str) -> float:
        return sum(number * _FARTHER ** _parted(place, other) for other, number in self._noticed[test].items())


def _parted(place: str, other: str) -> int:
    """How many folders, and the file, are not in common."""
    parts = PurePath(place).parts
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(parts, PurePath(other).parts, strict=False)))
    return len(parts) - same
