"""Seeded sets of BGPFilters, and the routes that they are tried on. Values only; starts nothing, judges nothing."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import NamedTuple

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.bgp_filter import (
    AddCommunity,
    BGPFilter,
    Direction,
    FilterAction,
    FilterRule,
    MatchOperator,
    Operation,
    PrefixLength,
    PrependASPath,
    SetPriority,
)
from calico_bgp.prefixes import Prefix
from calico_bgp.routes.policy.bgp_filter import refused_by_bird

POOL = ip_network("10.244.0.0/16")
UNEXPORTED = ip_network("10.99.0.0/16")
OWN_BLOCKS = tuple(map(ip_network, ("10.244.1.0/26", "10.244.9.64/26", "10.99.1.0/26")))
#: What the node has besides: an address in its own block, one in the pool, one outside.
OWN_OTHERS = tuple(map(ip_network, ("10.244.1.9/32", "10.244.200.7/32", "77.9.0.0/24")))
#: With it a name is too long for BIRD, so that confd cuts it.
_LONG = "-of-the-edge-of-the-data-centre-in-the-north"
#: So many bits further on IPv6 prefixes begin.
_FURTHER = 8
_COMMUNITIES = ((65000, 100), (65000, 200), (65000, 100, 200))
_CIDRS = (
    "10.244.0.0/16",
    "10.244.0.0/20",
    "10.244.1.0/26",
    "10.244.9.64/26",
    "10.244.32.0/20",
    "10.0.0.0/8",
    "10.99.0.0/16",
    "77.0.0.0/8",
    "44.0.0.0/16",
    "44.0.1.0/24",
    "0.0.0.0/0",
)


class Sent(NamedTuple):
    """A route that a neighbour sends.

    Attributes:
        prefix: Its prefix.
        communities: What it carries.
        prepended: The AS numbers before the neighbour's own.
        priority: Its priority; None for BGP's own preference of 100. Nothing of it crosses to another AS.
    """

    prefix: Prefix
    communities: tuple[tuple[int, ...], ...] = ()
    prepended: tuple[int, ...] = ()
    priority: int | None = None


def in_family(network: Prefix, family: Family) -> Prefix:
    """The same for IPv6: what lies within what stays so, eight bits further on."""
    if family is Family.IPV4:
        return network
    return IPv6Network(((0xFD << 120) | (int(network.network_address) << 88), network.prefixlen + _FURTHER))


def sent_routes(rng: random.Random, family: Family) -> tuple[Sent, ...]:
    """A dozen, of all kinds."""
    prefixes: list[Prefix] = [
        ip_network(text)
        for text in ("44.0.0.0/16", "44.0.1.0/24", "44.0.0.0/15", "10.244.64.0/26", "10.244.64.9/32", "10.244.33.0/24")
    ]
    prefixes += [IPv4Network((int(POOL.network_address) + rng.randrange(100, 900) * 64, 26)) for _ in range(4)]
    found = {
        prefix: Sent(
            prefix,
            tuple(rng.sample(_COMMUNITIES, rng.choice([0, 0, 1, 2]))),
            rng.choice([(), (), (65000,), (65000, 65001), (65009, 65000)]),
            rng.choice([None, None, 1024, 512, 100]),
        )
        for prefix in prefixes
    }
    return tuple(sent._replace(prefix=in_family(prefix, family)) for prefix, sent in found.items())


def filters(rng: random.Random, number: int, family: Family) -> tuple[BGPFilter, ...]:
    """One to three filters that BIRD takes."""
    found: list[BGPFilter] = []
    while len(found) < rng.randint(1, 3):
        name = f"f{number}-{len(found)}" + (_LONG if rng.random() < 0.2 else "")
        version = 4 if family is Family.IPV4 else 6
        both = ((f"{direction}_v{version}", _rules(rng, family)) for direction in Direction)
        made = BGPFilter(name, **dict(both))
        if not any(refused_by_bird(made)):
            found.append(made)
    return tuple(found)


def _rules(rng: random.Random, family: Family) -> tuple[FilterRule, ...]:
    rules = [_of_family(_rule(rng), family) for _ in range(rng.choice([0, 1, 2, 3, 4]))]
    if rules and rng.random() < 0.3:
        rules.append(FilterRule(rng.choice(list(FilterAction))))
    return tuple(rules)


def _of_family(rule: FilterRule, family: Family) -> FilterRule:
    if family is Family.IPV4 or rule.cidr is None:
        return rule
    lengths = rule.prefix_length
    if lengths is not None:
        low, high = (None if bound is None else bound + _FURTHER for bound in (lengths.min, lengths.max))
        lengths = PrefixLength(low, high)
    return replace(rule, cidr=str(in_family(ip_network(rule.cidr), family)), prefix_length=lengths)


def _rule(rng: random.Random) -> FilterRule:
    def sometimes(share: float, values: Iterable[object]) -> object:
        return rng.choice(list(values)) if rng.random() < share else None

    action = rng.choice([FilterAction.ACCEPT, FilterAction.REJECT])
    cidr = sometimes(0.75, _CIDRS)
    operator = rng.choice(list(MatchOperator)) if cidr else None
    lengths = PrefixLength(rng.choice([None, 16, 24, 26]), rng.choice([None, 26, 28, 32])) if cidr else None
    operations = (
        tuple(_operation(rng) for _ in range(rng.choice([0, 0, 1, 2]))) if action is FilterAction.ACCEPT else ()
    )
    return FilterRule(
        action,
        cidr,  # type: ignore[arg-type]
        operator,
        lengths if rng.random() < 0.35 else None,
        remote_peers_only=rng.random() < 0.15,
        interface=sometimes(0.15, ["*", "eth*", "lo", "l?", "cali*"]),  # type: ignore[arg-type]
        peer_type=sometimes(0.2, ["iBGP", "eBGP"]),  # type: ignore[arg-type]
        community=sometimes(0.15, _COMMUNITIES),  # type: ignore[arg-type]
        as_path_prefix=sometimes(0.15, [(65000,), (65000, 65001), (64512,), (64513,)]) or (),  # type: ignore[arg-type]
        priority=sometimes(0.15, [1024, 512, 100]),  # type: ignore[arg-type]
        operations=operations,
    )


def _operation(rng: random.Random) -> Operation:
    return rng.choice(
        [
            AddCommunity((65001, rng.randrange(100))),
            AddCommunity((65001, 300, rng.randrange(100))),
            PrependASPath(rng.choice([(65010,), (65010, 65011)])),
            SetPriority(rng.choice([100, 512, 2000])),
        ]
    )
