"""JSON text to plain values, and where the items of its lists stand. Knows nothing of Calico.

Items are read one by one with the C scanner, so that their lines are known at no cost; lines inside an item are looked
for only when somebody asks, for JSON is YAML and resource_yaml knows lines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from calico_bgp.errors import ParseError
from calico_bgp.parse.lines import shown, split_lines

_BLANKS = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


class Item(NamedTuple):
    """A value and where it stands.

    Attributes:
        value: As json reads it.
        start: Where its text begins.
        end: Where its text ends.
        line: The line where it begins, from 1.
    """

    value: Any
    start: int
    end: int
    line: int


class JSONDocument(NamedTuple):
    """One value of a text.

    Attributes:
        value: The value; a mapping without its `items` where those stand apart.
        items: The items of its `items` list, or of the list that it is; None when it has none.
        whole: The document itself as an item.
    """

    value: Any
    items: list[Item] | None
    whole: Item


def read_json(text: str, source: str) -> Iterator[JSONDocument]:
    """Every value of a text: files that were written one behind the other hold several.

    Raises:
        ParseError: It is no JSON, or nests too deeply.
    """
    reader = _Reader(text, source)
    try:
        while not reader.at_end():
            yield reader.document()
    except json.JSONDecodeError as error:
        raise reader.problem(f"not JSON: {error.msg}", error.pos) from error
    except ValueError as error:  # a number of more digits than Python reads
        raise reader.problem(f"not JSON: {error}", reader.place) from error
    except RecursionError as error:
        raise reader.problem("not JSON: nested too deeply", reader.place) from error


class _Reader:
    def __init__(self, text: str, source: str) -> None:
        self._text = text
        self._source = source
        self.place = 0
        self._counted = 0
        self._line = 1

    def at_end(self) -> bool:
        self._skip()
        return self.place == len(self._text)

    def document(self) -> JSONDocument:
        start, line = self.place, self._line_here()
        first = self._text[self.place]
        if first == "[":
            items = self._items()
            return JSONDocument([item.value for item in items], items, Item(None, start, self.place, line))
        if first != "{":
            item = self._value()
            return JSONDocument(item.value, None, item)
        value, found = self._mapping()
        return JSONDocument(value, found, Item(value, start, self.place, line))

    def _mapping(self) -> tuple[dict[str, Any], list[Item] | None]:
        """The outermost mapping, its `items` read one by one."""
        value: dict[str, Any] = {}
        items: list[Item] | None = None
        self.place += 1
        while self._next_of("}", first=not value and items is None):
            key = self._value().value
            if not isinstance(key, str):
                raise json.JSONDecodeError("Expecting property name enclosed in double quotes", self._text, self.place)
            self._skip()
            self._expect(":")
            self._skip()
            if key == "items" and self._text[self.place : self.place + 1] == "[":
                items = self._items()
            else:
                value[key] = self._value().value
        return value, items

    def _items(self) -> list[Item]:
        found: list[Item] = []
        self.place += 1
        while self._next_of("]", first=not found):
            found.append(self._value())
        return found

    def _next_of(self, close: str, *, first: bool) -> bool:
        """Whether another member follows; steps over the comma, or the closing bracket."""
        self._skip()
        if self._text[self.place : self.place + 1] == close:
            self.place += 1
            return False
        if not first:
            self._expect(",")
            self._skip()
        return True

    def _value(self) -> Item:
        line = self._line_here()
        start = self.place
        value, self.place = _DECODER.raw_decode(self._text, start)
        return Item(value, start, self.place, line)

    def _expect(self, character: str) -> None:
        if self._text[self.place : self.place + 1] != character:
            raise json.JSONDecodeError(f"Expecting {character!r}", self._text, self.place)
        self.place += 1

    def _skip(self) -> None:
        found = _BLANKS.match(self._text, self.place)
        assert found is not None
        self.place = found.end()

    def _line_here(self) -> int:
        self._line += self._text.count("\n", self._counted, self.place)
        self._counted = self.place
        return self._line

    def problem(self, message: str, place: int) -> ParseError:
        line = self._text.count("\n", 0, place) + 1
        cut = split_lines(self._text)
        return ParseError(message, self._source, line, shown(cut[line - 1]) if line <= len(cut) else None)
