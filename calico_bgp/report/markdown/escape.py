"""Makes text that a node printed safe inside Markdown. Only functions from text to text may enter this file.

Tickets show Markdown with HTML, mentions and links switched on. Outside of fences nothing untrusted keeps a character
that means something to CommonMark, to GitHub's additions, or to HTML; fences are longer than any run of backticks in
them, and begin and end on lines of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from calico_bgp.report.text.sanitize import plain

#: What stands for a text that has not one character to show: an empty cell or item could change what surrounds it.
EMPTY = "(empty)"

#: Entities where a dialect has no backslash for it: `|` in tables, HTML, `~~` and `$` of GitHub; else a backslash.
_SPECIAL = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        "|": "&#124;",
        "~": "&#126;",
        "$": "&#36;",
        **{character: f"\\{character}" for character in "\\`*_{}[]#"},
    }
)
#: An invisible joint: nobody is mentioned, no issue is linked, no address becomes a link. Never inside an IP address.
_JOINT = "&#8203;"
_REFERENCE = re.compile(r"(@|!(?=\d)|:(?=//)|www(?=\.)|\\#(?=\d))", re.IGNORECASE)
#: What would begin a list, a heading or a line below one.
_BEGINNING = re.compile(r"^(?:[-+=]|\d{1,9}(?=[.)](?:\s|$)))")


def inline(text: str, *, limit: int | None = None) -> str:
    """One line of text for a paragraph, an item or a cell, in which nothing is markup.

    Args:
        text: Any text, as a node printed it.
        limit: The longest text in characters, before it is escaped; None for that of `plain`.
    """
    text = plain(text).strip() if limit is None else plain(text, limit=limit).strip()
    text = _REFERENCE.sub(rf"\g<1>{_JOINT}", text.translate(_SPECIAL))
    return _BEGINNING.sub(_harmless, text) or EMPTY


def _harmless(beginning: re.Match[str]) -> str:
    first = beginning.group()
    return f"{_JOINT}{first}" if first.isdecimal() else f"\\{first}"


def fence(lines: Iterable[str], language: str = "text") -> list[str]:
    """A fenced block of text that stands as it is; for whole lines, each of which is one of the block.

    Args:
        lines: Any text; line breaks inside one are kept, all else that cannot be printed goes.
        language: A word of ours.
    """
    # Half a command has half of its quotes.
    inside = [plain(part, limit=None) for line in lines for part in line.split("\n")]
    longest = max((len(run) for line in inside for run in re.findall("`+", line)), default=0)
    ticks = "`" * max(3, longest + 1)
    return [f"{ticks}{language}", *inside, ticks]


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table. The headings are words of ours; the cells are escaped here."""
    lines = [_row(headings), "|" + "---|" * len(headings)]
    return [*lines, *(_row([inline(cell) for cell in row]) for row in rows)]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def collapsed(summary: str, lines: Sequence[str]) -> list[str]:
    """Lines that are shown when they are asked for. The summary is of our words; it is escaped all the same."""
    return ["<details>", f"<summary>{inline(summary)}</summary>", "", *lines, "", "</details>"]
