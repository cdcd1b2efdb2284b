"""Blocks in kinds: those of a kind are let through and held back by the same sessions, so that one stands for all.

Which blocks a node has, BlockAffinities tell. Without any it may have any block of any pool.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_network

from calico_bgp.model.peer import Family, family_of
from calico_bgp.model.resources import IPPool, Resources
from calico_bgp.prefixes import Prefix, contains, is_within, prefix_of, prefixes_of
from calico_bgp.routes.network.holding.held import OwnKinds
from calico_bgp.routes.policy.judgement import Blocks

#: Bits of a block where the pool does not say (libcalico-go/lib/clientv3/ippool.go).
BLOCK_SIZE = {Family.IPV4: 26, Family.IPV6: 122}
#: Bits of a node's podCIDR (kube-controller-manager, `--node-cidr-mask-size-ipv4` and `-ipv6`).
_POD_CIDR_SIZE = {Family.IPV4: 24, Family.IPV6: 64}
_SHOWN = 3


@dataclass
class BlockKind:
    """Blocks of one kind.

    Attributes:
        blocks: Some of them.
        number: How many there are; of a pool's they are not counted.
    """

    blocks: list[Blocks | None] = field(default_factory=list)
    number: int = 0

    @property
    def text(self) -> str:
        """Which they are, in words."""
        single = [b for b in self.blocks if b is not None and b.size == b.within.prefixlen]
        if single and len(single) == len(self.blocks):
            first_blocks = ", ".join(str(blocks.within) for blocks in single[:_SHOWN])
            more = self.number - min(len(single), _SHOWN)
            return f"block {first_blocks}" + (f" and {more} more" if more else "")
        pools = dict.fromkeys(str(blocks.within) for blocks in self.blocks if blocks is not None)
        return f"blocks of {', '.join(pools)}" if pools else "blocks of no known pool"


@dataclass
class BlockKinds:
    """All blocks of a family, and who has which kinds.

    Attributes:
        kinds: The kinds.
        of_node: Node → the kinds of its blocks, where that is known.
        others: The kinds that any other node may have.
    """

    kinds: list[BlockKind]
    of_node: dict[str, OwnKinds]
    others: OwnKinds


def kinds_of(
    resources: Resources,
    family: Family,
    verdict: Callable[[Blocks | None], Hashable],
    *,
    most: int,
    unneeded: Collection[str] = (),
) -> BlockKinds:
    """Put all blocks into kinds.

    Args:
        resources: IPPools and BlockAffinities.
        family: Of the blocks.
        verdict: What all sessions do with them; blocks of one verdict are one kind.
        most: How many blocks are looked at one by one; of more only the pools are.
        unneeded: The pools that are not exported and whose pods do not need it. Nobody lacks their routes.
    """
    numbers: dict[Hashable, int] = {}
    kinds: list[BlockKind] = []

    def number_of(blocks: Blocks | None) -> int:
        number = numbers.setdefault(verdict(blocks), len(kinds))
        if number == len(kinds):
            kinds.append(BlockKind())
        kinds[number].number += 1
        if len(kinds[number].blocks) < _SHOWN:
            kinds[number].blocks.append(blocks)
        return number

    pools = [pool for pool in resources.ip_pools if pool.name not in unneeded]
    unneeded_prefixes = prefixes_of(pool.cidr for pool in resources.ip_pools if pool.name in unneeded)
    hidden = [prefix for prefix in unneeded_prefixes if family_of(prefix) is family]
    owned = [(node, blocks) for node, blocks in _owned(resources, family) if not is_within(blocks.within, hidden)]
    if 0 < len(owned) <= most:
        of_node: dict[str, int] = {}
        for node, blocks in owned:
            of_node[node] = of_node.get(node, 0) | 1 << number_of(blocks)
        own_kinds = {node: OwnKinds(mask) for node, mask in of_node.items()}
        # A node without a block announces nothing that could be held back.
        kinds.append(BlockKind())
        return BlockKinds(kinds, own_kinds, OwnKinds(1 << len(kinds) - 1))
    is_all_hidden = not owned if resources.block_affinities else not any(pool_blocks(pools, family))
    if hidden and is_all_hidden:
        return BlockKinds([BlockKind()], {}, OwnKinds())
    mask = 0
    for possible in sorted(pool_blocks(pools, family), key=str):
        mask |= 1 << number_of(possible)
    return BlockKinds(kinds, {}, OwnKinds(mask, has_all=mask.bit_count() == 1))


def blocks_outside(resources: Resources, family: Family) -> tuple[Prefix, ...]:
    """The blocks of nodes that lie in no IPPool, nor hold one; none where no IPPool is known."""
    pools = prefixes_of(pool.cidr for pool in resources.ip_pools)
    if not pools:
        return ()
    every = (blocks.within for _, blocks in _owned(resources, family))
    return tuple(b for b in every if not any(contains(pool, b) or contains(b, pool) for pool in pools))


def _owned(resources: Resources, family: Family) -> Iterator[tuple[str, Blocks]]:
    """(node, block) of the BlockAffinities: confirmed ones, and those that are given back and still announced."""
    for affinity in resources.block_affinities:
        if not affinity.is_a_nodes or affinity.state == "pending":
            continue
        try:
            network = ip_network(affinity.cidr)
        except ValueError:
            continue
        if family_of(network) is family:
            yield affinity.node, Blocks(network, network.prefixlen)


def pool_blocks(pools: Iterable[IPPool], family: Family) -> set[Blocks | None]:
    """The blocks that there may be; None for those of which nothing is known.

    It is not read whether the blocks are Calico's or a node's podCIDR, so both sizes are there.
    """
    blocks: set[Blocks | None] = set()
    for pool in pools:
        if not pool.is_for_pods:
            continue
        prefix = prefix_of(pool.cidr)
        if prefix is None:
            blocks.add(None)
        elif family_of(prefix) is family:
            for size in (pool.block_size or BLOCK_SIZE[family], _POD_CIDR_SIZE[family]):
                blocks.add(Blocks(prefix, max(prefix.prefixlen, size)))
    return blocks or {None}
