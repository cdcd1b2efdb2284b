"""The resources of a text, out of its documents and lists, each with its kind and apiVersion. Reads no fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from calico_bgp.model.place import Place
from calico_bgp.parse.lines import shown
from calico_bgp.parse.resources.fields import described
from calico_bgp.parse.resources.json_reader import NotJSONError, json_documents, looks_like_json
from calico_bgp.parse.resources.raw import Raw, Text, called
from calico_bgp.parse.resources.yaml.reader import yaml_documents

#: What begins like JSON and is none, is tried as YAML up to this size, in characters.
_MAX_SECOND_TRY = 5_000_000
_EXPECTED = "Calico's resources, as `calicoctl get nodes -o yaml` or `kubectl get nodes -o json` print them"


class Item(NamedTuple):
    """One resource, not yet read."""

    raw: Raw
    kind: str
    api_version: str
    place: Place


def items_of(text: Text) -> Iterator[Item]:
    """The resources of a text, out of their lists."""
    for number, document in _documents(text):
        place = Place(text.source, document.line, number)
        if isinstance(document.value, list):
            # What calicoctl prints for several files or names.
            for raw in document.items or ():
                yield from _out_of_list(raw, place._replace(line=raw.line), text)
        else:
            yield from _out_of_list(document, place, text)


def _documents(text: Text) -> Iterator[tuple[int, Raw]]:
    if not looks_like_json(text.text):
        yield from yaml_documents(text)
        return
    try:
        documents = list(json_documents(text))
    except NotJSONError as error:
        # JSON documents with `---` between them, and a flow-style mapping, are YAML.
        attempt = Text(text.source, text.text)
        if len(text.text) <= _MAX_SECOND_TRY:
            documents = list(yaml_documents(attempt))
            if not attempt.problems.found:
                yield from documents
                return
        text.add(error.message, error.line)
        return
    text.is_json = True
    yield from documents


def _out_of_list(raw: Raw, place: Place, text: Text) -> Iterator[Item]:
    head = _head(raw, place, text, None)
    if head is None:
        return
    if not head.kind.endswith("List") or (raw.items is None and "items" not in raw.value and head.kind != "List"):
        yield head
        return
    for path, line, first in () if text.is_json else raw.locations.twice():
        text.add(f"{called(path)} stands twice, first on line {first}", line, "each key once")
    listed = raw.value.get("items")
    if raw.items is None and listed is not None:
        text.add(f"items of this {shown(head.kind)} is {described(listed)}", raw.locations.line(("items",)), "a list")
    # The items of a typed list have no kind of their own as the API server sends them.
    kind = None if head.kind == "List" else head.kind.removesuffix("List")
    inherited = None if kind is None else (kind, head.api_version)
    for index, item in enumerate(raw.items or ()):
        member = _head(item, Place(place.source, item.line, place.document, index), text, inherited)
        if member is not None and member.kind.endswith("List") and item.items is not None:
            # What a tool makes of several files that are lists themselves.
            yield from _out_of_list(item, member.place, text)
        elif member is not None and member.kind == "List" and item.value.get("items"):
            text.add("Lists within Lists within a list", item.line, _EXPECTED)
        elif member is not None and member.kind != "List":
            yield member


def _head(raw: Raw, place: Place, text: Text, inherited: tuple[str, str] | None) -> Item | None:
    """A resource with its kind and apiVersion, None when it is no resource, which is noted."""
    value = raw.value
    if not isinstance(value, dict):
        text.strangers.append(value)
        text.add(f"{place.within} is no Kubernetes resource, it is {described(value)}", raw.line, _EXPECTED)
        return None
    kind, version = value.get("kind"), value.get("apiVersion")
    if inherited is not None:
        kind, version = kind or inherited[0], version or inherited[1]
    if isinstance(kind, str) and kind and isinstance(version, str) and version:
        return Item(raw, kind, version, place)
    key, wrong = ("apiVersion", version) if isinstance(kind, str) and kind else ("kind", kind)
    has = f"has as its {key} {described(wrong)}" if wrong else f"has no {key}"
    text.strangers.append(value)
    text.add(f"{place.within} {has}, so this is no Kubernetes resource", raw.line, _EXPECTED)
    return None
