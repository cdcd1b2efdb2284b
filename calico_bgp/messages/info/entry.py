"""What an entry of the table of INFO words is. Values only; the entries stand in texts.toml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """Which part of the answer a text stands in."""

    PEER_TYPE = "peer type"
    PROTOCOL_STATE = "protocol state"
    BGP_STATE = "BGP state"
    TOGETHER = "both states"
    ERROR_CLASS = "error class"
    LOCAL = "local error"
    SOCKET = "socket error"
    NOTIFICATION = "BGP message"
    AUTOMATIC = "automatic shutdown"
    CALICOCTL = "calicoctl message"
    READINESS = "readiness"
    LOG = "log line"


class Whose(StrEnum):
    """Where to look. This end is the node whose table shows the row."""

    THIS = "this end"
    OTHER = "the other end"
    BOTH = "both ends"
    BETWEEN = "the other end and the way to it"
    RESOURCES = "Calico's resources"
    NOWHERE = "nowhere: it is healthy, or passes by itself"


@dataclass(frozen=True, slots=True)
class InfoWords:
    """One text that `calicoctl node status`, a probe or a log can show, in words.

    Attributes:
        part: Where it stands.
        text: As it is printed; what varies is written `...`, `N`, `ADDRESS`, `ADDRESSES`, `PREFIX`, `NAME`.
        short: A clause for a report's sentence; `{near}` shows the row and `{far}` is the other end.
        meaning: The same for somebody who asks what it means, in sentences.
        look_at: Whose end to look at.
        next_steps: What to run or do next, one after the other; at least one.
        source: The upstream file or the section of the RFC.
        also: Other spellings: another C library's, another release's.
        pattern: What matches a text with varying parts, instead of `text` and `also`; linear in its length.
    """

    part: Part
    text: str
    short: str
    meaning: str
    look_at: Whose
    next_steps: tuple[str, ...]
    source: str
    also: tuple[str, ...] = ()
    pattern: str | None = None

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every spelling, the first one first."""
        return (self.text, *self.also)

    def fits(self, text: str) -> bool:
        """Whether this is the entry for a text, in any case and with or without the final full stop."""
        if self.pattern is not None:
            return re.fullmatch(self.pattern, text, re.IGNORECASE) is not None
        return folded(text) in map(folded, self.spellings)


def folded(text: str) -> str:
    """A text as the table compares it: people change the case and lose full stops and colons when they copy."""
    return " ".join(text.split()).rstrip(".:").casefold()


_ADDRESS = r"[0-9a-f][0-9a-f:.]*(?:%\w{1,20})?(?:/\d{1,3})?"
#: What stands in a text for what varies, and what it may be; a copy may have lost or wrapped it.
_VARYING = {
    "ADDRESSES": rf"{_ADDRESS}(?:,\s?{_ADDRESS}){{0,500}}",
    "ADDRESS": _ADDRESS,
    "PREFIX": _ADDRESS,
    "NAME": r"[^\s,]{1,200}",
    "N": r"-?\d{1,10}",
    "...": r"[^\n]{0,200}",
}
_PLACE = re.compile("|".join(map(re.escape, _VARYING)))


def pattern_of(*texts: str) -> str:
    """The pattern of a message that stands anywhere in a longer text, out of its spellings.

    Blanks may be line breaks: events and tickets wrap. What varies at the end may be missing.
    """
    return "|".join(_pattern(text) for text in texts)


def _pattern(text: str) -> str:
    head, pattern = 0, ""
    for match in _PLACE.finditer(text):
        literal = text[head : match.start()]
        # `N` and `NAME` are words; the N of NEXT_HOP is none.
        alone = match[0] == "..." or (not re.search(r"\w$", literal) and not re.match(r"\w", text[match.end() :]))
        if not alone:
            continue
        varying = f"(?:{_VARYING[match[0]]}|{re.escape(match[0])})"
        if match.end() == len(text):
            pattern += _literal(literal.rstrip()) + rf"(?:\s?{varying})?" + ("" if match[0] == "..." else r"(?![\w])")
        else:
            pattern += _literal(literal) + varying
        head = match.end()
    return pattern + _literal(text[head:].rstrip("."))


def _literal(text: str) -> str:
    return re.escape(text).replace(r"\ ", r"\s+")
