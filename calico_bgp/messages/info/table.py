"""The whole table of INFO words, and looking a text up in it. The words themselves stand in texts.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from calico_bgp.messages.info.entry import InfoWords, Part, Whose, folded, pattern_of
from calico_bgp.model.peer import ErrorClass

#: Parts whose texts stand anywhere in a longer one: their patterns are made of their spellings.
_IN_LONGER_TEXTS = frozenset({Part.READINESS, Part.LOG})

#: Where the message of an error of a class stands.
PART_OF_CLASS: dict[str, Part] = {
    ErrorClass.LOCAL: Part.LOCAL,
    ErrorClass.BGP: Part.NOTIFICATION,
    ErrorClass.RECEIVED: Part.NOTIFICATION,
    ErrorClass.AUTOMATIC: Part.AUTOMATIC,
    ErrorClass.SOCKET: Part.SOCKET,
}

#: Longer than any text of the table: not worth a comparison.
LONGEST = 400
#: When a network breaks, thousands of sessions say the same few words.
_REMEMBERED = 256


@cache
def info_words() -> tuple[InfoWords, ...]:
    """All entries, in the order of the file: that in which a row shows them."""
    text = files("calico_bgp.messages.info").joinpath("texts.toml").read_text(encoding="utf-8")
    return tuple(entry_of(row) for row in tomllib.loads(text)["text"])


def entry_of(row: Mapping[str, Any]) -> InfoWords:
    """The entry of a row of the file.

    Args:
        row: Its fields by name; a string may have line breaks where it has blanks.

    Raises:
        TypeError: A field is missing or unknown.
        ValueError: The part, or whose end to look at, is missing or unknown.
    """
    fields: dict[str, Any] = {
        name: _unwrapped(value) if isinstance(value, str) else tuple(map(_unwrapped, value))
        for name, value in row.items()
    }
    part, look_at = Part(fields.pop("part", "")), Whose(fields.pop("look_at", ""))
    words = InfoWords(part=part, look_at=look_at, **fields)
    if words.part in _IN_LONGER_TEXTS:
        return replace(words, pattern=pattern_of(*words.spellings))
    return words


def _unwrapped(text: str) -> str:
    return " ".join(text.split())


@cache
def _exact() -> dict[tuple[Part, str], InfoWords]:
    return {(words.part, folded(spelling)): words for words in info_words() for spelling in words.spellings}


@cache
def _patterns() -> tuple[InfoWords, ...]:
    return tuple(words for words in info_words() if words.pattern is not None)


def words_of(part: Part, text: str) -> InfoWords | None:
    """The entry for a text that stands in a known part of a row; None where the table has none."""
    return _looked_up(part, text) if len(text) <= LONGEST else None


@lru_cache(_REMEMBERED)
def _looked_up(part: Part, text: str) -> InfoWords | None:
    exact = _exact().get((part, folded(text)))
    if exact is not None:
        return exact
    return next((words for words in _patterns() if words.part is part and words.fits(text)), None)


def words_of_message(error_class: str, message: str) -> InfoWords | None:
    """The entry for the message of an error; for a class that BIRD does not have, None."""
    part = PART_OF_CLASS.get(error_class)
    return None if part is None else words_of(part, message)


def anywhere(text: str) -> tuple[InfoWords, ...]:
    """Every entry for a text of which it is not known where it stood."""
    return tuple(words for part in Part if (words := words_of(part, text)) is not None)
