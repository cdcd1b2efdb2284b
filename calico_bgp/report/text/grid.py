"""A table of many short cells in the form of kubectl's: blanks between columns, no lines.

Rich measures and splits every cell a dozen times, for it knows cells that wrap; two thousand rows take it a second. So
rows are written at once. Where they are too wide, the last column takes several lines, or lines of its own; what is
wider even then is left to the terminal, as kubectl does: a name in pieces cannot be copied.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple, TypeAlias

from rich.cells import cell_len, chop_cells
from rich.color import ColorSystem
from rich.style import Style

from calico_bgp.report.text.page import Page, TextStyle

_GAP = "  "
#: Below this the last column gets lines of its own.
_LEAST = 16


class Heading(NamedTuple):
    """A column.

    Attributes:
        text: What stands above it.
        right: Whether its cells end below each other, as numbers do.
    """

    text: str
    right: bool = False


#: A text of one line without control characters, and rich's name of its style; empty for none.
Cell: TypeAlias = tuple[str, str]


def show_grid(page: Page, headings: Sequence[Heading], rows: Sequence[Sequence[Cell]], style: TextStyle) -> None:
    """Add a table to a page."""
    widths = [
        max(cell_len(heading.text), *(cell_len(row[place][0]) for row in rows), 0)
        for place, heading in enumerate(headings)
    ]
    fixed = sum(widths[:-1]) + len(_GAP) * (len(widths) - 1)
    room = None if style.width is None else style.width - fixed
    if room is None or widths[-1] <= room:
        lines = _lines(headings, rows, widths, color=style.color)
    elif room >= max(_LEAST, cell_len(headings[-1].text)):
        lines = _wrapped(headings, rows, [*widths[:-1], room], color=style.color)
    else:
        lines = _below(headings, rows, widths, style)
    for line in lines:
        page.written(line)


def _lines(
    headings: Sequence[Heading], rows: Sequence[Sequence[Cell]], widths: Sequence[int], *, color: bool
) -> Iterator[str]:
    yield _line([(heading.text, "bold") for heading in headings], headings, widths, color=color)
    for row in rows:
        yield _line(row, headings, widths, color=color)


def _wrapped(
    headings: Sequence[Heading], rows: Sequence[Sequence[Cell]], widths: Sequence[int], *, color: bool
) -> Iterator[str]:
    """The last column takes as many lines as it needs."""
    yield _line([(heading.text, "bold") for heading in headings], headings, widths, color=color)
    before: list[Cell] = [("", "")] * (len(headings) - 1)
    for row in rows:
        text, name = row[-1]
        first, *more = _pieces(text, widths[-1])
        yield _line([*row[:-1], (first, name)], headings, widths, color=color)
        for piece in more:
            yield _line([*before, (piece, name)], headings, widths, color=color)


def _below(
    headings: Sequence[Heading], rows: Sequence[Sequence[Cell]], widths: Sequence[int], style: TextStyle
) -> Iterator[str]:
    """The last column stands below its row."""
    assert style.width is not None
    few, few_widths = headings[:-1], widths[:-1]
    yield _line([(heading.text, "bold") for heading in few], few, few_widths, color=style.color)
    for row in rows:
        yield _line(row[:-1], few, few_widths, color=style.color)
        text, name = row[-1]
        if text not in ("", "-"):
            for piece in _pieces(text, style.width - 4):
                yield "    " + (_coloured(piece, name) if style.color and name else piece)


def _pieces(text: str, width: int) -> list[str]:
    if text.isascii():
        return textwrap.wrap(text, width) or [""]
    return [piece.strip() for piece in chop_cells(text, width)] or [""]


def _line(cells: Sequence[Cell], headings: Sequence[Heading], widths: Sequence[int], *, color: bool) -> str:
    parts = []
    for (text, name), heading, width in zip(cells, headings, widths, strict=True):
        blanks = " " * (width - cell_len(text))
        coloured = _coloured(text, name) if color and name and text else text
        parts.append(blanks + coloured if heading.right else coloured + blanks)
    return _GAP.join(parts)


def _coloured(text: str, name: str) -> str:
    return _style(name).render(text, color_system=ColorSystem.STANDARD)


@cache
def _style(name: str) -> Style:
    return Style.parse(name)
