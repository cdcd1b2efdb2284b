"""Tables of people: CSV, TSV, columns between blanks or bars, with or without headings. One host a row."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from calico_bgp.parse.destination import NAME
from calico_bgp.parse.hosts.forms.form import Entry, Foreign, Form, NodeAddress
from calico_bgp.parse.hosts.forms.records import ADDRESSES, NAMES, entry, flat, folded, has_address, is_address, is_host
from calico_bgp.parse.lines import Problems

_DELIMITERS = (",", ";", "\t", "|")
_HOSTS_TXT = re.compile(r"(?:^|\s)(?:node|role|ip|identity|jump)=")
_RULER = re.compile(r"[\s|+:=-]+")
_HEADINGS = frozenset((*ADDRESSES, *NAMES))
_MAX_LINE = 10_000


def _cells(line: str, delimiter: str | None) -> list[str]:
    if delimiter is None:
        return line.split()
    if delimiter == "|":
        return [cell.strip() for cell in line.strip().strip("|").split("|")]
    # One line at a time: a quote that is not closed must not swallow the file.
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])]


def _delimiter(foreign: Foreign) -> str | None:
    """What stands between the cells of every line; None for blanks."""
    lines = [line for line in foreign.beginning if not _RULER.fullmatch(line)]
    return next((mark for mark in _DELIMITERS if lines and all(mark in line for line in lines)), None)


def _headings(foreign: Foreign, delimiter: str | None) -> list[str] | None:
    """The folded headings of the first line, None where it is a row."""
    line = next((line for line in foreign.beginning if not _RULER.fullmatch(line)), "")
    cells = [folded(cell) for cell in _cells(line, delimiter)]
    return cells if _HEADINGS & set(cells) and not any(is_address(cell) for cell in _cells(line, delimiter)) else None


def _is_columns(foreign: Foreign) -> bool:
    """Whether there are headings that say name or address, or an address in the same column of every line."""
    if not foreign.beginning or any(
        _HOSTS_TXT.search(line) or len(line) > _MAX_LINE or '"' in line[:1] * ("{" in line)
        for line in foreign.beginning
    ):
        return False
    delimiter = _delimiter(foreign)
    lines = [line for line in foreign.beginning if not _RULER.fullmatch(line)]
    table = [_cells(line, delimiter) for line in lines]
    if min(map(len, table), default=0) < 2:
        return False
    if (headings := _headings(foreign, delimiter)) is not None:
        return len(table) > 1 and all(_is_row(headings, cells) for cells in table[1:])
    return _columns(table) is not None


def _is_row(headings: list[str], cells: list[str]) -> bool:
    return is_host(flat(dict(zip(headings, cells, strict=False)))) or len(cells) >= len(headings) - 1


def _columns(table: list[list[str]]) -> dict[int, str] | None:
    """Which column holds the name and which the address, of a table without headings; None when no address is there."""
    width = min(map(len, table))
    addresses = [index for index in range(width) if all(is_address(cells[index]) for cells in table)]
    names = [
        index
        for index in range(width)
        if index not in addresses
        and all(NAME.fullmatch(cells[index]) for cells in table)
        and len({cells[index] for cells in table}) == len(table)
    ]
    if not addresses or not names:
        return None
    return {names[0]: "name", addresses[0]: "address"}


def _headed(headings: list[str], table: list[list[str]]) -> dict[int, str]:
    """Which column holds what, by the headings; in a language that is not known the addresses themselves show where."""
    if not set(ADDRESSES).intersection(headings):
        width = min(len(headings), *map(len, table)) if table else 0
        for index in range(width):
            if headings[index] not in NAMES and all(is_address(cells[index]) for cells in table):
                headings = [*headings[:index], "address", *headings[index + 1 :]]
                break
    return dict(enumerate(headings))


def _read(foreign: Foreign, problems: Problems) -> Iterator[Entry]:
    delimiter = _delimiter(foreign)
    headings = _headings(foreign, delimiter)
    beginning = [_cells(line, delimiter) for line in foreign.beginning if not _RULER.fullmatch(line)]
    columns = _headed(headings, beginning[1:]) if headings is not None else _columns(beginning) or {}
    heading_passed = headings is None
    for number, raw in enumerate(foreign.lines, 1):
        line = raw.strip()
        if not line or line.startswith(("#", ";", "//")) or _RULER.fullmatch(line):
            continue
        if not heading_passed:
            heading_passed = True
            continue
        if len(line) > _MAX_LINE:
            problems.add("the line is too long", number, line)
            continue
        cells = _cells(line, delimiter)
        record = flat({columns[index]: cell for index, cell in enumerate(cells) if index in columns})
        if not is_host(record) or (headings is None and not has_address(record)):
            problems.add("neither a name nor an address in this row", number, line, "columns such as name,address")
            continue
        external = foreign.address is NodeAddress.EXTERNAL
        if (host_entry := entry(record, problems, line=number, external=external)) is not None:
            yield host_entry
        if problems.full:
            return


COLUMNS = Form("a table (CSV, TSV or columns)", _is_columns, _read)
