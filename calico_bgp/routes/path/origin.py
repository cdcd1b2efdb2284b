"""What a prefix is at the node that announces it: its block, a pod's address, a service's, or nothing of its own."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import NamedTuple

from calico_bgp.model.peer import family_of
from calico_bgp.model.resources import Resources
from calico_bgp.prefixes import Prefix, contains, is_within, prefixes_of
from calico_bgp.routes.network.holding.block_kinds import BLOCK_SIZE
from calico_bgp.routes.policy.route import NORMAL_PRIORITY, Route, Source


class Origin(NamedTuple):
    """Where a route begins.

    Attributes:
        node: Who announces it; None where nothing says who.
        route: As it stands in that node's BIRD.
        source: What it is, in words.
        notes: What is assumed.
    """

    node: str | None
    route: Route
    source: str
    notes: tuple[str, ...] = ()


def read_prefix(text: str, resources: Resources) -> tuple[Prefix, str | None]:
    """A prefix, or an address, which stands for the block that holds it.

    Args:
        text: `10.244.1.0/26` or `10.244.1.7`.
        resources: BlockAffinities and IPPools.

    Returns:
        The prefix, and a note where it is not what was written.

    Raises:
        ValueError: It is neither; the message says what was expected.
    """
    try:
        if "/" in text:
            return ip_network(text), None
        address = ip_address(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no prefix ({error}); expected one like 10.244.1.0/26, or an address") from error
    single = ip_network(address)
    holding = [block for block in _blocks(resources) if contains(block, single)]
    if holding:
        return holding[0], f"{text} lies in the block {holding[0]}, which is announced as a whole"
    for pool in resources.ip_pools:
        for network in prefixes_of([pool.cidr]):
            family = family_of(network)
            if contains(network, single) and not resources.block_affinities:
                size = max(network.prefixlen, pool.block_size or BLOCK_SIZE[family])
                block = single.supernet(new_prefix=size)
                return block, f"{text} lies in the block {block} of IPPool {pool.name}, by its block size"
    return single, None


def origin_of(prefix: Prefix, resources: Resources, node: str | None) -> Origin:
    """What a prefix is.

    Args:
        prefix: Which.
        resources: BlockAffinities, IPPools and BGPConfigurations.
        node: Who is said to announce it; None for whoever has the block.
    """
    owners = {block: a.node for a in resources.block_affinities if a.is_a_nodes for block in prefixes_of([a.cidr])}
    owner = owners.get(prefix)
    if owner is not None and node in (None, owner):
        return Origin(owner, Route(prefix, Source.STATIC), "its own block, which BIRD has as a static route")
    holder = next((block for block in owners if contains(block, prefix)), None)
    if holder is not None and prefix.prefixlen == prefix.max_prefixlen:
        pod = Route(prefix, Source.KERNEL, "cali0", NORMAL_PRIORITY)
        if node in (None, owners[holder]):
            return Origin(owners[holder], pod, f"a pod's address in its own block {holder}, which Felix routes")
        return Origin(node, pod, f"an address borrowed from the block {holder} of {owners[holder]}, which Felix routes")
    config = resources.global_config
    if config is not None and is_within(prefix, prefixes_of(config.service_ranges)):
        return Origin(
            node, Route(prefix, Source.STATIC), "a service's range or address, which BIRD has as a static route"
        )
    if owner is not None:
        note = f"{prefix} is the block of {owner}; {node} is followed as if it had it"
        return Origin(node, Route(prefix, Source.STATIC), "taken for its own block", (note,))
    if owners:
        note = f"no BlockAffinity says that {prefix} is a block; it is followed as if it were one of {node}"
        return Origin(node, Route(prefix, Source.STATIC), "taken for its own block", (note,))
    note = f"without BlockAffinities {prefix} is taken for a block of {node}"
    return Origin(node, Route(prefix, Source.STATIC), "taken for its own block", (note,))


def _blocks(resources: Resources) -> list[Prefix]:
    return [block for a in resources.block_affinities if a.is_a_nodes for block in prefixes_of([a.cidr])]
