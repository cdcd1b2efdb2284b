"""Explains why a text is not YAML; most of all the unquoted selector. Reads no resource."""

from __future__ import annotations

import re
from typing import NamedTuple

import yaml

from calico_bgp.parse.lines import shown

#: A selector field whose value begins with what YAML takes for a tag, an alias, an anchor or a block.
_SELECTOR = re.compile(r"(?P<before>^|[{,\s\"'-])(?P<field>[A-Za-z]*[sS]elector)[\"']?\s*:\s+(?P<value>[^\s#].*)$")
_MEANS = {
    "!": "`!` begins a tag",
    "*": "`*` begins an alias",
    "&": "`&` begins an anchor",
    "|": "`|` begins a text over several lines",
    ">": "`>` begins a text over several lines",
    "'": "the quotes end before the value does",
    '"': "the quotes end before the value does",
    "{": "`{` begins a mapping",
    "[": "`[` begins a list",
    "(": "this value is no plain text",
    "@": "`@` is reserved",
    "%": "`%` begins a directive",
}


_MAX_SHOWN = 500


class Explained(NamedTuple):
    """A syntax error in words; `line` from 1 in the whole file."""

    message: str
    line: int
    expected: str | None


def explain(error: yaml.YAMLError, text: str, first_line: int) -> Explained:
    """What is wrong, where, and what to write.

    Args:
        error: Of PyYAML.
        text: What was parsed.
        first_line: The line of the file where `text` begins.
    """
    if not isinstance(error, yaml.MarkedYAMLError):
        # Of the reader: its offset is in bytes.
        position = getattr(error, "position", 0)
        before = text.encode("utf-8", "replace")[:position] if isinstance(position, int) else b""
        what = getattr(error, "reason", None) or "it cannot be read"
        return Explained(f"not YAML: {shown(str(what))}", first_line + before.count(b"\n"), None)
    marks = [mark for mark in (error.context_mark, error.problem_mark) if mark is not None]
    numbers = sorted({mark.line for mark in marks}) or [0]
    lines = text.split("\n")
    # libyaml may notice it a line later than where it stands.
    for number in (*reversed(numbers), numbers[-1] - 1):
        if 0 <= number < len(lines) and (selector := _selector(lines[number])) is not None:
            return Explained(selector[0], first_line + number, selector[1])
    number = error.problem_mark.line if error.problem_mark is not None else numbers[0]
    # At the end of a text the mark stands behind its last line.
    number = min(number, max(0, len(lines) - (1 if lines[-1] else 2)))
    what = ", ".join(part for part in (error.context, error.problem) if part)
    if numbers[0] < number:
        what += f" (it begins on line {first_line + numbers[0]})"
    expected = None
    line = lines[number] if number < len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        expected = "blanks: YAML does not take tabs as indentation"
    return Explained(f"not YAML: {shown(what)}", first_line + number, expected)


def _selector(line: str) -> tuple[str, str] | None:
    """What to say of a line with an unquoted selector, and the line to write instead; None when there is none."""
    match = _SELECTOR.search(line)
    if match is None:
        return None
    value = match["value"].replace("\t", " ").strip()
    if match["before"] in ("{", ",") or line.lstrip().startswith("{"):
        value = _before_comma(value)
    quoted_whole = len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" and value.count(value[0]) == 2
    if not value or quoted_whole:
        return None
    why = _MEANS.get(value[0])
    if why is None and ": " not in value and " #" not in value and not value.endswith(":"):
        return None
    why = why or "a colon or `#` ends a plain text"
    message = f"not YAML: {match['field']} is a selector without quotes, and to YAML {why}"
    is_shown = value.isprintable() and len(value) <= _MAX_SHOWN
    return message, f"{match['field']}: {_quoted(value)}" if is_shown else "the selector in quotes"


def _before_comma(value: str) -> str:
    """The part of a flow mapping's value before the `,` or `}` that ends it."""
    open_ones, quote = 0, ""
    for position, character in enumerate(value):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "{(":
            open_ones += 1
        elif character in "})," and open_ones == 0:
            return value[:position].rstrip()
        elif character in "})":
            open_ones -= 1
    return value


def _quoted(value: str) -> str:
    """A text as a YAML value that is certainly a text."""
    if '"' not in value and "\\" not in value:
        return f'"{value}"'
    return "'" + value.replace("'", "''") + "'"
