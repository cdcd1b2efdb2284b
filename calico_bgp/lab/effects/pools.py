"""Faults of what becomes of pods' routes: pools, filters, who writes the kernel's. Resources in, Resources out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from calico_bgp.lab.datastore import REFLECTOR_PEER, SWITCH_PEER
from calico_bgp.lab.faults.fault import Fault
from calico_bgp.lab.faults.kinds import FaultKind
from calico_bgp.lab.routing.blocks import POOLS
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import GLOBAL_CONFIG, FelixConfiguration, IPPool, Resources
from calico_bgp.model.routes.bgp_filter import BGPFilter, FilterAction, FilterRule, MatchOperator

#: The filter that rejects at export what nodes are to learn, or the switch.
FILTER = "keep-pods-inside"
#: The pools that were made in the place of those that pods have their addresses of.
NEW_POOLS = {Family.IPV4: "10.245.0.0/16", Family.IPV6: "fd00:10:245::/112"}


def _hidden(resources: Resources, _: Fault) -> Resources:
    pools = tuple(replace(pool, disable_bgp_export=True) for pool in _pools(resources))
    return resources.model_copy(update={"ip_pools": pools})


def _deleted(resources: Resources, _: Fault) -> Resources:
    pools = tuple(
        IPPool(name=f"new-{family.value}-ippool", cidr=NEW_POOLS[family], ipip_mode="Never", vxlan_mode="Never")
        for family in _families(resources)
    )
    return resources.model_copy(update={"ip_pools": pools})


def _rejecting(resources: Resources, _: Fault) -> Resources:
    """Meant for the peers outside, and named by the BGPPeer of the nodes."""
    return _with_filter(resources, REFLECTOR_PEER)


def _untold(resources: Resources, _: Fault) -> Resources:
    return _with_filter(resources, SWITCH_PEER)


def _with_filter(resources: Resources, name: str) -> Resources:
    """With the filter, which a BGPPeer names."""
    peers = tuple(replace(peer, filters=(FILTER,)) if peer.name == name else peer for peer in resources.bgp_peers)
    rules = {
        family: tuple(
            FilterRule(FilterAction.REJECT, pool.cidr, MatchOperator.IN)
            for pool in _pools(resources)
            if (":" in pool.cidr) is (family is Family.IPV6)
        )
        for family in Family
    }
    written = BGPFilter(name=FILTER, export_v4=rules[Family.IPV4], export_v6=rules[Family.IPV6])
    return resources.model_copy(
        update={"bgp_peers": peers, "bgp_filters": (written,), "ip_pools": tuple(_pools(resources))}
    )


def _programmed(setting: str) -> Callable[[Resources, Fault], Resources]:
    """With one and the same programClusterRoutes of BIRD and of Felix."""

    def change(resources: Resources, _: Fault) -> Resources:
        configs = tuple(
            replace(config, program_cluster_routes=setting) if config.name == GLOBAL_CONFIG else config
            for config in resources.bgp_configurations
        )
        felix = FelixConfiguration(GLOBAL_CONFIG, program_cluster_routes=setting)
        update = {"ip_pools": tuple(_pools(resources)), "bgp_configurations": configs, "felix": (felix,)}
        return resources.model_copy(update=update)

    return change


def _pools(resources: Resources) -> tuple[IPPool, ...]:
    """Those that are there, or those that the lab's pods have their addresses from."""
    if resources.ip_pools:
        return resources.ip_pools
    return tuple(
        IPPool(name=f"default-{family.value}-ippool", cidr=str(POOLS[family]), ipip_mode="Never", vxlan_mode="Never")
        for family in _families(resources)
    )


def _families(resources: Resources) -> list[Family]:
    return [family for family in Family if any(node.address(family) is not None for node in resources.nodes)]


POOLS_AND_FILTERS: dict[FaultKind, Callable[[Resources, Fault], Resources]] = {
    FaultKind.POOL_NOT_EXPORTED: _hidden,
    FaultKind.FILTER_REJECTS: _rejecting,
    FaultKind.TOR_UNTOLD: _untold,
    FaultKind.POOL_DELETED: _deleted,
    FaultKind.PROGRAMMED_TWICE: _programmed("Enabled"),
    FaultKind.PROGRAMMED_BY_NOBODY: _programmed("Disabled"),
}
