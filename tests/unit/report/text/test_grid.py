"""A table of many rows: blanks between columns; where it is too wide, the last column wraps or stands below."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from calico_bgp.report.text.grid import Heading, show_grid
from calico_bgp.report.text.page import Page, TextStyle

HEADINGS = (Heading("NODE"), Heading("IN", right=True), Heading("LAST ERROR"))
WORDS = st.text("ab 1é節e\u0301", min_size=1, max_size=30).map(lambda text: " ".join(text.split()) or "-")
CELLS = st.lists(st.tuples(WORDS, st.integers(0, 10**6).map(str), WORDS), min_size=1, max_size=5)
ERROR = "Socket: Connection refused by nobody at all"


def written(rows, style, headings=HEADINGS):
    page = Page(style)
    show_grid(page, headings, rows, style)
    return page.text()


@given(CELLS)
def test_columns_stand_below_each_other(texts):
    heading, *lines = written([[(text, "") for text in row] for row in texts], TextStyle()).splitlines()
    widths = [max(cell_len(c) for c in column) for column in zip(*texts, [h.text for h in HEADINGS], strict=True)]
    assert heading.split() == ["NODE", "IN", "LAST", "ERROR"]
    for (name, number, last), line in zip(texts, lines, strict=True):
        assert line == f"{name}{' ' * (widths[0] - cell_len(name))}  {number:>{widths[1]}}  {last}"


def test_the_last_column_wraps_where_there_is_room():
    assert written([[("node1", ""), ("7", ""), (ERROR, "")]], TextStyle(width=40)) == (
        "NODE   IN  LAST ERROR\nnode1   7  Socket: Connection refused by\n           nobody at all\n"
    )


def test_it_stands_below_its_row_where_there_is_none():
    rows = [[("node1.example.com", ""), ("7", ""), (ERROR, "")], [("node2", ""), ("1", ""), ("-", "")]]
    assert written(rows, TextStyle(width=36)) == (
        "NODE               IN\n"
        "node1.example.com   7\n    Socket: Connection refused by\n    nobody at all\n"
        "node2               1\n"
    )


@pytest.mark.parametrize("width", [8, 40])
def test_a_name_is_never_in_pieces(width):
    name = "ip-10-0-1-23.eu-central-1.compute.internal"
    assert name in written([[(name, ""), ("7", ""), ("-", "")]], TextStyle(width=width))


def test_a_table_without_rows_has_its_headings():
    assert written([], TextStyle()) == "NODE  IN  LAST ERROR\n"


def test_colour_is_around_the_text_alone():
    rows = [[("node1", "bold"), ("1", ""), ("Idle", "red")], [("node1", "dim"), ("12", ""), ("", "green")]]
    lines = written(rows, TextStyle(color=True)).splitlines()
    assert lines[1:] == ["\x1b[1mnode1\x1b[0m   1  \x1b[31mIdle\x1b[0m", "\x1b[2mnode1\x1b[0m  12"]
    plain = [re.sub(r"\x1b\[\d+m", "", line).rstrip() for line in lines]
    assert plain == written(rows, TextStyle()).splitlines()
