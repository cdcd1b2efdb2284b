"""One title for causes of one kind that differ in names, addresses, families and numbers.

A cause's title is a text only, so its words are compared; findings have templates and values (groups.py).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from calico_bgp.model.peer import Family
from calico_bgp.model.report import Report
from calico_bgp.natural_order import natural_key
from calico_bgp.report.text.names import compress_names
from calico_bgp.report.text.sanitize import plain
from calico_bgp.upstream import BIRD6_SOCKET, BIRD_SOCKET

_WORD = re.compile(r"\S+")
_PUNCTUATION = ".,:;!?()[]{}<>'\"`"
_FAMILIES = {family.label for family in Family}
#: Programs and sockets that have a name per family: the IPv6 one says the same of another table.
_PER_FAMILY = {"birdc", "birdc6", "birdcl", "birdcl6", BIRD_SOCKET, BIRD6_SOCKET}
_NUMBER = re.compile(r"\d[\d:.\-]*")
#: How many entries of a list of names a merged title shows.
_NAMES_IN_MESSAGE = 2


def names_of(report: Report) -> set[str]:
    """What may differ between messages that say the same: the names and addresses of nodes."""
    names = {node.name for node in report.topology.nodes}
    names |= {str(address) for node in report.topology.nodes for address in node.addresses}
    return names | {str(address) for address in report.topology.unclaimed}


def shape_of(message: str, names: set[str]) -> tuple[object, ...]:
    """What a message says, whoever it is about: messages of one shape can be merged."""
    return tuple(_Shape(names).add(message).words)


class _Shape:
    """A message taken apart: words that must agree, and places for what may differ.

    Names get numbers in the order of their first appearance, so that "a and b: a ended it" and "a and b: b ended it"
    have different shapes. A second text (the next step) goes on with the numbers of the first.
    """

    def __init__(self, names: set[str]) -> None:
        self._names = names
        self._numbers: dict[str, int] = {}
        self.words: list[tuple[str, str, str]] = []
        self.values: list[tuple[str, str]] = []

    def add(self, text: str) -> _Shape:
        for match in _WORD.finditer(text):
            word = match.group()
            core = word.strip(_PUNCTUATION)
            start = word.index(core) if core else 0
            kind = self._kind(core)
            self.words.append((word[:start], kind or core, word[start + len(core) :]))
            if kind:
                self.values.append((kind, core))
        return self

    def _kind(self, core: str) -> str:
        if core in self._names:
            return f"<name {self._numbers.setdefault(core, len(self._numbers))}>"
        if core in _FAMILIES:
            return "<family>"
        if core in _PER_FAMILY:
            return "<program>"
        return "<number>" if _NUMBER.fullmatch(core) else ""


def merge_messages(messages: Sequence[str], names: set[str]) -> str:
    """One sentence for messages of one shape; the values that differ become lists."""
    if len(set(messages)) == 1:
        return plain(messages[0])
    shapes = [_Shape(names).add(message) for message in messages]
    # A name stands for the same end wherever it appears; a number only for its own place.
    places: list[set[str]] = [
        {value for _, value in column} for column in zip(*(s.values for s in shapes), strict=True)
    ]
    kinds = [kind for kind, _ in shapes[0].values]
    by_name: defaultdict[str, set[str]] = defaultdict(set)
    for kind, values in zip(kinds, places, strict=True):
        by_name[kind] |= values
    texts = iter(
        _merge_values(by_name[kind] if kind.startswith("<name") else values, kind)
        for kind, values in zip(kinds, places, strict=True)
    )
    merged = [before + (next(texts) if core in by_name else core) + after for before, core, after in shapes[0].words]
    return plain(" ".join(merged))


def _merge_values(values: set[str], kind: str) -> str:
    if len(values) == 1:
        return next(iter(values))
    if kind == "<family>":
        return " and ".join(sorted(values))
    if kind == "<number>":
        whole = sorted((v for v in values if v.isdecimal()), key=natural_key)
        return f"{whole[0]}-{whole[-1]}" if len(whole) == len(values) else "(various)"
    return compress_names(values, limit=_NAMES_IN_MESSAGE)
