"""Rules of a BGPFilter that can never decide: BIRD never finds them true, or a rule before them takes all they match.

Only what is certain is told: two rules are compared condition by condition.
"""

from __future__ import annotations

from ipaddress import ip_network

from calico_bgp.model.routes.bgp_filter import Direction, FilterRule, MatchOperator
from calico_bgp.prefixes import Prefix, contains
from calico_bgp.routes.policy.bgp_filter import lengths_within, never_or_always


def shadowed_by(rules: tuple[FilterRule, ...], number: int, direction: Direction) -> int | None:
    """The number of an earlier rule that matches all that a rule matches; both from 1.

    Args:
        rules: A list of a filter.
        number: Which of them.
        direction: Of the list: at import everything came over BGP.
    """
    later = rules[number - 1]
    return next((n for n, rule in enumerate(rules[: number - 1], 1) if covers(rule, later, direction)), None)


def covers(earlier: FilterRule, later: FilterRule, direction: Direction) -> bool:
    """Whether a rule matches every route that another one matches."""
    path = earlier.as_path_prefix
    return (
        earlier.peer_type in (None, later.peer_type)
        and (not earlier.remote_peers_only or later.remote_peers_only or direction is Direction.IMPORT)
        and (not (earlier.interface or "").strip("*") or earlier.interface == later.interface)
        and earlier.community in (None, later.community)
        and later.as_path_prefix[: len(path)] == path
        and earlier.priority in (None, later.priority)
        and _covers_prefixes(earlier, later)
    )


def _covers_prefixes(earlier: FilterRule, later: FilterRule) -> bool:
    if earlier.cidr is None or never_or_always(earlier):
        return True
    if never_or_always(earlier) is not None or later.cidr is None or never_or_always(later):
        return False
    earlier_match = (earlier.cidr, earlier.operator, earlier.prefix_length)
    if earlier_match == (later.cidr, later.operator, later.prefix_length):
        return True
    outer, inner = _network(earlier.cidr), _network(later.cidr)
    positive = (MatchOperator.IN, MatchOperator.EQUAL)
    if outer is None or inner is None or later.operator not in positive:
        return False
    is_inside = contains(outer, inner)
    if earlier.operator is MatchOperator.IN:
        (least, most), (low, high) = _lengths(earlier, outer), _lengths(later, inner)
        return is_inside and least <= low and high <= most
    # What is In a prefix that lies elsewhere is neither in this one nor equal to it.
    return earlier.operator in (MatchOperator.NOT_IN, MatchOperator.NOT_EQUAL) and not inner.overlaps(outer)


def _lengths(rule: FilterRule, network: Prefix) -> tuple[int, int]:
    if rule.operator is MatchOperator.EQUAL:
        return network.prefixlen, network.prefixlen
    return lengths_within(network, rule.prefix_length)


def _network(text: str) -> Prefix | None:
    try:
        return ip_network(text) if "/" in text else None
    except ValueError:
        return None
