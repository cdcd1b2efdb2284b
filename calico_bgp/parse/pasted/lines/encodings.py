"""Undoes what mail programs, recorders and `cat -A` make of a whole text before its lines are looked at. No tables."""

from __future__ import annotations

import quopri
import re
from base64 import b64decode
from collections.abc import Iterator, Sequence

from calico_bgp.parse.pasted.lines.patterns import LinePattern

_LONGEST = 64_000_000
_HEAD = 20_000
_QUOTED_PRINTABLE = LinePattern(
    r"^content-transfer-encoding:\s*quoted-printable", re.IGNORECASE | re.MULTILINE, limit=_HEAD
)
_NO_QUOTED_PRINTABLE = re.compile(r"=(?![0-9A-F]{2}|\n)")
_BASE64_HEADER = LinePattern(r"content-transfer-encoding:\s*base64\s*", re.IGNORECASE)
_BASE64 = LinePattern(r"[A-Za-z0-9+/]+={0,2}\s*")
#: An escape character as `cat -v`, editors and shells write it, before a colour.
_WRITTEN_ESCAPE = LinePattern(r"(?:\^\[|\bESC|\u241b|\\e|\\033|\\x1b)(?=\[[0-9;]{0,12}[mK])", limit=_LONGEST)
_WRITTEN_ESCAPES = ("^[[", "ESC[", "\u241b[", "\\e[", "\\033[", "\\x1b[")
#: What `cat -A` and editors show at the end of each line.
_ENDS = ("$", "^M")


def decoded_text(text: str) -> str:
    """The text as it was before it was mailed, recorded or made visible; lines end with LF alone."""
    text = _recorded(text)
    if _QUOTED_PRINTABLE.search(text[:_HEAD]) or _is_quoted_printable(text):
        text = quopri.decodestring(text.encode(errors="surrogatepass")).decode(errors="replace")
    if "ase64" in text[:_HEAD]:
        text = "\n".join(_without_base64(text.split("\n")))
    if any(escape in text for escape in _WRITTEN_ESCAPES):
        text = _WRITTEN_ESCAPE.sub("\x1b", text)
    for end in _ENDS:
        text = _without_ends(text, end)
    return text


def _is_quoted_printable(text: str) -> bool:
    """Whether a mail's body shows by itself that it is quoted-printable: lines that go on, and no other `=` at all."""
    return text.count("=\n") > 1 and _NO_QUOTED_PRINTABLE.search(text) is None


def _without_base64(lines: Sequence[str]) -> Iterator[str]:
    """The lines of a mail, those of its base64 parts decoded where they are text."""
    is_next = False
    place = 0
    while place < len(lines):
        line = lines[place]
        if _BASE64_HEADER.fullmatch(line):
            is_next = True
        if not is_next or line.strip():
            yield line
            place += 1
            continue
        is_next = False
        end = place + 1
        while end < len(lines) and _BASE64.fullmatch(lines[end]):
            end += 1
        try:
            said = b64decode("".join(lines[place + 1 : end])).decode()
        except ValueError:
            said = "\n".join(lines[place + 1 : end])
        yield ""
        yield from said.split("\n")
        place = end


def _without_ends(text: str, end: str) -> str:
    """The text without what stands at the end of all its lines, or of nearly all."""
    count = text.count(f"{end}\n")
    if count < 5 or count < 0.9 * text.count("\n"):
        return text
    return text.replace(f"{end}\n", "\n").removesuffix(end)


def _recorded(text: str) -> str:
    """What asciinema recorded, as it came out; any other text as it is."""
    if not text.startswith('{"version"'):
        return text
    import json  # noqa: PLC0415 - few pastes are a recording

    said: list[str] = []
    for line in text.split("\n")[1:]:
        try:
            event = json.loads(line) if line.strip() else None
        except (ValueError, RecursionError):
            return text
        if event is not None and not (isinstance(event, list) and len(event) == 3 and isinstance(event[2], str)):
            return text
        if event is not None and event[1] == "o":
            said.append(event[2])
    return "".join(said).replace("\r\n", "\n").replace("\r", "\n") or text
