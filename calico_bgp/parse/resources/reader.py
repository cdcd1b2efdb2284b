"""Calico's resources: YAML or JSON in, Resources out; every error of every file at once. Opens no file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from calico_bgp.errors import ParseError, ResourceError
from calico_bgp.model.place import Place
from calico_bgp.model.resources import (
    Autodetection,
    BGPConfiguration,
    BGPPeer,
    BlockAffinity,
    CalicoNode,
    FelixConfiguration,
    IPPool,
    ResourceKind,
    Resources,
    SkippedFile,
    SkippedKind,
)
from calico_bgp.model.routes.bgp_filter import BGPFilter
from calico_bgp.parse.lines import shown
from calico_bgp.parse.resources import autodetection
from calico_bgp.parse.resources.fields import Resource
from calico_bgp.parse.resources.forms.table import (
    UNJUDGED,
    as_problem,
    concerns_bgp,
    is_unrendered,
    may_be_template,
    what_it_is,
)
from calico_bgp.parse.resources.items import Item, items_of
from calico_bgp.parse.resources.kinds import bgp_configuration, bgp_peer, ip_pool
from calico_bgp.parse.resources.lenient import LenientKinds
from calico_bgp.parse.resources.node import calico_node, kubernetes_node, merged
from calico_bgp.parse.resources.raw import MAX_ITEMS, Text
from calico_bgp.parse.resources.versions import OldResources, is_old, unknown_version
from calico_bgp.upstream import CRD, V3

KUBERNETES = "v1"

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


def parse_resources(texts: Iterable[tuple[str, str]], *, optional: Collection[str] = ()) -> Resources:
    """Read resources as calicoctl and kubectl print them, and as people write them.

    Each text is YAML or JSON, whatever its name: resources, several YAML documents, lists of any kind. Read are Nodes
    (Calico's and Kubernetes'), BGPPeers, BGPConfigurations, IPPools, BGPFilters, BlockAffinities and
    FelixConfigurations, of projectcalico.org/v3 and crd.projectcalico.org/v1, and of an Installation or the calico-node
    DaemonSet how addresses are found; other kinds are counted.

    One resource may stand several times, in both versions too, as long as it says the same. Calico's Node and
    Kubernetes' of one name are one node.

    Args:
        texts: The name of each file, for the errors, and its text.
        optional: Names of files that nobody named one by one, such as those of a folder: what holds nothing that
            decides about BGP (values.yaml, a template of a Deployment) is passed over, which the result says.

    Raises:
        ResourceError: Its `problems` hold every error of all files, in the order of the files and their lines.
    """
    collected = _Collected()
    sources = []
    problems: list[ParseError] = []
    passed_over: list[SkippedFile] = []
    for source, content in texts:
        sources.append(source)
        text = Text(source, content)
        kinds = collected.take(text)
        wrong = _wrong(text, kinds)
        if wrong and source in optional and not concerns_bgp(text):
            passed_over.append(SkippedFile(source, wrong[0].message))
        else:
            problems += wrong
    if problems:
        raise ResourceError(tuple(problems))
    return Resources(
        nodes=collected.nodes(),
        bgp_peers=collected.of(BGPPeer),
        bgp_configurations=collected.of(BGPConfiguration),
        ip_pools=collected.of(IPPool),
        bgp_filters=collected.lenient.of(BGPFilter),
        block_affinities=collected.lenient.of(BlockAffinity),
        felix=collected.lenient.of(FelixConfiguration),
        autodetection=tuple(sorted(collected.autodetection, key=str)),
        skipped=tuple(SkippedKind(kind, number) for kind, number in sorted(collected.all_skipped.items())),
        not_understood=tuple(collected.lenient.not_understood),
        skipped_files=tuple(passed_over),
        sources=tuple(sources),
    )


def _wrong(text: Text, kinds: frozenset[str]) -> list[ParseError]:
    """What is wrong with a text; one error that says what it is, where it holds no resources as it stands."""
    is_nothing = not kinds and not text.text.strip()
    if text.problems.found or text.is_template or (not is_nothing and kinds <= UNJUDGED):
        what = what_it_is(text, text.strangers, kinds)
        if what is not None:
            return [as_problem(what, text)]
    return sorted(text.problems.found, key=_line)


def _line(problem: ParseError) -> tuple[bool, int]:
    return problem.line is None, problem.line or 0


class _Collected:
    """What has been read so far."""

    def __init__(self) -> None:
        self.skipped: Counter[str] = Counter()
        # By kind and name; a Kubernetes Node beside the Calico Node of its name.
        self.found: dict[tuple[str, str], _Value] = {}
        self.autodetection: set[Autodetection] = set()
        self.lenient = LenientKinds()

    @property
    def all_skipped(self) -> Counter[str]:
        """How many of each kind were not read."""
        return self.skipped + self.lenient.skipped

    def take(self, text: Text) -> frozenset[str]:
        """All resources of one file; their kinds, also the other ones."""
        kinds: set[str] = set()
        old = OldResources()
        has_marks = may_be_template(text)
        for number, item in enumerate(items_of(text), 1):
            if text.problems.full:
                break
            if number > MAX_ITEMS:
                text.add(f"more than {MAX_ITEMS:,} objects; the rest of the file was not read")
                break
            kinds.add(item.kind)
            if is_old(item.api_version, item.kind):
                old.add(item.kind, item.place.line)
            else:
                self._take(item, text)
                text.is_template = text.is_template or (has_marks and is_unrendered(item.raw.value))
        old.refuse(text)
        return frozenset(kinds)

    def _take(self, item: Item, text: Text) -> None:
        reader = _READERS.get((item.api_version, item.kind))
        if self.lenient.take(item, text.source):
            return
        if reader is None:
            if (detection := _autodetection(item)) is not None:
                self.autodetection.add(detection)
            elif (expected := unknown_version(item.api_version, item.kind)) is not None:
                what = f"{shown(item.kind)} of apiVersion {shown(item.api_version)}"
                text.add(f"Calico has no {what}, so it was not judged", item.place.line, expected)
            else:
                self.skipped[shown(item.kind)] += 1
        else:
            resource = Resource(item.raw, item.kind, item.api_version, item.place, text)
            if item.kind != ResourceKind.NODE or not text.is_json:
                resource.refuse_twice()
            value = reader(resource)
            if not resource.is_broken:
                self._add(item, value, resource)

    def _add(self, item: Item, value: _Value, resource: Resource) -> None:
        kind = f"{item.kind} of Kubernetes" if item.api_version == KUBERNETES else item.kind
        before = self.found.get((kind, value.name))
        if before is not None and _without_circumstances(before) != _without_circumstances(value):
            what = f"stands here and on {before.place}, and they differ"
            resource.wrong(("metadata", "name"), what, "each resource once")
        elif before is None or before.api_version != V3:
            self.found[kind, value.name] = value

    def of(self, kind: type[_Kind]) -> tuple[_Kind, ...]:
        """All of one kind, sorted by name."""
        values = [value for value in self.found.values() if isinstance(value, kind)]
        return tuple(sorted(values, key=lambda value: value.name))

    def nodes(self) -> tuple[CalicoNode, ...]:
        """All nodes, sorted by name."""
        nodes: dict[str, CalicoNode] = {}
        for value in self.found.values():
            if isinstance(value, CalicoNode):
                same_name = nodes.get(value.name)
                if same_name is not None:
                    own, kubernetes = (same_name, value) if value.api_version == KUBERNETES else (value, same_name)
                    nodes[value.name] = merged(own, kubernetes)
                else:
                    nodes[value.name] = value
        return tuple(nodes[name] for name in sorted(nodes))


def _autodetection(item: Item) -> Autodetection | None:
    read = autodetection.READERS.get((item.api_version, item.kind))
    return None if read is None else read(item.raw.value)


def _without_circumstances(value: _Value) -> _Value:
    """A resource without its circumstances."""
    if isinstance(value, CalicoNode):
        return replace(value, **_CIRCUMSTANCES)
    if isinstance(value, IPPool):
        return replace(value, **_WRITTEN)
    return replace(value, **_WRITTEN_WITH_LINES)
