"""Patterns of OpenSSH's files (match.c), which are not the shell's: only `*` and `?` are special. Only matching.

A pattern may come from a stranger (the principals of a certificate), so the time is bounded: a pattern is cut at its
stars, and each piece is sought once, from where the piece before it ended. The leftmost place is always good enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

#: No host and no login has a longer name (netdb.h, NI_MAXHOST); for those that do, only stars match.
_LONGEST_NAME = 1025


def matches_patterns(name: str, patterns: Iterable[str]) -> bool:
    """Whether one pattern matches the whole name and no `!pattern` does; alone, a negated pattern matches nothing."""
    has_matched = False
    for pattern in patterns:
        if pattern.startswith("!"):
            if _matches(name, pattern[1:]):
                return False
        elif not has_matched and _matches(name, pattern):
            has_matched = True
    return has_matched


def is_pattern(text: str) -> bool:
    """Whether the text is more than a plain name."""
    return "*" in text or "?" in text or "!" in text


def _matches(name: str, pattern: str) -> bool:
    if len(name) > _LONGEST_NAME:
        return bool(pattern) and not pattern.strip("*")
    if len(pattern) - pattern.count("*") > len(name):
        return False
    first, *others = pattern.split("*") if "*" in pattern else (pattern,)
    if not others:
        return len(first) == len(name) and _find(first, name, 0) == 0
    last = others.pop()
    position, end = len(first), len(name) - len(last)
    if position > end or _find(first, name[:position], 0) != 0 or _find(last, name[end:], 0) != 0:
        return False
    for piece in others:
        at = _find(piece, name[:end], position)
        if at < 0:
            return False
        position = at + len(piece)
    return True


def _find(piece: str, name: str, start: int) -> int:
    """Where a piece without stars first stands in the name, from `start` on; -1 when nowhere."""
    if "?" not in piece:
        return name.find(piece, start)
    match = _with_any(piece).search(name, start)
    return -1 if match is None else match.start()


@lru_cache(maxsize=1024)
def _with_any(piece: str) -> re.Pattern[str]:
    return re.compile("".join("." if char == "?" else re.escape(char) for char in piece), re.DOTALL)
