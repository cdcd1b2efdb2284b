"""Puts below one another what stood side by side: panes of tmux, columns of `pr`, and text in a drawn frame.

Lines as they were pasted: a terminal draws its panes with `│`, calicoctl its tables with `|`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from calico_bgp.parse.pasted.lines.patterns import LinePattern

_BAR = "\u2502"
#: What stands in the place of the bar where another pane begins beside it.
_CROSSINGS = frozenset("\u2502\u251c\u2524\u253c")
#: No pane that holds a status has fewer lines.
_LOWEST = 5
#: Panes beside one another: no terminal has more.
_MOST = 8
_BEGINNING = LinePattern(r"[Cc]alico process is (?:not )?running\.?|BIRD \S{1,40} ready\.?")
#: What stands in the second column where that host was not asked.
_COMPLAINT = LinePattern(r"(?:ssh|bash|sh|sudo|[Ee]rror|Error from server)\b[^|:]{0,40}: ")
_OURS = LinePattern(r"\+---|[Cc]alico process is|IPv[46] BGP status|No IPv[46] peers")
_CEILING = LinePattern(
    r"\s*[\u250c\u256d\u2554][\u2500\u2550]*(?P<title>[^\u2500\u2550]*)[\u2500\u2550]*[\u2510\u256e\u2557]"
)
_FLOOR = LinePattern(r"\s*[\u2514\u2570\u255a][\u2500\u2550]*[\u2518\u256f\u255d]")
_SIDES = "\u2502\u2551"
_GAP = "  "
#: So far above its answer the name of a column may stand.
_ABOVE = 6

#: A line's number, and its text.
Numbered = tuple[int, str]


def unpaned(lines: Sequence[Numbered]) -> list[Numbered]:
    """The lines, each pane's below one another and the left one's first; all others as they are."""
    if any(_BAR in text or "\u2551" in text for _, text in lines):
        lines = list(_without_bars(list(_unframed(lines)), _MOST))
    if any(_second_beginning(text) for _, text in lines):
        lines = list(_without_columns(lines, _MOST))
    return list(lines)


def _without_bars(lines: Sequence[Numbered], most: int) -> Iterator[Numbered]:
    place = 0
    while place < len(lines):
        column, end = _bar(lines, place)
        if column < 0 or not most:
            yield lines[place]
            place += 1
            continue
        left = [(number, text[:column].rstrip()) for number, text in lines[place:end]]
        right = [(number, text[column + 1 :]) for number, text in lines[place:end]]
        if _are_panes(left, right):
            yield from left
            yield from _without_bars(right, most - 1)
        else:
            yield from lines[place:end]
        place = end


def _bar(lines: Sequence[Numbered], place: int) -> tuple[int, int]:
    """The column of the first bar in a line that goes on below, and behind which line it ends; -1 for none."""
    text = lines[place][1]
    column = text.find(_BAR, 1)
    for _ in range(_MOST):
        if column < 0:
            break
        end = place + 1
        while end < len(lines) and lines[end][1][column : column + 1] in _CROSSINGS:
            end += 1
        if end - place >= _LOWEST:
            return column, end
        column = text.find(_BAR, column + 1)
    return -1, place


def _are_panes(left: Sequence[Numbered], right: Sequence[Numbered]) -> bool:
    """Whether two parts are panes, of which one holds a status: not numbers or names before the lines of one text."""
    if any(_OURS.search(text) for _, text in left):
        return True
    return any(len(text.split()) > 2 for _, text in left) and any(_OURS.search(text) for _, text in right)


def _without_columns(lines: Sequence[Numbered], most: int) -> Iterator[Numbered]:
    """Two answers that begin in one line, with a gap of blanks between that goes on above and below."""
    place = 0
    for begin in range(len(lines)):
        cut = _second_beginning(lines[begin][1]) if most and begin >= place else 0
        if not cut:
            continue
        first, end = begin, begin
        while first > place and begin - first < _ABOVE and _has_gap(lines[first - 1][1], cut):
            first -= 1
        while end < len(lines) and _has_gap(lines[end][1], cut):
            end += 1
        yield from lines[place:first]
        yield from ((number, text[:cut].rstrip()) for number, text in lines[first:end])
        yield from _without_columns([(number, text[cut:]) for number, text in lines[first:end]], most - 1)
        place = end
    yield from lines[place:]


def _second_beginning(text: str) -> int:
    """Where a second answer begins in a line, behind a gap; 0 for nowhere."""
    first = _BEGINNING.search(text) if "rocess is " in text or " ready" in text else None
    if first is None:
        return 0
    behind = text[first.end() :]
    second = _BEGINNING.search(behind) or _COMPLAINT.search(behind)
    cut = first.end() + second.start() if second is not None else 0
    return cut if cut and _has_gap(text, cut) else 0


def _has_gap(text: str, cut: int) -> bool:
    return len(text) <= cut or text[cut - len(_GAP) : cut] == _GAP


def _unframed(lines: Sequence[Numbered]) -> Iterator[Numbered]:
    """The lines, those within a frame around a status without its sides; the frame's title is a heading."""
    place = 0
    while place < len(lines):
        ceiling = _CEILING.fullmatch(lines[place][1].rstrip())
        first = place if ceiling is None else place + 1
        end = first
        while end < len(lines) and _is_between_sides(lines[end][1]):
            end += 1
        has_floor = end < len(lines) and _FLOOR.fullmatch(lines[end][1].rstrip()) is not None
        # Whoever copies what k9s shows takes the sides with it, and neither ceiling nor floor.
        is_framed = has_floor if ceiling is not None else end - first >= _LOWEST
        inside = [(number, text.strip()[1:-1].removeprefix(" ")) for number, text in lines[first:end]]
        if not is_framed or not any(_OURS.search(text) for _, text in inside):
            yield from lines[place : max(end, place + 1)]
            place = max(end, place + 1)
            continue
        if ceiling is not None:
            title = ceiling["title"].strip()
            yield lines[place][0], f"== {title} ==" if title else ""
        yield from inside
        place = end if ceiling is None and not has_floor else end + 1


def _is_between_sides(text: str) -> bool:
    text = text.strip()
    return len(text) > 1 and text[0] in _SIDES and text[-1] in _SIDES
