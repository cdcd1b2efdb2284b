"""Single addresses outside the blocks of the node that has them: lent, left over, or somebody else's. Judges nothing.

BIRD learns every route of the kernel that it did not write, and its export filter lets what lies in an IPPool and in
none of the node's own blocks pass as it is (confd's bird_ipam.cfg.template): such an address is announced by itself,
and beats the block that it lies in by its length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

from calico_bgp.model.routes.kernel_route import FELIX, KernelRoute
from calico_bgp.model.routes.observed import Apart, SingleAddress
from calico_bgp.natural_order import natural_key
from calico_bgp.prefixes import Prefix, is_within
from calico_bgp.routes.observed.forwarding import Forwarding
from calico_bgp.routes.observed.own import OwnBlocks
from calico_bgp.routes.observed.tables import NodeTables, Prefixes
from calico_bgp.routes.observed.trail import Leads
from calico_bgp.upstream import POD_INTERFACES, TUNNEL_INTERFACES

#: How interfaces of Felix's own end: a route over them, or over its tunnels, is Felix's, whatever its protocol.
_OF_FELIX = (".calico", ".cali")

_Blocks: TypeAlias = dict[int, dict[Prefix, str]]


def singles_apart(
    tables: Mapping[str, NodeTables], own: Mapping[str, OwnBlocks], pools: tuple[Prefix, ...], *, is_all: bool
) -> Iterator[SingleAddress]:
    """Every such address, node by node.

    Args:
        tables: What was read.
        own: Whose blocks are whose.
        pools: The networks of the pods' IPPools; empty where none was given.
        is_all: Whether the blocks of all nodes are known, so that an address in none of these is in none at all.
    """
    blocks = _by_length({name: _blocks_of(each) for name, each in own.items()})
    for name, node in tables.items():
        blocks_of_node = own.get(name)
        if not node.singles or blocks_of_node is None:
            continue
        # What BIRD sends nowhere is announced as a whole, in whatever pool it lies.
        own_lengths = _by_length({name: _blocks_of(blocks_of_node) | node.static})
        for route in node.singles:
            if not _holder(route.prefix, own_lengths):
                kind, owner = _kind(route, _holder(route.prefix, blocks), pools, is_all=is_all)
                if kind is not None:
                    yield SingleAddress(name, route.prefix, kind, owner)


def with_lost(singles: Iterable[SingleAddress], forwarding: Forwarding) -> Iterator[SingleAddress]:
    """The same, borrowed ones with the nodes whose packets to them end on the way.

    They go to the owner of the block where nobody told the address by itself, and the owner's kernel sends what it
    has no pod of nowhere.
    """
    for single in singles:
        if single.kind is not Apart.BORROWED:
            yield single
            continue
        lost = (
            name
            for name, tables in forwarding.tables.items()
            if name != single.node
            and tables.kernel_is_whole
            and forwarding.trail(tables, single.node, single.address).leads is Leads.NOWHERE
        )
        yield replace(single, unreached_by=tuple(sorted(lost, key=natural_key)))


def _kind(
    route: KernelRoute, owner: str | None, pools: tuple[Prefix, ...], *, is_all: bool
) -> tuple[Apart | None, str | None]:
    """What an address outside the node's own blocks is; None for what is Felix's, or cannot be told."""
    interfaces = [hop.interface or "" for hop in route.hops]
    is_pod = any(one.startswith(POD_INTERFACES) for one in interfaces)
    in_pool = is_within(route.prefix, pools)
    if not is_pod and any(one.startswith(TUNNEL_INTERFACES) or one.endswith(_OF_FELIX) for one in interfaces):
        return None, owner
    # Not every orchestrator calls the interfaces of workloads as Kubernetes does: what is on this node is one of them.
    is_here = is_pod or (bool(route.hops) and all(hop.gateway is None for hop in route.hops))
    if not is_here:
        is_announced = route.type == "unicast" and route.protocol != FELIX and (in_pool or owner is not None)
        return (Apart.STRAY if is_announced else None), owner
    if owner is not None:
        return Apart.BORROWED, owner
    if in_pool:
        return (Apart.NO_BLOCK if is_all else None), None
    return (Apart.NO_POOL if is_pod and pools else None), None


def _by_length(own: Mapping[str, Prefixes]) -> _Blocks:
    """Length → block of that length → its node. Of two nodes with one block either stands for both."""
    by_length: _Blocks = {}
    for name, blocks in own.items():
        for block in blocks:
            by_length.setdefault(block.prefixlen, {})[block] = name
    return by_length


def _blocks_of(own: OwnBlocks) -> Prefixes:
    """The blocks proper: those that it announces, and those that Calico's IPAM gives it."""
    return own.in_bird | (own.assigned or frozenset())


def _holder(address: Prefix, blocks: _Blocks) -> str | None:
    for length, of_length in blocks.items():
        if length <= address.prefixlen:
            name = of_length.get(address.supernet(new_prefix=length))
            if name is not None:
                return name
    return None
