"""Whether the prefix of a rule of a BGPFilter takes blocks: one, or all that a pool may have. Knows no sessions."""

from __future__ import annotations

from enum import Enum
from ipaddress import ip_network

from calico_bgp.model.routes.bgp_filter import FilterRule, MatchOperator
from calico_bgp.prefixes import contains
from calico_bgp.routes.policy.bgp_filter import lengths_within, never_or_always
from calico_bgp.routes.policy.judgement import Blocks


class Match(Enum):
    """Whether a rule matches the routes in question."""

    ALL = "all"
    NONE = "none"
    SOME = "some, or not known"


def all_or_none(is_met: bool) -> Match:
    """ALL or NONE."""
    return Match.ALL if is_met else Match.NONE


def prefix_match(rule: FilterRule, blocks: Blocks | None) -> Match:
    """Whether the prefix condition of a rule takes blocks; None for those of which nothing is known."""
    always = never_or_always(rule)
    if always is not None:
        return all_or_none(always)
    assert rule.cidr is not None
    if blocks is None or "/" not in rule.cidr:
        return Match.SOME
    cidr, (pool, size) = ip_network(rule.cidr), blocks
    negated = rule.operator in (MatchOperator.NOT_IN, MatchOperator.NOT_EQUAL)
    if rule.operator in (MatchOperator.EQUAL, MatchOperator.NOT_EQUAL):
        is_inside = contains(pool, cidr) and cidr.prefixlen == size
        inside = Match.NONE if not is_inside else Match.ALL if cidr == pool else Match.SOME
    else:
        lowest, highest = lengths_within(cidr, rule.prefix_length)
        if not lowest <= size <= highest or not (contains(cidr, pool) or contains(pool, cidr)):
            inside = Match.NONE
        else:
            inside = Match.ALL if contains(cidr, pool) else Match.SOME
    if not negated or inside is Match.SOME:
        return inside
    return Match.ALL if inside is Match.NONE else Match.NONE
