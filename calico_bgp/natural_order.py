"""The order in which people expect names: node2 before node10. Only that may enter this file."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"([0-9]+)")


def natural_key(name: str) -> tuple[tuple[int, str, str], ...]:
    """Sorts node2 before node10, and node2 before node02.

    Numbers are compared as texts, by length and then by digits: Python refuses to make an int of more than 4,300 of
    them, and a name may hold so many.
    """
    key = []
    for place, part in enumerate(_DIGITS.split(name)):
        number = part.lstrip("0") if place % 2 else ""
        key.append((len(number), number, part))
    return tuple(key)
