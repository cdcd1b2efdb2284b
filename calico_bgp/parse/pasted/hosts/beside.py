"""Finds names that stand in the line in which an answer begins, as data structures print them, and puts them above it.

`map[node1:Calico process ...`, `{"node1"=>"Calico ...`, `[node1] => Calico ...`, `<host name="node1"><out>Calico ...`:
no syntax is known here, only that the same marks stand between a name and what it gave. For texts that name nobody
else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from calico_bgp.parse.pasted.hosts.names import is_common_word, name_in
from calico_bgp.parse.pasted.hosts.reasons import read_reason
from calico_bgp.parse.pasted.lines.patterns import LONGEST, LinePattern
from calico_bgp.parse.pasted.lines.text import Line

_BEGINNING = LinePattern(r"(?i:calico process is |calico-node container |BIRD v?\d\S{0,60} ready)")
#: A name and the marks behind it, at the end of a text; a tag is a mark.
_NAMED = LinePattern(
    r"(?:.*?[^\w.-])??(?P<name>[A-Za-z0-9][\w.-]*)(?P<marks>(?:<!\[CDATA\[|</?[A-Za-z][^<>]{0,60}>|[^\w<]){1,12})"
)
#: What closes a value, or stands between two.
_CLOSING = " \t\"'`,;()[]{}=>:"
#: Marks that words of a sentence have behind them as well.
_OF_PROSE = frozenset(": ,;.(-")


class _Place(NamedTuple):
    """Where a name begins in a line, and where what the host gave does."""

    name: str
    first: int
    behind: int


def with_names_above(lines: Sequence[Line]) -> list[Line] | None:
    """The lines, each name that stands right before an answer or a complaint on a heading of its own.

    Returns:
        None where there are no such names: fewer than two, or one that stands twice.
    """
    places = {place: found for place, line in enumerate(lines) if (found := _before_an_answer(line.text)) is not None}
    by_marks: dict[str, set[str]] = defaultdict(set)
    count: dict[str, int] = defaultdict(int)
    for place, found in places.items():
        marks = lines[place].text[found.first + len(found.name) : found.behind]
        by_marks[marks].add(found.name)
        count[marks] += 1
    best = max(by_marks, key=lambda marks: len(by_marks[marks]), default="")
    if not best or count[best] != len(by_marks[best]):
        return None
    apart = {place: list(_named_by(line.text, best)) for place, line in enumerate(lines)}
    if len({found.name for each in apart.values() for found in each}) < 2:
        return None
    return [each for place, line in enumerate(lines) for each in _apart(line, apart[place])]


def _before_an_answer(text: str) -> _Place | None:
    begins = _BEGINNING.search(text)
    named = _NAMED.fullmatch(text[: begins.start()]) if begins is not None and begins.start() else None
    if begins is None or named is None or not _is_name(named["name"]):
        return None
    return _Place(named["name"], named.start("name"), begins.start())


def _named_by(text: str, marks: str) -> Iterator[_Place]:
    """The names in a line that have the marks behind them, and an answer or a complaint behind those."""
    at = text.find(marks)
    while 0 <= at <= LONGEST:
        behind = at + len(marks)
        named = _NAMED.fullmatch(f"{text[:at]} ")
        if named is not None and named.end("name") == at and _is_name(named["name"]):
            rest = text[behind:]
            is_answer = _BEGINNING.match(rest) is not None or read_reason(rest.strip(_CLOSING)) is not None
            # `"node3"=>""`: marks that no sentence has show by themselves that it is a host's value.
            if is_answer or not _OF_PROSE.issuperset(marks):
                yield _Place(named["name"], named.start("name"), behind)
        at = text.find(marks, behind)


def _apart(line: Line, places: Sequence[_Place]) -> Iterator[Line]:
    """A line in its parts: what the host before said, a heading, what this host said."""
    at = 0
    for found in places:
        before = line.text[at : found.first].rstrip(_CLOSING)
        if before.strip(_CLOSING):
            yield Line(line.number, before, line.host)
        yield Line(line.number, f"== {found.name} ==", line.host)
        at = found.behind
    rest = line.text[at:]
    yield Line(line.number, rest if "|" in rest or "+" in rest else rest.rstrip(_CLOSING), line.host)


def _is_name(word: str) -> bool:
    named = name_in(word)
    return named is not None and named.address is None and not is_common_word(word)
