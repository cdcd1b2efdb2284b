"""The page of a difference between two snapshots. Finds no differences itself."""

from __future__ import annotations

from calico_bgp.model.reports.diff import Change, SnapshotDiff
from calico_bgp.report.diff.text import diff_sections, diff_times, diff_verdict
from calico_bgp.report.html.page import page, section
from calico_bgp.report.html.tables import MOST_ROWS, items, more, row, table
from calico_bgp.report.text.markup import Content, element

_SIGNS = {Change.CAME: "+ came", Change.WENT: "- went", Change.CHANGED: "~ changed"}
#: Green is better and red is worse, whatever came or went.
_CLASSES = {True: "good", False: "bad", None: "odd"}


def diff_to_html(diff: SnapshotDiff) -> str:
    """One self-contained file: what happened to many nodes alike takes one row."""
    word, what = diff_verdict(diff)
    head = [
        element("h1", element("span", word, class_="good" if diff.is_empty else "odd")),
        element("p", what) if what else None,
        element("p", diff_times(diff, "→"), class_="dim"),
    ]
    parts: list[Content] = []
    heads = ("How", "What")
    for title, lines in diff_sections(diff):
        if not lines:
            continue
        if all(line.change is None for line in lines):
            parts.append(section(title, items([line.text for line in lines])))
            continue
        rows = []
        for change, text, better in lines[:MOST_ROWS]:
            css, sign = _CLASSES[better], _SIGNS[change or Change.CHANGED]
            rows.append(row((sign, text), heads, classes=(f"{css} narrow", "beside")))
        parts.append(section(title, table(f"{title}: what is different", heads, rows), more(len(lines))))
    return page(f"{word}: two snapshots of BGP", head, parts)
