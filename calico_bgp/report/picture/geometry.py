"""Rectangles, curves between them, and how wide a text is. Only numbers may enter this file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from rich.cells import cell_len

from calico_bgp.report.text.markup import number

Point: TypeAlias = tuple[float, float]

#: Width of a character as a share of the size of the font; DejaVu Sans, a wide one, has 0.6 on the average.
_ADVANCE = 0.6


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle; `x` and `y` are its upper left corner, downwards is more."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The x of its right side."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The y of its lower side."""
        return self.y + self.height

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre."""
        return self.x + self.width / 2, self.y + self.height / 2

    def meets(self, other: Rect) -> bool:
        """Whether the two have a point in common."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def moved(self, dx: float, dy: float) -> Rect:
        """The same elsewhere."""
        return Rect(self.x + dx, self.y + dy, self.width, self.height)


@dataclass(frozen=True, slots=True)
class Curve:
    """A cubic curve, by its two ends and the two points that bend it."""

    start: Point
    a: Point
    b: Point
    end: Point

    @property
    def path(self) -> str:
        """What `d` of a path takes."""
        points = " ".join(f"{number(x)} {number(y)}" for x, y in (self.a, self.b, self.end))
        return f"M{number(self.start[0])} {number(self.start[1])}C{points}"

    def at(self, share: float) -> Point:
        """The point after this share of the way, 0 to 1."""
        remainder = 1 - share
        weights = (remainder**3, 3 * remainder**2 * share, 3 * remainder * share**2, share**3)
        x, y = (
            sum(
                weight * point[i] for weight, point in zip(weights, (self.start, self.a, self.b, self.end), strict=True)
            )
            for i in (0, 1)
        )
        return x, y


def between(one: Rect, other: Rect) -> Curve:
    """From the side of one that faces the other to the side of the other; leaves and arrives at right angles."""
    if one.right <= other.x or other.right <= one.x:
        left, right = (one, other) if one.right <= other.x else (other, one)
        (x1, y1), (x2, y2) = (left.right, left.middle[1]), (right.x, right.middle[1])
        bend = (x2 - x1) / 2
        return Curve((x1, y1), (x1 + bend, y1), (x2 - bend, y2), (x2, y2))
    return above(one, other)


def above(one: Rect, other: Rect) -> Curve:
    """From the lower side of the upper one to the upper side of the lower one."""
    upper, lower = (one, other) if one.y <= other.y else (other, one)
    (x1, y1), (x2, y2) = (upper.middle[0], upper.bottom), (lower.middle[0], lower.y)
    bend = (y2 - y1) / 2
    return Curve((x1, y1), (x1, y1 + bend), (x2, y2 - bend), (x2, y2))


def aside(upper: Rect, lower: Rect, x: float) -> Curve:
    """From the lower side of the upper one down along `x`, past what stands between, to the top of the lower one."""
    (x1, y1), y2 = (upper.middle[0], upper.bottom), lower.y
    return Curve((x1, y1), (x, y1 + (y2 - y1) / 4), (x, y1 + (y2 - y1) / 3), (x, y2))


def upwards(lower: Rect, upper: Rect) -> Curve:
    """From the top of the lower one to that side of the upper one which is nearer: past what stands below it."""
    (x1, y1), (x2, y2) = (lower.middle[0], lower.y), upper.middle
    is_left = x1 < x2
    side = upper.x if is_left else upper.right
    return Curve((x1, y1), (x1, (y1 + y2) / 2), (side + (-60 if is_left else 60), y2), (side, y2))


def within(one: Rect, other: Rect) -> Curve:
    """Between two of one group: straight where they touch, else around the right side of those between them."""
    upper, lower = (one, other) if one.y <= other.y else (other, one)
    gap = lower.y - upper.bottom
    if abs(upper.middle[0] - lower.middle[0]) < 1:
        if gap <= upper.height:
            return above(one, other)
        out = 14 + gap / 12
        (x1, y1), (x2, y2) = (upper.right, upper.middle[1]), (lower.right, lower.middle[1])
        return Curve((x1, y1), (x1 + out, y1), (x2 + out, y2), (x2, y2))
    left, right = (one, other) if one.x <= other.x else (other, one)
    if abs(left.y - right.y) < 1 and right.x - left.right > left.width:
        out = 14 + (right.x - left.right) / 20
        (x1, y1), (x2, y2) = (left.middle[0], left.bottom), (right.middle[0], right.bottom)
        return Curve((x1, y1), (x1, y1 + out), (x2, y2 + out), (x2, y2))
    return between(one, other)


def straight(one: Rect, other: Rect) -> Curve:
    """From centre to centre."""
    return Curve(one.middle, one.middle, other.middle, other.middle)


def text_width(text: str, size: float) -> float:
    """About how wide a text is; characters of East Asia count twice."""
    return cell_len(text) * size * _ADVANCE


def bounds(rects: Iterable[Rect]) -> Rect:
    """The smallest rectangle around all; at least one must be there."""
    all_rects = list(rects)
    x, y = min(r.x for r in all_rects), min(r.y for r in all_rects)
    return Rect(x, y, max(r.right for r in all_rects) - x, max(r.bottom for r in all_rects) - y)
