"""JSON text in, raw values with their lines out. Knows no kind.

`json` tells no positions, and a decoder that does is fifty times slower. So the members of a list are decoded one by
one, which tells where each begins, and an object is gone through again only when somebody asks for its fields' lines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from calico_bgp.model.place import FieldLine, YAMLTag
from calico_bgp.parse.resources.raw import MAX_DEPTH, Path, Raw, Text, Twice

_BLANKS = re.compile(r"[ \t\n]*")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}\[\],:]|[^\s{}\[\],:"]+')
_JSON_START = re.compile(r"[ \t\n]*(?:\{[ \t\n]*[\"}]|\[[ \t\n]*(?:[\[{\"\]0-9-]|true|false|null))")

#: Lists within lists are gone through down to here; nobody writes deeper ones.
_DEEPEST_LIST = 4


def looks_like_json(text: str) -> bool:
    """Whether a text begins as JSON does. YAML in its flow style may begin so too."""
    return _JSON_START.match(text) is not None


class NotJSONError(ValueError):
    """The text is no JSON: what is wrong, and on which line."""

    def __init__(self, message: str, line: int | None) -> None:
        super().__init__(message, line)
        self.message = message
        self.line = line


def json_documents(text: Text) -> Iterator[tuple[int, Raw]]:
    """The values of a text with their numbers from 1: one, or several in a row, as several commands print them.

    Raises:
        NotJSONError: At the first thing that is no JSON.
    """
    walker = _Walker(text.text)
    position, number = walker.after_blanks(0), 0
    while position < len(text.text):
        number += 1
        document, position = walker.value(position)
        position = walker.after_blanks(position)
        if document.value is not None:
            yield number, document


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


class _Walker:
    """Goes through the outer levels by itself and lets `json` decode the rest."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.decode = json.JSONDecoder(parse_constant=_no_number).raw_decode
        self.counted_to = 0
        self.line = 1

    def after_blanks(self, position: int) -> int:
        match = _BLANKS.match(self.text, position)
        assert match is not None
        return match.end()

    def value(self, position: int, depth: int = 0) -> tuple[Raw, int]:
        """The value at a position and where it ends.

        A list is gone through member by member, and so are the `items` of an object and of the objects in a list, and
        those of lists within them.

        Raises:
            NotJSONError: It is none.
        """
        line = self._line_at(position)
        start = self.text[position : position + 1]
        value: Any
        items: tuple[Raw, ...] | None
        if start == "{" and depth <= 1:
            value, items, end = self._object(position, 2)
        elif start == "[" and depth == 0:
            items, end = self._list(position, 1)
            value = []
        else:
            value, end = self._plain(position)
            items = None
            if depth <= _DEEPEST_LIST and _is_list_of_objects(value):
                value, items, end = self._object(position, depth + 1)
        return Raw(value, items, line, _JSONLocations(self.text, position, end, line)), end

    def _plain(self, position: int) -> tuple[Any, int]:
        try:
            return self.decode(self.text, position)
        except RecursionError as error:
            raise NotJSONError("nested too deeply, as no resource is", self._line_at(position)) from error
        except json.JSONDecodeError as error:
            message = "the text ends too early" if error.pos >= len(self.text.rstrip()) else error.msg
            raise NotJSONError(f"not JSON: {message}", error.lineno) from error
        except ValueError as error:
            # A number of more digits than Python reads, or NaN.
            raise NotJSONError(f"not JSON: {error}", self._line_at(position)) from error

    def _object(self, position: int, depth: int) -> tuple[dict[str, Any], tuple[Raw, ...] | None, int]:
        """An object without its `items`, these, which are so deep, and where it ends."""
        fields: dict[str, Any] = {}
        items: tuple[Raw, ...] | None = None
        position = self.after_blanks(position + 1)
        if self._at(position, "}"):
            return fields, items, position + 1
        while True:
            if not self._at(position, '"'):
                raise self._expected("a key in double quotes", position)
            key, position = self._plain(position)
            position = self.after_blanks(position)
            if not self._at(position, ":"):
                raise self._expected("`:`", position)
            position = self.after_blanks(position + 1)
            if key == "items" and self._at(position, "["):
                items, position = self._list(position, depth)
            else:
                fields[key], position = self._plain(position)
            position = self.after_blanks(position)
            if self._at(position, "}"):
                return fields, items, position + 1
            if not self._at(position, ","):
                raise self._expected("`,` or `}`", position)
            position = self.after_blanks(position + 1)

    def _list(self, position: int, depth: int) -> tuple[tuple[Raw, ...], int]:
        """The members of a list, which are so deep."""
        members: list[Raw] = []
        position = self.after_blanks(position + 1)
        if self._at(position, "]"):
            return (), position + 1
        while True:
            item, position = self.value(position, depth)
            members.append(item)
            position = self.after_blanks(position)
            if self._at(position, "]"):
                return tuple(members), position + 1
            if not self._at(position, ","):
                raise self._expected("`,` or `]`", position)
            position = self.after_blanks(position + 1)

    def _at(self, position: int, character: str) -> bool:
        return self.text.startswith(character, position)

    def _expected(self, what: str, position: int) -> NotJSONError:
        if position >= len(self.text):
            return NotJSONError("not JSON: the text ends too early", self._line_at(max(0, len(self.text.rstrip()) - 1)))
        return NotJSONError(f"not JSON: expected {what}", self._line_at(position))

    def _line_at(self, position: int) -> int:
        if position < self.counted_to:
            self.line, self.counted_to = 1, 0
        self.line += self.text.count("\n", self.counted_to, position)
        self.counted_to = position
        return self.line


def _is_list_of_objects(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    kind = value.get("kind")
    return isinstance(kind, str) and kind.endswith("List") and isinstance(value.get("items"), list)


class _JSONLocations:
    """Where the fields of a JSON value stand: found by going through its tokens, the first time that one asks."""

    def __init__(self, text: str, start: int, end: int, line: int) -> None:
        self.text = text
        self.start = start
        self.end = end
        self.first = line
        self._found: tuple[dict[Path, int], list[Twice]] | None = None

    def _walked(self) -> tuple[dict[Path, int], list[Twice]]:
        if self._found is None:
            self._found = _key_lines(self.text, self.start, self.end, self.first)
        return self._found

    def line(self, path: Path) -> int | None:
        lines, _ = self._walked()
        return next((lines[path[:size]] for size in range(len(path), 0, -1) if path[:size] in lines), self.first)

    def fields(self) -> tuple[FieldLine, ...]:
        lines, _ = self._walked()
        return tuple(
            FieldLine(f"{path[0]}.{path[1]}", line)
            for path, line in lines.items()
            if len(path) == 2 and (path[0] == "spec" or path == ("metadata", "name"))
        )

    def tags(self) -> tuple[YAMLTag, ...]:
        return ()

    def twice(self) -> Iterator[Twice]:
        yield from self._walked()[1]


def _key_lines(text: str, start: int, end: int, line: int) -> tuple[dict[Path, int], list[Twice]]:
    """The line of every key, and the keys that stand twice, of an object that is known to be JSON."""
    lines: dict[Path, int] = {}
    twice: list[Twice] = []
    path: list[str | int] = []
    in_object: list[bool] = []
    wants_key, counted = False, start
    for match in _TOKEN.finditer(text, start, end):
        word = match[0]
        if word in "{[":
            in_object.append(word == "{")
            path.append("" if word == "{" else 0)
            wants_key = word == "{"
            if len(in_object) > MAX_DEPTH:
                break
        elif word in "}]":
            in_object.pop()
            path.pop()
            wants_key = False
        elif word == ",":
            if in_object[-1]:
                wants_key = True
            else:
                path[-1] = int(path[-1]) + 1
        elif wants_key:
            line += text.count("\n", counted, match.start())
            counted = match.start()
            path[-1] = json.loads(word) if "\\" in word else word[1:-1]
            wants_key = False
            where = tuple(path)
            if where in lines:
                twice.append(Twice(where, line, lines[where]))
            else:
                lines[where] = line
    return lines, twice
