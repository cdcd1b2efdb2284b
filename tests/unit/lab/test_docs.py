"""What docs/lab.md says is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from calico_bgp.lab.cluster import Topology, Variant
from calico_bgp.lab.faults.fault import FaultKind

PAGE = Path(__file__).parents[3] / "docs" / "lab.md"


@pytest.fixture(scope="module")
def text() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_the_example_runs(text):
    example = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert example
    exec(compile(example[1], str(PAGE), "exec"), {})


@pytest.mark.parametrize("word", [*FaultKind, *Topology, *Variant])
def test_every_word_is_explained(text, word):
    assert re.search(rf"[`| ]{word}[`|\\]", text), word
