"""From a pasted text to its lines: entities, tags, full-width characters, escaped line ends. Nothing about BGP."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from calico_bgp.parse.cleaning import clean_line, split_lines
from calico_bgp.parse.pasted.lines.encodings import decoded_text
from calico_bgp.parse.pasted.lines.patterns import LinePattern

#: A line that holds more than this is no line of a terminal.
_LONGEST = 1_000_000

_ENTITY = LinePattern(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});", limit=_LONGEST)
#: A paragraph inside a cell, as Confluence writes them.
_IN_CELL = LinePattern(r"(<t[hd](?:\s[^<>]{0,200})?>)\s*<(?:p|div)(?:\s[^<>]{0,200})?>", re.IGNORECASE, limit=_LONGEST)
_OUT_OF_CELL = LinePattern(r"</(?:p|div)>\s{0,80}(?=</t[hd]>)", re.IGNORECASE, limit=_LONGEST)
_CELL_TAG = LinePattern(r"<t[hd](?:\s[^<>]{0,200})?>", re.IGNORECASE, limit=_LONGEST)
_ROW_END_TAG = LinePattern(r"</tr>|<br\s*/?>|</p>|</li>|</div>|</pre>|</h[1-6]>", re.IGNORECASE, limit=_LONGEST)
_OTHER_TAG = LinePattern(
    r"</?(?:html|body|t[hdr]|tbody|thead|table|pre|code|span|div|p|br|b|i|em|strong|li|ul|ol|samp|font|h[1-6]|blockquote|details|summary)\b"
    r"[^<>]{0,200}>",
    re.IGNORECASE,
    limit=_LONGEST,
)
# Markdown's emphasis in a cell; masked addresses (`**.**.**.12`) are none.
_EMPHASIS = LinePattern(r"\*\*(\w[^*|]{0,80})\*\*|(?<=\| )_(\w[^_|]{0,80})_(?= \|)")
_ESCAPED_END = LinePattern(r"\\r\\n|\\n", limit=_LONGEST)
_ESCAPED = LinePattern(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", limit=_LONGEST)
_ESCAPES = {"t": " ", "r": "", "b": "", "f": "", "e": "\x1b", "0": ""}
# Full-width forms of ASCII (U+FF01 to U+FF5E), the ideographic blank, and bars that look like ours.
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0x2223: "|", 0x01C0: "|"}
_HAS_FULL_WIDTH = LinePattern(r"[\uff01-\uff5e\u3000\u2223\u01c0]", limit=_LONGEST)
_GLUED = "non-zero return code"
# Markdown's own characters, each behind a backslash where it is to be none of Markdown's.
_OF_MARKDOWN = LinePattern(r"\\([-+|_*`#.\[\]()])", limit=_LONGEST)
#: A row that a spreadsheet or a script wrote: cells in quotes, or with commas between them.
_SEPARATED = LinePattern(
    r"\s*\"?[\da-fA-FxX*][\w.:*%]{2,63}\"?(?P<apart>[,;])\s?\"?(?:node-to-node mesh|node specific|global)\"?(?P=apart)"
    r"\s?\"?(?:start|up|wait|feed|stop|down|flush)\"?(?P=apart).*",
    re.IGNORECASE,
)
#: What a picture's reader takes the bars of a table for, and so many bars a row has at least.
_LIKE_BARS = frozenset("Il!|")
_FEWEST_BARS = 5


class Line(NamedTuple):
    """A line of the paste.

    Attributes:
        number: In the source, from 1.
        text: Printable, without trailing blanks.
        host: Whom a prefix of the line names, None where it names nobody.
    """

    number: int
    text: str
    host: str | None = None


def normal(text: str) -> str:
    """The text with LF alone as the end of a line, without a byte order mark; of mails and recordings the contents."""
    text = text.removeprefix("\ufeff")
    return decoded_text("\n".join(split_lines(text)) if "\r" in text else text)


def decode(lines: Iterable[tuple[int, str]]) -> list[Line]:
    r"""Lines as a terminal would have shown them.

    HTML (entities, tags, cells of a table), full-width characters, Markdown's emphasis in cells, and lines in which the
    line ends are escaped (`...running.\n\nIPv4 BGP status\n+---...`) become plain.

    Args:
        lines: Their numbers and texts.
    """
    return [Line(number, each) for number, raw in lines for each in _plain(raw)]


def _plain(raw: str) -> list[str]:
    if len(raw) > _LONGEST:
        return [""]
    if "&" in raw and _ENTITY.search(raw):
        import html  # noqa: PLC0415 - two thousand names of entities, and few pastes hold any

        with suppress(ValueError):  # `&#999...;` of more digits than Python makes an int of stays as it is
            raw = html.unescape(raw)
    parts = [raw]
    if "<" in raw and _OTHER_TAG.search(raw):
        parts = _without_tags(raw)
    if "\\n" in raw and raw.count("\\n") > 1:
        parts = [unescaped(each) for part in parts for each in _ESCAPED_END.split(part)]
    return [each for part in parts for each in _unglued(_plain_line(part))]


def _unglued(line: str) -> tuple[str, ...]:
    """A line without the words that ansible prints right behind it where a command's last line has no end."""
    if line.endswith(_GLUED) and len(line) > len(_GLUED):
        return (line.removesuffix(_GLUED).rstrip(), _GLUED)
    return (line,)


def _without_tags(raw: str) -> list[str]:
    raw = _OUT_OF_CELL.sub("", _IN_CELL.sub(r"\1", raw))
    raw = _CELL_TAG.sub("|", raw)
    parts = _ROW_END_TAG.split(raw)
    if len(parts) > 1 and not _OTHER_TAG.sub("", parts[-1]).strip():
        parts.pop()
    if len(parts) > 1 and raw.lstrip().startswith("|") and parts[-1].count("|") == 1:
        # The end of a row of Markdown, of which a whole answer is one cell.
        parts[-1] = parts[-1].rstrip().removesuffix("|")
    return [_OTHER_TAG.sub("", part) for part in parts]


def _plain_line(line: str) -> str:
    if not line.isascii() and _HAS_FULL_WIDTH.search(line):
        line = line.translate(_FULL_WIDTH)
    line = clean_line(line)
    if "\\|" in line or "\\-\\-" in line:
        line = _OF_MARKDOWN.sub(r"\1", line)
    if ("," in line or ";" in line) and (found := _SEPARATED.fullmatch(line)) is not None:
        return f"| {' | '.join(cell.strip(' ') for cell in next(csv.reader([line], delimiter=found['apart'])))} |"
    if line[-2:] in {" I", " l", " !", " |"}:
        line = _with_bars(line)
    if "|" in line and ("`" in line or "**" in line or " _" in line):
        line = _EMPHASIS.sub(r"\1\2", line).replace("`", "")
    return line


def _with_bars(line: str) -> str:
    """A row that begins and ends with a letter that looks like a bar, with bars; any other line as it is."""
    words = line.split(" ")
    first = next((word for word in words if word), "")
    bars = sum(word in _LIKE_BARS for word in words if word)
    if first not in _LIKE_BARS or bars < _FEWEST_BARS:
        return line
    return " ".join("|" if word and word in _LIKE_BARS else word for word in words)


def unescaped(text: str) -> str:
    """JSON's, Python's and a shell's escapes in one line, undone."""

    def plain(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        return chr(int(code, 16)) if code else _ESCAPES.get(match[3], match[3])

    return _ESCAPED.regex.sub(plain, text)
