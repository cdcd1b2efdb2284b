"""What a BGPFilter does with a route: as BIRD 1.6 runs the function that confd makes of it. Knows no sessions.

Source: confd's BGPFilterBIRDFuncs (template_funcs.go); what BIRD does with conditions that compare unlike types was
tried on BIRD 1.6.8.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from ipaddress import ip_network

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.bgp_filter import (
    AddCommunity,
    BGPFilter,
    Direction,
    FilterAction,
    FilterRule,
    MatchOperator,
    PrefixLength,
    PrependASPath,
)
from calico_bgp.prefixes import Prefix, contains
from calico_bgp.routes.policy.route import Route, Source


@dataclass(frozen=True, slots=True)
class FilterDecision:
    """How a filter's evaluation ended.

    Attributes:
        accepted: Whether the route goes through.
        filter: The filter's name.
        rule: Which of its rules decided, counted from 1.
        route: The route after the rule's operations.
        runtime_error: Whether BIRD rejects the route because the rule cannot be computed, whatever its action.
    """

    accepted: bool
    filter: str
    rule: int
    route: Route
    runtime_error: bool = False


class _CannotBeComputed(Exception):
    """BIRD ends the filter with an error at this condition."""


def decide(
    filters: tuple[BGPFilter, ...], direction: Direction, family: Family, route: Route, *, same_as: bool
) -> FilterDecision | None:
    """The first rule that matches decides.

    Args:
        filters: The peer's filters that exist, in the order of `spec.filters`. BIRD skips names without an object.
        direction: From the peer, or to it.
        family: The session's.
        route: As it reaches the filters; for an export after priorities were set (`export.prepared`).
        same_as: Whether the peer's AS is the session's own (iBGP).

    Returns:
        None where no rule matches: an import is then accepted, for an export Calico's own rules follow.
    """
    for bgp_filter in filters:
        for number, rule in enumerate(bgp_filter.rules(direction, family), 1):
            try:
                if not _matches(rule, route, same_as=same_as):
                    continue
            except _CannotBeComputed:
                return FilterDecision(False, bgp_filter.name, number, route, runtime_error=True)
            accepted = rule.action is FilterAction.ACCEPT
            return FilterDecision(accepted, bgp_filter.name, number, _changed(route, rule) if accepted else route)
    return None


def refused_by_bird(bgp_filter: BGPFilter) -> Iterator[tuple[str, int, str]]:
    """Rules with which confd or BIRD refuses the whole file, so that every node keeps its old configuration.

    Yields:
        The list that holds the rule (`importV4`), the rule's number from 1, and why.
    """
    for direction in Direction:
        for family in Family:
            for number, rule in enumerate(bgp_filter.rules(direction, family), 1):
                if why := _refusal(rule, family):
                    yield f"{direction}V{family.version}", number, why


def never_or_always(rule: FilterRule) -> bool | None:
    """Whether a rule's prefix condition has the same answer for every route; None where it depends on the route.

    BIRD compares a prefix with a set of prefixes by `=`: they never are equal.
    """
    if rule.cidr is None or rule.operator not in (MatchOperator.EQUAL, MatchOperator.NOT_EQUAL):
        return None
    if rule.prefix_length is not None or "/" not in rule.cidr:
        return rule.operator is MatchOperator.NOT_EQUAL
    return None


def _matches(rule: FilterRule, route: Route, *, same_as: bool) -> bool:
    """The conditions in confd's order; BIRD leaves out what follows one that is false."""
    if rule.peer_type is not None and (rule.peer_type == "iBGP") is not same_as:
        return False
    return (
        (rule.cidr is None or _prefix_matches(rule, route.prefix))
        and (not rule.remote_peers_only or route.source is Source.BGP)
        and (rule.interface is None or named(route.interface, rule.interface))
        and (rule.community is None or rule.community in route.communities)
        and route.as_path[: len(rule.as_path_prefix)] == rule.as_path_prefix
        and (rule.priority is None or rule.priority == route.priority)
    )


def _prefix_matches(rule: FilterRule, prefix: Prefix) -> bool:
    assert rule.cidr is not None
    always = never_or_always(rule)
    if always is not None:
        return always
    network = _network(rule.cidr)
    if network is None or "/" not in rule.cidr:
        raise _CannotBeComputed
    if rule.operator in (MatchOperator.EQUAL, MatchOperator.NOT_EQUAL):
        return (prefix == network) is (rule.operator is MatchOperator.EQUAL)
    lowest, highest = lengths_within(network, rule.prefix_length)
    inside = contains(network, prefix) and lowest <= prefix.prefixlen <= highest
    return inside is (rule.operator is MatchOperator.IN)


def named(interface: str, pattern: str) -> bool:
    """BIRD knows `*` and `?`; a bracket is a bracket."""
    return fnmatchcase(interface, pattern.replace("[", "[[]"))


def lengths_within(network: Prefix, limits: PrefixLength | None) -> tuple[int, int]:
    """The least and the greatest length of prefixes in a network that a rule lets match, in bits."""
    lowest: int = network.prefixlen
    highest: int = network.max_prefixlen
    if limits is not None and limits.min is not None:
        lowest = max(lowest, limits.min)
    if limits is not None and limits.max is not None:
        highest = min(highest, limits.max)
    return lowest, highest


def _refusal(rule: FilterRule, family: Family) -> str | None:
    if rule.cidr is None:
        return None
    if rule.operator is None:
        return "cidr without matchOperator"
    if "/" not in rule.cidr:
        return "prefixLength beside an address without a length" if rule.prefix_length is not None else None
    network = _network(rule.cidr)
    if network is None:
        return f"{rule.cidr} has bits behind its length, or is no prefix"
    if network.version == 6 and family is Family.IPV4:  # BIRD for IPv6 reads an IPv4 prefix, which then matches nothing
        return f"{rule.cidr} is no prefix of {family.label}"
    lowest, highest = lengths_within(network, rule.prefix_length)
    return f"no length is from {lowest} to {highest}" if highest < lowest else None


@lru_cache(maxsize=4096)
def _network(text: str) -> Prefix | None:
    """The prefix; None where it is none or has host bits, which BIRD refuses."""
    try:
        return ip_network(text)
    except ValueError:
        return None


def _changed(route: Route, rule: FilterRule) -> Route:
    for operation in rule.operations:
        if isinstance(operation, AddCommunity):
            if operation.value not in route.communities:
                route = replace(route, communities=(*route.communities, operation.value))
        elif isinstance(operation, PrependASPath):
            route = replace(route, as_path=(*operation.prefix, *route.as_path))
        else:
            route = route.with_priority(operation.value)
    return route
