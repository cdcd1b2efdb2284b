"""Several problems as a table, a line each. No judging in this file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from rich.text import Text

from calico_bgp.messages.words import count, several_of
from calico_bgp.natural_order import natural_key
from calico_bgp.report.problems.values import Problem, lost_words
from calico_bgp.report.text.names import compress_names
from calico_bgp.report.text.page import Page, TextStyle
from calico_bgp.report.text.sanitize import plain

#: Rows that are shown unless everything is asked for: with what stands around them they fill a screen of 24 lines.
MOST_ROWS = 14
#: Names that a place may show.
_NAMES = 3
#: Zones that a place may show.
_FEW_ZONES = 2
#: Columns of names, and of what happened, on a terminal.
_WHERE, _WHAT = 22, 30
#: Below this the table leaves out how sure a problem is, and below the next what fixes it.
_SURE_FROM, _FIX_FROM = 76, 60
_GAP = "  "
#: What stands above a column where there is no room for more.
_SHORT = {"ROUTES LOST": "LOST"}
_HEADINGS = ("", "#", "WHERE", "WHAT", "ROUTES LOST", "SURE", "FIX")


def problem_table(
    page: Page, problems: Sequence[Problem], style: TextStyle, zones: Mapping[str, str] | None = None
) -> None:
    """Add the table; what does not fit the width is shortened, a column of less weight left out.

    Args:
        page: Where to.
        problems: Worst first.
        style: Width, signs or ASCII, and whether all rows are wanted.
        zones: The zone of each node, where that is known.
    """
    shown_problems = problems if style.verbose else problems[:MOST_ROWS]
    rows = [_row(number, problem, style, zones or {}) for number, problem in enumerate(shown_problems, start=1)]
    columns = [place for place in range(len(_HEADINGS)) if _fits(place, style.width)]
    heads: Sequence[str] = _HEADINGS
    widths = _widths(_HEADINGS, rows, columns)
    if style.width is not None and _over(widths, style.width) > 0:
        heads = tuple(_SHORT.get(head, head) for head in _HEADINGS)
        widths = _widths(heads, rows, columns)
        _squeeze(widths, style.width)
    page.line(Text(_line(heads, widths), "bold"))
    for problem, row in zip(shown_problems, rows, strict=True):
        mark = Text(row[0], problem.mark.style)
        page.line(mark, _line(row, widths)[len(row[0]) :])
    if len(shown_problems) < len(problems):
        page.line(Text(f"and {count(len(problems) - len(shown_problems), 'more problem')}", "dim"))


def _row(number: int, problem: Problem, style: TextStyle, zones: Mapping[str, str]) -> tuple[str, ...]:
    return (
        problem.mark.symbol(unicode=style.unicode),
        str(number),
        where(problem.names, problem.noun, None if style.width is None else _WHERE, zones),
        plain(problem.what),
        lost_words(problem, unicode=style.unicode),
        problem.sure or "-",
        problem.fix,
    )


def where(names: Sequence[str], noun: str, most: int | None = _WHERE, zones: Mapping[str, str] | None = None) -> str:
    """At most three names or one range, else how many they are, and of which zone or zones.

    Args:
        names: The names.
        noun: What one of them is.
        most: How many characters there are; None for as many as it takes.
        zones: The zone of each node, where that is known.
    """
    text = compress_names(names)
    if len(names) <= 1 or (most is None and (len(names) <= _NAMES or ", " not in text)):
        return text
    if (len(names) <= _NAMES or ", " not in text) and cell_len(text) <= (most or len(text)):
        return text
    number = f"{len(names):,} {several_of(noun)}"
    of_zones = f"{number} of {_zones(names, zones)}" if zones and all(name in zones for name in names) else number
    return of_zones if most is None or cell_len(of_zones) <= most else number


def _zones(names: Sequence[str], zones: Mapping[str, str]) -> str:
    """`zone-2`, `zone-2 and zone-3`, `3 zones`."""
    distinct = sorted({zones[name] for name in names}, key=natural_key)
    return " and ".join(distinct) if len(distinct) <= _FEW_ZONES else f"{len(distinct)} zones"


def _widths(heads: Sequence[str], rows: Sequence[Sequence[str]], columns: Sequence[int]) -> dict[int, int]:
    return {place: max(cell_len(heads[place]), *(cell_len(row[place]) for row in rows)) for place in columns}


def _over(widths: dict[int, int], width: int) -> int:
    """How many characters a line has too many."""
    return sum(widths.values()) + len(_GAP) * (len(widths) - 1) - 1 - width


def _fits(place: int, width: int | None) -> bool:
    head = _HEADINGS[place]
    if width is None:
        return True
    return not (head == "SURE" and width < _SURE_FROM) and not (head == "FIX" and width < _FIX_FROM)


def _squeeze(widths: dict[int, int], width: int) -> None:
    """Take from the columns of words what is too much, first from what happened."""
    over = _over(widths, width)
    for head, least in (("WHAT", 16), ("WHERE", 12), ("FIX", 8)):
        place = _HEADINGS.index(head)
        if over > 0 and place in widths:
            taken = min(over, max(widths[place] - least, 0))
            widths[place] -= taken
            over -= taken


def _line(cells: Sequence[str], widths: dict[int, int]) -> str:
    line = ""
    for place, width in widths.items():
        text = _cut(cells[place], width)
        right = _HEADINGS[place] in {"#", "ROUTES LOST"}
        blanks = " " * (width - cell_len(text))
        line += (blanks + text if right else text + blanks) + (" " if place == 0 else _GAP)
    return line.rstrip()


def _cut(text: str, width: int) -> str:
    """Cut at a character, with a mark that something is missing."""
    if cell_len(text) <= width:
        return text
    while cell_len(text) > width - 2:
        text = text[:-1]
    return f"{text.rstrip()}.."
