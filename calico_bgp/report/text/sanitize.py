"""Makes text that a node printed safe to show. Only functions from text to text may enter this file.

A node's output is untrusted: an escape sequence can repaint the operator's terminal, a bidirectional override can make
a row read as another, and a line break can forge a row. Everything that a report shows goes through `plain` once.
"""

from __future__ import annotations

import re
from functools import cache

#: Longer than any honest cell or message; a megabyte of INFO is an attack or a broken node.
DEFAULT_LIMIT = 2000

#: Whole escape sequences (ECMA-48), seven and eight bit: CSI, OSC and its like up to BEL or ST, two-byte ones. A string
#: that begins inside another ends that one, so that no character is looked at twice.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]"
    r"|(?:\x1b[\]P_^X]|[\x9d\x90\x9e\x9f\x98])[^\x07\x1b\x9c\n\x9d\x90\x9e\x9f\x98]*+(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*+[0-Z\\^-~]"
)
#: What begins a formula, in full width as well.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


# The two patterns below are made when they are first needed: that takes longer than all that most commands print.
@cache
def _not_xml() -> re.Pattern[str]:
    """What XML 1.0 cannot hold at all, not even escaped (section 2.2, production Char)."""
    return re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@cache
def _unseen() -> re.Pattern[str]:
    """Categories Cc (but those of ASCII), Cf, Cs, Zl and Zp: bidirectional and C1 controls, zero-width characters."""
    return re.compile(
        "[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
        "\ud800-\udfff\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
        "\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]"
    )


def plain(text: str, *, limit: int | None = DEFAULT_LIMIT) -> str:
    """One line of printable text: no control characters, escape sequences, bidi overrides or zero-width characters.

    Line breaks and tabs become one blank each, so that words stay apart.

    Args:
        text: Any text, as a node printed it.
        limit: The longest result in characters; what is longer ends in `…`. None for no limit.
    """
    if not text.isprintable():
        text = _ESCAPES.sub("", text)
        # isprintable() is False for every Cc, Cf, Cs, Co, Cn, Zl, Zp, and for every Zs but the blank.
        text = "".join(c if c.isprintable() else " " if c.isspace() else "" for c in text).strip()
    if limit is not None and len(text) > limit:
        return text[: max(limit - 1, 0)] + "…"
    return text


def xml_text(text: str) -> str:
    """Text that an XML 1.0 document can hold, without what `plain` leaves out; line breaks and tabs stay.

    The serialiser still has to escape `<` and `&`.
    """
    return _unseen().sub("", _not_xml().sub("", _ESCAPES.sub("", text)))


def json_text(document: str) -> str:
    r"""A JSON document that may be shown on a terminal: what cannot be seen is written as `\uXXXX`, and read back."""
    import json  # noqa: PLC0415 - most texts are none

    return _unseen().sub(lambda match: json.dumps(match[0])[1:-1], document)


def csv_cell(text: str) -> str:
    """A cell that a spreadsheet shows instead of running: what begins like a formula gets a leading apostrophe.

    See OWASP, CSV Injection: a cell that begins with `=`, `+`, `-`, `@`, tab or carriage return is evaluated. Where
    the decimal sign is a comma, Excel takes semicolons for the ends of cells, quoted or not: what follows is one.
    """
    return ";".join(
        f"'{part}" if part.lstrip().startswith(_FORMULA) else part for part in plain(text, limit=None).split(";")
    )
