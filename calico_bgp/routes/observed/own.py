"""Whose blocks are whose: by BIRD's own routes of a node, and by Calico's BlockAffinities. Judges nothing.

A node's BIRD has a `blackhole` for each of its blocks, and one for each range of Services, which every node announces.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.model.peer import Family, family_of
from calico_bgp.model.resources import BlockAffinity, Resources
from calico_bgp.prefixes import Prefix, is_within, prefix_key, prefix_of, prefixes_of
from calico_bgp.routes.observed.tables import NodeTables, Prefixes, node_tables

#: A network that more nodes call their own is a range of Services.
_FEW = 2


class OwnBlocks(NamedTuple):
    """A node's own blocks.

    Attributes:
        in_bird: Those that its BIRD announces as its own.
        assigned: Those that its BlockAffinities give it; None where they were not read.
        is_known: Whether `in_bird` is all of it: its BIRD's table was read as a whole.
        pods: Addresses of its pods, as far as its kernel shows them; None where that was not read.
    """

    in_bird: Prefixes
    assigned: Prefixes | None
    is_known: bool
    pods: Prefixes | None = None

    @property
    def all(self) -> tuple[Prefix, ...]:
        """What others should have a route to, sorted: its blocks, or each pod where its BIRD announces no block.

        Of half a table nobody knows that it announces none.
        """
        blocks = self.in_bird | set(self.lost)
        if not self.is_known and self.assigned is not None:
            blocks |= self.assigned
        return tuple(sorted(blocks or (self.is_known and self.pods) or (), key=prefix_key))

    @property
    def lost(self) -> tuple[Prefix, ...]:
        """Those that its BIRD should have and has not.

        A block of a single address has no static route; one without a pod may be new, and nobody misses it.
        """
        if self.assigned is None or not self.is_known:
            return ()
        missing = (p for p in self.assigned - self.in_bird if p.prefixlen < p.max_prefixlen)
        return tuple(sorted((p for p in missing if self._has_pod(p)), key=prefix_key))

    def pods_in(self, block: Prefix) -> list[Prefix]:
        """Its pods in a block, as far as its kernel shows them."""
        return [pod for pod in self.pods or () if pod.network_address in block]

    def _has_pod(self, block: Prefix) -> bool:
        return self.pods is None or bool(self.pods_in(block))


def own_blocks(cluster: Cluster, family: Family, tables: Mapping[str, NodeTables]) -> dict[str, OwnBlocks]:
    """Node → its blocks, of all nodes whose routes were read or that have affinities."""
    resources = cluster.snapshot.resources
    affinities = _affinities(resources, family)
    pools = pools_of(resources, family)
    services = service_ranges(resources, family)
    counted = Counter(prefix for own in tables.values() for prefix in own.static)
    by_node: dict[str, OwnBlocks] = {}
    for member in cluster.members:
        own = tables.get(member.name)
        assigned = None if affinities is None else affinities.get(member.name, frozenset())
        if own is None or own.table.bird is None:
            if assigned is not None:
                by_node[member.name] = OwnBlocks(frozenset(), assigned, is_known=False)
            continue
        in_bird = frozenset(
            prefix
            for prefix in own.static
            if prefix not in services
            and (prefix in (assigned or ()) or (is_within(prefix, pools) if pools else _is_block(prefix, own, counted)))
        )
        pods = frozenset(pod for pod in own.pods if not pools or is_within(pod, pools))
        by_node[member.name] = OwnBlocks(
            in_bird, assigned, own.bird_is_whole, None if own.table.kernel is None else pods
        )
    return by_node


def with_blocks_seen(resources: Resources, cluster: Cluster, family: Family) -> Resources:
    """Calico's resources, with a BlockAffinity for each block that a node's BIRD has as its own and that none gives it.

    What BIRD announces it announces, whatever is in the resources that were given; often BlockAffinities are not.
    """
    by_node = own_blocks(cluster, family, node_tables(cluster, family))
    seen = tuple(
        BlockAffinity(f"{node}-{block}", node, str(block))
        for node, own in by_node.items()
        for block in sorted(own.in_bird - (own.assigned or frozenset()), key=prefix_key)
    )
    return resources.model_copy(update={"block_affinities": (*resources.block_affinities, *seen)})


def pools_of(resources: Resources | None, family: Family) -> tuple[Prefix, ...]:
    """The networks of the IPPools that pods have addresses of; empty without any."""
    pools = () if resources is None else resources.ip_pools
    prefixes = prefixes_of(pool.cidr for pool in pools if pool.is_for_pods)
    return tuple(prefix for prefix in prefixes if family_of(prefix) is family)


def service_ranges(resources: Resources | None, family: Family) -> Prefixes:
    """The ranges of Services whose addresses are announced."""
    config = None if resources is None else resources.global_config
    prefixes = prefixes_of(() if config is None else config.service_ranges)
    return frozenset(prefix for prefix in prefixes if family_of(prefix) is family)


def _affinities(resources: Resources | None, family: Family) -> dict[str, Prefixes] | None:
    if resources is None or not resources.block_affinities:
        return None
    by_node: dict[str, set[Prefix]] = {}
    for affinity in resources.block_affinities:
        block = prefix_of(affinity.cidr)
        if affinity.is_confirmed and block is not None and family_of(block) is family:
            by_node.setdefault(affinity.node, set()).add(block)
    return {node: frozenset(blocks) for node, blocks in by_node.items()}


def _is_block(prefix: Prefix, own: NodeTables, counted: Mapping[Prefix, int]) -> bool:
    """Whether a network that a node's BIRD sends nowhere is a block, where no pool tells: not a range of Services.

    All nodes announce those, and BIRD keeps them out of the kernel.
    """
    if own.table.kernel is None:
        return counted[prefix] <= _FEW
    return prefix in own.blackholes or counted[prefix] == 1
