import unicodedata
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calico_bgp.report.text.page import rich_plain
from calico_bgp.report.text.sanitize import csv_cell, plain, xml_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Established", "Established"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("\x1b]0;title\x07rest", "rest"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPq#0\x1b\\text", "text"),
        ("\x1b(Bx\x1b7y", "xy"),
        ("\x1b", ""),
        ("\x1b[", "["),
        ("one\r\ntwo\tthree", "one  two three"),
        ("a\u202eb\u2066c\u200bd\ufeffe", "abcde"),
        ("\x00\x07\x08\x7f\x85", ""),
        ("Zürich ●", "Zürich ●"),
        ("a\u00a0b", "a b"),
        ("\udcff", ""),
    ],
)
def test_plain(text, expected):
    assert plain(text) == expected


def test_plain_is_bounded_and_says_so():
    assert plain("x" * 10_000) == "x" * 1999 + "…"
    assert plain("abcdef", limit=4) == "abc…"
    assert plain("abcd", limit=4) == "abcd"
    assert len(plain("x" * 10_000, limit=None)) == 10_000


@given(st.text())
def test_plain_leaves_nothing_that_can_act_on_a_terminal(text):
    shown = plain(text)
    assert shown.isprintable()
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert plain(shown) == shown


@given(st.text(alphabet="[]/\\abred \x1b"))
def test_rich_never_reads_markup_from_a_node(text):
    shown = rich_plain(text, style="bold")
    assert shown.plain == plain(text)
    assert not shown.spans


@given(st.text())
def test_every_text_fits_into_xml(text):
    element = ET.Element("x")
    element.text = xml_text(text)
    assert ET.fromstring(ET.tostring(element, encoding="utf-8")) is not None


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1\x00"])
def test_no_cell_is_a_formula(text):
    assert csv_cell(text)[0] not in "=+-@\t\r"


def test_a_harmless_cell_stays():
    assert csv_cell("192.0.2.11") == "192.0.2.11"
