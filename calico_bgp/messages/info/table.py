"""The whole table of INFO words, and looking a text up in it."""

from __future__ import annotations

from functools import cache

from calico_bgp.messages.info.calicoctl import CALICOCTL
from calico_bgp.messages.info.entry import InfoWords, Part, folded
from calico_bgp.messages.info.errors import AUTOMATIC, ERROR_CLASSES, LOCAL
from calico_bgp.messages.info.log_bird import LOG_BIRD
from calico_bgp.messages.info.log_calico import LOG_CALICO
from calico_bgp.messages.info.notifications import NOTIFICATION
from calico_bgp.messages.info.readiness import READINESS
from calico_bgp.messages.info.sockets import SOCKET
from calico_bgp.messages.info.states import BGP_STATES, PEER_TYPES, PROTOCOL_STATES, TOGETHER
from calico_bgp.model.peer import ErrorClass

#: In the order in which a row shows them.
INFO_WORDS: tuple[InfoWords, ...] = (
    *PROTOCOL_STATES,
    *BGP_STATES,
    *TOGETHER,
    *ERROR_CLASSES,
    *LOCAL,
    *SOCKET,
    *NOTIFICATION,
    *AUTOMATIC,
    *CALICOCTL,
    *READINESS,
    *LOG_CALICO,
    *LOG_BIRD,
    *PEER_TYPES,
)

#: Where the message of an error of a class stands.
PART_OF_CLASS = {
    ErrorClass.LOCAL: Part.LOCAL,
    ErrorClass.BGP: Part.NOTIFICATION,
    ErrorClass.RECEIVED: Part.NOTIFICATION,
    ErrorClass.AUTOMATIC: Part.AUTOMATIC,
    ErrorClass.SOCKET: Part.SOCKET,
}

#: Longer than any text of the table: not worth a comparison.
LONGEST = 400


@cache
def _exact() -> dict[tuple[Part, str], InfoWords]:
    return {(words.part, folded(spelling)): words for words in INFO_WORDS for spelling in words.spellings}


_PATTERNS = tuple(words for words in INFO_WORDS if words.pattern is not None)


def words_of(part: Part, text: str) -> InfoWords | None:
    """The entry for a text that stands in a known part of a row; None where the table has none."""
    if len(text) > LONGEST:
        return None
    found = _exact().get((part, folded(text)))
    if found is not None:
        return found
    return next((words for words in _PATTERNS if words.part is part and words.fits(text)), None)


def words_of_message(error_class: str, message: str) -> InfoWords | None:
    """The entry for the message of an error; for a class that BIRD does not have, None."""
    try:
        part = PART_OF_CLASS[ErrorClass(error_class)]
    except ValueError:
        return None
    return words_of(part, message)


def anywhere(text: str) -> tuple[InfoWords, ...]:
    """Every entry for a text of which it is not known where it stood."""
    return tuple(words for part in Part if (words := words_of(part, text)) is not None)
