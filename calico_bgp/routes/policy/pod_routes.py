"""Whether BGPFilters let the pods' routes through, as far as it is the same for every block of every pool.

A node announces its blocks: prefixes of `blockSize` bits within a pool, or with host-local IPAM the node's podCIDR.
It is not read which of the two a cluster has, so both have to come to the same. A rule that takes some blocks and not
others, or that looks at what only a real route shows (communities, AS path, priority, interface), leaves it unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from ipaddress import ip_network
from typing import NamedTuple

from calico_bgp.model.peer import Family
from calico_bgp.model.resources import IPPool
from calico_bgp.model.routes.bgp_filter import BGPFilter, Direction, FilterAction, FilterRule, MatchOperator
from calico_bgp.routes.policy.bgp_filter import never_or_always, refused_by_bird
from calico_bgp.routes.policy.route import Network

#: Bits of a block where the pool does not say (libcalico-go/lib/clientv3/ippool.go).
_BLOCK_SIZE = {Family.IPV4: 26, Family.IPV6: 122}
#: Bits of a node's podCIDR (kube-controller-manager, `--node-cidr-mask-size-ipv4` and `-ipv6`).
_POD_CIDR_SIZE = {Family.IPV4: 24, Family.IPV6: 64}


class Match(Enum):
    """Whether a rule matches the routes in question."""

    ALL = "all"
    NONE = "none"
    SOME = "some, or not known"


class _Blocks(NamedTuple):
    """A pool's prefix, and the length of its blocks."""

    pool: Network
    size: int


class Passage(Enum):
    """What becomes of the pods' routes."""

    OPEN = "all of them go through"
    CLOSED = "none of them goes through"
    UNKNOWN = "not known"


def pod_routes_through(
    filters: Iterable[BGPFilter], direction: Direction, family: Family, pools: Iterable[IPPool], *, same_as: bool
) -> Passage:
    """What BGPFilters do with the pods' routes of a family.

    Args:
        filters: The peer's, in order.
        direction: At which end of the session.
        family: The session's.
        pools: All pools. Without one of the family nothing is known of prefixes.
        same_as: Whether the session is iBGP.

    Returns:
        OPEN also where no rule matches: an import is then accepted, and for an export Calico's own rules send blocks.
    """
    listed = tuple(filters)
    if any(any(refused_by_bird(bgp_filter)) for bgp_filter in listed):
        return Passage.UNKNOWN  # BIRD keeps its old file, and what stood in that nobody knows
    rules = [rule for bgp_filter in listed for rule in bgp_filter.rules(direction, family)]
    found = {_of_pool(rules, direction, blocks, same_as=same_as) for blocks in _all_blocks(pools, family)}
    return found.pop() if len(found) == 1 else Passage.UNKNOWN


def _of_pool(rules: list[FilterRule], direction: Direction, blocks: _Blocks | None, *, same_as: bool) -> Passage:
    ends: set[bool] = set()
    for rule in rules:
        match = _match(rule, direction, blocks, same_as=same_as)
        if match is not Match.NONE:
            ends.add(rule.action is FilterAction.ACCEPT)
        if match is Match.ALL:
            break
    else:
        ends.add(True)
    if len(ends) > 1:
        return Passage.UNKNOWN
    return Passage.OPEN if True in ends else Passage.CLOSED


def _all_blocks(pools: Iterable[IPPool], family: Family) -> set[_Blocks | None]:
    """The blocks that there may be; None for those of which nothing is known."""
    found: set[_Blocks | None] = set()
    for pool in pools:
        try:
            network = ip_network(pool.cidr, strict=False)
        except ValueError:
            found.add(None)
            continue
        if network.version == (4 if family is Family.IPV4 else 6):
            for size in (pool.block_size or _BLOCK_SIZE[family], _POD_CIDR_SIZE[family]):
                found.add(_Blocks(network, max(network.prefixlen, size)))
    return found or {None}


def _match(rule: FilterRule, direction: Direction, blocks: _Blocks | None, *, same_as: bool) -> Match:
    if rule.peer_type is not None and (rule.peer_type == "iBGP") is not same_as:
        return Match.NONE
    found = Match.ALL if rule.cidr is None else _prefix_match(rule, blocks)
    if found is Match.NONE:
        return found
    # Own blocks are static at the node that announces them, and came over BGP at a reflector that passes them on.
    open_source = rule.remote_peers_only and direction is Direction.EXPORT
    # Own blocks have no interface; a route that came has one that is not known here.
    open_interface = rule.interface not in (None, "*")
    depends = open_source or open_interface or rule.community or rule.as_path_prefix or rule.priority is not None
    return Match.SOME if depends else found


def _prefix_match(rule: FilterRule, blocks: _Blocks | None) -> Match:
    always = never_or_always(rule)
    if always is not None:
        return Match.ALL if always else Match.NONE
    assert rule.cidr is not None
    if blocks is None or "/" not in rule.cidr:
        return Match.SOME
    cidr, (pool, size) = ip_network(rule.cidr), blocks
    negated = rule.operator in (MatchOperator.NOT_IN, MatchOperator.NOT_EQUAL)
    if rule.operator in (MatchOperator.EQUAL, MatchOperator.NOT_EQUAL):
        is_inside = _contains(pool, cidr) and cidr.prefixlen == size
        inside = Match.NONE if not is_inside else Match.ALL if cidr == pool else Match.SOME
    else:
        lengths = rule.prefix_length
        lowest = max(cidr.prefixlen, (lengths.min if lengths and lengths.min is not None else 0))
        highest = lengths.max if lengths and lengths.max is not None else cidr.max_prefixlen
        if not lowest <= size <= highest or not (_contains(cidr, pool) or _contains(pool, cidr)):
            inside = Match.NONE
        else:
            inside = Match.ALL if _contains(cidr, pool) else Match.SOME
    if not negated or inside is Match.SOME:
        return inside
    return Match.ALL if inside is Match.NONE else Match.NONE


def _contains(outer: Network, inner: Network) -> bool:
    return outer.version == inner.version and outer.prefixlen <= inner.prefixlen and inner.network_address in outer
