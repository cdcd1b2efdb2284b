"""Where everything stands: reflectors in the middle, groups of others around, external peers above.

Nodes with sessions that are down stand in their group where it faces the middle, so that their lines cross nobody.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from calico_bgp.natural_order import natural_key
from calico_bgp.report.picture.diagram import REFLECTORS, Diagram, Group, NodeState, Spot
from calico_bgp.report.picture.geometry import Point, Rect, bounds, text_width
from calico_bgp.report.picture.labels import cut, short_labels

FONT = 13
CHIP_HEIGHT = 30.0
GAP = 8.0
PADDING = 14.0
TITLE = 26.0
#: Between a group and the middle: lines, and their numbers.
CHANNEL = 170.0
ROW_GAP = 44.0
#: So many nodes stand in one column beside the middle; more make further columns.
_COLUMN = 12
#: So many groups stand to the left and right; more stand below.
_BESIDE = 6
#: A mesh of so many is a ring, with every session.
RING = 16
#: The width of a picture that is not wider than it must be.
_WIDE = 1240.0


@dataclass(frozen=True)
class Box:
    """A group with its frame.

    Attributes:
        title: What stands on it.
        rect: The frame.
        is_middle: Whether it is the reflectors'.
    """

    title: str
    rect: Rect
    is_middle: bool = False


@dataclass
class Placed:
    """Everything with its place.

    Attributes:
        labels: Name → how it is written.
        boxes: By the group's place, `diagram.REFLECTORS` for the middle.
        chips: Name → its rectangle.
        hub: The mesh in the middle of a cluster without reflectors, where it is drawn as one.
        is_ring: Whether every session is drawn, between nodes on a ring.
    """

    labels: Mapping[str, str]
    boxes: dict[int, Box] = field(default_factory=dict)
    chips: dict[str, Rect] = field(default_factory=dict)
    hub: Rect | None = None
    is_ring: bool = False

    def frame(self) -> Rect:
        """Around everything."""
        everything = [*self.chips.values(), *(box.rect for box in self.boxes.values())]
        return bounds([*everything, self.hub] if self.hub else everything)


def place(diagram: Diagram) -> Placed:
    """Where each node and frame stands; the upper left corner is about (0, 0)."""
    labels = dict(short_labels(spot.name for spot in diagram.spots))
    labels |= {spot.name: cut(spot.name, 40) for spot in diagram.externals}
    placed = Placed(labels)
    meshed = any(link.a in diagram.inner and link.b in diagram.inner for link in diagram.links)
    if not diagram.reflectors and meshed and len(diagram.spots) <= RING:
        _ring(diagram, placed)
    else:
        _around(diagram, placed, hub=meshed and not diagram.reflectors)
    if diagram.externals and diagram.spots:
        _above(diagram, placed)
    elif diagram.externals:
        _row(diagram.externals, placed, 0, 0, _WIDE)
    return placed


def chip_width(spots: Sequence[Spot], labels: Mapping[str, str]) -> float:
    """As wide as the longest name needs, the symbol and the numbers of causes included."""
    widest = max(
        text_width(labels[spot.name], FONT) + (20 * min(len(spot.causes), 3) if spot.causes else 0) for spot in spots
    )
    return max(70.0, widest + 40)


def _ring(diagram: Diagram, placed: Placed) -> None:
    placed.is_ring = True
    spots = sorted(diagram.spots, key=lambda spot: natural_key(spot.name))
    width = chip_width(spots, placed.labels)
    number = len(spots)
    # Neighbours on the ring are at least a chip apart where they stand above one another, at the sides.
    radius_y = max(110.0, number * (CHIP_HEIGHT + 22) / math.pi)
    radius_x = max(190.0, radius_y * 1.35, number * (width + 10) / (2 * math.pi))
    for index, spot in enumerate(spots):
        angle = 2 * math.pi * index / number - math.pi / 2
        x, y = radius_x * math.cos(angle), radius_y * math.sin(angle)
        placed.chips[spot.name] = Rect(x - width / 2, y - CHIP_HEIGHT / 2, width, CHIP_HEIGHT)


def _around(diagram: Diagram, placed: Placed, *, hub: bool) -> None:
    groups = list(enumerate(diagram.groups))
    beside = [] if len(groups) == 1 else groups[:_BESIDE]
    if len(beside) % 2 and len(beside) > 1:
        beside = beside[:-1]
    below = groups[len(beside) :]
    left, right = beside[::2], beside[1::2]
    middle = _middle(diagram, placed, hub=hub)
    has_middle = middle is not None
    middle = middle or Rect(0, 0, 0, 0)
    columns = []
    for side, towards_right in ((left, True), (right, False)):
        boxes = _stack(side, placed, towards_right=towards_right)
        columns.append(boxes)
    channel = CHANNEL if has_middle or diagram.links else 40.0
    heights = [_height(boxes) for boxes in columns]
    tallest = max(middle.height, *heights)
    for boxes, height, at_left in zip(columns, heights, (True, False), strict=True):
        if not boxes:
            continue
        width = max(box.rect.width for box in boxes.values())
        x = middle.x - channel - width if at_left else middle.right + channel
        y = (tallest - height) / 2
        for number, box in boxes.items():
            own = x + (width - box.rect.width if at_left else 0)
            _settle(placed, number, box, diagram.groups[number], (own, y))
            y += box.rect.height + ROW_GAP
    _shift_middle(diagram, placed, middle, (tallest - middle.height) / 2)
    _below(below, diagram, placed, tallest + (ROW_GAP * 1.8 if has_middle else 0), middle.middle[0])


def _middle(diagram: Diagram, placed: Placed, *, hub: bool) -> Rect | None:
    """The reflectors around (0, 0), or the mesh as one; None where the cluster has neither."""
    if diagram.reflectors:
        number = len(diagram.reflectors)
        columns = 1 if number <= 8 else math.ceil(number / 8)
        one_row = len(diagram.groups) == 1 and number <= 4
        box = _box("route reflectors", diagram.reflectors, placed, number if one_row else columns, gap=26.0)
        placed.boxes[REFLECTORS] = Box(box.title, box.rect, is_middle=True)
        return box.rect
    if hub:
        placed.hub = Rect(0, 0, 270, 76)
        return placed.hub
    return None


def _shift_middle(diagram: Diagram, placed: Placed, middle: Rect, y: float) -> None:
    dy = y - middle.y
    if placed.hub is not None:
        placed.hub = placed.hub.moved(0, dy)
    if REFLECTORS in placed.boxes:
        box = placed.boxes[REFLECTORS]
        placed.boxes[REFLECTORS] = Box(box.title, box.rect.moved(0, dy), is_middle=True)
        for spot in diagram.reflectors:
            placed.chips[spot.name] = placed.chips[spot.name].moved(0, dy)


def _stack(groups: Sequence[tuple[int, Group]], placed: Placed, *, towards_right: bool) -> dict[int, Box]:
    boxes = {}
    for number, group in groups:
        columns = min(4, math.ceil(len(group.spots) / _COLUMN))
        rows = math.ceil(len(group.spots) / columns)
        spots = _by_trouble(group.spots)

        def cell(index: int, columns: int = columns, rows: int = rows) -> tuple[int, int]:
            column = index // rows
            return (columns - 1 - column if towards_right else column), index % rows

        boxes[number] = _box(group.title, spots, placed, columns, cell=cell)
    return boxes


def _height(boxes: Mapping[int, Box]) -> float:
    return sum(box.rect.height for box in boxes.values()) + ROW_GAP * max(0, len(boxes) - 1)


def _below(groups: Sequence[tuple[int, Group]], diagram: Diagram, placed: Placed, top: float, centre: float) -> None:
    """Rows of groups, each row centred."""
    widest = max(_WIDE, placed.frame().width if placed.chips else 0)
    rows: list[list[tuple[int, Box]]] = []
    used = 0.0
    for number, group in groups:
        width = chip_width(group.spots, placed.labels) + GAP
        most = max(1, int((widest - 2 * PADDING) // width))
        alone = len(groups) == 1
        columns = min(len(group.spots), most, 8 if alone else max(2, math.ceil(math.sqrt(len(group.spots)))))
        box = _box(group.title, _middle_first(_by_trouble(group.spots), columns), placed, columns)
        if not rows or used + box.rect.width > widest:
            rows.append([])
            used = 0
        rows[-1].append((number, box))
        used += box.rect.width + ROW_GAP
    y = top
    for row in rows:
        x = centre - (sum(box.rect.width for _, box in row) + ROW_GAP * (len(row) - 1)) / 2
        for number, box in row:
            _settle(placed, number, box, diagram.groups[number], (x, y))
            x += box.rect.width + ROW_GAP
        y += max(box.rect.height for _, box in row) + ROW_GAP


def _middle_first(spots: Sequence[Spot], columns: int) -> list[Spot]:
    """Those that a cause names in the middle of the first row: their lines come from there."""
    named = [spot for spot in spots if spot.causes][:columns]
    unnamed = [spot for spot in spots if spot not in named]
    start = max(0, min(columns, len(spots)) - len(named)) // 2
    return [*unnamed[:start], *named, *unnamed[start:]]


def _settle(placed: Placed, number: int, box: Box, group: Group, corner: Point) -> None:
    dx, dy = corner[0] - box.rect.x, corner[1] - box.rect.y
    placed.boxes[number] = Box(box.title, box.rect.moved(dx, dy))
    for spot in group.spots:
        placed.chips[spot.name] = placed.chips[spot.name].moved(dx, dy)


def _box(
    title: str,
    spots: Sequence[Spot],
    placed: Placed,
    columns: int,
    *,
    cell: Callable[[int], tuple[int, int]] | None = None,
    gap: float = GAP,
) -> Box:
    """Chips in a grid at (0, 0), row by row or as `cell` says, and the frame around them."""
    width = chip_width(spots, placed.labels)
    rows = math.ceil(len(spots) / columns)
    inner = max(columns * width + (columns - 1) * gap, text_width(title, FONT) + 60)
    offset = (inner - columns * width - (columns - 1) * gap) / 2
    for index, spot in enumerate(spots):
        column, row = cell(index) if cell else (index % columns, index // columns)
        x = PADDING + offset + column * (width + gap)
        placed.chips[spot.name] = Rect(x, TITLE + PADDING / 2 + row * (CHIP_HEIGHT + gap), width, CHIP_HEIGHT)
    height = TITLE + PADDING * 1.5 + rows * CHIP_HEIGHT + (rows - 1) * gap
    return Box(title, Rect(0, 0, inner + 2 * PADDING, height))


_TROUBLE = (NodeState.DOWN, NodeState.PART, NodeState.UNKNOWN, NodeState.AFFECTED, NodeState.UP, NodeState.IDLE)


def _by_trouble(spots: Sequence[Spot]) -> list[Spot]:
    return sorted(spots, key=lambda spot: (not spot.causes, _TROUBLE.index(spot.state)))


def _above(diagram: Diagram, placed: Placed) -> None:
    frame = placed.frame()
    width = max(frame.width, 600.0)
    rows = _row(diagram.externals, placed, frame.middle[0], 0, width)
    lift = frame.y - rows - ROW_GAP * 1.6
    for spot in diagram.externals:
        placed.chips[spot.name] = placed.chips[spot.name].moved(0, lift)


def _row(spots: Sequence[Spot], placed: Placed, centre: float, top: float, widest: float) -> float:
    """Chips in centred rows; returns their height."""
    width = chip_width(spots, placed.labels)
    columns = max(1, min(len(spots), int((widest + GAP * 2) // (width + GAP * 2))))
    for index, spot in enumerate(spots):
        row, column = divmod(index, columns)
        count = min(columns, len(spots) - row * columns)
        x = centre - (count * width + (count - 1) * GAP * 2) / 2 + column * (width + GAP * 2)
        placed.chips[spot.name] = Rect(x, top + row * (CHIP_HEIGHT + GAP), width, CHIP_HEIGHT)
    return math.ceil(len(spots) / columns) * (CHIP_HEIGHT + GAP) - GAP
