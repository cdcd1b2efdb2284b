"""Calico's resources: texts in, Resources out; every error of all texts at once. Opens no file.

It takes what `calicoctl get ... -o yaml|json` and `kubectl get ... -o yaml|json` print, and what people write by hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from operator import attrgetter
from typing import Any, TypeAlias

from calico_bgp.errors import ParseError, ResourceError
from calico_bgp.model.resources import (
    BGPConfiguration,
    BGPPeer,
    CalicoNode,
    IPPool,
    Place,
    ResourceKind,
    Resources,
    SkippedKind,
)
from calico_bgp.parse.lines import Problems
from calico_bgp.parse.resource_fields import Fields, Raw
from calico_bgp.parse.resource_json import Item, read_json
from calico_bgp.parse.resource_kinds import bgp_configuration, bgp_peer, calico_node, ip_pool, kubernetes_node
from calico_bgp.parse.resource_yaml import Mapping, read_yaml

Resource: TypeAlias = CalicoNode | BGPPeer | BGPConfiguration | IPPool

KUBERNETES = "v1"
#: projectcalico.org/v3 is the API; crd.projectcalico.org/v1 is how a Kubernetes datastore keeps it.
_CALICO_GROUPS = ("projectcalico.org/", "crd.projectcalico.org/")
_READERS: dict[str, Callable[[str, Fields, str], Resource]] = {
    ResourceKind.NODE: calico_node,
    ResourceKind.BGP_PEER: bgp_peer,
    ResourceKind.BGP_CONFIGURATION: bgp_configuration,
    ResourceKind.IP_POOL: ip_pool,
}
_EXPECTED = "what `calicoctl get ... -o yaml` or `kubectl get ... -o json` prints"


def parse_resources(texts: Iterable[tuple[str, str]]) -> Resources:
    """Read resources.

    Args:
        texts: (source, text): a file's name as given, `-` for standard input, and what it holds: YAML of any number of
            documents, or JSON. Lists of every kind are taken apart.

    Returns:
        The resources. Kinds that do not matter here are counted in `skipped`.

    Raises:
        ResourceError: Its `problems` hold every error of every text: no YAML, fields of a wrong type, a resource that
            stands twice with different content.
    """
    collected = _Collected()
    sources = []
    for source, text in texts:
        sources.append(source)
        collected.read(source, text)
    if collected.problems:
        raise ResourceError(tuple(collected.problems))
    return collected.resources(tuple(sources))


class _Collected:
    """What has been read so far."""

    def __init__(self) -> None:
        self.problems: list[ParseError] = []
        self._found: dict[tuple[str, str], Resource] = {}
        self._skipped: Counter[str] = Counter()

    def read(self, source: str, text: str) -> None:
        """Read one text; what is wrong with it is noted."""
        problems = Problems(source)
        try:
            for raw in _raw_resources(source, text, problems):
                self._take(raw, problems)
        except ParseError as error:
            problems.found.append(error)
        self.problems += problems.found

    def _take(self, raw: Raw, problems: Problems) -> None:
        fields = Fields(raw, raw.value, "", problems)
        kind, api_version = fields.text("kind"), fields.text("apiVersion") or ""
        if kind is None:
            fields.wrong("kind", f"a resource: {_EXPECTED}")
            return
        is_kubernetes_node = kind == ResourceKind.NODE and api_version == KUBERNETES
        if not is_kubernetes_node and (kind not in _READERS or not api_version.startswith(_CALICO_GROUPS)):
            self._skipped[kind] += 1
            return
        before = len(problems.found)
        name = fields.inner("metadata").text("name")
        if name is None:
            fields.inner("metadata").wrong("name", "a name")
            return
        resource = (kubernetes_node if is_kubernetes_node else _READERS[kind])(name, fields, api_version)
        if len(problems.found) == before:
            self._add(kind, resource, problems)

    def _add(self, kind: str, resource: Resource, problems: Problems) -> None:
        key = kind, resource.name
        other = self._found.get(key)
        if other is None:
            self._found[key] = resource
        elif isinstance(resource, CalicoNode) and isinstance(other, CalicoNode) and _are_two_views(resource, other):
            self._found[key] = _one_node(resource, other)
        elif _bare(resource) != _bare(other):
            message = f"{kind} {resource.name} stands twice with different content, first in {other.place}"
            problems.add(message, resource.place.line, None, "each resource once")
        elif other.api_version.startswith("crd."):
            self._found[key] = resource

    def resources(self, sources: tuple[str, ...]) -> Resources:
        """All of it, each kind sorted by name."""
        by_name = sorted(self._found.values(), key=attrgetter("name"))
        return Resources(
            nodes=tuple(r for r in by_name if isinstance(r, CalicoNode)),
            bgp_peers=tuple(r for r in by_name if isinstance(r, BGPPeer)),
            bgp_configurations=tuple(r for r in by_name if isinstance(r, BGPConfiguration)),
            ip_pools=tuple(r for r in by_name if isinstance(r, IPPool)),
            skipped=tuple(SkippedKind(kind, number) for kind, number in sorted(self._skipped.items())),
            sources=sources,
        )


def _are_two_views(one: CalicoNode, other: CalicoNode) -> bool:
    """Whether one is Calico's and the other Kubernetes' view of a node."""
    return (one.api_version == KUBERNETES) is not (other.api_version == KUBERNETES)


def _one_node(one: CalicoNode, other: CalicoNode) -> CalicoNode:
    """Calico's view, under Kubernetes' labels and with its InternalIPs."""
    calico, kubernetes = (other, one) if one.api_version == KUBERNETES else (one, other)
    return replace(
        calico,
        labels=tuple(sorted((dict(calico.labels) | dict(kubernetes.labels)).items())),
        internal_ips=kubernetes.internal_ips or calico.internal_ips,
    )


def _bare(resource: Resource) -> Resource:
    """A resource without where it stood."""
    bare: dict[str, Any] = {"place": Place("-"), "api_version": ""}
    if not isinstance(resource, CalicoNode):
        bare |= {"by_hand": False}
    if isinstance(resource, BGPPeer | BGPConfiguration):
        bare |= {"lines": (), "tags": ()}
    return replace(resource, **bare)


def _raw_resources(source: str, text: str, problems: Problems) -> Iterator[Raw]:
    """Every resource of a text, lists taken apart."""
    text = text.removeprefix("\ufeff")
    found = False
    if text.lstrip()[:1] in {"{", "["}:
        items = _from_json(source, text, problems)
    else:
        items = _from_yaml(source, text, problems)
    for raw in items:
        found = True
        yield raw
    if not found and not problems.found and not text.strip():
        problems.add("it is empty", None, None, _EXPECTED)


def _from_yaml(source: str, text: str, problems: Problems) -> Iterator[Raw]:
    for document in read_yaml(text, source):
        value = document.value
        if value is None:
            continue
        items = value if isinstance(value, list) else _list_items(value)
        if items is None:
            if not isinstance(value, Mapping):
                problems.add("this is no resource", document.line, None, _EXPECTED)
                continue
            yield Raw(value, Place(source, document.line, document.number), partial(_itself, value))
            continue
        for place, item in enumerate(items):
            if not isinstance(item, Mapping):
                problems.add(f"item {place + 1} is no resource", document.line, None, _EXPECTED)
                continue
            line = item.line
            _fill_in(item, value)
            yield Raw(item, Place(source, line, document.number, place), partial(_itself, item))


def _from_json(source: str, text: str, problems: Problems) -> Iterator[Raw]:
    for number, document in enumerate(read_json(text, source), start=1):
        if document.items is None:
            if not isinstance(document.value, dict):
                problems.add("this is no resource", document.whole.line, None, _EXPECTED)
                continue
            yield _json_raw(document.whole, Place(source, document.whole.line, number), text)
            continue
        for place, item in enumerate(document.items):
            if not isinstance(item.value, dict):
                problems.add(f"item {place + 1} is no resource", item.line, None, _EXPECTED)
                continue
            _fill_in(item.value, document.value)
            yield _json_raw(item, Place(source, item.line, number, place), text)


def _json_raw(item: Item, place: Place, text: str) -> Raw:
    """A JSON resource, whose lines are looked for when somebody asks: JSON is YAML."""
    remembered: list[Mapping | None] = []

    def located() -> Mapping | None:
        if not remembered:
            remembered.append(_locate(item, text))
        return remembered[0]

    return Raw(item.value, place, located)


def _locate(item: Item, text: str) -> Mapping | None:
    # Line feeds in front give the piece the lines that it has in the whole. Tabs between tokens are no YAML.
    piece = "\n" * (item.line - 1) + text[item.start : item.end].replace("\t", " ")
    try:
        document = next(iter(read_yaml(piece, "-")), None)
    except ParseError:
        return None
    return document.value if document is not None and isinstance(document.value, Mapping) else None


def _itself(value: Mapping) -> Mapping:
    """A YAML resource knows its lines already."""
    return value


def _list_items(value: Any) -> list[Any] | None:
    """The items of a List, None when the value is no List."""
    if not isinstance(value, dict) or not str(value.get("kind", "")).endswith("List"):
        return None
    items = value.get("items")
    return items if isinstance(items, list) else [] if items is None else None


def _fill_in(item: dict[str, Any], outer: Any) -> None:
    """The items of a typed list, as the API server sends them, have no kind of their own."""
    if not isinstance(outer, dict):
        return
    kind = outer.get("kind")
    if isinstance(kind, str) and kind.endswith("List") and kind != "List":
        item.setdefault("kind", kind.removesuffix("List"))
        if isinstance(outer.get("apiVersion"), str):
            item.setdefault("apiVersion", outer["apiVersion"])
