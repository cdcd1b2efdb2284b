"""YAML text in, raw values with their lines out, from libyaml's events. Knows YAML as Go reads it, and no kind.

A value is built from the events in one pass: a loader that resolves, composes and constructs takes five times as long,
knows no lines, and refuses the tags that an unquoted selector makes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from calico_bgp.parse.resources.raw import MAX_DEPTH, Raw, Text
from calico_bgp.parse.resources.yaml.errors import explain
from calico_bgp.parse.resources.yaml.scalar import as_written, resolve
from calico_bgp.parse.resources.yaml.values import Mapping, Open, YAMLLocations

# PyYAML without libyaml gives the same events, some thirty times slower.
_new_parser: Callable[[str], Any] = (
    getattr(yaml.cyaml, "CParser", yaml.SafeLoader) if yaml.__with_libyaml__ else yaml.SafeLoader
)

#: What aliases may add to a text, in values ("a billion laughs" are nine lines). libyaml does not expand them; we
#: share what they name, but whoever walks it would meet it as often as it is named.
MAX_ALIASED = 1_000_000
#: After so many syntax errors nobody fixes them one by one.
_MAX_SYNTAX_ERRORS = 50
_DOCUMENT = re.compile(r"^---(?=\s|$)", re.MULTILINE)
#: Parts of Kubernetes' objects that are large and hold nothing that we read.
_UNREAD = frozenset(("managedFields", "images", "conditions", "allocatable", "capacity", "nodeInfo", "volumesAttached"))
#: The key `<<` without quotes, told from the text "<<" by what no text can hold.
_MERGE = "\ud800<<"


class _RefusedError(Exception):
    """A document that we do not read on, and where."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message, line)
        self.message = message
        self.line = line


def yaml_documents(text: Text) -> Iterator[tuple[int, Raw]]:
    """The documents with their numbers from 1, the empty ones left out; what is wrong is noted.

    After a syntax error reading goes on at the next line that begins with `---`.
    """
    offset, first_line, number = 0, 1, 0
    for _ in range(_MAX_SYNTAX_ERRORS):
        part = text.text[offset:] if offset else text.text
        try:
            for document in _Reader(part, first_line).documents():
                number += 1
                if document.value is not None:
                    yield number, document
        except yaml.YAMLError as error:
            number += 1
            problem = explain(error, part, first_line)
            text.add(f"document {number}: {problem.message}", problem.line, problem.expected)
            line = problem.line
        except _RefusedError as error:
            number += 1
            text.add(f"document {number}: {error.message}", error.line)
            line = error.line
        else:
            return
        following = _DOCUMENT.search(part, max(1, _start_of_line(part, line - first_line)))
        if following is None:
            return
        offset += following.start()
        first_line += part.count("\n", 0, following.start())
    text.add("so many syntax errors that the rest of the file was not read")


def _start_of_line(text: str, number: int) -> int:
    """Where a line begins, numbered from 0."""
    position = 0
    for _ in range(number):
        position = text.find("\n", position) + 1
        if not position:
            return len(text)
    return position


#: No-break, figure, narrow and wide blanks, and those without a width.
_ODD_BLANKS = "\u00a0\u2000\u2001\u2002\u2003\u2007\u2009\u200b\u202f\u3000"


class _Reader:
    """Builds the values of one text."""

    def __init__(self, text: str, first_line: int) -> None:
        self.text = text
        self.parser = _new_parser(text)
        self.first_line = first_line
        # A pruned part might hold an anchor that something else names.
        self.unread = frozenset() if "&" in text else _UNREAD
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.keys: dict[str, str] = {}
        self.open = Open([], None)
        self.values = 0
        self.aliased = 0

    def documents(self) -> Iterator[Raw]:
        """The documents, also the empty ones.

        Raises:
            yaml.YAMLError: Not YAML.
            _RefusedError: Nested too deeply, too many aliases, or something that no resource has.
        """
        while self.parser.check_event():
            event: Any = self.parser.get_event()
            line = self.first_line + event.start_mark.line
            if isinstance(event, DocumentStartEvent):
                self.anchors.clear()
                yield _raw(self._document(), line)

    def _document(self) -> Any:
        """The value of a document whose start has been read. A file has a million events: nothing slow in this loop."""
        self.open = Open([], None)
        get = self.parser.get_event
        while True:
            event = get()
            kind = type(event)
            if kind is ScalarEvent:
                self.values += 1
                if self.open.is_mapping and self.open.key is None:
                    self._key(event)
                else:
                    self._put(self._scalar(event))
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                self._begin(event)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self._end()
            elif kind is AliasEvent:
                self._put(self._alias(event))
            elif kind is DocumentEndEvent:
                self._refuse_odd_blanks()
                root = self.open.container
                return root[0] if root else None

    def _key(self, event: Any) -> None:
        """A key of the mapping, and where it stands."""
        key = self.keys.setdefault(event.value, event.value)
        line = self.first_line + event.start_mark.line
        if event.anchor is not None:
            self.anchors[event.anchor] = key, 1
        if key == "<<" and not event.style:
            key = _MERGE
        mapping = self.open.container
        if key not in mapping.lines:
            mapping.lines[key] = line
        elif key is not _MERGE:
            mapping.repeat(key, line)
        self.open.key = key

    def _put(self, value: Any) -> None:
        """A value that is whole, into what is being filled."""
        now = self.open
        key = now.key
        if key is None:
            now.container.append(value)
            return
        if key is _MERGE:
            now.container.setdefault(_MERGE, []).extend(value if type(value) is list else [value])
        else:
            now.container.setdefault(key, value)
        now.key = None

    def _scalar(self, event: ScalarEvent) -> Any:
        value, tag = _scalar(event)
        if tag is not None and self.open.key is not None:
            self.open.container.tag(self.open.key, tag, self._line(event))
        if event.anchor is not None:
            self.anchors[event.anchor] = value, 1
        return value

    def _begin(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        """A mapping or a list; what nobody reads is passed over.

        Raises:
            _RefusedError: It is a key, or nested too deeply.
        """
        self.values += 1
        outer = self.open
        if outer.is_mapping and outer.key is None:
            raise _RefusedError("a key that is no text, as no resource has it", self._line(event))
        if outer.key in self.unread:
            self._skip()
            outer.key = None
            return
        if outer.depth >= MAX_DEPTH:
            raise _RefusedError(f"nested more than {MAX_DEPTH} deep, as no resource is", self._line(event))
        container: Any = Mapping(self._line(event)) if type(event) is MappingStartEvent else []
        self.open = Open(container, outer, event.anchor, self.values)
        if event.anchor is not None:
            self.anchors.pop(event.anchor, None)  # within it the name is not known yet

    def _end(self) -> None:
        """The end of what is being filled, which goes into what is around it."""
        ended = self.open
        if ended.is_mapping and _MERGE in ended.container:
            _merge(ended.container)
        if ended.anchor is not None:
            self.anchors[ended.anchor] = ended.container, self.values - ended.first + 1
        assert ended.outer is not None
        self.open = ended.outer
        self._put(ended.container)

    def _line(self, event: Any) -> int:
        return self.first_line + int(event.start_mark.line)

    def _refuse_odd_blanks(self) -> None:
        """No-break blanks, as web pages and chats make them of an indentation: to YAML they begin the key's name."""
        if self.text.isascii():
            return
        for key in self.keys:
            if key and key[0] in _ODD_BLANKS:
                line = self.first_line + self.text.count("\n", 0, self.text.find(key))
                raise _RefusedError(f"the line begins with U+{ord(key[0]):04X}, which only looks like a blank", line)

    def _alias(self, event: AliasEvent) -> Any:
        """What an alias names.

        Raises:
            _RefusedError: It is a key, names nothing, or makes the text explode.
        """
        line, name = self._line(event), str(event.anchor)
        if self.open.is_mapping and self.open.key is None:
            raise _RefusedError("an alias as a key, as no resource has it", line)
        if name not in self.anchors:
            raise _RefusedError(
                f"the alias *{name[:60]} names nothing before it; a text that begins with * needs quotes", line
            )
        value, size = self.anchors[name]
        self.values += size
        self.aliased += size
        if self.aliased > MAX_ALIASED:
            raise _RefusedError("aliases within aliases make this text explode", line)
        return value

    def _skip(self) -> None:
        """Pass over a collection whose start has been read."""
        get, depth = self.parser.get_event, 1
        while depth:
            event = type(get())
            if event is MappingStartEvent or event is SequenceStartEvent:
                depth += 1
            elif event is MappingEndEvent or event is SequenceEndEvent:
                depth -= 1


def _scalar(event: ScalarEvent) -> tuple[Any, str | None]:
    """The value as go-yaml resolves it, and the tag as written when it is not one of YAML's own for scalars."""
    tag, text = event.tag, event.value
    if tag is None:
        # libyaml calls the plain style "", PyYAML's own scanner calls it None.
        return (text if event.style else resolve(text)), None
    if tag == "!":
        # YAML's sign for "no tag": `! has(a)` is the text `has(a)`.
        return text, "!"
    written = as_written(tag)
    if written in ("!!int", "!!float", "!!bool", "!!null"):
        return resolve(text), None
    return text, None if written == "!!str" else written


def _merge(mapping: Mapping) -> None:
    """YAML's merge key: what `<<` names, under the keys that the mapping has itself."""
    line = mapping.lines.pop(_MERGE)
    for source in mapping.pop(_MERGE):
        if not isinstance(source, Mapping):
            raise _RefusedError("`<<` takes a mapping", line)
        for key, value in source.items():
            if key not in mapping:
                mapping[key] = value
                mapping.lines[key] = source.lines.get(key, source.line)


def _raw(value: Any, line: int) -> Raw:
    if isinstance(value, Mapping):
        line = value.line
    members = value.get("items") if isinstance(value, Mapping) else value
    items = tuple(_raw(item, line) for item in members) if isinstance(members, list) else None
    return Raw(value, items, line, YAMLLocations(value))
