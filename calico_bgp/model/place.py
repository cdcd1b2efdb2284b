"""Where a resource and its fields stand in the user's files. Values only."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """Where a resource stands.

    Attributes:
        source: The file's name as given, `-` for standard input.
        line: The line where it begins, from 1; None when not known.
        document: Which YAML document of the file, from 1; 1 for JSON.
        item: Which item of a List, from 0; None outside a List.
    """

    source: str
    line: int | None = None
    document: int = 1
    item: int | None = None

    def __str__(self) -> str:
        return self.source if self.line is None else f"{self.source}:{self.line}"

    @property
    def within(self) -> str:
        """Where in its file, in words: `document 2, items[0]`."""
        return f"document {self.document}" + ("" if self.item is None else f", items[{self.item}]")


class FieldLine(NamedTuple):
    """The line where a field stands; `path` is as in `spec.nodeSelector`."""

    path: str
    line: int


class YAMLTag(NamedTuple):
    """A YAML tag where a value should be: `nodeSelector: !has(route-reflector)` without quotes.

    Attributes:
        path: The field, `spec.nodeSelector`.
        tag: The tag as written, `!has(route-reflector)`.
        value: What YAML makes of it, which is what Calico receives: usually the empty text.
        line: Where.
    """

    path: str
    tag: str
    value: str
    line: int
