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
from calico_bgp.parse.resources.yaml.values import Mapping, YAMLLocations

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
                yield _raw(self._document(line), line)

    def _document(self, line: int) -> Any:
        """The value of a document whose start has been read. The loop is one function for the sake of its speed."""
        get, first_line, keys, unread = self.parser.get_event, self.first_line, self.keys, self.unread
        root: list[Any] = []
        # What is being filled, the key that waits for its value, the line, and what is around it.
        container: Any = root
        key: str | None = None
        stack: list[tuple[Any, str | None, str | None, int]] = []
        anchor: str | None = None
        while True:
            event = get()
            kind = type(event)
            if kind is ScalarEvent:
                self.values += 1
                if type(container) is Mapping and key is None:
                    key = keys.setdefault(event.value, event.value)
                    line = first_line + event.start_mark.line
                    if event.anchor is not None:
                        self.anchors[event.anchor] = key, 1
                    if key == "<<" and not event.style:
                        key = _MERGE
                    if key not in container.lines:
                        container.lines[key] = line
                    elif key is not _MERGE:
                        container.repeat(key, line)
                    continue
                value, tag = _scalar(event)
                if tag is not None and key is not None:
                    container.tag(key, tag, first_line + event.start_mark.line)
                if event.anchor is not None:
                    self.anchors[event.anchor] = value, 1
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                self.values += 1
                line = first_line + event.start_mark.line
                if type(container) is Mapping and key is None:
                    raise _RefusedError("a key that is no text, as no resource has it", line)
                if key in unread:
                    self._skip()
                    key = None
                    continue
                if len(stack) >= MAX_DEPTH:
                    raise _RefusedError(f"nested more than {MAX_DEPTH} deep, as no resource is", line)
                stack.append((container, key, anchor, self.values))
                container = Mapping(line) if kind is MappingStartEvent else []
                key, anchor = None, event.anchor
                if anchor is not None:
                    self.anchors.pop(anchor, None)
                continue
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                value = container
                if type(value) is Mapping and _MERGE in value:
                    _merge(value)
                container, key, outer, before = stack.pop()
                if anchor is not None:
                    self.anchors[anchor] = value, self.values - before + 1
                anchor = outer
            elif kind is AliasEvent:
                line = first_line + event.start_mark.line
                if type(container) is Mapping and key is None:
                    raise _RefusedError("an alias as a key, as no resource has it", line)
                value = self._alias(event, line)
            elif kind is DocumentEndEvent:
                self._refuse_odd_blanks()
                return root[0] if root else None
            else:  # pragma: no cover - the parser sends nothing else inside a document
                continue
            if type(container) is Mapping:
                assert key is not None
                if key is _MERGE:
                    container.setdefault(key, []).extend(value if type(value) is list else [value])
                else:
                    container.setdefault(key, value)
                key = None
            else:
                container.append(value)

    def _refuse_odd_blanks(self) -> None:
        """No-break blanks, as web pages and chats make them of an indentation: to YAML they begin the key's name."""
        if self.text.isascii():
            return
        for key in self.keys:
            if key[:1] in _ODD_BLANKS and key[:1]:
                line = self.first_line + self.text.count("\n", 0, self.text.find(key))
                raise _RefusedError(f"the line begins with U+{ord(key[0]):04X}, which only looks like a blank", line)

    def _alias(self, event: AliasEvent, line: int) -> Any:
        name = str(event.anchor)
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
