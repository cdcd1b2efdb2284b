"""Finds headings whose words nobody listed, in any language: lines above several answers, alike but for a host's name.

Only for a text that names nobody in a way that is known.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from calico_bgp.parse.pasted.hosts.header import Header, Strength
from calico_bgp.parse.pasted.hosts.names import Named, is_common_word, looks_like_a_host, names_of_file
from calico_bgp.parse.pasted.lines.anchors import find_anchor
from calico_bgp.parse.pasted.lines.patterns import LinePattern
from calico_bgp.parse.pasted.lines.text import Line

#: With what an answer begins; the first of these that stands in a text twice counts.
_BEGINNINGS = (
    LinePattern(r"\s*calico(?: process is|-node container) .*|\s*(?:0001 )?BIRD \S+ ready\.?", re.IGNORECASE),
    LinePattern(r"\s*IPv4 BGP status.*|\s*bird v4 status.*", re.IGNORECASE),
)
#: So far above an answer its heading may stand.
_ABOVE = 8
_LONGEST = 200
#: No heading that has no words but a name has more.
_FEW_WORDS = 6
_BORDER = LinePattern(r"[\s|+=_~*#-]*")
_WORD = LinePattern(r"[A-Za-z](?:[\w.-]*[A-Za-z0-9])?", limit=_LONGEST)
_VERSION = LinePattern(r"v?\d[\w.-]*|x86_64|[a-f0-9]{12,}")
_DIGITS = LinePattern(r"\d+", limit=_LONGEST)

#: What stands before and behind a name, numbers and blanks levelled.
_Frame = tuple[str, str]


class _Framed(NamedTuple):
    """A word of a line that may be a host's name, and what stands around it."""

    frame: _Frame
    named: Named


def headings_alike(lines: Sequence[Line]) -> dict[int, Header]:
    """The lines that are alike but for a name, where such ones stand above two answers or more; by their place."""
    begins = _begins(lines)
    above: dict[_Frame, dict[int, Named]] = defaultdict(dict)
    for begin in begins:
        for place in _lines_above(lines, begin):
            for framed in _framed(lines[place].text):
                above[framed.frame].setdefault(begin, framed.named)
    best: _Frame | None = None
    most = 1
    for frame, names in above.items():
        # One name above each answer, and no name twice: else it is a word that changes for another reason.
        if len(names) > most and len(set(names.values())) == len(names):
            best, most = frame, len(names)
    if best is None:
        return {}
    part = max((word for text in best for word in text.split() if "0" not in word), key=len, default="")
    return {
        place: Header((framed.named,), Strength.MARKED, "alike")
        for place, line in enumerate(lines)
        # Most lines of a log are none: that is seen without a look at their words.
        if part in line.text and (part or len(line.text.split()) <= _FEW_WORDS)
        for framed in _framed(line.text)
        if framed.frame == best
    }


def _begins(lines: Sequence[Line]) -> list[int]:
    for pattern in _BEGINNINGS:
        begins = [place for place, line in enumerate(lines) if pattern.match(line.text)]
        if len(begins) > 1:
            return begins
    return []


def _lines_above(lines: Sequence[Line], begin: int) -> Iterator[int]:
    """The lines above an answer, from below, up to the answer before."""
    for place in range(begin - 1, max(-1, begin - 1 - _ABOVE), -1):
        text = lines[place].text
        if _BORDER.fullmatch(text):
            continue
        if find_anchor(text):
            return
        yield place


def _framed(text: str) -> Iterator[_Framed]:
    if len(text) > _LONGEST:
        return
    for word in _WORD.regex.finditer(text):
        before = text[: word.start()]
        if _VERSION.fullmatch(word[0]) or before[-1:].isalnum():
            continue
        names = names_of_file(word[0])
        if len(names) == 1 and looks_like_a_host(names[0]) and not is_common_word(names[0].host):
            yield _Framed((_levelled(before), _levelled(text[word.end() :])), names[0])


def _levelled(text: str) -> str:
    return " ".join(_DIGITS.sub("0", text).split())
