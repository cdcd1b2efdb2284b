"""What a text is that holds no resources, and what to do with it. Values only."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from calico_bgp.parse.resources.raw import Text
from calico_bgp.shell_words import quote

#: Lines that are looked at to tell what a text is.
_BEGINNING = 300
_MAX_LINE = 2_000


class Found(NamedTuple):
    """What a text is.

    Attributes:
        called: `a Helm template`.
        instead: What to do; None where there is nothing to do.
        line: Where it shows, None for the text as a whole.
    """

    called: str
    instead: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Form:
    """One kind of text that is no resource.

    Attributes:
        name: For people who read the table of forms.
        find: What a text is, None when it is not of this form.
    """

    name: str
    find: Callable[[Text], Found | None]


def beginning(text: Text) -> list[tuple[int, str]]:
    """The first lines that hold something, with their numbers."""
    first_lines = []
    for number, line in enumerate(text.text[: _BEGINNING * _MAX_LINE].split("\n"), 1):
        if line.strip():
            first_lines.append((number, line[:_MAX_LINE]))
            if len(first_lines) == _BEGINNING:
                break
    return first_lines


def first_line(text: Text, pattern: re.Pattern[str]) -> int | None:
    """The first line on which a pattern is found, None where it is on none."""
    match = pattern.search(text.text)
    return None if match is None else text.text.count("\n", 0, match.start()) + 1


def file_of(text: Text) -> str:
    """The file as it stands in a command: quoted, `-` for standard input."""
    return "-" if text.source == "-" else quote(text.source)
