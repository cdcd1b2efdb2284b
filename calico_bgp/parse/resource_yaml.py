"""YAML text to plain values that remember their lines and their tags. Knows nothing of Calico.

It is built from the parser's events: the loaders of PyYAML refuse unknown tags (`!has(x)` without quotes is one), give
no lines, and resolve 200,000 scalars of which we look at few.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml

from calico_bgp.errors import ParseError
from calico_bgp.parse.lines import shown, split_lines

#: libyaml, several times as fast, where PyYAML was built with it.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: No resource nests deeper; what does is made to exhaust us.
MAX_DEPTH = 100
_STANDARD_TAG = "tag:yaml.org,2002:"
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,30})")
_FLOAT = re.compile(r"[-+]?(?:[0-9][0-9]*)?\.[0-9]+(?:[eE][-+][0-9]+)?|[-+]?[0-9]+\.")
#: YAML 1.1, which Kubernetes' tools read.
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"), False),
}
_MAY_BE_OTHER = frozenset("~nNtTyYoOfF+-.0123456789")
#: `nodeSelector: !has(a) && ...`, `peerSelector: 'x' == y`: a selector that YAML takes for something else.
_UNQUOTED = re.compile(r"\s*(?:-\s+)?(?P<field>\w*[sS]elector)\s*:\s*(?P<value>[!&*|>%@`'\"\[{].*?)\s*$")


class Mapping(dict[str, Any]):
    """A mapping that knows where it and its keys stand (lines from 1), and which of its values are written as tags."""

    __slots__ = ("line", "lines", "tags")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}
        self.tags: dict[str, str] = {}


class Document(NamedTuple):
    """One document of a text.

    Attributes:
        value: Mappings, lists, str, int, float, bool, None.
        line: Where it begins, from 1.
        number: Which it is, from 1.
    """

    value: Any
    line: int
    number: int


@dataclass(slots=True)
class _Open:
    """A collection that has begun: a Mapping or a list, and the key that waits for its value."""

    collection: Mapping | list[Any]
    key: str | None = None
    anchor: str | None = None
    merges: list[Mapping] = field(default_factory=list)


def read_yaml(text: str, source: str) -> Iterator[Document]:
    """Every document of a text; an empty one has the value None.

    Raises:
        ParseError: It is no YAML, repeats a key, refers to itself, or nests too deeply.
    """
    lines = _Lines(text, source)
    try:
        yield from _Builder(lines).documents(iter(yaml.parse(text, Loader=_LOADER)))
    except yaml.YAMLError as error:
        raise lines.error(error) from error


class _Lines:
    """The text's lines, cut only when there is something to complain about."""

    def __init__(self, text: str, source: str) -> None:
        self.text = text
        self.source = source

    def problem(self, message: str, line: int, expected: str | None = None) -> ParseError:
        cut = split_lines(self.text)
        return ParseError(message, self.source, line, shown(cut[line - 1]) if line <= len(cut) else None, expected)

    def error(self, error: yaml.YAMLError) -> ParseError:
        """What PyYAML says, with the place, and an unquoted selector called so."""
        mark = getattr(error, "problem_mark", None)
        position = getattr(error, "position", None)
        if mark is None and position is None:
            return ParseError(f"not YAML: {error}", self.source)
        line = mark.line + 1 if mark is not None else self.text.count("\n", 0, position) + 1
        cut = split_lines(self.text)
        # The parser may notice it only on the next line.
        for near in (line, line - 1):
            found = _UNQUOTED.fullmatch(cut[near - 1]) if 1 <= near <= len(cut) else None
            if found is not None:
                value = found["value"]
                quoted = f'"{value}"' if "'" in value else f"'{value}'"
                message = (
                    f"not YAML: the {found['field']} is not in quotes, and to YAML {value[0]} has a meaning of its own"
                )
                return self.problem(message, near, f"{found['field']}: {quoted}")
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
        return self.problem(f"not YAML: {what}", line)


class _Builder:
    """Builds values from events with a list of open collections, so that no depth exhausts Python's stack."""

    def __init__(self, lines: _Lines) -> None:
        self._lines = lines
        self._anchors: dict[str, Any] = {}
        self._open: list[_Open] = []
        self._root: Any = None

    def documents(self, events: Iterator[Any]) -> Iterator[Document]:
        number = start = 0
        for event in events:
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.MappingStartEvent):
                self._begin(Mapping(_line(event)), event)
            elif isinstance(event, yaml.SequenceStartEvent):
                self._begin([], event)
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                self._end(event)
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
            elif isinstance(event, yaml.DocumentStartEvent):
                number += 1
                self._root, self._anchors = None, {}
                start = _line(event)
            elif isinstance(event, yaml.DocumentEndEvent):
                yield Document(self._root, start, number)

    def _scalar(self, event: Any) -> None:
        line = _line(event)
        top = self._open[-1] if self._open else None
        if top is not None and isinstance(top.collection, Mapping) and top.key is None:
            self._key(top, event.value, line)
            return
        tag = event.tag
        standard = tag is not None and tag.startswith(_STANDARD_TAG)
        # Without quotes, or with a tag such as !!int: YAML's types. A tag of one's own leaves the text that it is.
        typed = tag != f"{_STANDARD_TAG}str" if standard else tag is None and event.implicit[0]
        if tag is not None and tag != "!" and not standard and top is not None and top.key is not None:
            assert isinstance(top.collection, Mapping)
            top.collection.tags[top.key] = tag
        self._put(plain_value(event.value) if typed else event.value, event.anchor)

    def _key(self, top: _Open, key: str, line: int) -> None:
        mapping = top.collection
        assert isinstance(mapping, Mapping)
        if key in mapping.lines:
            first = mapping.lines[key]
            raise self._lines.problem(f"the key {key[:80]} stands twice, first in line {first}", line, "each key once")
        mapping.lines[key] = line
        top.key = key

    def _begin(self, collection: Mapping | list[Any], event: Any) -> None:
        line = _line(event)
        if len(self._open) >= MAX_DEPTH:
            raise self._lines.problem(f"nested more than {MAX_DEPTH} levels deep", line)
        top = self._open[-1] if self._open else None
        if top is not None and isinstance(top.collection, Mapping) and top.key is None:
            raise self._lines.problem("a key that is a list or a mapping", line, "a text as the key")
        self._open.append(_Open(collection, anchor=event.anchor))

    def _end(self, event: Any) -> None:
        done = self._open.pop()
        if isinstance(done.collection, Mapping):
            for other in done.merges:
                for key, value in other.items():
                    if key not in done.collection:
                        done.collection[key] = value
                        done.collection.lines.setdefault(key, other.lines[key])
        del event
        self._put(done.collection, done.anchor)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            line = _line(event)
            raise self._lines.problem(f"*{event.anchor} names nothing that was read before", line)
        self._put(self._anchors[event.anchor], None)

    def _put(self, value: Any, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = value
        if not self._open:
            self._root = value
            return
        top = self._open[-1]
        if isinstance(top.collection, list):
            top.collection.append(value)
            return
        key, top.key = top.key, None
        assert key is not None
        if key == "<<" and isinstance(value, Mapping):
            top.merges.append(value)
        else:
            top.collection[key] = value


def _line(event: Any) -> int:
    """Where an event begins, from 1."""
    return int(event.start_mark.line) + 1


def plain_value(text: str) -> Any:
    """What a scalar without quotes is: null, a boolean, a number, or the text."""
    if text and text[0] not in _MAY_BE_OTHER:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
