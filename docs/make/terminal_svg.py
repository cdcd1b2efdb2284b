"""A terminal's screen as SVG: the lines that a command prints, in their colours. For `pictures`."""

from __future__ import annotations

import itertools
import re
from xml.etree.ElementTree import Element

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from calico_bgp.report.text.markup import element, raw_text, written

_CELL, _LINE, _MARGIN, _SIZE = 8.0, 19.0, 18.0, 13
#: By the names of rich; a terminal's own palette is the reader's.
_COLOURS = {"red": "#ff8a80", "green": "#4fd1a5", "yellow": "#f2b84b", "cyan": "#7cc7e8"}
#: The number that a terminal gives to each.
_NAMES = {1: "red", 2: "green", 3: "yellow", 6: "cyan"}
#: Words with single blanks between them: more are a column's, and browsers show them as one.
_WORDS = re.compile(r"\S+(?: \S+)*")
_STYLE = (
    ".t{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;"
    f"font-size:{_SIZE}px;fill:#e8edf2}}"
    ".b{font-weight:700}.d{fill:#a5b0bc}" + "".join(f".{name}{{fill:{colour}}}" for name, colour in _COLOURS.items())
)


def terminal(command: str, output: str) -> str:
    """The SVG.

    Args:
        command: What was typed.
        output: What it prints, with the colours of a terminal.
    """
    lines = [Text.assemble(("$ ", "dim"), (command, "bold")), *Text.from_ansi(output.rstrip("\n")).split("\n")]
    width = 2 * _MARGIN + _CELL * max(line.cell_len for line in lines)
    height = 2 * _MARGIN + _LINE * len(lines)
    drawn = element(
        "svg",
        element("title", f"What {command} shows on a terminal"),
        element("desc", "\n".join(line.plain for line in lines)),
        raw_text("style", _STYLE),
        element("rect", width=width, height=height, rx=10, fill="#12171d"),
        *(_line(line, _MARGIN + _LINE * (place + 0.75)) for place, line in enumerate(lines) if line.plain),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        width=width,
        height=height,
        class_="t",
        role="img",
    )
    return written(drawn) + "\n"


def _line(line: Text, y: float) -> Element:
    """A span per style, each at its own place: whatever the font, columns stay columns."""
    spans = []
    borders = sorted({0, len(line.plain), *(at for span in line.spans for at in (span.start, span.end))})
    for start, end in itertools.pairwise(borders):
        for word in _WORDS.finditer(line.plain, start, end):
            x = _MARGIN + _CELL * cell_len(line.plain[: word.start()])
            spans.append(element("tspan", word[0], x=x, class_=_css(line, start) or None))
    return element("text", *spans, y=y)


def _css(line: Text, place: int) -> str:
    styles = [span.style for span in line.spans if span.start <= place < span.end]
    found = [Style.parse(style) if isinstance(style, str) else style for style in styles]
    css = ["b"] * any(style.bold for style in found) + ["d"] * any(style.dim for style in found)
    return " ".join(css + [_NAMES[s.color.number] for s in found if s.color is not None and s.color.number in _NAMES])
