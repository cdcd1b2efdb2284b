"""What a form of inventory is, and what one gives: hosts, and names that are left out with the reason. Values only."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from calico_bgp.errors import ParseError
from calico_bgp.model.inventory import Host
from calico_bgp.parse.lines import Problems, shown, split_lines
from calico_bgp.parse.resources.raw import Text
from calico_bgp.parse.resources.yaml.reader import yaml_documents
from calico_bgp.upstream import INTERNAL_IP

#: Lines that are looked at to recognise a form.
_BEGINNING = 200


class NodeAddress(StrEnum):
    """Which address of a Node to reach it by (Kubernetes' NodeAddressType)."""

    INTERNAL = INTERNAL_IP
    EXTERNAL = "ExternalIP"
    HOSTNAME = "Hostname"


@dataclass(frozen=True, slots=True)
class Listed:
    """A host, and what hosts.txt has no key for.

    Attributes:
        host: The host.
        remark: Its zone, its role in Kubernetes: a comment in hosts.txt.
    """

    host: Host
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A name of the inventory that is no host for us, and why."""

    name: str
    reason: str


Entry = Listed | LeftOut


@dataclass(frozen=True)
class Foreign:
    """A text that may be another program's inventory.

    Attributes:
        text: Without a byte order mark.
        source: The file's name, for errors.
        address: By which address the user wants to reach the nodes, where a form knows several.
    """

    text: str
    source: str = "-"
    address: NodeAddress = NodeAddress.INTERNAL

    @cached_property
    def lines(self) -> list[str]:
        """All lines, as an editor numbers them."""
        return split_lines(self.text)

    @cached_property
    def beginning(self) -> list[str]:
        """The first lines that hold something and are no comments, stripped."""
        first_lines = []
        for line in self.lines:
            stripped = line.strip()
            if stripped and not stripped.startswith(("#", ";", "//")):
                first_lines.append(stripped)
                if len(first_lines) == _BEGINNING:
                    break
        return first_lines

    @cached_property
    def first(self) -> str:
        """The first of them, empty where there is none."""
        return self.beginning[0] if self.beginning else ""

    @cached_property
    def json(self) -> Any:
        """The text as one JSON value, None where it is none."""
        if not self.text.lstrip().startswith(("{", "[")):
            return None
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None

    @cached_property
    def documents(self) -> tuple[Any, ...]:
        """The mappings and lists of the text, as JSON or as YAML; empty where it is neither."""
        if self.json is not None:
            return (self.json,)
        if several := _one_after_another(self.text):
            # Records of jq, a line each, are a list; what names its kind is a document of its own.
            has_kinds = any(isinstance(value, dict) and "kind" in value for value in several)
            return several if has_kinds else (list(several),)
        if not _may_be_yaml(self.first):
            return ()
        text = Text(self.source, self.text)
        values = tuple(raw.value for _, raw in yaml_documents(text))
        return values if not text.problems.found and all(isinstance(v, dict | list) for v in values) else ()


def _one_after_another(text: str) -> tuple[Any, ...]:
    """The JSON values of a text that holds several, as jq and `kubectl get` of several names print them."""
    text = text.strip()
    if not text.startswith("{"):
        return ()
    decoder = json.JSONDecoder()
    values: list[Any] = []
    at = 0
    try:
        while at < len(text):
            value, at = decoder.raw_decode(text, at)
            values.append(value)
            while at < len(text) and text[at].isspace():
                at += 1
    except (ValueError, RecursionError):
        return ()
    return tuple(values)


def what_is_broken(text: str, source: str) -> ParseError | None:
    """Where the JSON or YAML of a text breaks; None for a text that does not look like either, or does not break."""
    text = text.removeprefix("\ufeff")
    foreign = Foreign(text, source)
    if text.lstrip().startswith(("{", "[")):
        try:
            json.loads(text)
        except json.JSONDecodeError as error:
            line = foreign.lines[error.lineno - 1] if error.lineno <= len(foreign.lines) else ""
            return ParseError(f"not JSON: {error.msg}", source, error.lineno, shown(line), "the whole of a document")
        except RecursionError:
            return ParseError("nested too deeply", source)
    elif _may_be_yaml(foreign.first):
        read = Text(source, text)
        if any(isinstance(raw.value, dict | list) for _, raw in yaml_documents(read)) or len(foreign.beginning) > 1:
            return next(iter(read.problems.found), None)
    return None


def _may_be_yaml(first: str) -> bool:
    return first.startswith(("---", "- ", "%YAML")) or first.endswith(":") or ": " in first


@dataclass(frozen=True, slots=True)
class Form:
    """One form of inventory.

    Attributes:
        called: What it is, in an error: `an Ansible inventory`.
        recognises: Whether a text is of this form.
        read: Its hosts and what is left out, in order; what is wrong goes to the problems. None: there are no hosts in
            such a text.
        instead: What to do; where it is None, `calico-bgp hosts` reads it.
        notes: Comments above the hosts.
        shows_itself: Whether the first line shows what it is, and holds no secret, so that an error may show it.
    """

    called: str
    recognises: Callable[[Foreign], bool]
    read: Callable[[Foreign, Problems], Iterable[Entry]] | None = None
    instead: str | None = None
    notes: tuple[str, ...] = ()
    shows_itself: bool = False
