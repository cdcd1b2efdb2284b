"""The two table layouts of calicoctl, as Go's tablewriter draws them. Knows cells, not BGP.

Source: github.com/olekukonko/tablewriter v0.0.5 table.go, wrap.go, util.go (calicoctl up to v3.32), v1 (from v3.33).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from itertools import accumulate

#: tablewriter's MAX_ROW_WIDTH: cells are wrapped at this many columns.
WRAP_AT = 30
#: wrap.go: the penalty for a line that is too long.
_TOO_LONG = 100_000
#: table.go: what looks like a number is aligned to the right, even a wrapped line of its own (`Unknown error` / `6.9`).
_NUMBER = re.compile(r"-?(?:\d{1,3}(?:,\d{3})*|\d+)(?:\.\d+)?|-?\d++\.?\d*+$%")


class Layout(StrEnum):
    """Which calicoctl draws the table."""

    #: Up to v3.32: headings centred, cells wrapped at 30 columns.
    CENTRED = "v3.32"
    #: From v3.33: everything left-aligned, nothing wrapped.
    LEFT = "v3.33"


def format_table(headings: Sequence[str], rows: Sequence[Sequence[str]], layout: Layout) -> str:
    """Draw a table with its borders; ends with a newline."""
    wraps = layout is Layout.CENTRED
    cells = [[_wrapped(cell) if wraps else [cell] for cell in row] for row in rows]
    widths = [
        # A wrapped cell claims the whole width, even where its longest line is shorter.
        max(
            len(heading),
            *(_width(row[column], cell[column], wraps=wraps) for row, cell in zip(rows, cells, strict=True)),
        )
        for column, heading in enumerate(headings)
    ]
    border = "+" + "+".join("-" * (width + 2) for width in widths) + "+"
    titles = [
        _centred(title, width) if wraps else title.ljust(width) for title, width in zip(headings, widths, strict=True)
    ]
    lines = [border, _line(titles), border]
    for row in cells:
        for number in range(max(len(cell) for cell in row)):
            texts = (cell[number] if number < len(cell) else "" for cell in row)
            lines.append(_line([_aligned(text, width, wraps=wraps) for text, width in zip(texts, widths, strict=True)]))
    return "\n".join([*lines, border]) + "\n"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _centred(text: str, width: int) -> str:
    margin = (width - len(text)) // 2
    return " " * margin + text.ljust(width - margin)


def _aligned(text: str, width: int, *, wraps: bool) -> str:
    return text.rjust(width) if wraps and _NUMBER.fullmatch(text.strip()) else text.ljust(width)


def _width(text: str, lines: Sequence[str], *, wraps: bool) -> int:
    longest = max(len(line) for line in lines)
    return max(longest, min(len(text), WRAP_AT)) if wraps else longest


def _wrapped(text: str) -> list[str]:
    """wrap.go WrapString: break so that the squares of the blanks at the line ends are least; the last line is free."""
    words = text.split(" ")
    limit = max(min(len(text), WRAP_AT), *(len(word) for word in words))
    count = len(words)
    best = [0] * count
    breaks = [count] * count
    ends = list(accumulate(len(word) + 1 for word in words))

    def length(first: int, last: int) -> int:
        return ends[last] - (ends[first - 1] if first else 0) - 1

    for first in range(count - 1, -1, -1):
        if length(first, count - 1) <= limit:
            continue
        costs = []
        for after in range(first + 1, count):
            used = length(first, after - 1)
            costs.append(((limit - used) ** 2 + best[after] + (_TOO_LONG if used > limit else 0), after))
        best[first], breaks[first] = min(costs)
    lines, first = [], 0
    while first < count:
        lines.append(" ".join(words[first : breaks[first]]))
        first = breaks[first]
    return lines
