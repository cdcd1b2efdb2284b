"""BGPFilter out of its fields (api/pkg/apis/projectcalico/v3/bgpfilter.go). What a rule does is in routes.policy."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TypeVar

from calico_bgp.model.routes.bgp_filter import (
    AddCommunity,
    BGPFilter,
    FilterAction,
    FilterRule,
    MatchOperator,
    Operation,
    PrefixLength,
    PrependASPath,
    SetPriority,
)
from calico_bgp.parse.resources.fields import MAX_UINT32, Resource, Section, read_as_number

#: A community as Calico writes it: two numbers, or three of a large one.
COMMUNITY = re.compile(r"[0-9]{1,10}(?::[0-9]{1,10}){1,2}")
_MAX_INT32 = (1 << 31) - 1
_Choice = TypeVar("_Choice", bound=StrEnum)


def bgp_filter(resource: Resource) -> BGPFilter:
    """A BGPFilter; worth nothing when `resource.is_broken` afterwards."""
    spec = resource.spec()
    return BGPFilter(
        name=resource.name or "",
        import_v4=_rules(spec, "importV4", 32),
        export_v4=_rules(spec, "exportV4", 32),
        import_v6=_rules(spec, "importV6", 128),
        export_v6=_rules(spec, "exportV6", 128),
        place=resource.place,
        api_version=resource.api_version,
    )


def _rules(spec: Section, key: str, longest: int) -> tuple[FilterRule, ...]:
    return tuple(_rule(section, longest) for section in spec.sections(key))


def _rule(rule: Section, longest: int) -> FilterRule:
    action = _choice(rule, "action", FilterAction)
    if action is None and not rule.resource.is_broken:
        rule.resource.wrong((*rule.path, "action"), "is missing", "Accept or Reject")
    communities = rule.section("communities")
    values = communities.texts("values")
    if communities and len(values) != 1 and not rule.resource.is_broken:
        rule.resource.wrong((*communities.path, "values"), f"has {len(values)} values", "exactly one")
    lengths = rule.section("prefixLength")
    source = rule.text("source")
    if source not in (None, "RemotePeers"):
        rule.resource.wrong((*rule.path, "source"), "is not known", "RemotePeers")
    peer_type = rule.text("peerType")
    if peer_type not in (None, "iBGP", "eBGP"):
        rule.resource.wrong((*rule.path, "peerType"), "is not known", "iBGP or eBGP")
    return FilterRule(
        action=action or FilterAction.REJECT,
        cidr=rule.text("cidr"),
        operator=_choice(rule, "matchOperator", MatchOperator),
        prefix_length=PrefixLength(lengths.number("min", 0, longest), lengths.number("max", 0, longest))
        if "prefixLength" in rule.value and rule.value["prefixLength"] is not None
        else None,
        remote_peers_only=source is not None,
        interface=rule.text("interface"),
        peer_type=peer_type,
        community=_community(communities, "values", values[0]) if values else None,
        as_path_prefix=_as_numbers(rule, "asPathPrefix"),
        priority=rule.number("priority", 0, _MAX_INT32),
        operations=tuple(
            operation for section in rule.sections("operations") if (operation := _operation(section)) is not None
        ),
    )


def _operation(section: Section) -> Operation | None:
    names = [name for name in ("addCommunity", "prependASPath", "setPriority") if section.value.get(name) is not None]
    if len(names) != 1:
        section.resource.wrong(section.path, f"names {len(names)} operations", "one of them each")
        return None
    inner = section.section(names[0])
    if names[0] == "addCommunity":
        return AddCommunity(_community(inner, "value", inner.text("value") or ""))
    if names[0] == "prependASPath":
        return PrependASPath(_as_numbers(inner, "prefix"))
    return SetPriority(inner.number("value", 0, _MAX_INT32) or 0)


def _community(section: Section, key: str, text: str) -> tuple[int, ...]:
    if COMMUNITY.fullmatch(text) is None:
        section.resource.wrong((*section.path, key), "is no community", "65000:100, or 65000:100:200 for a large one")
        return ()
    return tuple(int(number) for number in text.split(":"))


def _as_numbers(section: Section, key: str) -> tuple[int, ...]:
    """A list of AS numbers, each a number or a text (numorstring.ASNumber)."""
    numbers: list[int] = []
    listed = section.value.get(key)
    if listed is None:
        return ()
    if not isinstance(listed, list):
        section.resource.wrong((*section.path, key), "is no list", "a list of AS numbers")
        return ()
    for index, value in enumerate(listed):
        number = read_as_number(value) if isinstance(value, str) else value
        if isinstance(number, int) and not isinstance(number, bool) and 0 <= number <= MAX_UINT32:
            numbers.append(number)
        else:
            section.resource.wrong((*section.path, key, index), "is no AS number", f"0 to {MAX_UINT32}")
    return tuple(numbers)


def _choice(section: Section, key: str, choices: type[_Choice]) -> _Choice | None:
    text = section.text(key)
    if text is None:
        return None
    try:
        return choices(text)
    except ValueError:
        section.resource.wrong((*section.path, key), f"is {text!r}"[:80], " or ".join(choices))
        return None
