"""What a cluster's resources say about the attributes that its routes can have, and about its pools. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from calico_bgp.expect.peer_ip import parse_peer_ip
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.peer import Family, family_of
from calico_bgp.model.resources import Resources
from calico_bgp.model.routes.bgp_filter import AddCommunity, BGPFilter, FilterRule, PrependASPath, SetPriority
from calico_bgp.prefixes import prefix_of, prefixes_of
from calico_bgp.routes.network.pools import pool_fates
from calico_bgp.routes.policy.export import PRIORITIES
from calico_bgp.routes.policy.judgement import Circumstances


def circumstances_of(
    resources: Resources, family: Family, version: CalicoVersion, *, has_strangers: bool = False
) -> Circumstances:
    """What holds for every route of a pod's block.

    Args:
        resources: Of the cluster.
        family: Of the blocks.
        version: Of Calico.
        has_strangers: Whether sessions were seen of which the resources know nothing.
    """
    pools = [pool for pool in resources.ip_pools if (cidr := prefix_of(pool.cidr)) and family_of(cidr) is family]
    fates = {fate.name: fate for fate in pool_fates(resources, version=version)}
    release = (version.major, version.minor)
    is_closed = not has_strangers and not _leads_outside(resources)
    changed = {type(operation) for rule in all_rules(resources.bgp_filters) for operation in rule.operations}
    own = {node.as_number for node in resources.nodes} | {peer.local_as_number for peer in resources.bgp_peers}
    has_one_as = len({resources.as_number, *own} - {None}) == 1
    advertises = any(config.prefix_advertisements for config in resources.bgp_configurations)
    return Circumstances(
        release=release,
        pools=prefixes_of(pool.cidr for pool in pools if not pool.disable_bgp_export),
        unexported=tuple((p.name, ip_network(p.cidr, strict=False)) for p in pools if p.disable_bgp_export),
        without_communities=is_closed and AddCommunity not in changed and not advertises,
        one_as=is_closed and has_one_as and PrependASPath not in changed,
        one_priority=is_closed and release >= PRIORITIES and SetPriority not in changed,
        copied=prefixes_of(pool.cidr for pool in pools if fates[pool.name].survives),
    )


def all_rules(filters: tuple[BGPFilter, ...]) -> Iterator[FilterRule]:
    """The rules of all lists of all filters."""
    for bgp_filter in filters:
        yield from (*bgp_filter.import_v4, *bgp_filter.export_v4, *bgp_filter.import_v6, *bgp_filter.export_v6)


def _leads_outside(resources: Resources) -> bool:
    """Whether a BGPPeer is none of the nodes, so that routes may come of which nothing is known."""
    own = {address for node in resources.nodes for address in node.addresses}
    return any(
        peer.local_workload_selector is not None
        or (peer.peer_ip is not None and parse_peer_ip(peer.peer_ip).address not in own)
        for peer in resources.bgp_peers
    )
