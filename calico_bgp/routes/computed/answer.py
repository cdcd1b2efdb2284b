"""The three answers, and sets of classes as bits of a number. Nothing else may enter this file."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum


class Answer(StrEnum):
    """Whether a route arrives."""

    YES = "yes"
    PERHAPS = "perhaps"
    """It depends on something that is not known: an external peer's policy, a session that nobody could look at."""
    NO = "no"


def bits(mask: int) -> Iterator[int]:
    """The numbers whose bits are set, in order."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
