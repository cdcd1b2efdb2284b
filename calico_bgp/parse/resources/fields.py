"""The fields of one resource, each held to its type; what is wrong is noted with its path and line. Knows no kind.

Types are those of Go's structs (api/pkg/apis/projectcalico/v3). A field that is null or missing is None, an empty text
too: Go makes no difference.
"""

from __future__ import annotations

import re
from typing import Any

from calico_bgp.model.place import Place
from calico_bgp.parse.lines import shown
from calico_bgp.parse.resources.raw import Path, Raw, Text, called, whole_characters
from calico_bgp.shell_words import is_name

MAX_UINT32 = (1 << 32) - 1
MAX_INT32 = (1 << 31) - 1
#: Characters of a value that an error repeats; its line stands below it anyway.
_EXCERPT = 60
_DIGITS = re.compile(r"[0-9]{1,40}")
_DOTTED = re.compile(r"([0-9]{1,20})\.([0-9]{1,20})")


class Resource:
    """One resource on its way to a value of the model.

    Attributes:
        raw: As YAML or JSON give it; `raw.value` is a dict.
        kind: Its kind, `BGPPeer`.
        api_version: `projectcalico.org/v3`.
        place: Where it stands.
        is_broken: Whether anything in it is wrong.
    """

    def __init__(self, raw: Raw, kind: str, api_version: str, place: Place, text: Text) -> None:
        self.raw = raw
        self.kind = kind
        self.api_version = api_version
        self.place = place
        self.text = text
        self.is_broken = False
        self.root = Section(self, (), raw.value)
        self.metadata = self.root.section("metadata")
        self.name = self.metadata.text("name")
        if self.name is None and not self.is_broken:
            self.wrong(("metadata", "name"), "is missing", None)
        if self.name is not None and not is_name(self.name):
            self.wrong(
                ("metadata", "name"), "is not a name that Kubernetes allows", "a-z, 0-9, `-` and `.`, at most 253"
            )

    def spec(self) -> Section:
        """Its spec; an empty one when it has none. To be asked for once: what is wrong is noted each time."""
        return self.root.section("spec")

    def wrong(self, path: Path, what: str, expected: str | None, line: int | None = None) -> None:
        """Note that a field is wrong."""
        self.is_broken = True
        name = self.raw.value.get("metadata")
        name = name.get("name") if isinstance(name, dict) else None
        who = f"{self.kind} {shown(name)}" if isinstance(name, str) and name else f"this {self.kind}"
        line = line or self.raw.locations.line(path) or self.place.line
        self.text.add(f"{who} ({self.place.within}): {called(path)} {what}", line, expected)

    def refuse_twice(self) -> None:
        """Note every key that stands twice: calicoctl refuses them, kubectl takes one, and nobody knows which."""
        for path, line, first in self.raw.locations.twice():
            self.wrong(path, f"stands twice, first on line {first}", "each key once", line)


class Section:
    """A mapping in a resource."""

    def __init__(self, resource: Resource, path: Path, value: dict[str, Any]) -> None:
        self.resource = resource
        self.path = path
        self.value = value

    def __bool__(self) -> bool:
        return bool(self.value)

    def _wrong(self, key: str, expected: str) -> None:
        self.resource.wrong((*self.path, key), f"is {described(self.value[key])}", expected)

    def section(self, key: str) -> Section:
        """A mapping within; an empty one where there is none."""
        value = self.value.get(key)
        if value is None:
            value = {}
        elif not isinstance(value, dict):
            self._wrong(key, "a mapping")
            value = {}
        return Section(self.resource, (*self.path, key), value)

    def sections(self, key: str) -> list[Section]:
        """A list of mappings."""
        sections = []
        for index, value in enumerate(self._list(key, "a list of mappings")):
            if isinstance(value, dict):
                sections.append(Section(self.resource, (*self.path, key, index), value))
            elif value is not None:
                self.resource.wrong((*self.path, key, index), f"is {described(value)}", "a mapping")
        return sections

    def text(self, key: str) -> str | None:
        """A text. calicoctl would make one of a number, the API server refuses that; so do we."""
        value = self.value.get(key)
        if isinstance(value, str):
            return (value if value.isascii() else whole_characters(value)) or None
        if value is not None:
            self._wrong(key, "a text" if isinstance(value, dict | list) else "a text, in quotes")
        return None

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        texts = []
        for index, value in enumerate(self._list(key, "a list of texts")):
            if isinstance(value, str):
                texts.append(whole_characters(value))
            elif value is not None:
                self.resource.wrong((*self.path, key, index), f"is {described(value)}", "a text")
        return tuple(texts)

    def flag(self, key: str) -> bool | None:
        """A truth value."""
        value = self.value.get(key)
        if value is None or isinstance(value, bool):
            return value
        self._wrong(key, "true or false, without quotes")
        return None

    def number(self, key: str, lowest: int, highest: int) -> int | None:
        """A whole number."""
        value = self.value.get(key)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest:
            return value
        self._wrong(key, f"a whole number from {lowest} to {highest}, without quotes")
        return None

    def as_number(self, key: str) -> int | None:
        """An AS number (api/pkg/lib/numorstring/asnumber.go): a number, or a text of digits or as in "1.10"."""
        value = self.value.get(key)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_UINT32:
            return value
        if isinstance(value, str) and (number := read_as_number(value)) is not None:
            return number
        if isinstance(value, float):
            self._wrong(key, 'an AS number; with a dot only in quotes, "1.10", for without them 1.10 is the number 1.1')
        else:
            self._wrong(key, f'an AS number from 0 to {MAX_UINT32}, or with a dot in quotes, "1.10"')
        return None

    def labels(self, key: str) -> dict[str, str]:
        """A mapping of texts. calicoctl makes texts of YAML's `yes` ("true") and of numbers, so that is what counts."""
        section = self.section(key)
        labels = {}
        for name, value in section.value.items():
            if isinstance(value, dict | list):
                section._wrong(name, "a text")  # noqa: SLF001 - of this very class
            else:
                text = as_text(value)
                if not text.isascii() or not name.isascii():
                    name, text = whole_characters(name), whole_characters(text)  # noqa: PLW2901
                labels[name] = text
        return labels

    def _list(self, key: str, expected: str) -> list[Any]:
        value = self.value.get(key)
        if value is None:
            return []
        if isinstance(value, list):
            return value
        self._wrong(key, expected)
        return []


def read_as_number(text: str) -> int | None:
    """An AS number in a text, None when it is none."""
    if _DIGITS.fullmatch(text):
        number = int(text)
        return number if number <= MAX_UINT32 else None
    if dotted := _DOTTED.fullmatch(text):
        high, low = int(dotted[1]), int(dotted[2])
        return (high << 16) + low if high <= 0xFFFF and low <= 0xFFFF else None
    return None


def as_text(value: Any) -> str:
    """The text that calicoctl makes of a YAML scalar where it wants a text (sigs.k8s.io/yaml)."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, ".7g") if isinstance(value, float) else format(value, "d")


def described(value: Any) -> str:
    """What a value is, in an error."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"the number {shown(hex(value) if value.bit_length() > 128 else str(value))}"
    if isinstance(value, float):
        return f"the number {value:g}"
    if isinstance(value, str):
        text = shown(value)
        cut = text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "…"
        return f"the text {cut!r}" if value else "an empty text"
    return "a list" if isinstance(value, list) else "a mapping"
