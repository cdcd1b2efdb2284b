"""The lines of an answer of BIRD, and what all answers have: a greeting, an end, a refusal. Knows no table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from calico_bgp.model.unrecognised import UnrecognisedLine
from calico_bgp.parse.cleaning import clean_line, split_lines
from calico_bgp.parse.grammar import Grammar, Record


class AnswerLine(NamedTuple):
    """One line that says something of what was asked.

    Attributes:
        number: Counted from 1.
        text: Cleaned, without birdc's prompt.
        record: What the template makes of it.
        is_half: Whether it may be the half of a line: on the socket every line has its end, and this one has none.
    """

    number: int
    text: str
    record: Record
    is_half: bool


class AnswerReader:
    """Reads an answer line by line: numbered replies, birdc's text, or birdc's text with its prompts.

    Args:
        text: What BIRD or birdc printed.
        grammar: The template of this answer.
        codes: The numbers with which lines of it begin on the socket, beside the greeting's.

    Attributes:
        version: As BIRD greets, or None.
        refusal: What was said instead of an answer, or None.
        ended: Whether the socket's `0000` came.
        numbered: Whether it is the socket's own text.
        unrecognised: Lines that no rule, or no caller, understood.
    """

    def __init__(self, text: str, grammar: Grammar, codes: frozenset[str]) -> None:
        self.version: str | None = None
        self.refusal: str | None = None
        self.ended = False
        self.numbered = False
        self.unrecognised: list[UnrecognisedLine] = []
        self._lines = split_lines(text)
        self._grammar = grammar
        self._codes = codes | {"0001"}

    def __iter__(self) -> Iterator[AnswerLine]:
        for number, raw in enumerate(self._lines, 1):
            # birdc fed through a pipe writes its prompt before the answer.
            text = clean_line(raw).removeprefix("bird> ").removeprefix("bird>")
            self.numbered = self.numbered or text[:4] in self._codes
            record = self._grammar.read(text)
            line = AnswerLine(number, text, record, self.numbered and number == len(self._lines))
            if "END" in record:
                self.ended = True
            elif "VERSION" in record:
                self.version = record["VERSION"]
            elif "REFUSED" in record:
                self.refusal = self.refusal or record["REFUSED"]
            elif "UNRECOGNISED" in record:
                self.reject(line)
            elif record:
                yield line

    @property
    def has_end(self) -> bool:
        """Whether nothing is missing at its end; of birdc's text that does not show."""
        return self.ended or not self.numbered

    def reject(self, line: AnswerLine) -> None:
        """Note a line that makes no sense where it stands."""
        self.unrecognised.append(UnrecognisedLine(line.number, line.text))
