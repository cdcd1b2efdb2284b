"""Patterns of OpenSSH's files (match.c), which are not the shell's: only `*` and `?` are special. Only matching."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache


def matches_patterns(name: str, patterns: Iterable[str]) -> bool:
    """Whether one pattern matches the whole name and no `!pattern` does; alone, a negated pattern matches nothing."""
    found = False
    for pattern in patterns:
        if pattern.startswith("!"):
            if _compiled(pattern[1:]).fullmatch(name):
                return False
        elif not found and _compiled(pattern).fullmatch(name):
            found = True
    return found


def is_pattern(text: str) -> bool:
    """Whether the text is more than a plain name."""
    return "*" in text or "?" in text or "!" in text


@lru_cache(maxsize=8192)
def _compiled(pattern: str) -> re.Pattern[str]:
    pattern = re.sub(r"\*+", "*", pattern)
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)
