"""Makes printable lines out of untrusted text: line ends, colours, control characters. No grammar may enter."""

from __future__ import annotations

import re

# ECMA-48: CSI sequences (colours), OSC sequences (titles, links) up to BEL or ST, and two-character escapes. Also the
# bare `[32m` that is left when a ticket system has dropped the escape character itself.
_ESCAPES = re.compile(r"\x1b\[[0-?]*+[ -/]*+[@-~]|\x1b\][^\x07\x1b]*+(?:\x07|\x1b\\)?|\x1b[ -/]*+[0-~]|\[[0-9;]{1,8}m")
_DRAWN = str.maketrans(
    {
        **dict.fromkeys("│┃║┆┊¦", "|"),
        **dict.fromkeys("─━═┄┈", "-"),
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
    if "[" in line or "\x1b" in line:
        line = _ESCAPES.sub("", line)
    if "\b" in line:
        line = _typed_over(line)
    line = line.translate(_DRAWN)
    if not line.isascii() or not line.isprintable():
        line = "".join(map(_printable, line))
    return line.rstrip()


def _typed_over(line: str) -> str:
    """The characters that are left where a backspace takes the one before it, as in what script(1) records."""
    left: list[str] = []
    for character in line:
        if character != "\b":
            left.append(character)
        elif left:
            left.pop()
    return "".join(left)


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    if character.isspace():
        return " "
    return "\ufffd" if "\ud800" <= character <= "\udfff" else ""
