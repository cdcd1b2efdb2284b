"""Finds messages of probes and logs in a longer text: an event, a log, a ticket. Text in, places and entries out.

Most of such a text is a prefix (`Readiness probe failed:`, a date, `[INFO][1063] confd/health.go 180:`) or says nothing
of BGP. So messages are looked for by the words that they cannot do without, and what is around them is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from calico_bgp.messages.info.entry import InfoWords, Part
from calico_bgp.messages.info.table import info_words, words_of
from calico_bgp.model.peer import ErrorClass
from calico_bgp.parse.addresses import read_address

_PARTS = (Part.READINESS, Part.LOG)
#: Places of one message that are looked at, and addresses that are named with it.
_MOST_PLACES = 2_000
_MOST_ADDRESSES = 1_000
#: Longer than any message with all that varies in it.
_WINDOW = 12_000
_PLACEHOLDER = re.compile(r"\.\.\.|\bADDRESS(?:ES)?\b|\bPREFIX\b|\bNAME\b|\bN\b")
_ADDRESS = re.compile(r"[0-9a-f]{0,4}[:.][0-9a-f:.]+", re.IGNORECASE)
# proto/bgp/packets.c bgp_log_error: `Mesh_10_0_0_1: Error: Bad peer AS: 64513`; Error is what INFO calls BGP Error.
_SESSION = re.compile(
    r"\b(?P<protocol>(?:Mesh|Node|Global|Local_Workload)_[\w.]{1,100}): "
    r"(?P<kind>Error|Received): (?P<message>[^\n:]{1,80})",
    re.IGNORECASE,
)
_CLASSES = {"error": ErrorClass.BGP, "received": ErrorClass.RECEIVED}


@dataclass(frozen=True, slots=True)
class Message:
    """A message that stands in a text.

    Attributes:
        start: Where it begins first.
        spans: All places where it stands.
        text: As it stands first.
        words: What is known about it.
        about: The addresses in it, wherever it stands, each once.
    """

    start: int
    spans: tuple[tuple[int, int], ...]
    text: str
    words: tuple[InfoWords, ...]
    about: tuple[str, ...]


def find_messages(text: str) -> list[Message]:
    """The messages of probes and logs in a text, in its order; each entry of the table once.

    Args:
        text: Lines that are cleaned, with single blanks.
    """
    lower = text.lower()
    covered = bytearray(len(text))
    messages = [message for words in _entries() if (message := _find(words, text, lower, covered)) is not None]
    messages += _sessions(text, covered)
    return sorted(messages, key=lambda message: message.start)


@cache
def _entries() -> tuple[InfoWords, ...]:
    return tuple(words for words in info_words() if words.part in _PARTS)


@cache
def _pattern(words: InfoWords) -> re.Pattern[str]:
    """The pattern of an entry; made when one of its anchors stands in a text, as most texts hold few of them."""
    assert words.pattern is not None, "every message has a pattern"
    return re.compile(words.pattern, re.IGNORECASE)


@cache
def _anchors(words: InfoWords) -> tuple[str, ...]:
    """The words of each spelling that stand first in it and do not vary."""
    anchors = {_PLACEHOLDER.split(spelling)[0].rstrip(" .:").lower() for spelling in words.spellings}
    # `a b` finds what `a b c` would.
    return tuple(
        anchor for anchor in anchors if not any(other != anchor and anchor.startswith(other) for other in anchors)
    )


def _find(words: InfoWords, text: str, lower: str, covered: bytearray) -> Message | None:
    spans: list[tuple[int, int]] = []
    for anchor in _anchors(words):
        for start in _places(anchor, lower):
            if covered[start] or len(spans) >= _MOST_PLACES:
                continue
            match = _pattern(words).match(text, start, start + _WINDOW)
            # What a more exact entry explains needs no general one around it.
            if match is not None and 1 not in covered[match.start() : match.end()]:
                spans.append(match.span())
                covered[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    if not spans:
        return None
    spans.sort()
    first = text[slice(*spans[0])]
    return Message(spans[0][0], tuple(spans), _shown(first), (words,), _addresses(text[slice(*span)] for span in spans))


def _places(anchor: str, lower: str) -> Iterator[int]:
    """Where an anchor stands; its blanks may be line breaks."""
    if " " in anchor and "\n" in lower:
        wrapped = re.compile(r"\s".join(map(re.escape, anchor.split(" "))))
        yield from (match.start() for match in wrapped.finditer(lower))
        return
    position = lower.find(anchor)
    while position >= 0:
        yield position
        position = lower.find(anchor, position + 1)


def _sessions(text: str, covered: bytearray) -> Iterator[Message]:
    """What BIRD logs of one session: whose complaint it is and the message, each different one once."""
    spans: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for match in _SESSION.finditer(text):
        if not covered[match.start()]:
            spans.setdefault((match["kind"].lower(), match["message"].strip().lower()), []).append(match.span())
    for (kind, message), places in spans.items():
        error_class = words_of(Part.ERROR_CLASS, _CLASSES[kind])
        notification = words_of(Part.NOTIFICATION, message)
        if error_class is not None and notification is not None:
            shown_text = f"{error_class.text} {notification.text}"
            names = dict.fromkeys(text[slice(*span)].partition(":")[0] for span in places[:_MOST_PLACES])
            yield Message(
                places[0][0], tuple(places), shown_text, (error_class, notification), tuple(names)[:_MOST_ADDRESSES]
            )


def _shown(text: str) -> str:
    return " ".join(text.split())


def _addresses(texts: Iterator[str]) -> tuple[str, ...]:
    addresses: dict[str, None] = {}
    for text in texts:
        for match in _ADDRESS.finditer(text):
            if len(addresses) >= _MOST_ADDRESSES:
                break
            address = read_address(match[0].rstrip(".:"))
            if address is not None:
                addresses[str(address)] = None
    return tuple(addresses)
