"""What the readers of YAML and JSON have in common: values with their places, not yet resources. Knows no kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

from calico_bgp.model.place import FieldLine, YAMLTag
from calico_bgp.parse.lines import MAX_PROBLEMS, Problems, shown

#: The way to a value: keys, and indexes of lists.
Path = tuple[str | int, ...]
#: Deeper than any resource; a text nested deeper is an attack or an accident.
MAX_DEPTH = 100
#: More objects in one file than this are no cluster's resources.
MAX_ITEMS = 1_000_000
_SHOWN = 1_000


class Twice(NamedTuple):
    """A key that stands twice in one mapping: at `line`, and before that at `first`."""

    path: Path
    line: int
    first: int


class Locations(Protocol):
    """Where the fields of one object stand; worked out when it is asked for, for that is seldom."""

    def line(self, path: Path) -> int | None:
        """The line of a field, of the nearest one above it when that is not known, else None."""

    def fields(self) -> tuple[FieldLine, ...]:
        """The lines of `metadata.name` and of everything directly under `spec`, in the order of the text."""

    def tags(self) -> tuple[YAMLTag, ...]:
        """The YAML tags under `spec`."""

    def twice(self) -> Iterator[Twice]:
        """The keys that stand twice, wherever a resource keeps what we read."""


class Raw(NamedTuple):
    """A value as YAML or JSON give it.

    Attributes:
        value: dict, list, str, int, float, bool or None.
        items: The members of a list, or of the `items` of an object (which may lack them then); None when there are
            none such.
        line: Where it begins.
        locations: Where its fields stand.
    """

    value: Any
    items: tuple[Raw, ...] | None
    line: int | None
    locations: Locations


class Text:
    """One file: its name, its text with every line ended by LF, and what is wrong with it.

    Attributes:
        source: Its name.
        text: Without a byte order mark.
        problems: What has been found so far.
        is_json: Whether it turned out to be JSON.
        is_template: Whether a resource in it holds what a template would fill in.
        strangers: Its documents that are no Kubernetes objects.
    """

    def __init__(self, source: str, text: str) -> None:
        text = text.removeprefix("\ufeff")
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        # Files of Windows, put together with `cat`.
        text = text.replace("\n\ufeff", "\n")
        self.source = source
        self.text = text if text.isascii() else whole_characters(text)
        self.problems = Problems(source)
        self.is_json = False
        self.is_template = False
        self.strangers: list[Any] = []
        self._lines: list[str] | None = None

    def add(self, message: str, line: int | None = None, expected: str | None = None) -> None:
        """Note a problem, with the line as it stands; of too many the rest is left out."""
        if self.problems.full:
            return
        if len(self.problems.found) == MAX_PROBLEMS - 1:
            self.problems.add("so many problems that the others are not shown")
            return
        if line is not None and self._lines is None:
            self._lines = self.text.split("\n")
        stands = self._lines[line - 1] if line is not None and self._lines and 0 < line <= len(self._lines) else None
        # All of a JSON file may be one line.
        self.problems.add(message, line, stands[:_SHOWN] if stands is not None else None, expected)


def whole_characters(text: str) -> str:
    r"""The text with halves of characters (JSON's "\ud800") replaced, as Go replaces them."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def called(path: Path) -> str:
    """A path as people write it: `spec.filters[2]`, `metadata.labels["a.b/c"]`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step.replace("-", "").replace("_", "").isalnum():
            text += f".{step}" if text else step
        else:
            text += f'["{shown(step)}"]'
    return text
