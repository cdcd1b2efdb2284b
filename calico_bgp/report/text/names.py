"""Writes many names in few characters: `node[01-17].dc1`, the notation of hosts.txt. Only names may enter this file."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from calico_bgp.messages.words import count
from calico_bgp.natural_order import natural_key
from calico_bgp.report.text.sanitize import plain

_DIGITS = re.compile(r"\d+")
#: A range is worth its brackets from this many names on.
_FEWEST = 3
#: Characters that a list of names may take beside other words.
SHORT = 60


def compress_names(names: Iterable[str], *, limit: int | None = None) -> str:
    """The distinct names, sorted, with runs of numbers as ranges: `db1, node[01-03,07].dc1`.

    Args:
        names: Names as nodes or users gave them; control characters are stripped.
        limit: Show at most this many entries, then `and N more`; None shows all.
    """
    distinct = sorted({plain(name) for name in names}, key=natural_key)
    entries = _entries(distinct)
    if limit is None or len(entries) <= limit:
        return ", ".join(text for text, _ in entries)
    hidden = sum(number for _, number in entries[limit:])
    return ", ".join(text for text, _ in entries[:limit]) + f" and {hidden:,} more"


def short_names(names: Iterable[str], *, most: int | None = SHORT, noun: str = "node") -> str:
    """Like `compress_names`; where that takes more than `most` characters, a number and three of them.

    A limit on entries does not bound `node[1-3,5,8,11-14,...]`, which is one.

    Args:
        names: Names as nodes or users gave them; control characters are stripped.
        most: How many characters there are; None for any number.
        noun: What one of them is called.
    """
    distinct = sorted({plain(name) for name in names}, key=natural_key)
    text = compress_names(distinct)
    if most is None or len(text) <= most or len(distinct) <= _FEWEST:
        return text
    return f"{count(len(distinct), noun)} such as {', '.join(distinct[:_FEWEST])}"


def _entries(names: list[str]) -> list[tuple[str, int]]:
    """Pairs of a text and how many names it stands for, in natural order."""
    shapes = {name: [(name[: m.start()], name[m.end() :], m.group()) for m in _DIGITS.finditer(name)] for name in names}
    popular = Counter((before, after) for options in shapes.values() for before, after, _ in options)
    padded = {(before, after, len(d)) for o in shapes.values() for before, after, d in o if d[0] == "0" and len(d) > 1}
    groups: defaultdict[tuple[str, str, int], list[str]] = defaultdict(list)
    for name in names:
        if not shapes[name]:
            groups[name, "", 0].append("")
            continue
        # The last number wins a tie: in dc1-node07 it is the one that counts.
        before, after, digits = max(reversed(shapes[name]), key=lambda option: popular[option[:2]])
        # 07 is not 7: numbers of one width stay together where one of them is padded.
        width = len(digits) if (before, after, len(digits)) in padded else 0
        groups[before, after, width].append(digits)
    entries: list[tuple[str, int]] = []
    for (before, after, _), numbers in groups.items():
        if len(numbers) < _FEWEST:
            entries.extend((f"{before}{digits}{after}", 1) for digits in numbers)
        else:
            entries.append((f"{before}[{_ranges(numbers)}]{after}", len(numbers)))
    return entries


def _ranges(digits: list[str]) -> str:
    runs: list[list[str]] = []
    for text in sorted(digits, key=int):
        if runs and int(text) == int(runs[-1][-1]) + 1:
            runs[-1].append(text)
        else:
            runs.append([text])
    return ",".join(run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
