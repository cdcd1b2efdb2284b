"""The kinds that only routes depend on: BGPFilters, BlockAffinities and FelixConfigurations, taken where understood.

One that is not understood, as of a later Calico, is no error, and two of a name that differ are none either: what they
say is not known. Nothing of the peers rests on them, so they must not cost what does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from calico_bgp.model.place import Place
from calico_bgp.model.resources import BlockAffinity, FelixConfiguration, NotUnderstood, TableRange
from calico_bgp.model.routes.bgp_filter import BGPFilter
from calico_bgp.parse.resources.bgp_filter import bgp_filter
from calico_bgp.parse.resources.fields import Resource, Section
from calico_bgp.parse.resources.items import Item
from calico_bgp.parse.resources.raw import Text
from calico_bgp.upstream import CRD, V3

Lenient = BGPFilter | BlockAffinity | FelixConfiguration
_Kind = TypeVar("_Kind", BGPFilter, BlockAffinity, FelixConfiguration)
#: What is read of a FelixConfiguration's spec; most of the others are about policy.
FELIX_FIELDS = (
    "programClusterRoutes",
    "routeTableRange",
    "routeTableRanges",
    "deviceRouteProtocol",
    "routeSyncDisabled",
    "wireguardEnabled",
    "wireguardEnabledV6",
)
_HIGHEST_TABLE = (1 << 32) - 1
_HIGHEST_PROTOCOL = 255
#: Nobody reads more reasons; a release that this one does not know has the same for all.
_MOST_REASONS = 20


def block_affinity(resource: Resource) -> BlockAffinity:
    """A BlockAffinity; worth nothing when `resource.is_broken` afterwards."""
    spec = resource.spec()
    node, cidr = spec.text("node"), spec.text("cidr")
    if (node is None or cidr is None) and not resource.is_broken:
        resource.wrong(("spec", "cidr" if node else "node"), "is missing", None)
    return BlockAffinity(
        name=resource.name or "",
        node=node or "",
        cidr=cidr or "",
        state=spec.text("state"),
        type=spec.text("type"),
        # A text in crd.projectcalico.org/v1, a truth value in projectcalico.org/v3.
        deleted=spec.value.get("deleted") in (True, "true"),
        place=resource.place,
        api_version=resource.api_version,
    )


def felix_configuration(resource: Resource) -> FelixConfiguration:
    """A FelixConfiguration; worth nothing when broken."""
    spec = resource.spec()
    ranges = spec.sections("routeTableRanges") or [older for older in [spec.section("routeTableRange")] if older]
    return FelixConfiguration(
        name=resource.name or "",
        program_cluster_routes=spec.text("programClusterRoutes"),
        tables=tuple(_tables(section) for section in ranges),
        device_route_protocol=spec.number("deviceRouteProtocol", 0, _HIGHEST_PROTOCOL),
        route_sync_disabled=spec.flag("routeSyncDisabled"),
        wireguard_enabled=spec.flag("wireguardEnabled"),
        wireguard_enabled_v6=spec.flag("wireguardEnabledV6"),
        place=resource.place,
        api_version=resource.api_version,
    )


def _tables(section: Section) -> TableRange:
    lowest, highest = (section.number(key, 0, _HIGHEST_TABLE) for key in ("min", "max"))
    if (lowest is None or highest is None) and not section.resource.is_broken:
        section.resource.wrong(section.path, "lacks one of its ends", "min and max")
    return TableRange(lowest or 0, highest or 0)


_READERS: dict[str, Callable[[Resource], Lenient]] = {
    "BGPFilter": bgp_filter,
    "BlockAffinity": block_affinity,
    "FelixConfiguration": felix_configuration,
}
# Not part of what a resource says.
_CIRCUMSTANCES: dict[str, Any] = {"place": Place("-"), "api_version": ""}


def _reason(kind: str, name: str, text: Text) -> NotUnderstood:
    """The first field that is wrong; a text says of which resource, which is known here."""
    problem = min(text.problems.found, key=lambda each: each.line or 0)
    what = problem.message.partition(": ")[2] or problem.message
    reason = what if problem.expected is None else f"{what}; expected {problem.expected}"
    return NotUnderstood(kind, name, text.source, problem.line, reason)


class LenientKinds:
    """What has been read so far of these kinds.

    Attributes:
        skipped: How many of each kind were not understood.
        not_understood: Why, of the first ones.
    """

    def __init__(self) -> None:
        self.skipped: Counter[str] = Counter()
        self.not_understood: list[NotUnderstood] = []
        # None where two of one name differ, or one was not understood.
        self._found: dict[tuple[str, str], Lenient | None] = {}

    def take(self, item: Item, source: str) -> bool:
        """Read a resource; whether it is of one of these kinds."""
        reader = _READERS.get(item.kind) if item.api_version in (V3, CRD) else None
        if reader is None:
            return False
        text = Text(source, "")
        resource = Resource(item.raw, item.kind, item.api_version, item.place, text)
        value = reader(resource)
        key = (item.kind, value.name)
        if resource.is_broken:
            self.skipped[item.kind] += 1
            if len(self.not_understood) < _MOST_REASONS:
                self.not_understood.append(_reason(item.kind, value.name, text))
            self._found[key] = None
        else:
            before = self._found.setdefault(key, value)
            if before is None or replace(before, **_CIRCUMSTANCES) != replace(value, **_CIRCUMSTANCES):
                self._found[key] = None
        return True

    def of(self, kind: type[_Kind]) -> tuple[_Kind, ...]:
        """All of one kind that are understood, sorted by name."""
        values = [value for value in self._found.values() if isinstance(value, kind)]
        return tuple(sorted(values, key=lambda value: value.name))
