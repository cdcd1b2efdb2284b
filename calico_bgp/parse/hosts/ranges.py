"""The brackets of hosts.txt: `node[01-20].dc1` becomes twenty names. Text to text; names are judged elsewhere."""

from __future__ import annotations

import re
from itertools import product
from math import prod

#: More names than this from one word is a slip of the finger (`[1-10000000]`), not a cluster.
MAX_EXPANSION = 10_000

# Innermost brackets without a colon: `[fd00::1]` is an address, and `[fd00::[1-9]]:22` an address with a range in it.
_BRACKETS = re.compile(r"\[([^\[\]:]*)\]")
_PART = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?")


class RangeError(ValueError):
    """A range that cannot be expanded.

    Args:
        message: What is wrong with it.
        expected: What would have been right.
    """

    def __init__(self, message: str, expected: str) -> None:
        super().__init__(message, expected)
        self.message = message
        self.expected = expected


def has_range(word: str) -> bool:
    """Whether `word` has brackets that stand for several names (not those around an IPv6 address)."""
    return _BRACKETS.search(word) is not None


def split_commas(text: str) -> list[str]:
    """The parts of a list. A comma inside brackets belongs to a range: `node[1,3],db1` has two parts."""
    parts: list[str] = []
    end = len(text)
    is_inside = False
    # From the right, so that the bracket behind a comma is known when the comma comes.
    for position in range(len(text) - 1, -1, -1):
        character = text[position]
        if character in "[]":
            is_inside = character == "]"
        elif character == "," and not is_inside:
            parts.append(text[position + 1 : end])
            end = position
    return [text[:end], *reversed(parts)]


def expand(word: str) -> list[str]:
    """All names that `word` stands for, in order; the last range turns fastest.

    ``range = "[" part *("," part) "]"``, ``part = number ["-" number]``. A leading zero in the first number asks for
    its width: `[01-20]` gives `01`, `02`, ...; `[8-11]` gives `8`, `9`, `10`, `11`.

    Raises:
        RangeError: Not a range, an empty one, or more than MAX_EXPANSION names.
    """
    literals_and_ranges = _BRACKETS.split(word)
    literals, ranges = literals_and_ranges[::2], literals_and_ranges[1::2]
    if not ranges:
        return [word]
    parts = [_parts(text) for text in ranges]
    count = prod(sum(last - first + 1 for first, last, _ in group) for group in parts)
    if count > MAX_EXPANSION:
        raise RangeError(
            f"{word} stands for {count:,} hosts",
            f"at most {MAX_EXPANSION:,} hosts from one line; split it if they are real",
        )
    numbers = [[str(n).zfill(width) for first, last, width in group for n in range(first, last + 1)] for group in parts]
    return [
        literals[0] + "".join(number + literal for number, literal in zip(choice, literals[1:], strict=True))
        for choice in product(*numbers)
    ]


def _parts(text: str) -> list[tuple[int, int, int]]:
    """The (first, last, width) of each part between the brackets."""
    parts = []
    for part in text.split(","):
        match = _PART.fullmatch(part.strip())
        if match is None:
            what = f"[{text}] is an empty range" if not part.strip() else f"[{text}] is not a range of numbers"
            raise RangeError(what, "numbers in the brackets, such as [01-20] or [1-3,7]")
        first, last = match[1], match[2] or match[1]
        if int(first) > int(last):
            raise RangeError(f"[{text}] is an empty range: {first} is above {last}", f"[{last}-{first}]")
        padded = first.startswith("0") and len(first) > 1
        if (padded and len(first) > len(last)) or (last.startswith("0") and len(last) > len(first)):
            raise RangeError(f"[{text}] mixes widths", "the same number of digits at both ends of a zero-padded range")
        parts.append((int(first), int(last), len(first) if padded else 0))
    return parts
