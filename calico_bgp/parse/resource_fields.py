"""Reads the fields of one resource, each with its type; every mistake is noted with its path and line.

Texts are taken as Calico's tools take them (sigs.k8s.io/yaml): where a text should be, `yes` without quotes is "true"
and 5 is "5".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from calico_bgp.model.resources import FieldLine, Place, YAMLTag
from calico_bgp.parse.lines import Problems
from calico_bgp.parse.resource_yaml import Mapping

MAX_AS = 2**32 - 1
_MAX_SHOWN = 60


class Raw(NamedTuple):
    """A resource as it was read, before anybody knows what it means.

    Attributes:
        value: Its mapping.
        place: Where it stands.
        located: Gives the same mapping with lines and tags: at once for YAML, by a second look for JSON.
    """

    value: dict[str, Any]
    place: Place
    located: Callable[[], Mapping | None]


class Fields:
    """A mapping inside a resource, and its path.

    Args:
        raw: The resource.
        value: The mapping; what is no mapping counts as one without fields.
        path: `spec.bgp`, empty for the resource itself.
        problems: Where mistakes go.
    """

    def __init__(self, raw: Raw, value: Any, path: str, problems: Problems) -> None:
        self.raw = raw
        self.path = path
        self._problems = problems
        if value is not None and not isinstance(value, dict):
            self._wrong_at(path, value, "a mapping")
        self._value: dict[str, Any] = value if isinstance(value, dict) else {}

    def inner(self, key: str) -> Fields:
        """The mapping in a field."""
        return Fields(self.raw, self._value.get(key), self._path(key), self._problems)

    def items(self, key: str) -> Iterator[Fields]:
        """The mappings in a list."""
        found = self._value.get(key)
        if found is not None and not isinstance(found, list):
            self._wrong(key, found, "a list")
            return
        for place, item in enumerate(found or ()):
            yield Fields(self.raw, item, f"{self._path(key)}[{place}]", self._problems)

    def text(self, key: str) -> str | None:
        """A text; None when it is absent or empty, between which Calico makes no difference."""
        return self._as_text(key, self._value.get(key)) or None

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        found = self._value.get(key)
        if found is not None and not isinstance(found, list):
            self._wrong(key, found, "a list of texts")
            return ()
        return tuple(text for item in found or () if (text := self._as_text(key, item)) is not None)

    def labels(self, key: str) -> dict[str, str]:
        """A mapping of texts to texts."""
        found = self._value.get(key)
        if found is None:
            return {}
        if not isinstance(found, dict):
            self._wrong(key, found, "a mapping of texts")
            return {}
        texts = {}
        for name, value in found.items():
            text = "" if value is None else self._as_text(f"{key}.{name}", value)
            if text is not None:
                texts[str(name)] = text
        return texts

    def flag(self, key: str) -> bool | None:
        """Yes or no: `true` or `false`."""
        found = self._value.get(key)
        if found is None or isinstance(found, bool):
            return found
        self._wrong(key, found, "true or false")
        return None

    def number(self, key: str, low: int, high: int) -> int | None:
        """A whole number."""
        found = self._value.get(key)
        if found is None:
            return None
        if isinstance(found, int) and not isinstance(found, bool) and low <= found <= high:
            return found
        self._wrong(key, found, f"a whole number from {low} to {high}")
        return None

    def as_number(self, key: str) -> int | None:
        """An AS number: a number, a digit string, or asdot (RFC 5396) in quotes: '1.10' is 65546."""
        found = self._value.get(key)
        if found is None or found == "":
            return None
        number = found if isinstance(found, int) and not isinstance(found, bool) else parse_as_number(found)
        if number is not None and 0 <= number <= MAX_AS:
            return number
        self._wrong(key, found, "an AS number: 64512, '64512', or '1.10' in quotes")
        return None

    def has(self, key: str) -> bool:
        """Whether the field is there and not null."""
        return self._value.get(key) is not None

    def wrong(self, key: str, expected: str) -> None:
        """Note that a field is not what it should be."""
        self._wrong(key, self._value.get(key), expected)

    def tags(self, *keys: str) -> tuple[YAMLTag, ...]:
        """The YAML tags that stand where values of this mapping should be; of all fields, or of those named."""
        located = self._located()
        if located is None:
            return ()
        return tuple(
            YAMLTag(self._path(key), tag, str(located.get(key, "")), located.lines.get(key, located.line))
            for key, tag in located.tags.items()
            if not keys or key in keys
        )

    def lines(self) -> tuple[FieldLine, ...]:
        """Where the fields of this mapping stand."""
        located = self._located()
        if located is None:
            return ()
        return tuple(FieldLine(self._path(key), line) for key, line in located.lines.items())

    def _as_text(self, key: str, found: Any) -> str | None:
        if found is None or isinstance(found, str):
            return found
        if isinstance(found, bool):
            return "true" if found else "false"
        if isinstance(found, int | float):
            return str(found)
        self._wrong(key, found, "a text")
        return None

    def _path(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def _wrong(self, key: str, found: Any, expected: str) -> None:
        self._wrong_at(self._path(key), found, expected)

    def _wrong_at(self, path: str, found: Any, expected: str) -> None:
        place = self.raw.place
        where = [f"document {place.document}"] if place.document > 1 else []
        where += [f"item {place.item + 1}"] if place.item is not None else []
        kind = self.raw.value.get("kind")
        name = (
            self.raw.value.get("metadata", {}).get("name") if isinstance(self.raw.value.get("metadata"), dict) else None
        )
        who = f"{_short(kind)} {_short(name)}" if isinstance(kind, str) and isinstance(name, str) else ""
        prefix = ", ".join(part for part in (*where, who) if part)
        message = f"{prefix}: {path} is {_shown(found)}" if prefix else f"{path} is {_shown(found)}"
        self._problems.add(message, self._line_of(path) or place.line, None, expected)

    def _located(self) -> Mapping | None:
        """This mapping with its lines."""
        found: Any = self.raw.located()
        for step in _steps(self.path):
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                return None
        return found if isinstance(found, Mapping) else None

    def _line_of(self, path: str) -> int | None:
        """The line of the deepest part of a path that is known."""
        found: Any = self.raw.located()
        line = None
        for step in _steps(path):
            if isinstance(found, Mapping):
                line = found.lines.get(str(step), line)
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                break
        return line


def parse_as_number(found: Any) -> int | None:
    """An AS number written as a text (api/pkg/lib/numorstring/asn.go), None when it is none."""
    if not isinstance(found, str) or not found.isascii():
        return None
    high, dot, low = found.partition(".")
    if not high.isdecimal() or len(high) > 10 or (dot and (not low.isdecimal() or len(low) > 5)):
        return None
    if not dot:
        return int(high)
    return int(high) << 16 | int(low) if int(high) <= 0xFFFF and int(low) <= 0xFFFF else None


def _steps(path: str) -> Iterator[str | int]:
    """`spec.addresses[0].type` as the keys and places that lead there. A key with dots in it only costs a line."""
    for part in path.split(".") if path else ():
        name, _, place = part.partition("[")
        yield name
        if place.endswith("]") and place[:-1].isdecimal():
            yield int(place[:-1])


def _shown(found: Any) -> str:
    if found is None:
        return "missing"
    if isinstance(found, dict):
        return "a mapping"
    if isinstance(found, list):
        return "a list"
    if isinstance(found, bool):
        return "true" if found else "false"
    return repr(found) if len(repr(found)) <= _MAX_SHOWN else repr(found)[:_MAX_SHOWN] + "…"


def _short(text: Any) -> str:
    return "".join(c if c.isprintable() else " " for c in text[:_MAX_SHOWN]) if isinstance(text, str) else ""
