"""Tables that screen readers can read: a caption, heads with a scope; wide ones scroll, also by keyboard. No words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element

from calico_bgp.messages.words import count
from calico_bgp.report.text.markup import Content, element

#: A page with a hundred thousand rows hangs the browser; JSON has them all.
MOST_ROWS = 500


def table(caption: str, heads: Sequence[str], rows: Iterable[Element], css: str = "stack") -> Element:
    """A table of rows that `row` made, in a frame that scrolls where it is too wide.

    Roles are given as well: on a narrow page the cells of a `stack` stand below one another, and browsers take that for
    no table otherwise.
    """
    grid = element(
        "table",
        element("caption", caption),
        element(
            "thead",
            element("tr", *(element("th", head, scope="col", role="columnheader") for head in heads), role="row"),
            role="rowgroup",
        ),
        element("tbody", *rows, role="rowgroup"),
        class_=css,
        role="table",
    )
    return element("div", grid, class_="scroll", tabindex=0, role="region", aria_label=caption)


def row(
    cells: Sequence[Content], heads: Sequence[str], *, css: str | None = None, classes: Sequence[str] = ()
) -> Element:
    """A row of which the first cell names it."""
    elements = []
    for place, (cell, head) in enumerate(zip(cells, heads, strict=True)):
        own = classes[place] if place < len(classes) else None
        if place == 0:
            elements.append(element("th", cell, scope="row", role="rowheader", class_=own or None))
        else:
            elements.append(element("td", cell, data_label=head, role="cell", class_=own or None))
    return element("tr", *elements, class_=css, role="row")


def text_table(
    caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, narrow: bool = False
) -> list[Content]:
    """A table of texts, and how many rows it leaves out.

    Args:
        caption: What it shows.
        heads: Of its columns.
        rows: Their cells.
        narrow: Whether the first cell of each row is a word or a time, that is not to be broken.
    """
    shown_rows = rows[:MOST_ROWS]
    classes = ("narrow",) if narrow else ()
    return [table(caption, heads, (row(cells, heads, classes=classes) for cells in shown_rows)), more(len(rows))]


def more(number: int) -> Element | None:
    """How many of so many rows are left out."""
    if number <= MOST_ROWS:
        return None
    return element("p", f"and {count(number - MOST_ROWS, 'more row')}; --format json has them all.", class_="dim")


def items(texts: Sequence[str], most: int = MOST_ROWS) -> Element:
    """A list."""
    hidden = len(texts) - most
    return element(
        "ul",
        *(element("li", text) for text in texts[:most]),
        element("li", f"and {hidden:,} more", class_="dim") if hidden > 0 else None,
    )


def facts(pairs: Iterable[tuple[str, Content]]) -> Element:
    """Labels and what they say."""
    elements: list[Content] = []
    for label, content in pairs:
        elements += [element("dt", label), element("dd", content)]
    return element("dl", *elements)


def command(text: str, where: str | None = None) -> Element:
    """A command in one piece, to copy."""
    return element(
        "div",
        element("p", f"on {where}:", class_="dim") if where else None,
        element("div", element("pre", element("code", text)), class_="cmd"),
    )


def unfold(summary: Content, *inside: Content, is_open: bool = False) -> Element:
    """Something to unfold, with the keyboard as well."""
    return element(
        "details",
        element("summary", summary),
        element("div", *inside, class_="inside"),
        open="open" if is_open else None,
    )
