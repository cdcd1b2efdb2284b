"""The picture as SVG: a head with the verdict, the cluster, a legend and the causes. No judging in this file."""

from __future__ import annotations

import math
from collections import Counter
from xml.etree.ElementTree import Element

from calico_bgp.messages.words import count, some
from calico_bgp.model.reports.report import Report
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.report.picture.cells import cells
from calico_bgp.report.picture.diagram import REFLECTORS, Diagram, LinkState, NodeState
from calico_bgp.report.picture.facts import diagram_of
from calico_bgp.report.picture.geometry import Rect, text_width
from calico_bgp.report.picture.labels import lines_of as text_lines
from calico_bgp.report.picture.lines import inner_counts, lines_of
from calico_bgp.report.picture.parts import badge, chip, cross, frame, node_mark, signs, stroke
from calico_bgp.report.picture.placing import place
from calico_bgp.report.picture.style import picture_css
from calico_bgp.report.text.markup import element, number, raw_text, written

#: Up to so many nodes each one has its name; above, each one is a cell.
MOST_NAMED = 150
_MARGIN = 24.0
_LINE = 20.0
_LEAST = 720.0
#: Causes below the picture; the report has all.
_CAUSES = 8
#: Nodes that are down or not known, in the description for who cannot see the picture.
_NAMED = 12


def report_to_svg(report: Report, snapshot: Snapshot) -> str:
    """The picture of an audit as a file of its own.

    Args:
        report: What the audit says of the snapshot.
        snapshot: What it was made from.
    """
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + written(picture(diagram_of(report, snapshot))) + "\n"


def picture(diagram: Diagram, *, styled: bool = True, head: bool = True) -> Element:
    """The picture as an element.

    Args:
        diagram: What it shows.
        styled: Whether it brings its style; False where the page has it (`style.picture_css`).
        head: Whether it says the verdict and lists the causes; False where the page around it does.
    """
    body, frame_ = _body(diagram)
    width = float(math.ceil(max(frame_.width, _LEAST) + 2 * _MARGIN))
    top, parts = _head(diagram, width) if head else (_MARGIN - 4, [])
    body.set("transform", f"translate({number((width - frame_.width) / 2 - frame_.x)} {number(top - frame_.y)})")
    y = top + frame_.height + 34
    legend, y = _legend(diagram, y, width)
    captions, y = _captions(diagram, y, width) if head else ([], y)
    height = float(math.ceil(y + _MARGIN / 2))
    return element(
        "svg",
        element("title", f"{diagram.verdict}: {diagram.sentence}" if head else "The nodes and their sessions"),
        element("desc", description(diagram)),
        raw_text("style", picture_css()) if styled else None,
        element("rect", width=width, height=height, class_="page") if styled else None,
        *parts,
        body,
        *legend,
        *captions,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=width,
        height=height,
        class_="cbp",
        role="img",
    )


def description(diagram: Diagram) -> str:
    """The picture in sentences, for who does not see it."""
    sentences = [count(len(diagram.spots), "node")]
    if diagram.reflectors:
        number = len(diagram.reflectors)
        sentences[0] += f", {number:,} of them {'a route reflector' if number == 1 else 'route reflectors'}"
    if diagram.externals:
        sentences.append(count(len(diagram.externals), diagram.outside))
    counts = diagram.counts
    sentences.append(
        ", ".join(f"{count(counts[state], 'session')} {state.words}" for state in LinkState if counts[state])
    )
    for state in (NodeState.DOWN, NodeState.PART, NodeState.UNKNOWN):
        names = [spot.name for spot in diagram.spots if spot.state is state]
        if names:
            sentences.append(f"{state.words}: {some(names, _NAMED)}")
    affected = sum(spot.state is NodeState.AFFECTED for spot in diagram.spots)
    if affected:
        sentences.append(f"{count(affected, 'node')} {NodeState.AFFECTED.words}")
    sentences += [f"cause {caption.number}: {caption.title}" for caption in diagram.captions]
    return ". ".join(part for part in sentences if part) + "."


def _body(diagram: Diagram) -> tuple[Element, Rect]:
    if len(diagram.spots) > MOST_NAMED:
        return cells(diagram)
    placed = place(diagram)
    if not placed.chips:
        return element("g", element("text", "no node", x=0, y=14, class_="dim")), Rect(0, 0, 100, 20)
    counts = inner_counts(diagram)
    lines = lines_of(diagram, placed)
    reflecting = {spot.name for spot in diagram.reflectors}
    spots = [(spot, False) for spot in diagram.spots] + [(spot, True) for spot in diagram.externals]
    few = len(diagram.reflectors) <= 4
    return element(
        "g",
        *(stroke(line) for line in lines if line.number > 1 or line.state is LinkState.UP),
        *(
            frame(box, None if number_ == REFLECTORS and few else counts.get(number_))
            for number_, box in placed.boxes.items()
        ),
        *_hub(diagram, placed.hub),
        *(stroke(line) for line in lines if line.number == 1 and (line.state is not LinkState.UP or not line.label)),
        *(
            chip(
                spot,
                placed.chips[spot.name],
                placed.labels[spot.name],
                is_reflector=spot.name in reflecting,
                outside=diagram.outside if is_external else None,
            )
            for spot, is_external in spots
        ),
        *signs(lines, placed.chips.values()),
    ), placed.frame()


def _hub(diagram: Diagram, hub: Rect | None) -> list[Element]:
    if hub is None:
        return []
    x, y = hub.middle
    counts = Counter(
        state
        for link in diagram.links
        if link.a in diagram.inner and link.b in diagram.inner
        for _, state in link.states
    )
    share = f"{counts[LinkState.UP]:,} of {count(counts.total(), 'session')} Established"
    return [
        element("rect", x=hub.x, y=hub.y, width=hub.width, height=hub.height, rx=hub.height / 2, class_="middle"),
        element("text", "node-to-node mesh", x=x, y=y - 4, text_anchor="middle", class_="title"),
        element("text", share, x=x, y=y + 16, text_anchor="middle", class_="dim"),
    ]


def _head(diagram: Diagram, width: float) -> tuple[float, list[Element]]:
    """The height that it takes, and its elements."""
    css = {"unknown": "unknown-word"}.get(diagram.verdict_css, diagram.verdict_css)
    parts = [element("text", diagram.verdict, x=_MARGIN, y=_MARGIN + 12, class_=f"verdict {css}")]
    y = _MARGIN + 12
    for line in text_lines(diagram.sentence, int((width - 2 * _MARGIN) / 7.6), 2):
        y += _LINE + 2
        parts.append(element("text", line, x=_MARGIN, y=y))
    if diagram.moment:
        parts.append(
            element("text", diagram.moment, x=width - _MARGIN, y=_MARGIN + 12, text_anchor="end", class_="dim")
        )
    return y + 26, parts


def _legend(diagram: Diagram, y: float, width: float) -> tuple[list[Element], float]:
    named = len(diagram.spots) <= MOST_NAMED
    entries: list[tuple[list[Element], float, str]] = []
    present = {spot.state for spot in (*diagram.spots, *diagram.externals)}
    for state in NodeState:
        if state in present:
            mark = node_mark(state, 8, -4) if named else _cell(state)
            entries.append(([mark], 22, f"node: {state.words}"))
    if named:
        for link in LinkState:
            if diagram.counts[link]:
                line = element("path", d="M0 -4h26", stroke_width=2, class_=f"line {link.css}")
                over = [cross(13, -4, 3.4, "mark down")] if link is LinkState.DOWN else []
                entries.append(([line, *over], 34, f"session: {link.words}"))
        if diagram.reflectors:
            rim = element("rect", x=0, y=-12, width=26, height=16, rx=5, class_="chip up")
            inner = element("rect", x=3, y=-9, width=20, height=10, rx=3, class_="chip up")
            entries.append(([rim, inner], 34, "route reflector"))
        if diagram.externals:
            entries.append(([element("rect", x=0, y=-11, width=26, height=14, class_="chip up")], 34, diagram.outside))
    elements, x = [], _MARGIN
    for marks, wide, words in entries:
        needed = wide + text_width(words, 12) + 22
        if x > _MARGIN and x + needed > width - _MARGIN:
            x, y = _MARGIN, y + _LINE
        text = element("text", words, x=wide, class_="dim")
        elements.append(element("g", *marks, text, transform=f"translate({number(x)} {number(y)})"))
        x += needed
    return elements, y + 8


def _cell(state: NodeState) -> Element:
    if state is NodeState.DOWN:
        return cross(8, -4, 4, "cell down")
    if state is NodeState.AFFECTED:
        return element("path", d="M3 -9v9h9z", class_="cell affected")
    if state is NodeState.PART:
        return element("path", d="M8 -10l6 11h-12z", class_="cell part")
    return element("rect", x=3, y=-9, width=10, height=10, class_=f"cell {state.css}")


def _captions(diagram: Diagram, y: float, width: float) -> tuple[list[Element], float]:
    elements = []
    for caption in diagram.captions[:_CAUSES]:
        y += 26
        elements.append(badge(caption.number, _MARGIN + 9, y - 4))
        for place_, line in enumerate(text_lines(caption.title, int((width - 2 * _MARGIN - 28) / 7.6), 2)):
            y += _LINE if place_ else 0
            elements.append(element("text", line, x=_MARGIN + 28, y=y))
    hidden = len(diagram.captions) - _CAUSES
    if hidden > 0:
        y += 26
        elements.append(element("text", f"and {hidden:,} more", x=_MARGIN + 28, y=y, class_="dim"))
    return elements, y + 8
