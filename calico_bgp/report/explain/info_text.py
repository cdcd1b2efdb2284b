"""INFO in words on a terminal: what one text says, part by part, and the whole table. No reading in this file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from calico_bgp.messages.info.entry import InfoWords, Part
from calico_bgp.messages.info.reading import Explained
from calico_bgp.report.text.names import compress_names
from calico_bgp.report.text.page import Page, Piece, Styled, TextStyle, labelled
from calico_bgp.report.text.sanitize import plain

_LABELS = {
    Part.PEER_TYPE: "peer type",
    Part.PROTOCOL_STATE: "state",
    Part.BGP_STATE: "now",
    Part.TOGETHER: "now",
    Part.ERROR_CLASS: "last error",
    Part.CALICOCTL: "means",
    Part.READINESS: "means",
    Part.LOG: "means",
}
#: Parts of the last error: it stays in INFO until the session is Established.
ERROR_PARTS = frozenset({Part.LOCAL, Part.SOCKET, Part.NOTIFICATION, Part.AUTOMATIC})
#: Parts that stand in no row.
_MESSAGES = frozenset({Part.READINESS, Part.LOG})
#: A table of what calicoctl, BIRD and their logs print, by which a symptom in own words is not found.
_UNKNOWN = "not in the table, which `calico-bgp explain --list` shows"
_LIBRARY = "not in the table: the C library of that host has more texts than the ones that BGP usually meets"
_STICKY = "it stays until the session is Established, so it need not be what goes on now"
#: Peers of a paste that are named for one answer.
_FEW = 8


def telling(words: Sequence[InfoWords]) -> InfoWords | None:
    """The entry that says best where to look: what went wrong before where it stands."""
    order = (
        *ERROR_PARTS,
        Part.CALICOCTL,
        Part.READINESS,
        Part.LOG,
        Part.ERROR_CLASS,
        Part.TOGETHER,
        Part.BGP_STATE,
        Part.PROTOCOL_STATE,
    )
    ranked = [words_ for part in order for words_ in words if words_.part is part]
    return next(iter([*ranked, *words]), None)


def explained_to_text(answers: Iterable[Explained], style: TextStyle | None = None) -> str:
    """What texts say, one after the other; healthy rows last."""
    page = Page(style or TextStyle())
    for number, answer in enumerate(sorted(answers, key=_is_healthy)):
        if number:
            page.blank()
        _answer(page, answer)
    return page.text()


def _is_healthy(answer: Explained) -> bool:
    return any(words.part is Part.TOGETHER and words.text == "up Established" for words in answer.words)


def _answer(page: Page, answer: Explained) -> None:
    page.line(Styled(plain(answer.text), "bold"), wrap=False)
    if answer.rows:
        labelled(page, _called(answer), compress_names(answer.rows, limit=_FEW))
    kinds = [words for words in answer.words if words.part is Part.PEER_TYPE]
    explained = [words for words in answer.words if words.part is not Part.PEER_TYPE]
    for words in (*kinds, *explained):
        labelled(
            page,
            _LABELS.get(words.part, "" if _has(answer, Part.ERROR_CLASS) else "last error"),
            *_part_and_meaning(words, answer),
        )
    if not ERROR_PARTS.isdisjoint(words.part for words in explained) and _has(answer, Part.BGP_STATE):
        labelled(page, "", Styled(_STICKY, "dim"))
    if answer.unknown is not None:
        _not_known(page, answer)
    chosen = telling(answer.words)
    if chosen is not None:
        labelled(page, "look at", str(chosen.look_at))
        _steps(page, chosen.next_steps)
        labelled(page, "source", Styled(chosen.source, "dim"))
    if answer.cut:
        labelled(page, "cut", "the text is longer than an INFO can be; only its beginning was read")


def _called(answer: Explained) -> str:
    """What the rows of an answer are."""
    if not _MESSAGES.isdisjoint(words.part for words in answer.words):
        return "about"
    return "row" if len(answer.rows) == 1 else "rows"


def _steps(page: Page, steps: Iterable[str], *, indent: int = 2) -> None:
    """One line per command, none of them broken: people copy them."""
    for number, step in enumerate(steps):
        page.line(Styled(("" if number else "next step").ljust(12), "dim"), step, indent=indent, wrap=False)


def _part_and_meaning(words: InfoWords, answer: Explained) -> tuple[Piece, ...]:
    """The part and what it means; the part is left out where it is the whole text."""
    if words.fits(answer.text):
        return (words.meaning,)
    return Styled(f"{words.text.rstrip(':')}: ", "bold"), words.meaning


def _has(answer: Explained, part: Part) -> bool:
    return any(words.part is part for words in answer.words)


def _not_known(page: Page, answer: Explained) -> None:
    assert answer.unknown is not None, "asked for the unknown part of an answer that has one"
    is_socket = any(words.part is Part.ERROR_CLASS and words.text == "Socket:" for words in answer.words)
    labelled(page, "not known", f"{plain(answer.unknown)}: {_LIBRARY if is_socket else _UNKNOWN}")
    if answer.nearest:
        labelled(page, "perhaps", " or ".join(answer.nearest))


def table_to_text(table: Iterable[InfoWords], style: TextStyle | None = None) -> str:
    """The whole table, part by part."""
    page = Page(style or TextStyle())
    part: Part | None = None
    for words in table:
        if words.part is not part:
            if part is not None:
                page.blank()
            part = words.part
            page.line(Styled(str(part).upper(), "bold"))
        page.line(Styled(" = ".join(words.spellings), "bold"), indent=2, hang=2)
        page.line(words.meaning, indent=4)
        labelled(page, "look at", str(words.look_at), indent=4)
        _steps(page, words.next_steps, indent=4)
        labelled(page, "source", Styled(words.source, "dim"), indent=4)
    return page.text()
