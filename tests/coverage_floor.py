"""`make coverage`: how much of each room that reasons the tests run, and 1 where that is below the floor."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

#: Percent, of every room in pyproject's [tool.coverage.run].
LINES, BRANCHES = 95, 90


class Covered(NamedTuple):
    """What the tests ran of a room, and what there is."""

    lines: int = 0
    all_lines: int = 0
    branches: int = 0
    all_branches: int = 0

    def __add__(self, other: Covered) -> Covered:  # type: ignore[override]
        return Covered(*(a + b for a, b in zip(self, other, strict=True)))

    @property
    def of_lines(self) -> float:
        return 100 * self.lines / (self.all_lines or 1)

    @property
    def of_branches(self) -> float:
        return 100 * self.branches / (self.all_branches or 1)

    @property
    def is_enough(self) -> bool:
        return self.all_lines > 0 and self.of_lines >= LINES and self.of_branches >= BRANCHES


def by_room(report: dict[str, Any]) -> dict[str, Covered]:
    """Room → what is covered of it, out of `coverage json`."""
    found: dict[str, Covered] = defaultdict(Covered)
    for file, data in report["files"].items():
        path = Path(file).parts
        room = path[path.index("calico_bgp") + 1]
        summary = data["summary"]
        found[room] += Covered(
            summary["covered_lines"],
            summary["num_statements"],
            summary["covered_branches"],
            summary["num_branches"],
        )
    return dict(found)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "coverage.json")
        subprocess.run([sys.executable, "-m", "coverage", "json", "-q", "-o", str(file)], check=True)
        rooms = by_room(json.loads(file.read_text()))
    for room, covered in sorted(rooms.items()):
        low = "" if covered.is_enough else f"  below the floor of {LINES} and {BRANCHES} %"
        sys.stdout.write(f"{room:10} lines {covered.of_lines:5.1f} %  branches {covered.of_branches:5.1f} %{low}\n")
    return 0 if rooms and all(covered.is_enough for covered in rooms.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
