"""YAML's values with the lines and tags that they came with. Parses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from calico_bgp.model.place import FieldLine, YAMLTag
from calico_bgp.parse.resources.raw import Path, Twice, called


class Mapping(dict[str, Any]):
    """A mapping that knows where it and its keys stand.

    Attributes:
        line: Where it begins.
        lines: Key → line.
        tagged: Key → the tag and the line of its value.
        repeated: Each key that stands again, with the line.
    """

    __slots__ = ("line", "lines", "repeated", "tagged")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}
        # Made when they are needed: there are tens of thousands of mappings, and next to none has any.
        self.tagged: dict[str, tuple[str, int]] | None = None
        self.repeated: list[tuple[str, int]] | None = None

    def tag(self, key: str, tag: str, line: int) -> None:
        """Note that the value of a key came with a tag."""
        if self.tagged is None:
            self.tagged = {}
        self.tagged[key] = tag, line

    def repeat(self, key: str, line: int) -> None:
        """Note that a key stands again."""
        if self.repeated is None:
            self.repeated = []
        self.repeated.append((key, line))


class Open:
    """A mapping or a list that is being filled.

    Attributes:
        container: It.
        is_mapping: Whether it is a mapping.
        key: The key that waits for its value; None in a list, and before a key.
        outer: What is around it; None around a document.
        depth: How many are around it.
        anchor: Its own name for aliases, if it has one.
        first: The number of its first value, to know how many it has.
    """

    __slots__ = ("anchor", "container", "depth", "first", "is_mapping", "key", "outer")

    def __init__(self, container: Any, outer: Open | None, anchor: str | None = None, first: int = 0) -> None:
        self.container = container
        self.is_mapping = type(container) is Mapping
        self.key: str | None = None
        self.outer = outer
        self.depth: int = 0 if outer is None else outer.depth + 1
        self.anchor = anchor
        self.first = first


class YAMLLocations:
    """Where the fields of a YAML value stand (raw.Locations)."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def line(self, path: Path) -> int | None:
        """Follow the path as far as it goes; the last line known on it."""
        value, line = self.value, None
        for step in path:
            if isinstance(value, Mapping):
                line = value.lines.get(str(step), line)
                value = value.get(str(step))
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
                line = value.line if isinstance(value, Mapping) else line
            else:
                break
        return line

    def fields(self) -> tuple[FieldLine, ...]:
        """The lines of the keys."""
        fields = []
        name = self.line(("metadata", "name"))
        if name is not None:
            fields.append(FieldLine("metadata.name", name))
        spec = self.value.get("spec") if isinstance(self.value, Mapping) else None
        if isinstance(spec, Mapping):
            fields += [FieldLine(f"spec.{key}", line) for key, line in spec.lines.items()]
        return tuple(sorted(fields, key=lambda field: field.line))

    def tags(self) -> tuple[YAMLTag, ...]:
        """What stood in the place of values under `spec`."""
        spec = self.value.get("spec") if isinstance(self.value, Mapping) else None
        return tuple(_tags(spec, ("spec",)))

    def twice(self) -> Iterator[Twice]:
        """The keys that stand again."""
        yield from _twice(self.value, ())


def _tags(value: Any, path: Path) -> Iterator[YAMLTag]:
    if isinstance(value, Mapping):
        for key, (tag, line) in (value.tagged or {}).items():
            text = value.get(key)
            yield YAMLTag(called((*path, key)), tag, text if isinstance(text, str) else "", line)
        for key, inner in value.items():
            yield from _tags(inner, (*path, key))


def _twice(value: Any, path: Path) -> Iterator[Twice]:
    if not isinstance(value, Mapping):
        return
    for key, line in value.repeated or ():
        yield Twice((*path, key), line, value.lines[key])
    for key in ("metadata", "labels", "annotations", "spec", "bgp"):
        if key in value and len(path) < 2:
            yield from _twice(value[key], (*path, key))
