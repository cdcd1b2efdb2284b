"""The table that is written at once is the table that rich draws, wherever no cell has to wrap."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calico_bgp.report.text.grid import Heading, _rich_table, show_grid
from calico_bgp.report.text.page import Page, TextStyle

HEADINGS = (Heading("NODE"), Heading("PEER TYPE"), Heading("INFO", wraps=True, least=18))
CELLS = st.lists(st.tuples(*[st.text("ab 1é節e\u0301", max_size=12).map(str.strip)] * 3), min_size=1, max_size=5)


def drawn(rows, style):
    page = Page(style)
    page.table(_rich_table(HEADINGS, rows, style))
    return page.text()


def written(rows, style):
    page = Page(style)
    show_grid(page, HEADINGS, rows, style)
    return page.text()


@given(CELLS, st.booleans(), st.sampled_from([None, 80]))
def test_it_is_what_rich_draws(texts, unicode, width):
    rows = [[(text, "") for text in row] for row in texts]
    style = TextStyle(width=width, unicode=unicode)
    assert written(rows, style) == drawn(rows, style)


@pytest.mark.parametrize("width", [40, 45, 50])
def test_what_does_not_fit_wraps(width):
    rows = [[("node1", ""), ("node specific", ""), ("Active Socket: Connection refused", "")]]
    lines = written(rows, TextStyle(width=width)).splitlines()
    assert len(lines) > 3
    assert max(map(len, lines)) <= width


def test_colour_is_around_the_text_alone():
    rows = [[("node1", "bold"), ("global", ""), ("Idle", "red")], [("node1", "dim"), ("global", ""), ("", "green")]]
    lines = written(rows, TextStyle(color=True)).splitlines()
    assert lines[2:] == [
        "\x1b[1mnode1\x1b[0m  global     \x1b[31mIdle\x1b[0m",
        "\x1b[2mnode1\x1b[0m  global",
    ]
    plain = [re.sub(r"\x1b\[\d+m", "", line).rstrip() for line in lines]
    assert plain == written(rows, TextStyle()).splitlines()
