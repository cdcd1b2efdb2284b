"""docs/info.md says what the table of INFO words says."""

import importlib.util
import re
from pathlib import Path

from calico_bgp.messages.info.entry import Part
from calico_bgp.messages.info.table import info_words

DOCS = Path(__file__).parents[2] / "docs"


def _module():
    spec = importlib.util.spec_from_file_location("make_info", DOCS / "make_info.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _page():
    return _module().page()


def _order():
    return _module()._SECTIONS


def test_the_page_is_what_make_info_writes():
    assert (DOCS / "info.md").read_text("utf-8") == _page(), "run: python docs/make_info.py"


def test_every_text_is_a_heading_for_whoever_searches_for_it():
    headings = re.findall(r"^### `(.*)`$", _page(), re.MULTILINE)
    assert headings == [words.spellings[0] for part in _order() for words in info_words() if words.part is part]
    assert {words.part for words in info_words()} == set(Part)


def test_other_spellings_stand_below_it():
    page = _page()
    assert all(f"`{spelling}`" in page for words in info_words() for spelling in words.spellings)


def test_the_page_is_in_the_navigation():
    assert "info.md" in (DOCS.parent / "mkdocs.yml").read_text("utf-8")
