"""What every reader of a file that people write by hand shares: lines, near misses, and all problems at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from calico_bgp.errors import ParseError

#: A file with more problems than this is not the file we think it is; the rest is not looked at.
MAX_PROBLEMS = 1_000
_SHOWN = 200
_KEY = re.compile(r"(?<!\w)(\w++)[\"']?\s*+[=:]\s*+(?=\S)")


def split_lines(text: str) -> list[str]:
    r"""The lines as an editor numbers them: cut at LF, CR LF and CR only (``str.splitlines`` cuts at more), no BOM."""
    return re.split(r"\r\n|\n|\r", text.removeprefix("\ufeff"))


def first_line(text: str) -> str:
    """The first line that is not blank, at most 200 characters of it; empty where there is none."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")[:_SHOWN]


def shown(line: str) -> str:
    """A line fit to stand in an error message: control characters replaced, not endless."""
    line = "".join(character if character.isprintable() else " " for character in line.strip())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def without_secrets(line: str) -> str:
    """A line whose password is hidden: it must not come back in an error message, a ticket or a log.

    `ansible_ssh_pass=x`, `password = "two words"`: what stands behind goes, too, for nobody knows where the value ends.
    """
    for key in _KEY.finditer(line):
        if "pass" in key[1].casefold():
            return f"{line[: key.end()]}..."
    return line


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`, did you mean x?` for a near miss, else nothing."""
    near = get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f", did you mean {near[0]}?" if near else ""


class Problems:
    """Collects what is wrong with one file."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.found: list[ParseError] = []

    @property
    def full(self) -> bool:
        """Whether there are so many that reading on tells nobody anything."""
        return len(self.found) >= MAX_PROBLEMS

    def add(self, message: str, line: int | None = None, text: str | None = None, expected: str | None = None) -> None:
        """Note one problem; `text` is the line as it stands."""
        self.found.append(
            ParseError(message, self.source, line, None if text is None else shown(without_secrets(text)), expected)
        )
