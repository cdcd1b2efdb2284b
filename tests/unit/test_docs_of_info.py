"""docs/info.md says what the table of INFO words says."""

import importlib.util
import re
from pathlib import Path

from calico_bgp.messages.info.entry import Part
from calico_bgp.messages.info.table import info_words

DOCS = Path(__file__).parents[2] / "docs"


def _page():
    spec = importlib.util.spec_from_file_location("make_info", DOCS / "make_info.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.page()


def test_the_page_is_what_make_info_writes():
    assert (DOCS / "info.md").read_text("utf-8") == _page(), "run: python docs/make_info.py"


def test_every_entry_has_a_row():
    rows = re.findall(r"^\| `.*\|$", _page(), re.MULTILINE)
    assert len(rows) == len(info_words())
    assert {words.part for words in info_words()} == set(Part)


def test_every_row_has_five_cells():
    for row in re.findall(r"^\| `.*\|$", _page(), re.MULTILINE):
        assert len(re.split(r"(?<!\\)\|", row)) == 7, row


def test_the_page_is_in_the_navigation():
    assert "info.md" in (DOCS.parent / "mkdocs.yml").read_text("utf-8")
