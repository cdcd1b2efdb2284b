"""Takes a text apart that somebody asks about: a cell, a row, a message, an event, a log, or a whole paste.

Untrusted like every text from a node: it is bounded and cleaned here, and whoever shows it does so again. No words of
an answer in this file.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from calico_bgp.messages.info.entry import InfoWords, Part, folded
from calico_bgp.messages.info.messages import find_messages
from calico_bgp.messages.info.table import LONGEST, PART_OF_CLASS, anywhere, info_words, words_of
from calico_bgp.model.peer import BGPState, ErrorClass, Family, Peer
from calico_bgp.parse.cleaning import clean_line, split_lines
from calico_bgp.parse.pasted.lines.anchors import may_hold_a_row
from calico_bgp.parse.status.peer_cells import split_address, split_info

#: Lines and different answers that are looked at. A mesh of 500 nodes has 1,000 rows and few different INFOs.
MOST_LINES = 20_000
MOST_ANSWERS = 50
_MOST_SUGGESTIONS = 3
_ENOUGH_OF_A_MESSAGE = 12
#: Entries that one beginning may have.
_FEW_ENTRIES = 2

_SINCE = re.compile(r"\d\d:\d\d:\d\d(?:\.\d{1,9})?|\d{4}-\d\d-\d\d|never")
#: How a report of ours shows a row: `node1 shows 192.0.2.2 (global): start since 10:20:30 Active ...`.
_OUR_ROW = re.compile(r"\S{1,253} shows (\S{1,60}) \(([^()]{1,40})\): (.*)")


@dataclass(frozen=True, slots=True)
class Explained:
    """What one text says.

    Attributes:
        text: The text, cleaned: a cell, or the state and the INFO of rows.
        words: What is known about it, in the order in which it says it.
        unknown: The part that the table does not have; None when there is none.
        nearest: Texts of the table that look like the unknown part.
        rows: The peers whose rows say so, as they stood, or the addresses in a message; empty where there are none.
        cut: Whether the text was longer than an INFO can be, and only its beginning was read.
    """

    text: str
    words: tuple[InfoWords, ...]
    unknown: str | None = None
    nearest: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    cut: bool = False

    @property
    def is_known(self) -> bool:
        """Whether the table has all of it."""
        return self.unknown is None


def read_text(text: str) -> tuple[Explained, ...]:
    """What a text says: a paste with tables, rows, or one cell or message a line. Each different answer once.

    Args:
        text: As it was typed or pasted, quotes or not.

    Returns:
        At most `MOST_ANSWERS`; empty for a text without a word.
    """
    lines = [line for raw in split_lines(text)[:MOST_LINES] if (line := clean_line(raw[: 4 * LONGEST]).strip())]
    by_text: dict[str, Explained] = {}
    messages, lines = _messages([" ".join(line.split()) for line in lines], lines)
    for explained in messages:
        _keep(by_text, explained)
    for line in lines:
        message = _unquoted(line)[:LONGEST]
        words = words_of(Part.CALICOCTL, message)
        if words is not None:
            _keep(by_text, Explained(message, (words,)))
    for peer in _peers("\n".join(lines)):
        _keep(by_text, read_peer(peer))
    if not by_text:
        for line in dict.fromkeys(lines):
            if len(by_text) >= MOST_ANSWERS:
                break
            explained = _line(line)
            if explained.words or explained.unknown is not None:  # else a border, an address, a time alone
                _keep(by_text, explained)
    return tuple(by_text.values())[:MOST_ANSWERS]


def _messages(plain: list[str], lines: list[str]) -> tuple[list[Explained], list[str]]:
    """What probes and logs say in the text, and the lines without any of it."""
    messages = find_messages("\n".join(plain))
    starts = list(accumulate((len(line) + 1 for line in plain), initial=0))
    with_message = {
        line
        for message in messages
        for start, end in message.spans
        for line in range(bisect_right(starts, start) - 1, bisect_right(starts, max(start, end - 1)))
    }
    other_lines = [line for number, line in enumerate(lines) if number not in with_message]
    return [Explained(message.text[:LONGEST], message.words, rows=message.about) for message in messages], other_lines


def read_peer(peer: Peer) -> Explained:
    """What a row says."""
    kind = words_of(Part.PEER_TYPE, peer.peer_type)
    cell = _cell(f"{peer.protocol_state} {peer.info}".strip())
    words = (*cell.words, kind) if kind is not None else cell.words
    return Explained(cell.text, words, cell.unknown, cell.nearest, (peer.address_text,), cell.cut)


def _keep(by_text: dict[str, Explained], new: Explained) -> None:
    """Once per text; rows of one text together, whatever type of peer they are."""
    old = by_text.get(new.text)
    if old is None:
        by_text[new.text] = new
        return
    words = tuple(dict.fromkeys((*old.words, *new.words)))
    rows = tuple(dict.fromkeys((*old.rows, *new.rows)))
    by_text[new.text] = Explained(old.text, words, old.unknown, old.nearest, rows, old.cut)


def _peers(text: str) -> Iterator[Peer]:
    if not may_hold_a_row(text):
        return
    from calico_bgp.parse.bird.birdc import node_status_from_bird  # noqa: PLC0415 - most who ask type a few words
    from calico_bgp.parse.pasted.reader import parse_pasted  # noqa: PLC0415

    for status in parse_pasted(text):
        yield from status.peers
    for family in Family:
        # The family decides how a protocol's name is read: `Mesh_10_0_0_1` has four numbers.
        for peer in node_status_from_bird({family: text}).peers:
            if (
                peer.address is not None
                and peer.family is family
                and (family is Family.IPV4 or peer.address.version == 6)
            ):
                yield peer


def _unquoted(line: str) -> str:
    return line.strip(" \t'\"`*").strip()


def _line(line: str) -> Explained:
    """One line that is no whole row: cells, a row as our own reports show it, or a cell."""
    own_row = _OUR_ROW.fullmatch(line)
    if own_row is not None:
        explained = _cell(own_row[3].replace(" since ", " ", 1))
        return Explained(
            explained.text, explained.words, explained.unknown, explained.nearest, (own_row[1],), explained.cut
        )
    if "|" not in line:
        explained = _cell(_unquoted(line))
        return explained if explained.words or explained.unknown is None else _inside(line) or explained
    cells = [cell for cell in (_unquoted(part) for part in line.split("|")) if cell]
    addresses = tuple(cell for cell in cells if split_address(cell)[0] is not None)
    kind = next((type_words for cell in cells if (type_words := words_of(Part.PEER_TYPE, cell)) is not None), None)
    other_cells = [
        c for c in cells if c not in addresses and not _SINCE.fullmatch(c) and words_of(Part.PEER_TYPE, c) is None
    ]
    explained = _cell(" ".join(other_cells))
    words = (*explained.words, kind) if kind is not None else explained.words
    return Explained(explained.text, words, explained.unknown, explained.nearest, addresses, explained.cut)


def _inside(line: str) -> Explained | None:
    """A line that holds a text of the table among other words: a log line, a question in a ticket."""
    lower = " ".join(line.split()).casefold()
    inside = [(len(spelling), spelling, words) for spelling, words in _long_spellings() if spelling in lower]
    if inside:
        _, spelling, words = max(inside, key=lambda one: one[:2])
        before = lower[: lower.find(spelling)].rstrip()
        classes = [words_of(Part.ERROR_CLASS, one) for one in ErrorClass if before.endswith(f"{one}:".casefold())]
        class_words = tuple(one for one in classes[-1:] if one is not None)
        return Explained(" ".join(one.text for one in (*class_words, words)), (*class_words, words))
    begun = [words for spelling, words in _long_spellings() if _begins(spelling, folded(line))]
    return Explained(line, tuple(begun)) if 1 <= len(set(begun)) <= _FEW_ENTRIES else None


def _begins(spelling: str, text: str) -> bool:
    """Whether a text of several words is the beginning of an entry, as people shorten it: `Invalid NEXT_HOP`."""
    return " " in text and spelling.startswith(f"{text} ")


@cache
def _long_spellings() -> tuple[tuple[str, InfoWords], ...]:
    """Texts of several words, which stand in a sentence only because they are meant."""
    parts = (Part.NOTIFICATION, Part.SOCKET, Part.LOCAL, Part.AUTOMATIC, Part.CALICOCTL)
    return tuple(
        (folded(spelling), words)
        for words in info_words()
        if words.part in parts
        for spelling in words.spellings
        if " " in folded(spelling)
    )


def _cell(text: str) -> Explained:
    """STATE, SINCE and INFO, or some of them: `start 10:20:30 Active Socket: Connection refused`."""
    cut = len(text) > LONGEST
    text = " ".join(text[:LONGEST].split())
    tokens = text.split(" ")
    state = words_of(Part.PROTOCOL_STATE, tokens[0])
    info = " ".join(tokens[1:]) if state is not None else text
    while (first := info.partition(" "))[0] and _SINCE.fullmatch(first[0]):
        info = first[2]
    shown_text = f"{tokens[0]} {info}".strip() if state is not None else info
    words, unknown = _info(info)
    if state is not None:
        words = _with_state(state, words)
    nearest = () if unknown is None else _nearest(unknown)
    return Explained(shown_text or text, words, unknown, nearest, (), cut)


def _with_state(state: InfoWords, words: tuple[InfoWords, ...]) -> tuple[InfoWords, ...]:
    """The state before INFO, as one where both together have words of their own."""
    if words and words[0].part is Part.BGP_STATE:
        together = words_of(Part.TOGETHER, f"{state.text} {words[0].text}")
        if together is not None:
            return (together, *words[1:])
    return (state, *words)


def _info(info: str) -> tuple[tuple[InfoWords, ...], str | None]:
    """The words of an INFO cell, and the part that has none."""
    if not info:
        return (), None
    bgp_state, error = split_info(info)
    if error is not None and isinstance(error.error_class, ErrorClass):
        error_class = words_of(Part.ERROR_CLASS, error.error_class)
        words = [_state(bgp_state)] if bgp_state is not None else []
        words += [error_class] if error_class is not None else []
        if not error.message:
            return tuple(words), None
        message = words_of(PART_OF_CLASS[error.error_class], error.message)
        return (tuple(words), error.message) if message is None else ((*words, message), None)
    if bgp_state is not None:
        other_text = info.partition(" ")[2]
        if not other_text:
            return (_state(bgp_state),), None
        words_inside = anywhere(other_text)
        return (_state(bgp_state), *words_inside), None if words_inside else other_text
    words_inside = anywhere(info)
    return words_inside, None if words_inside else info


def _state(state: BGPState) -> InfoWords:
    words = words_of(Part.BGP_STATE, state)
    assert words is not None, "the table has every BGPState"
    return words


def _nearest(unknown: str) -> tuple[str, ...]:
    """Texts that were perhaps meant: those that hold the unknown words, then those that look like them."""
    from difflib import get_close_matches  # noqa: PLC0415 - most texts are known

    folded_unknown = folded(unknown)
    # Messages of logs are long: they are near only to somebody who typed most of one.
    by_folded = {
        folded(spelling): spelling
        for words in info_words()
        if words.part not in (Part.READINESS, Part.LOG) or len(folded_unknown) >= _ENOUGH_OF_A_MESSAGE
        for spelling in words.spellings
    }
    holding = [
        spelling
        for key, spelling in by_folded.items()
        if len(folded_unknown) >= 3 and (folded_unknown in key or key in folded_unknown)
    ]
    alike = [by_folded[key] for key in get_close_matches(folded_unknown, by_folded, n=_MOST_SUGGESTIONS)]
    return tuple(dict.fromkeys((*alike, *holding)))[:_MOST_SUGGESTIONS]
