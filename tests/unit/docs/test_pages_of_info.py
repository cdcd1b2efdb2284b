"""docs/info.md says what the table of INFO words says."""

import re
from pathlib import Path

from calico_bgp.messages.info.entry import Part
from calico_bgp.messages.info.table import info_words
from tests.generators import generator

DOCS = Path(__file__).parents[3] / "docs"


GENERATOR = generator("info")


def test_the_page_is_what_the_generator_writes():
    assert (DOCS / "info.md").read_text("utf-8") == GENERATOR.page(), "run: make generate"


def test_every_text_is_a_heading_for_whoever_searches_for_it():
    headings = re.findall(r"^### `(.*)`$", GENERATOR.page(), re.MULTILINE)
    assert headings == [
        words.spellings[0] for part in GENERATOR._SECTIONS for words in info_words() if words.part is part
    ]
    assert {words.part for words in info_words()} == set(Part)


def test_other_spellings_stand_below_it():
    page = GENERATOR.page()
    assert all(f"`{spelling}`" in page for words in info_words() for spelling in words.spellings)


def test_the_page_is_in_the_navigation():
    assert "info.md" in (DOCS.parent / "mkdocs.yml").read_text("utf-8")
