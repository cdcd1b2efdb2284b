"""Writes every page of the docs that is made from the code: `make generate`. `--check` names what is stale instead.

The generators are in make/. A page that is added to a generator needs nothing here; a generator that is added stands
in `pages`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from make import api, causes, formats, info, metrics, pictures, rules

DOCS = Path(__file__).parent
#: Folders in which nothing but generated pages lies.
FOLDERS = (rules.FOLDER, causes.FOLDER, pictures.FOLDER)


def pages() -> dict[Path, str]:
    """File → text, for every generated page."""
    return {
        **{rules.FOLDER / name: text for name, text in rules.pages().items()},
        **{causes.FOLDER / name: text for name, text in causes.pages().items()},
        api.PAGE: api.page(),
        formats.PAGE: formats.page(),
        info.PAGE: info.page(),
        metrics.PAGE: metrics.page(),
        **{pictures.FOLDER / name: text for name, text in pictures.pages().items()},
    }


def stale(wanted: dict[Path, str]) -> list[str]:
    """What is wrong with the files that are there, a line each."""
    problems = []
    for path, text in sorted(wanted.items()):
        if not path.is_file():
            problems.append(f"{_shown(path)} is missing")
        elif path.read_text("utf-8") != text:
            problems.append(f"{_shown(path)} is stale")
    return problems + [f"{_shown(path)} belongs to nothing any more" for path in _left_over(wanted)]


def write(wanted: dict[Path, str]) -> None:
    """Make the files what they should be."""
    for path in _left_over(wanted):
        path.unlink()
    for path, text in wanted.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _left_over(wanted: dict[Path, str]) -> list[Path]:
    return sorted(path for folder in FOLDERS for path in folder.glob("*.*") if path not in wanted)


def _shown(path: Path) -> str:
    return path.relative_to(DOCS.parent).as_posix()


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check; 1 when something is stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, name what is stale")
    wanted = pages()
    problems = stale(wanted)
    if not parser.parse_args(arguments).check:
        write(wanted)
        return 0
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    if problems:
        sys.stderr.write("run: make generate\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
