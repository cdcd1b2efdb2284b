"""Reads a name that stands alone in a drawn box above an answer: its borders belong to no table."""

from __future__ import annotations

from collections.abc import Sequence

from calico_bgp.parse.pasted.hosts.header import Header, Strength
from calico_bgp.parse.pasted.hosts.marked import read_marked
from calico_bgp.parse.pasted.hosts.names import is_common_word, name_in
from calico_bgp.parse.pasted.lines.patterns import LinePattern
from calico_bgp.parse.pasted.lines.text import Line

#: One cell, so that it is no border of a status.
_BORDER = LinePattern(r"\s*\+[-=]{2,}\+\s*")
_CELL = LinePattern(r"\s*\|\s*(?P<text>[^|]*[^|\s])\s*\|\s*")


def read_boxed(lines: Sequence[Line], place: int) -> Header | None:
    """The heading whose box begins at a line: a border, a name with or without a label, a border."""
    if place + 2 >= len(lines) or not lines[place].text.lstrip().startswith("+"):
        return None
    above, cell, below = (lines[place + number].text for number in range(3))
    if not _BORDER.fullmatch(above) or not _BORDER.fullmatch(below):
        return None
    boxed = _CELL.fullmatch(cell)
    if boxed is None:
        return None
    said = read_marked([Line(lines[place + 1].number, boxed["text"])], 0)
    if said is not None:
        return said._replace(strength=Strength.MARKED, form=f"box {said.form}", lines=3)
    named = name_in(boxed["text"])
    if named is None or is_common_word(named.host):
        return None
    return Header((named,), Strength.MARKED, "box", lines=3)
