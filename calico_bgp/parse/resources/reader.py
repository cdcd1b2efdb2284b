"""Calico's resources: YAML or JSON in, Resources out; every error of every file at once. Opens no file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

from calico_bgp.errors import ParseError, ResourceError
from calico_bgp.model.place import Place
from calico_bgp.model.resources import (
    Autodetection,
    BGPConfiguration,
    BGPPeer,
    CalicoNode,
    IPPool,
    ResourceKind,
    Resources,
    SkippedKind,
)
from calico_bgp.parse.lines import shown
from calico_bgp.parse.resources import autodetection
from calico_bgp.parse.resources.fields import Resource, described
from calico_bgp.parse.resources.json_reader import NotJSONError, json_documents, looks_like_json
from calico_bgp.parse.resources.kinds import CRD, bgp_configuration, bgp_peer, ip_pool
from calico_bgp.parse.resources.node import calico_node, kubernetes_node, merged
from calico_bgp.parse.resources.raw import MAX_ITEMS, Raw, Text, called
from calico_bgp.parse.resources.yaml_reader import yaml_documents

V3 = "projectcalico.org/v3"
KUBERNETES = "v1"
#: What begins like JSON and is none, is tried as YAML up to this size, in characters.
_MAX_SECOND_TRY = 5_000_000
_EXPECTED = "Calico's resources, as `calicoctl get nodes -o yaml` or `kubectl get nodes -o json` print them"

_Value = CalicoNode | BGPPeer | BGPConfiguration | IPPool
_Kind = TypeVar("_Kind", BGPPeer, BGPConfiguration, IPPool)
_READERS: dict[tuple[str, str], Callable[[Resource], _Value]] = {
    (V3, ResourceKind.NODE): calico_node,
    (KUBERNETES, ResourceKind.NODE): kubernetes_node,
    **{
        (version, kind): reader
        for version in (V3, CRD)
        for kind, reader in (
            (ResourceKind.BGP_PEER, bgp_peer),
            (ResourceKind.BGP_CONFIGURATION, bgp_configuration),
            (ResourceKind.IP_POOL, ip_pool),
        )
    },
}
# Not part of what a resource says.
_CIRCUMSTANCES: dict[str, Any] = {"place": Place("-"), "api_version": ""}
_WRITTEN: dict[str, Any] = {**_CIRCUMSTANCES, "by_hand": False}
_WRITTEN_WITH_LINES: dict[str, Any] = {**_WRITTEN, "lines": (), "tags": ()}


def parse_resources(texts: Iterable[tuple[str, str]]) -> Resources:
    """Read resources as calicoctl and kubectl print them, and as people write them.

    Each text is YAML or JSON, whatever its name: resources, several YAML documents, lists of any kind. Read are Nodes
    (Calico's and Kubernetes'), BGPPeers, BGPConfigurations and IPPools, of projectcalico.org/v3 and
    crd.projectcalico.org/v1, and of an Installation or the calico-node DaemonSet how addresses are found; other kinds
    are counted.

    One resource may stand several times, in both versions too, as long as it says the same. Calico's Node and
    Kubernetes' of one name are one node.

    Args:
        texts: The name of each file, for the errors, and its text.

    Raises:
        ResourceError: Its `problems` hold every error of all files, in the order of the files and their lines.
    """
    collected = _Collected()
    sources = []
    problems: list[ParseError] = []
    for source, content in texts:
        sources.append(source)
        text = Text(source, content)
        collected.take(text)
        problems += sorted(text.problems.found, key=_line)
    if problems:
        raise ResourceError(tuple(problems))
    return Resources(
        nodes=collected.nodes(),
        bgp_peers=collected.of(BGPPeer),
        bgp_configurations=collected.of(BGPConfiguration),
        ip_pools=collected.of(IPPool),
        autodetection=tuple(sorted(collected.autodetection, key=str)),
        skipped=tuple(SkippedKind(kind, number) for kind, number in sorted(collected.skipped.items())),
        sources=tuple(sources),
    )


def _line(problem: ParseError) -> tuple[bool, int]:
    return problem.line is None, problem.line or 0


class _Item(NamedTuple):
    raw: Raw
    kind: str
    api_version: str
    place: Place


class _Collected:
    """What has been read so far."""

    def __init__(self) -> None:
        self.skipped: Counter[str] = Counter()
        # By kind and name; a Kubernetes Node beside the Calico Node of its name.
        self.found: dict[tuple[str, str], _Value] = {}
        self.autodetection: set[Autodetection] = set()

    def take(self, text: Text) -> None:
        """All resources of one file."""
        number = 0
        for item in _items(text):
            number += 1
            if text.problems.full:
                return
            if number > MAX_ITEMS:
                text.add(f"more than {MAX_ITEMS:,} objects; the rest of the file was not read")
                return
            reader = _READERS.get((item.api_version, item.kind))
            if reader is None and (told := _autodetection(item)) is not None:
                self.autodetection.add(told)
                continue
            if reader is None:
                self.skipped[shown(item.kind)] += 1
                continue
            resource = Resource(item.raw, item.kind, item.api_version, item.place, text)
            if item.kind != ResourceKind.NODE or not text.is_json:
                resource.refuse_twice()
            value = reader(resource)
            if not resource.is_broken:
                self._add(item, value, resource)

    def _add(self, item: _Item, value: _Value, resource: Resource) -> None:
        kind = f"{item.kind} of Kubernetes" if item.api_version == KUBERNETES else item.kind
        before = self.found.get((kind, value.name))
        if before is not None and _said(before) != _said(value):
            what = f"stands here and on {before.place}, and they differ"
            resource.wrong(("metadata", "name"), what, "each resource once")
        elif before is None or before.api_version != V3:
            self.found[kind, value.name] = value

    def of(self, kind: type[_Kind]) -> tuple[_Kind, ...]:
        """All of one kind, sorted by name."""
        found = [value for value in self.found.values() if isinstance(value, kind)]
        return tuple(sorted(found, key=lambda value: value.name))

    def nodes(self) -> tuple[CalicoNode, ...]:
        """All nodes, sorted by name."""
        nodes: dict[str, CalicoNode] = {}
        for value in self.found.values():
            if isinstance(value, CalicoNode):
                other = nodes.get(value.name)
                if other is not None:
                    own, kubernetes = (other, value) if value.api_version == KUBERNETES else (value, other)
                    nodes[value.name] = merged(own, kubernetes)
                else:
                    nodes[value.name] = value
        return tuple(nodes[name] for name in sorted(nodes))


def _autodetection(item: _Item) -> Autodetection | None:
    read = autodetection.READERS.get((item.api_version, item.kind))
    return None if read is None else read(item.raw.value)


def _said(value: _Value) -> _Value:
    """A resource without its circumstances."""
    if isinstance(value, CalicoNode):
        return replace(value, **_CIRCUMSTANCES)
    if isinstance(value, IPPool):
        return replace(value, **_WRITTEN)
    return replace(value, **_WRITTEN_WITH_LINES)


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


def _items(text: Text) -> Iterator[_Item]:
    """The resources of a text, out of their lists."""
    for number, document in _documents(text):
        place = Place(text.source, document.line, number)
        if isinstance(document.value, list):
            # What calicoctl prints for several files or names.
            for raw in document.items or ():
                yield from _out_of_list(raw, place._replace(line=raw.line), text)
        else:
            yield from _out_of_list(document, place, text)


def _out_of_list(raw: Raw, place: Place, text: Text) -> Iterator[_Item]:
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
        found = _head(item, Place(place.source, item.line, place.document, index), text, inherited)
        if found is not None and found.kind == "List":
            text.add("a List within a List", item.line, _EXPECTED)
        elif found is not None:
            yield found


def _head(raw: Raw, place: Place, text: Text, inherited: tuple[str, str] | None) -> _Item | None:
    """A resource with its kind and apiVersion, None when it is no resource, which is noted."""
    value = raw.value
    if not isinstance(value, dict):
        text.add(f"{_where(place)} is no Kubernetes resource, it is {described(value)}", raw.line, _EXPECTED)
        return None
    kind, version = value.get("kind"), value.get("apiVersion")
    if inherited is not None:
        kind, version = kind or inherited[0], version or inherited[1]
    if isinstance(kind, str) and kind and isinstance(version, str) and version:
        return _Item(raw, kind, version, place)
    key, wrong = ("apiVersion", version) if isinstance(kind, str) and kind else ("kind", kind)
    has = f"has as its {key} {described(wrong)}" if wrong else f"has no {key}"
    text.add(f"{_where(place)} {has}, so this is no Kubernetes resource", raw.line, _EXPECTED)
    return None


def _where(place: Place) -> str:
    return f"document {place.document}" + ("" if place.item is None else f", items[{place.item}]")
