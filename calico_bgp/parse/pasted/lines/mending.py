"""Makes whole rows of what a terminal wrapped, a mail broke or a hand typed. Each line alone; no daemons, no blocks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from calico_bgp.parse.pasted.lines.patterns import LONGEST, LinePattern
from calico_bgp.parse.pasted.lines.text import Line
from calico_bgp.parse.status.rows import read_row

_TYPE = r"node\s*-?\s*to\s*-?\s*node\s+mesh|node\s+specific|global"
_STATE = r"start|up|wait|feed|stop|down|flush"
_SINCE = r"\d{4}-\d\d-\d\d(?:\s\d\d:\d\d:\d\d(?:\.\d+)?)?|\d\d:\d\d:\d\d(?:\.\d+)?|\d+d\s\d\d:\d\d:\d\d|never\b"
_MAYBE_ROW = LinePattern(rf"(?:{_TYPE}|\|\s*(?:mesh|node)\s*\|)[|\s]*(?:{_STATE})", re.IGNORECASE)
#: The cells of a row in their order, whatever stands between them.
_ROW = LinePattern(
    rf"[|\s]*(?P<address>(?:(?=[^|\s]*[\d.:*])[^|\s]+?))(?:[|\s]+|(?<=[\dA-Fa-f*xX])(?=node|global))"
    rf"(?P<type>{_TYPE}|(?<=[|\s])(?:mesh|node)(?=\s*\|))[|\s]*(?P<state>{_STATE})(?![a-z])[|\s]*"
    rf"(?P<since>{_SINCE})?(?P<between>[|\s]*)(?P<rest>.*)",
    re.IGNORECASE,
)
_BGP_STATE = r"(?:Idle|Connect|Active|OpenSent|OpenConfirm|Established|Close|Passive|Down)"
_ERROR = r"(?:BGP Error|Error|Received|Socket|Automatic shutdown):"
_INFO = LinePattern(rf"(?P<state>{_BGP_STATE}\b)?\s*(?P<error>{_ERROR}.*)?", re.IGNORECASE)
#: What introduces a remark: an arrow, a comment mark, a bracket; behind a gap, for errors hold brackets, too.
_REMARK = LinePattern(r"\s+(?:<[-=~]|[-=~]{1,3}>|[←→⇐⇒✓✔✗✘✖❌✅⚠]|#|//|/\*|;|--|\(|\[|!!|\*\*|\^).*$|\s{3,}\S.*$")
_BORDER_REMARK = LinePattern(r"(?P<border>\s*\+(?:[-=]{3,}\+){2,})\s*(?P<remark>[^-+=|\s].*|[-=]+>.*)")
_BORDER_CUT = LinePattern(r"\s*\+[-+=]{20,}")
_BORDER_PIECE = LinePattern(r"[-+=]+")
#: A terminal of 24 columns cuts the longest table into so many.
_MOST_PIECES = 8
_WORD = LinePattern(r"[A-Za-z]*")
_NUMBER = LinePattern(r"[\d:.-]*")
_HEADING = LinePattern(r"\s*bird\s+v(?P<version>[46])\s+(?P<what>status|BGP peers|routes)\s*:?\s*", re.IGNORECASE)
#: The cells of a row, each alone on its line.
_TYPE_ALONE = LinePattern(rf"[|\s]*(?:{_TYPE})\s*", re.IGNORECASE)
_CELLS = (
    LinePattern(r"(?=[^\s|]*[\d.:*])[^\s|]{3,64}"),
    _TYPE_ALONE,
    LinePattern(_STATE, re.IGNORECASE),
    LinePattern(_SINCE),
    LinePattern(rf"{_BGP_STATE}\b.*|{_ERROR}.*", re.IGNORECASE),
)
_COLUMNS = ("PEER ADDRESS", "PEER TYPE", "STATE", "SINCE", "INFO")


def mended(lines: Sequence[Line]) -> list[Line]:
    """The lines with whole rows, as far as their cells are there."""
    lines = _like_calicoctl(lines)
    return [
        line if len(line.text) > LONGEST or _is_whole(line.text) else Line(line.number, _mended(line.text), line.host)
        for line in lines
    ]


def rejoined(lines: Sequence[Line]) -> list[Line]:
    """The lines of tables that a terminal or a mail program broke, each in one piece again."""
    return _soft_joined(_hard_joined(_cells_joined(lines)))


def _is_whole(text: str) -> bool:
    return read_row(text) is not None


def _mended(text: str) -> str:
    if "|" not in text and "+" not in text and not _MAYBE_ROW.search(text):
        return text
    border = _BORDER_REMARK.fullmatch(text)
    if border is not None:
        return border["border"]
    if _MAYBE_ROW.search(text) is None:
        return _without_remark(text)
    row = _ROW.fullmatch(text)
    if row is None:
        return text
    info = _info(row["rest"])
    if info is None:
        return text
    closing = " |" if "|" in row["rest"] or (not row["between"].strip(" ") and "|" not in text) else ""
    since = row["since"] or ""
    cells = (row["address"], " ".join(row["type"].split()), row["state"], since, info)
    if "|" not in text and (since or info):
        return " ".join(cell for cell in cells if cell)
    return f"| {' | '.join(cells)}{closing}".rstrip()


def _info(text: str) -> str | None:
    """The INFO cell at the beginning of what stands right of SINCE; None where that is something else."""
    cell, bar, _ = text.partition("|")
    match = _INFO.match(cell)
    assert match is not None
    if match["error"] is not None:
        error = match["error"] if bar else _REMARK.sub("", match["error"])
        return " ".join(f"{match['state'] or ''} {error}".split())
    if match["state"] is not None:
        return match["state"]
    cell = cell.strip()
    # Nothing, or the beginning of a word where the paste ends.
    return cell if not bar and _WORD.fullmatch(cell) else "" if not cell or _NUMBER.fullmatch(cell) else None


def _without_remark(text: str) -> str:
    """A continuation or a line of columns, without what stands right of its last bar."""
    if not text.lstrip().startswith("|"):
        return text
    last = text.rfind("|")
    behind = text[last + 1 :].strip()
    return text[: last + 1] if behind and text.count("|") >= 6 else text


def _like_calicoctl(lines: Sequence[Line]) -> list[Line]:
    """`calico-node -show-status` in calicoctl's words: its headings, without its tables about BIRD and routes."""
    translated: list[Line] = []
    is_other_table = False
    for line in lines:
        if len(line.text) > LONGEST:
            translated.append(line)
            continue
        heading = _HEADING.fullmatch(line.text) if "ird v" in line.text or "IRD v" in line.text else None
        if heading is not None:
            is_other_table = heading["what"].lower() != "bgp peers"
            if not is_other_table:
                translated.append(Line(line.number, f"IPv{heading['version']} BGP status", line.host))
            continue
        if is_other_table and line.text.lstrip().startswith(("|", "+")):
            continue
        is_other_table = is_other_table and not line.text.strip()
        translated.append(line)
    return translated


def _cells_joined(lines: Sequence[Line]) -> list[Line]:
    """Rows whose cells came on lines of their own, as some mail and chat programs break a table."""
    if not any(_TYPE_ALONE.fullmatch(line.text) for line in lines):
        return list(lines)
    written = [place for place, line in enumerate(lines) if line.text.strip()]
    joined: list[Line] = []
    done = at = 0
    while at + len(_CELLS) <= len(written):
        places = written[at : at + len(_CELLS)]
        # The bar is what a cell's tag of HTML becomes.
        cells = [lines[place].text.strip("| ") for place in places]
        if tuple(cell.upper() for cell in cells) == _COLUMNS:
            cells = list(_COLUMNS)
        elif not all(pattern.fullmatch(cell) for pattern, cell in zip(_CELLS, cells, strict=True)):
            at += 1
            continue
        first = lines[places[0]]
        joined += [*lines[done : places[0]], Line(first.number, f"| {' | '.join(cells)} |", first.host)]
        done, at = places[-1] + 1, at + len(_CELLS)
    return [*joined, *lines[done:]]


def _hard_joined(lines: Sequence[Line]) -> list[Line]:
    """Lines that a terminal cut at its width: the border shows where, and where a row's bars are."""
    if not any(_BORDER_CUT.fullmatch(line.text) for line in lines if len(line.text) <= LONGEST):
        return list(lines)
    joined: list[Line] = []
    border = ""
    width = parts = place = 0
    while place < len(lines):
        line = lines[place]
        if len(line.text) <= LONGEST and _BORDER_CUT.fullmatch(line.text):
            pieces = _border_pieces(lines, place)
            if len(pieces) > 1:
                border, width, parts = "".join(pieces), len(line.text), len(pieces)
                joined.append(Line(line.number, border, line.host))
                place += parts
                continue
            if width and len(line.text) != width:
                width = 0
        elif width and line.text.lstrip().startswith("|") and len(line.text) <= width and place + parts <= len(lines):
            pieces = [each.text for each in lines[place : place + parts]]
            text = "".join(piece.ljust(width) for piece in pieces[:-1]) + pieces[-1]
            if _fits(text, border):
                joined.append(Line(line.number, text, line.host))
                place += parts
                continue
        joined.append(line)
        place += 1
    return joined


def _fits(text: str, border: str) -> bool:
    """Whether a row, put together, has its bars where the border has its corners."""
    return len(text) == len(border) and [each == "|" for each in text] == [each == "+" for each in border]


def _border_pieces(lines: Sequence[Line], place: int) -> list[str]:
    """The pieces of one border: dashes that go on in the next lines up to the last `+`."""
    first = lines[place].text
    pieces = [first]
    while len(pieces) < _MOST_PIECES and place + len(pieces) < len(lines):
        following = lines[place + len(pieces)].text
        goes_on = not pieces[-1].endswith("+") or following.startswith("-") or following == "+"
        if not goes_on or not _BORDER_PIECE.fullmatch(following) or len(following) > len(first) or following == first:
            break
        if following.startswith("+") and pieces[-1].endswith("+"):
            break
        pieces.append(following)
        if following.endswith("+") and len(following) < len(first):
            break
    return pieces if pieces[-1].endswith("+") else [first]


def _soft_joined(lines: Sequence[Line]) -> list[Line]:
    """Rows that a mail program broke at a blank: the next line brings the cells that are missing."""
    joined: list[Line] = []
    place = 0
    while place < len(lines):
        line = lines[place]
        text = line.text
        more = lines[place + 1].text if place + 1 < len(lines) else ""
        if (
            text.lstrip().startswith("|")
            and not text.endswith("|")
            and 1 < text.count("|") < 6
            and more.endswith("|")
            and not more.lstrip().startswith(("|", "+"))
            and text.count("|") + more.count("|") == 6
        ):
            joined.append(Line(line.number, f"{text} {more.lstrip()}", line.host))
            place += 2
            continue
        joined.append(line)
        place += 1
    return joined
