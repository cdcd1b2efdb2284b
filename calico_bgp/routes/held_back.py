"""Whose routes BGPFilters and pools that are not exported keep back, by what each of them costs. Resources in.

Each is taken away in turn, and who learns whose routes is worked out again: what then arrives is what it costs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from calico_bgp.expect.engine import Expectation
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import IPPool, Resources
from calico_bgp.once import once
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import Reachability, reachability
from calico_bgp.routes.network.from_expected import expected_network
from calico_bgp.routes.network.holding.block_kinds import blocks_outside
from calico_bgp.routes.network.holding.filters import RouteFilters
from calico_bgp.routes.policy.judgement import NO_POOL, Holder

#: So many resources are taken away in turn; of more only that they hold something back is told.
_MOST_TRIED = 8


@dataclass(frozen=True, slots=True)
class HeldBack:
    """What one resource keeps back.

    Attributes:
        family: Of the routes.
        kind: `BGPFilter` or `IPPool`; `NO_POOL` where a pool is lacking.
        name: The resource's; empty where a pool is lacking.
        rules: The rules of a filter that reject, in words.
        pairs: How many (learner, origin) lack a route because of it; of several that must all go, those of all.
        total: How many pairs there are.
        blocks: Which blocks, in words.
        example: A (learner, origin) that lacks a route because of it.
        why: What stops that route, in words.
        alone: Whether it is enough to take this one away.
    """

    family: Family
    kind: str
    name: str
    rules: tuple[str, ...]
    pairs: int
    total: int
    blocks: tuple[str, ...]
    example: tuple[str, str]
    why: str
    alone: bool = True


def held_back(expectation: Expectation, family: Family) -> tuple[HeldBack, ...]:
    """What is kept back for certain, the most first.

    Args:
        expectation: What Calico would configure; every session is taken as Established.
        family: Of the routes.
    """
    return _by_family(expectation)[family]


def all_held_back(expectation: Expectation) -> tuple[HeldBack, ...]:
    """The same over both families."""
    return tuple(held for of_family in _by_family(expectation).values() for held in of_family)


@once
def _by_family(expectation: Expectation) -> dict[Family, tuple[HeldBack, ...]]:
    return {family: _held_back(expectation, family) for family in Family}


def _held_back(expectation: Expectation, family: Family) -> tuple[HeldBack, ...]:
    filters = RouteFilters(expectation.resources, family, expectation.version)
    if filters.is_idle:
        return ()
    network = expected_network(expectation, family)
    now = reachability(network)
    missing = now.count(Answer.NO)
    free = reachability(expected_network(expectation, family, filters=False))
    if missing <= free.count(Answer.NO):
        return ()
    holders: dict[tuple[str, str], dict[Holder, None]] = {}
    kinds: dict[tuple[str, str], int] = {}
    ends = {end for block in network.blocks() for end in (block.a_settings, block.b_settings)}
    for held in sorted({end.held for end in ends if end.held is not None}, key=str):
        for reason in held.reasons:
            if isinstance(reason.by, Holder) and reason.is_certain:
                key = reason.by.kind, reason.by.name
                holders.setdefault(key, {})[reason.by] = None
                kinds[key] = kinds.get(key, 0) | reason.kinds
    costs = _Costs(expectation, now, free)
    costing = [
        costs.of(key, holders.keys() - {key}, tuple(holders[key]), kinds[key]) for key in sorted(holders)[:_MOST_TRIED]
    ]
    return tuple(sorted((one for one in costing if one is not None), key=lambda one: (-one.pairs, one.kind, one.name)))


@dataclass(frozen=True)
class _Costs:
    """Who learns whose routes now, and where nothing is held back."""

    expectation: Expectation
    now: Reachability
    free: Reachability

    def of(
        self, key: tuple[str, str], others: Collection[tuple[str, str]], holders: tuple[Holder, ...], kinds: int
    ) -> HeldBack | None:
        """What one resource costs, given the others that hold something back; None where nothing."""
        kind, name = key
        now, family = self.now, self.now.family
        without = self._without([key])
        pairs = now.count(Answer.NO) - without.count(Answer.NO)
        is_alone = pairs > 0
        if is_alone:
            example = next(_mended(now, without), None)
        else:
            # It counts only where it keeps a route back that all others would let through.
            alone_left = self._without(others)
            mended = _mended(now, self.free)
            example = next((pair for pair in mended if alone_left.learns(*pair) is Answer.NO), None)
            pairs = now.count(Answer.NO) - self.free.count(Answer.NO)
        if example is None:
            return None
        number = len(now.nodes)
        return HeldBack(
            family=family,
            kind=kind,
            name=name,
            rules=tuple(str(holder) for holder in sorted(holders)),
            pairs=pairs,
            total=number * (number - 1),
            blocks=tuple(text for bit, text in enumerate(now.network.kinds) if kinds >> bit & 1),
            example=example,
            why=now.explain(*example).text,
            alone=is_alone,
        )

    def _without(self, keys: Iterable[tuple[str, str]]) -> Reachability:
        resources = self.expectation.resources
        for kind, name in keys:
            resources = without_holder(resources, kind, name)
        return reachability(expected_network(replace(self.expectation, resources=resources), self.now.family))


def _mended(now: Reachability, then: Reachability) -> Iterator[tuple[str, str]]:
    """The pairs that lack a route and would not."""
    for learners, origins in now.classes_with(Answer.NO):
        pair = learners[0], origins[learners == origins]
        if then.learns(*pair) is not Answer.NO:
            yield pair


def without_holder(resources: Resources, kind: str, name: str) -> Resources:
    """The resources where nothing is held back by this one: a filter that no BGPPeer names, a pool that is exported.

    Where a pool is lacking, every block has one.
    """
    if kind == NO_POOL:
        every = (block for family in Family for block in blocks_outside(resources, family))
        more = tuple(IPPool(name=f"of-{block}", cidr=str(block), disabled=True) for block in every)
        return resources.model_copy(update={"ip_pools": (*resources.ip_pools, *more)})
    if kind == "IPPool":
        pools = (replace(p, disable_bgp_export=False) if p.name == name else p for p in resources.ip_pools)
        return resources.model_copy(update={"ip_pools": tuple(pools)})
    peers = (
        replace(peer, filters=tuple(each for each in peer.filters if each != name)) for peer in resources.bgp_peers
    )
    return resources.model_copy(update={"bgp_peers": tuple(peers)})
