"""Which tests ran which lines, as `make coverage` recorded it: read by SQL, since it is half a gigabyte."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path

#: Of a context's name, what stands behind the test: it was set up, ran, or was torn down.
_PHASE = "|"


class Recorded:
    """The file of coverage.py, whose schema is part of its documentation. There may be nothing in it."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path if path.exists() else ":memory:")
        tables = self._database.execute("select count(*) from sqlite_master where name = 'arc'").fetchone()[0]
        #: Empty where nothing was recorded.
        self.contexts: Mapping[int, str] = (
            dict(self._database.execute("select id, context from context")) if tables else {}
        )

    def of_lines(self, file: str, lines: Collection[int]) -> Mapping[int, set[str]]:
        """Line → the contexts that ran it; a context is a test and its phase, or "" outside of tests."""
        found: defaultdict[int, set[str]] = defaultdict(set)
        marks = ", ".join("?" * len(lines))
        for end in ("tono", "fromno"):
            query = f"select distinct {end}, context_id from arc where file_id = ? and {end} in ({marks})"
            for line, context in self._database.execute(query, (self._id_of(file), *lines)):
                found[line].add(self.contexts[context])
        return found

    def of_file(self, file: str) -> set[str]:
        """The contexts that ran any of its lines."""
        found = self._database.execute("select distinct context_id from arc where file_id = ?", (self._id_of(file),))
        return {self.contexts[context] for (context,) in found}

    def _id_of(self, file: str) -> int | None:
        found = self._database.execute("select id from file where path = ?", (file,)).fetchone()
        return found and found[0]


def tests_of(contexts: Collection[str]) -> tuple[str, ...]:
    """Node ids."""
    return tuple(sorted({context.rpartition(_PHASE)[0] for context in contexts if _PHASE in context}))
