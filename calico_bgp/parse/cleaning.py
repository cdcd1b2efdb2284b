"""Makes printable lines out of untrusted text: line ends, colours, control characters. No grammar may enter."""

from __future__ import annotations

import re

# ECMA-48: CSI sequences (colours), OSC sequences (titles, links) up to BEL or ST, and two-character escapes. Also the
# bare `[32m` that is left when a ticket system has dropped the escape character itself.
_ESCAPES = re.compile(r"\x1b\[[0-?]*+[ -/]*+[@-~]|\x1b\][^\x07\x1b]*+(?:\x07|\x1b\\)?|\x1b[ -/]*+[0-~]|\[[0-9;]{1,8}m")
# What moves a terminal's cursor within a line, and what erases or makes room there.
_MOVES = re.compile(r"(\x08|\x1b\[[0-9]{0,4}[CDKP@])")
_MOVE = re.compile(r"\x08|\x1b\[([0-9]{0,4})([CDKP@])")
_COLOURS = re.compile(r"\x1b\[[0-9;]*+m|\x1b\[\?[0-9;]*+[hl]|\x1b\][^\x07\x1b]*+(?:\x07|\x1b\\)?")
#: No terminal is wider, and no longer line was typed.
_WIDEST = 2_000
_DRAWN = str.maketrans(
    {
        **dict.fromkeys("│┃║┆┊¦", "|"),
        # Also hyphens that a word processor puts in: they break no line.
        **dict.fromkeys("─━═┄┈\u2010\u2011\u2212", "-"),
        **dict.fromkeys("┌┬┐├┼┤└┴┘╔╦╗╠╬╣╚╩╝╭╮╯╰┏┳┓┣╋┫┗┻┛╒╤╕╞╪╡╘╧╛", "+"),
    }
)
_MANY_RETURNS = re.compile(r"(?<!\r)\r++\n")


def split_lines(text: str) -> list[str]:
    """The lines of a text, whatever ends them: LF, CR LF (a pseudo-terminal), CR CR LF, or a lone CR."""
    if "\r" in text:
        text = _MANY_RETURNS.sub("\n", text).replace("\r", "\n")
    return text.split("\n")


def clean_line(line: str) -> str:
    """A line as a terminal would show it, in printable characters, without trailing blanks.

    Colours, other escape sequences and what was typed and taken back go, tabs and odd blanks become blanks, borders
    drawn with line characters become `|`, `-` and `+`, invisible characters go, and what cannot be encoded becomes
    U+FFFD.
    """
    line = line.rstrip()
    if line.isascii() and line.isprintable() and "[" not in line:
        return line
    if len(line) <= _WIDEST and ("\b" in line or ("\x1b" in line and _MOVES.search(line))):
        line = _as_it_looked(_COLOURS.sub("", line))
    if "[" in line or "\x1b" in line:
        line = _ESCAPES.sub("", line)
    line = line.translate(_DRAWN)
    if not line.isascii() or not line.isprintable():
        line = "".join(map(_printable, line))
    return line.rstrip()


def _as_it_looked(line: str) -> str:
    """What a line looked like in the end: characters typed over others, erased or put between, as script(1) records."""
    shown: list[str] = []
    cursor = 0
    for part in _MOVES.split(line):
        move = _MOVE.fullmatch(part)
        if move is None:
            shown += " " * (cursor - len(shown))
            shown[cursor : cursor + len(part)] = part
            cursor += len(part)
            continue
        # Where no number stands it is 1, of an erasure 0; a line is never longer than it came.
        number, what = int(move[1] or 1), move[2]
        if what in {None, "D"}:
            cursor = max(0, cursor - (1 if what is None else number))
        elif what == "C":
            cursor = min(cursor + number, _WIDEST)
        elif what == "P":
            del shown[cursor : cursor + number]
        elif what == "@":
            shown[cursor:cursor] = " " * min(number, _WIDEST - len(shown))
        elif move[1] in {"", "0"}:
            del shown[cursor:]
        elif number == 2:
            shown = []
    return "".join(shown)


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    if character.isspace():
        return " "
    return "\ufffd" if "\ud800" <= character <= "\udfff" else ""
