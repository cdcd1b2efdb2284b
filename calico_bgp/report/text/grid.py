"""A table of many short cells, written at once where every row fits its line. Rich wraps what does not fit.

Rich measures and splits every cell a dozen times, for it knows cells that wrap; two thousand rows take it a second.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from rich import box
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.style import Style
from rich.table import Table
from rich.text import Text

from calico_bgp.report.text.page import Page, TextStyle


class Heading(NamedTuple):
    """A column.

    Attributes:
        text: What stands above it.
        wraps: Whether its cells may take several lines where the page is narrow; what is compared stays in one piece.
        least: Its least width.
    """

    text: str
    wraps: bool = False
    least: int = 1


#: A text of one line without control characters, and rich's name of its style; empty for none.
Cell: TypeAlias = tuple[str, str]


def show_grid(page: Page, headings: Sequence[Heading], rows: Sequence[Sequence[Cell]], style: TextStyle) -> None:
    """Add a table to a page."""
    widths = [
        max(cell_len(heading.text), heading.least, *(cell_len(row[place][0]) for row in rows))
        for place, heading in enumerate(headings)
    ]
    gap = 2 if style.unicode else 3
    if style.width is not None and sum(widths) + gap * (len(widths) - 1) > style.width:
        page.table(_rich_table(headings, rows, style))
        return
    for line in _lines(headings, rows, widths, style):
        page.written(line)


def _lines(
    headings: Sequence[Heading], rows: Sequence[Sequence[Cell]], widths: Sequence[int], style: TextStyle
) -> Iterator[str]:
    between, rule, crossing = ("  ", "─", "──") if style.unicode else (" | ", "-", "-+-")
    yield _line([(heading.text, "bold") for heading in headings], widths, between, color=style.color)
    yield crossing.join(rule * width for width in widths)
    for row in rows:
        yield _line(row, widths, between, color=style.color)


def _line(cells: Sequence[Cell], widths: Sequence[int], between: str, *, color: bool) -> str:
    return between.join(
        (_coloured(text, name) if color and name else text) + " " * (width - cell_len(text))
        for (text, name), width in zip(cells, widths, strict=True)
    )


def _coloured(text: str, name: str) -> str:
    return Style.parse(name).render(text, color_system=ColorSystem.STANDARD)


def _rich_table(headings: Sequence[Heading], rows: Sequence[Sequence[Cell]], style: TextStyle) -> Table:
    table = Table(box=box.SIMPLE_HEAD if style.unicode else box.ASCII2, pad_edge=False, show_edge=False)
    table.padding = (0, 1, 0, 0) if style.unicode else (0, 1)
    for heading in headings:
        table.add_column(
            heading.text,
            no_wrap=not heading.wraps,
            min_width=heading.least if heading.wraps else None,
            overflow="fold",
            header_style="bold",
        )
    for row in rows:
        table.add_row(*(Text(text, style=name) for text, name in row))
    return table
