"""What a header is: a line that says whose output follows, and how sure that is. Values only."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from calico_bgp.parse.pasted.hosts.names import Named


class Strength(IntEnum):
    """How sure it is that a line is a header."""

    BARE = 0
    """A name alone on its line: only right above an answer."""
    MARKED = 1
    """A name between marks: where an answer follows, or others of its kind have one."""
    COMMAND = 2
    """The command itself."""
    TOOL = 3
    """A tool's own words: always."""


class Header(NamedTuple):
    """A line that may say whose output follows.

    Attributes:
        names: Whom it names; none where it only says that something begins (`Defaulted container ...`).
        strength: How sure it is.
        form: Headers of one loop have the same.
        reason: Why there may be nothing below, where the header says so.
        lines: How many lines it is.
        rest: What of the line belongs to the output, None for nothing.
    """

    names: tuple[Named, ...]
    strength: Strength
    form: str
    reason: str | None = None
    lines: int = 1
    rest: str | None = None
