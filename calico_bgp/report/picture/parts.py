"""The parts of a picture as elements: a node, a mark, a line, the legend. The caller places them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from xml.etree.ElementTree import Element

from calico_bgp.report.picture.diagram import LinkState, NodeState, Spot
from calico_bgp.report.picture.geometry import Rect, text_width
from calico_bgp.report.picture.lines import Line
from calico_bgp.report.picture.placing import Box
from calico_bgp.report.text.markup import element, number

_THICKEST = 9.0
#: Where on a line its sign may stand, the best place first.
_SHARES = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.2, 0.8)


def css_of(spot: Spot) -> str:
    """The class of a node: one that only suffers from another's fault is quieter than one that a cause names."""
    return f"{spot.state.css} named" if spot.causes else spot.state.css


def node_mark(state: NodeState, x: float, y: float) -> Element:
    """The shape of a state: a disc, a triangle, full or empty, a cross, a question mark, a ring."""
    css = f"mark {state.css}"
    match state:
        case NodeState.UP:
            return element("circle", cx=x, cy=y, r=5, class_=css)
        case NodeState.PART | NodeState.AFFECTED:
            return element("path", d=f"M{number(x)} {number(y - 6)}l6.5 11h-13z", class_=css)
        case NodeState.DOWN:
            return cross(x, y, 4.5, css)
        case NodeState.UNKNOWN:
            return element("text", "?", x=x, y=y + 4.5, text_anchor="middle", class_=css)
        case NodeState.IDLE:
            return element("circle", cx=x, cy=y, r=4.5, class_=css)


def cross(x: float, y: float, arm: float, css: str) -> Element:
    """Two strokes."""
    a = number(2 * arm)
    return element("path", d=f"M{number(x - arm)} {number(y - arm)}l{a} {a}m0 -{a}l-{a} {a}", class_=css)


def chip(spot: Spot, rect: Rect, label: str, *, is_reflector: bool = False, outside: str | None = None) -> Element:
    """A node: its mark, its name, the numbers of its causes; a reflector has two rims, a peer from outside corners.

    Args:
        spot: The node or peer.
        rect: Where.
        label: Its name as it is written.
        is_reflector: Whether it is one.
        outside: What a peer from outside is called; None for a node.
    """
    what = "route reflector " if is_reflector else f"{outside} " if outside else ""
    zone = f" ({spot.zone})" if spot.zone else ""
    parts = [element("title", f"{what}{spot.name}{zone}: {spot.words}")]
    if is_reflector:
        outer = {"x": rect.x - 4, "y": rect.y - 4, "width": rect.width + 8, "height": rect.height + 8}
        parts.append(element("rect", rx=10, fill="none", class_=f"chip {css_of(spot)}", **outer))
    parts += [
        element(
            "rect",
            x=rect.x,
            y=rect.y,
            width=rect.width,
            height=rect.height,
            rx=0 if outside else 7,
            class_=f"chip {css_of(spot)}",
        ),
        node_mark(spot.state, rect.x + 16, rect.middle[1]),
        element("text", label, x=rect.x + 29, y=rect.middle[1] + 4.5),
    ]
    for place, cause in enumerate(spot.causes[:3]):
        parts.append(badge(cause, rect.right - 14 - 20 * place, rect.middle[1]))
    return element("g", *parts)


def badge(cause: int, x: float, y: float) -> Element:
    """A cause's number in a disc."""
    return element(
        "g",
        element("circle", cx=x, cy=y, r=9, class_="badge"),
        element("text", str(cause), x=x, y=y + 4, text_anchor="middle", class_="badge-number"),
    )


def frame(box: Box, count: str | None, *content: Element) -> Element:
    """The frame of a group with its title, on the right how many sessions it has within it, and what stands in it."""
    rect = box.rect
    return element(
        "g",
        element(
            "rect",
            x=rect.x,
            y=rect.y,
            width=rect.width,
            height=rect.height,
            rx=12,
            class_="middle" if box.is_middle else "box",
        ),
        element("text", box.title, x=rect.x + 14, y=rect.y + 20, class_="title"),
        count and element("text", count, x=rect.right - 14, y=rect.y + 20, text_anchor="end", class_="dim"),
        *content,
    )


def stroke(line: Line) -> Element:
    """The line itself; thicker the more sessions it stands for."""
    width = 1.2 if line.faint else 2.0 if line.number == 1 else min(_THICKEST, 2 + line.number.bit_length() * 0.8)
    css = f"line {line.state.css}{' faint' if line.faint else ''}"
    return element("path", element("title", line.title), d=line.curve.path, stroke_width=float(width), class_=css)


def signs(lines: Sequence[Line], occupied: Iterable[Rect]) -> Iterator[Element]:
    """What stands on the lines, each where nothing else stands, as far as there is such a place.

    Args:
        lines: All lines; those that lie on top have the first choice.
        occupied: What must not be hidden: the nodes.
    """
    full = list(occupied)
    for line in sorted(lines, key=lambda line: line.label is None):
        if line.label is None and line.state is LinkState.UP:
            continue
        width = 16.0 if line.label is None else text_width(line.label, 12) + 16
        height = 16.0 if line.label is None else 22.0
        places = [line.curve.at(share) for share in _SHARES]
        rects = [Rect(x - width / 2 - 1, y - height / 2 - 1, width + 2, height + 2) for x, y in places]
        best = min(range(len(rects)), key=lambda place: (sum(rects[place].meets(rect) for rect in full), place))
        full.append(rects[best])
        yield _sign(line, *places[best], width)


def _sign(line: Line, x: float, y: float, width: float) -> Element:
    """A number of sessions, or the symbol of a session that does not stand."""
    if line.label is not None:
        css = " down" if line.state is LinkState.DOWN else ""
        return element(
            "g",
            element("title", line.title),
            element("rect", x=x - width / 2, y=y - 11, width=width, height=22, rx=11, class_=f"pill{css}"),
            element("text", line.label, x=x, y=y + 4, text_anchor="middle", font_size=12, class_=css.strip() or None),
        )
    dot = element("circle", cx=x, cy=y, r=8, class_=f"dot {line.state.css}")
    if line.state is LinkState.DOWN:
        inside = cross(x, y, 3.4, "mark down")
    else:
        inside = element("text", line.state.symbol, x=x, y=y + 4, text_anchor="middle", class_=line.state.css)
    return element("g", element("title", line.title), dot, inside)
