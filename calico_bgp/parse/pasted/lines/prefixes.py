"""Takes off what stands before every line of a table, and keeps the host that it names. What tables are: elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property

from calico_bgp.parse.pasted.hosts.names import name_in
from calico_bgp.parse.pasted.hosts.reasons import read_reason
from calico_bgp.parse.pasted.lines.anchors import find_anchor
from calico_bgp.parse.pasted.lines.layers import Layout, layout_of
from calico_bgp.parse.pasted.lines.patterns import LinePattern
from calico_bgp.parse.pasted.lines.text import Line

#: How far above the first and below the last line that shows it a prefix may reach.
_ABOVE, _BELOW = 4, 40
_NUMBERED = LinePattern(r"\d[\w.-]*")
#: The first line of an answer.
_BEGINNING = LinePattern(r"(?i:calico process is |calico-node container |BIRD v?\d\S{0,60} ready)")


class _Seen:
    """What the lines show of one layout."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.places: list[int] = []
        self.hosts: set[str] = set()
        self.has_additions = False

    def covers(self, place: int) -> bool:
        return self.places[0] - _ABOVE <= place <= self.places[-1] + _BELOW

    @cached_property
    def stem(self) -> str | None:
        """What the names of all that answered begin with, `node` of node1 and node2; None where they are not alike."""
        stems = {_NUMBERED.sub("", each) for each in self.hosts}
        return stems.pop() or None if len(stems) == 1 and len(self.hosts) > 1 else None

    def is_alike(self, host: str) -> bool:
        """Whether a host is called as all those that answered, but for its number."""
        return self.stem is not None and host != self.stem and _NUMBERED.sub("", host) == self.stem


def without_prefixes(lines: Sequence[Line]) -> list[Line]:
    """The lines without prefixes that several of a table's lines share.

    A prefix is judged where a status shows beyond doubt where it ends: `node1: +------+`. The others (`node1:`, blank
    or prose) then begin with the same kind of prefix. A line that comes from a host carries its name.
    """
    layouts = _layouts(lines)
    if not layouts:
        return list(lines)
    ranked = sorted(layouts, key=lambda layout: len(layout.places), reverse=True)
    found: list[Line] = []
    for place, line in enumerate(lines):
        peeled = _peeled(place, line, ranked)
        if peeled is not None and peeled.host is None and found and found[-1].number == peeled.number:
            # A whole answer on one line, its ends escaped: the prefix stands before the first of its lines alone.
            peeled = Line(peeled.number, peeled.text, found[-1].host)
        if peeled is not None:
            found.append(peeled)
    return found


def _layouts(lines: Sequence[Line]) -> list[_Seen]:
    """The layouts that the lines show, without those that only look like one once."""
    by_names: dict[tuple[str, ...], _Seen] = {}
    has_bare_row = False
    for place, line in enumerate(lines):
        anchor = find_anchor(line.text)
        has_bare_row = has_bare_row or (anchor is not None and not anchor.start() and not _begins(line.text))
        if anchor is None or not anchor.start() or not line.text.strip("+-="):
            # A border that a terminal cut may begin like a line of a patch.
            continue
        prefix = line.text[: anchor.start()]
        layout = layout_of(prefix)
        if layout is None or not layout.names:
            continue
        use = by_names.setdefault(layout.names, _Seen(layout))
        use.places.append(place)
        peeled = layout.peel(line.text)
        if peeled is not None and peeled.host is not None:
            use.hosts.add(peeled.host)
        use.has_additions = use.has_additions or prefix.endswith("+")
    return [
        use
        for use in by_names.values()
        if (len(use.places) > 1 or not use.layout.needs_others)
        # `map[node1:Calico process is running.`, and below it a table: what names a host there is no prefix.
        and not (has_bare_row and use.layout.names_host and all(_begins(lines[place].text) for place in use.places))
    ]


def _begins(text: str) -> bool:
    return _BEGINNING.search(text) is not None


def _peeled(place: int, line: Line, ranked: Sequence[_Seen]) -> Line | None:
    """The line without its prefix; None where it is what a diff takes away."""
    for use in ranked:
        if not use.covers(place):
            continue
        peeled = use.layout.peel(line.text)
        if peeled is None:
            continue
        if use.layout.is_file and len(use.hosts) < 2:
            # One file is a ticket, not a host's.
            peeled = peeled._replace(host=None)
        if peeled.host is not None and peeled.host not in use.hosts:
            # Nobody whose table is here. Why not is said behind the same prefix: `node3: ssh: connect to host ...`.
            is_silent = name_in(peeled.host) is not None and read_reason(peeled.text) is not None
            if not is_silent and not use.is_alike(peeled.host):
                continue
        elif use.layout.names[-1] == "diff" and line.text.lstrip()[:1] == "-" and use.has_additions:
            return None
        return Line(line.number, peeled.text, peeled.host or line.host)
    return line


def by_host(lines: Iterable[Line]) -> list[tuple[str | None, list[Line]]]:
    """The lines of each host together, in the order in which hosts appear; those of nobody are one group, too."""
    groups: dict[str | None, list[Line]] = defaultdict(list)
    for line in lines:
        groups[line.host].append(line)
    return list(groups.items())
