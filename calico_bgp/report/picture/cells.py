"""A big cluster: a cell per node by zone, and who peers with whom by zone as a matrix. Only shapes in this file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple
from xml.etree.ElementTree import Element

from calico_bgp.messages.words import count, several_of
from calico_bgp.report.picture.diagram import Diagram, Group, NodeState, Spot
from calico_bgp.report.picture.geometry import Rect, text_width
from calico_bgp.report.picture.labels import cut
from calico_bgp.report.picture.parts import badge, chip, cross, css_of, frame
from calico_bgp.report.picture.placing import CHIP_HEIGHT, FONT, GAP, PADDING, TITLE, Box, chip_width
from calico_bgp.report.picture.zones import Count, ZoneMatrix, zone_matrix
from calico_bgp.report.text.markup import element

_SIZE = 9.0
_PITCH = 12.0
_WIDE = 1180.0
_GAP = 22.0
#: From a zone's upper side to its cells: the numbers of causes must not cover its title.
_TOP = TITLE + 12
#: So many reflectors or external peers have their names.
_NAMED = 16
#: So many cells with causes carry the number; they lie on their neighbours.
_NUMBERED = 40
#: Letters of a table are no smaller.
_SMALLEST = 8.0
#: What is as it should be, or suffers from another's fault.
_QUIET = {NodeState.UP, NodeState.IDLE, NodeState.AFFECTED}


def cells(diagram: Diagram) -> tuple[Element, Rect]:
    """External peers above, reflectors below them, then the zones, then the matrix."""
    parts: list[Element] = []
    y = 0.0
    for title, spots, outside in (
        (several_of(diagram.outside), diagram.externals, diagram.outside),
        ("route reflectors", diagram.reflectors, None),
    ):
        if spots:
            named_spots, height = _named(title, spots, y, outside=outside)
            parts.append(named_spots)
            y += height + _GAP
    zones, y = _zones(diagram.groups, y)
    parts += zones
    matrix = zone_matrix(diagram)
    if matrix is not None:
        table, height = _matrix(matrix, y + 12)
        parts.append(table)
        y += height + 12
    return element("g", *parts), Rect(0, 0, _WIDE, y)


def _named(title: str, spots: Sequence[Spot], y: float, *, outside: str | None) -> tuple[Element, float]:
    if len(spots) > _NAMED:
        return _zone(Group(title, tuple(spots)), 0, y, _columns(_WIDE))
    labels = {spot.name: cut(spot.name, 40) for spot in spots}
    width = chip_width(spots, labels)
    columns = max(1, int((_WIDE - 2 * PADDING) // (width + GAP * 2)))
    chips = []
    for index, spot in enumerate(spots):
        row, column = divmod(index, columns)
        x = PADDING + column * (width + GAP * 2)
        rect = Rect(x, y + TITLE + 8 + row * (CHIP_HEIGHT + GAP * 2), width, CHIP_HEIGHT)
        chips.append(chip(spot, rect, labels[spot.name], is_reflector=outside is None, outside=outside))
    height = TITLE + 22 + math.ceil(len(spots) / columns) * (CHIP_HEIGHT + GAP * 2) - GAP * 2
    return frame(Box(title, Rect(0, y, _WIDE, height), is_middle=outside is None), None, *chips), height


def _columns(width: float) -> int:
    return int((width - 2 * PADDING + _PITCH - _SIZE) // _PITCH)


def _zones(groups: Sequence[Group], y: float) -> tuple[list[Element], float]:
    """Zones side by side, three in a row where there are so many."""
    beside = 2 if len(groups) == 4 else min(3, max(1, len(groups)))
    width = (_WIDE - _GAP * (beside - 1)) / beside
    zones = []
    for start in range(0, len(groups), beside):
        row = groups[start : start + beside]
        tallest = 0.0
        for place, group in enumerate(row):
            part, height = _zone(group, place * (width + _GAP), y, _columns(width), width)
            zones.append(part)
            tallest = max(tallest, height)
        y += tallest + _GAP
    return zones, y


def _zone(group: Group, x: float, y: float, columns: int, width: float = _WIDE) -> tuple[Element, float]:
    shapes: list[Element] = []
    over: list[Element] = []
    badges: list[Element] = []
    following_causes = [*(spot.causes[:1] for spot in group.spots[1:]), ()]
    for index, spot in enumerate(group.spots):
        row, column = divmod(index, columns)
        left, top = x + PADDING + column * _PITCH, y + _TOP + row * _PITCH
        cell = _cell(spot, left, top)
        # What is as it should be lies below what is not.
        (shapes if spot.state in _QUIET else over).append(cell)
        # Of neighbours with one cause the last one has its number, which lies on what follows.
        if spot.causes and spot.causes[:1] != following_causes[index]:
            badges.append(badge(spot.causes[0], left + _SIZE + 7, top - 3))
    if len(badges) <= _NUMBERED:
        over += badges
    height = _TOP + PADDING - 2 + math.ceil(len(group.spots) / columns) * _PITCH
    wrong = sum(spot.state in {NodeState.DOWN, NodeState.PART} for spot in group.spots)
    affected = sum(spot.state is NodeState.AFFECTED for spot in group.spots)
    counts = [count(len(group.spots), "node")]
    counts += [f"{number:,} {word}" for number, word in ((wrong, "not well"), (affected, "affected")) if number]
    return frame(Box(cut(group.title, 40), Rect(x, y, width, height)), ", ".join(counts), *shapes, *over), height


def _cell(spot: Spot, x: float, y: float) -> Element:
    title = element("title", f"{spot.name}: {spot.words}")
    middle = _SIZE / 2
    match spot.state:
        case NodeState.DOWN:
            shape = cross(x + middle, y + middle, 4.2, "cell down")
        case NodeState.PART:
            shape = element("path", d=f"M{x + middle:.1f} {y - 1:.1f}l5.5 10.5h-11z", class_=f"cell {css_of(spot)}")
        case NodeState.AFFECTED:
            shape = element("path", d=f"M{x:.1f} {y:.1f}v9h9z", class_="cell affected")
        case _:
            shape = element("rect", x=x, y=y, width=9, height=9, rx=2, class_=f"cell {spot.state.css}")
    shape.append(title)
    return shape


def _matrix(matrix: ZoneMatrix, y: float) -> tuple[Element, float]:
    labels = [cut(row.title, 26) for row in matrix.rows]
    first = max(text_width(label, FONT) for label in labels) + 18
    form = _form_of(matrix, _WIDE - first)
    lefts = [first + left for left in accumulate(form.widths, initial=0.0)]
    parts = [element("text", matrix.title, x=0, y=y + 12, class_="title")]
    top = y + 26
    for head, left, width in zip(form.heads, lefts, form.widths, strict=False):
        parts.append(
            element(
                "text", head, x=left + width / 2, y=top + 12, text_anchor="middle", font_size=form.size, class_="dim"
            )
        )
    top += 20
    for place, (row, label) in enumerate(zip(matrix.rows, labels, strict=True)):
        own = top + place * 28
        parts.append(element("text", label, x=0, y=own + 18))
        parts += [
            _square(cell, f"{row.title} \N{LEFT RIGHT ARROW} {title}", Rect(left, own, width, 25), form)
            for cell, title, left, width in zip(row.cells, matrix.columns, lefts, form.widths, strict=False)
            if cell is not None
        ]
    return element("g", *parts), top + len(matrix.rows) * 28 - y


class _Form(NamedTuple):
    """How the columns of a matrix are written; `size` is that of the font, `is_short` says which words a cell has."""

    heads: list[str]
    widths: list[float]
    size: float
    is_short: bool


def _form_of(matrix: ZoneMatrix, room: float) -> _Form:
    """Columns of one width where they fit, else each as wide as it must be, in fewer words and smaller letters."""
    heads = [cut(title, 18) for title in matrix.columns]
    even = max(96.0, *_least(matrix, heads, is_short=False))
    if even * len(heads) <= room:
        return _Form(heads, [even] * len(heads), 12.0, is_short=False)
    # The zone of a reflector stands in the title of each of its cells.
    heads = [cut(title.partition(" (")[0], 14) for title in matrix.columns]
    widths = _least(matrix, heads, is_short=True)
    share = min(1.0, room / sum(widths))
    return _Form(heads, [width * share for width in widths], max(_SMALLEST, 12.0 * share), is_short=True)


def _least(matrix: ZoneMatrix, heads: list[str], *, is_short: bool) -> list[float]:
    """The widths at which the texts of each column fit into it."""
    return [
        max(
            text_width(text, 12)
            for text in (head, *(_text(row.cells[place], is_short=is_short) for row in matrix.rows))
        )
        + 16
        for place, head in enumerate(heads)
    ]


def _text(cell: Count | None, *, is_short: bool) -> str:
    return "" if cell is None else cell.short if is_short else cell.text


def _square(cell: Count, ends: str, place: Rect, form: _Form) -> Element:
    css = {NodeState.UP: "", NodeState.DOWN: "down"}.get(cell.state, "part")
    return element(
        "g",
        element("title", f"{ends}: {cell.words}"),
        element("rect", x=place.x + 2, y=place.y, width=place.width - 4, height=25, rx=4, class_=f"square {css}"),
        element(
            "text",
            _text(cell, is_short=form.is_short),
            x=place.middle[0],
            y=place.y + 17,
            text_anchor="middle",
            font_size=form.size,
            class_=css or None,
        ),
    )
