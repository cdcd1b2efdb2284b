"""The picture as Mermaid, for wikis and tickets that render it. No judging in this file.

Mermaid gives up above 500 edges (`maxEdges`) and 50,000 characters (`maxTextSize`; its docs, config schema), and nobody
reads a graph long before that: where there are many nodes, those that are as they should be are one box per group.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from calico_bgp.messages.words import count, several_of
from calico_bgp.model.reports.report import Report
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.report.picture.diagram import EXTERNALS, REFLECTORS, Diagram, Link, LinkState, NodeState, Spot
from calico_bgp.report.picture.facts import diagram_of
from calico_bgp.report.text.sanitize import plain

#: Up to so many nodes each is a box of its own.
_NAMED = 24
#: Of many nodes so many that are not well are boxes of their own.
_TROUBLED = 30
#: Sessions that do not stand, drawn one by one.
_EDGES = 120
_LABEL = 80
#: What may stand in a label as it is; all else is written by its number, as Mermaid's docs say.
_UNSAFE = re.compile(r"[^\w .,:()/-]", re.ASCII)
_ARROWS = {LinkState.UP: "---", LinkState.RECOVERING: "-.-", LinkState.UNKNOWN: "-.-", LinkState.DOWN: "-.-x"}
_CLASSES = {
    NodeState.UP: "fill:#ffffff,stroke:#00664a,color:#17202a",
    NodeState.PART: "fill:#fff1d0,stroke:#8a5a00,color:#17202a",
    NodeState.AFFECTED: "fill:#ffffff,stroke:#5b6470,color:#17202a",
    NodeState.DOWN: "fill:#fde4e1,stroke:#b3261e,color:#17202a,stroke-width:2px",
    NodeState.UNKNOWN: "fill:#ffffff,stroke:#5b6470,color:#17202a,stroke-dasharray:4 3",
    NodeState.IDLE: "fill:#f4f6f8,stroke:#5b6470,color:#17202a",
}


def report_to_mermaid(report: Report, snapshot: Snapshot) -> str:
    """The picture of an audit as a flowchart of Mermaid, without the fence that Markdown puts around it.

    Args:
        report: What the audit says of the snapshot.
        snapshot: What it was made from.
    """
    return "".join(f"{line}\n" for line in _lines(diagram_of(report, snapshot)))


def _lines(diagram: Diagram) -> Iterator[str]:
    yield "flowchart TB"
    yield f"  accTitle: {_plain_line(f'{diagram.verdict}: {diagram.sentence}')}"
    boxes = _Boxes(diagram)
    if diagram.externals:
        yield from boxes.group("external", several_of(diagram.outside), diagram.externals)
    if diagram.reflectors:
        yield from boxes.group("reflectors", "route reflectors", diagram.reflectors)
    for place, group in enumerate(diagram.groups):
        yield from boxes.group(f"g{place}", group.title, group.spots)
    yield from _edges(diagram, boxes)
    used = {spot.state for spot in (*diagram.spots, *diagram.externals)}
    for state, style in _CLASSES.items():
        if state in used:
            yield f"  classDef {state.css} {style}"


class _Boxes:
    """Gives every node its box: its own, or that of its group."""

    def __init__(self, diagram: Diagram) -> None:
        self._few = len(diagram.spots) + len(diagram.externals) <= _NAMED
        self._single_left = _TROUBLED
        self.id_of: dict[str, str] = {}

    def group(self, id_: str, title: str, spots: tuple[Spot, ...]) -> Iterator[str]:
        yield f"  subgraph {id_}[{_quoted(title)}]"
        alike: defaultdict[NodeState, list[Spot]] = defaultdict(list)
        for spot in spots:
            # Those whom a cause names are what the picture is about.
            is_well = spot.state in {NodeState.UP, NodeState.IDLE} or not spot.causes
            if self._few or len(spots) == 1 or (not is_well and self._single_left > 0):
                self._single_left -= 0 if is_well else 1
                self.id_of[spot.name] = own = f"n{len(self.id_of)}"
                numbers = "".join(f" ({number})" for number in spot.causes)
                yield f"    {_shape(own, f'{spot.state.symbol} {plain(spot.name)}{numbers}', id_)}:::{spot.state.css}"
            else:
                alike[spot.state].append(spot)
        for state, together in alike.items():
            own = f"{id_}_{state.css}"
            self.id_of |= {spot.name: own for spot in together}
            label = f"{state.symbol} {count(len(together), 'node')}: {state.words}"
            yield f"    {_shape(own, label, id_)}:::{state.css}"
        yield "  end"


def _shape(id_: str, label: str, group: str) -> str:
    before, after = {"reflectors": ("{{", "}}"), "external": ("[[", "]]")}.get(group, ("(", ")"))
    return f"{id_}{before}{_quoted(label)}{after}"


def _edges(diagram: Diagram, boxes: _Boxes) -> Iterator[str]:
    """One per pair of boxes and state, with the number of sessions where it is not one."""
    links_by_edge: defaultdict[tuple[str, str, LinkState], list[Link]] = defaultdict(list)
    for link in diagram.links:
        near, far = _downwards(diagram, link, boxes)
        links_by_edge[near, far, link.state].append(link)
    order = (LinkState.DOWN, LinkState.RECOVERING, LinkState.UNKNOWN, LinkState.UP)
    between_boxes = [edge for edge in links_by_edge.items() if edge[0][0] != edge[0][1]]
    edges = sorted(between_boxes, key=lambda edge: order.index(edge[0][2]))
    red = 0
    for (near, far, state), links in edges[:_EDGES]:
        red += state is LinkState.DOWN
        label = "" if state is LinkState.UP and len(links) == 1 else f"|{_quoted(_words(state, links))}|"
        yield f"  {near} {_ARROWS[state]}{label} {far}"
    if red:
        # Those that are down come first; Mermaid counts lines from 0.
        yield f"  linkStyle {','.join(map(str, range(red)))} stroke:#b3261e"
    if len(edges) > _EDGES:
        left_out = f"and {count(len(edges) - _EDGES, 'more line')}, left out"
        yield f"  more[{_quoted(left_out)}]"


def _words(state: LinkState, links: Sequence[Link]) -> str:
    if len(links) == 1:
        return state.words
    return f"{sum(of_family is state for link in links for _, of_family in link.states):,} {state.words}"


def _downwards(diagram: Diagram, link: Link, boxes: _Boxes) -> tuple[str, str]:
    """The two boxes: external peers, then reflectors, then the others."""
    order = {EXTERNALS: 0, REFLECTORS: 1}
    ends = sorted((order.get(diagram.place_of[name], 2), boxes.id_of[name]) for name in (link.a, link.b))
    return ends[0][1], ends[1][1]


def _quoted(text: str) -> str:
    """In quotes, and never empty: Mermaid refuses a title without a character (11.17, `Expecting 'STR'`)."""
    written = plain(text, limit=_LABEL)
    return f'"{_UNSAFE.sub(lambda match: f"#{ord(match[0])};", written if written.strip() else "-")}"'


def _plain_line(text: str) -> str:
    return _UNSAFE.sub(" ", plain(text, limit=200))
