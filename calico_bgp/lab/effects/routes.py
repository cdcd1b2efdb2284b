"""Faults of routes: the sessions stand, and what BIRD or the kernel holds is not what it should be. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from calico_bgp.lab.cluster import LabCluster
from calico_bgp.lab.datastore import REFLECTOR_PEER
from calico_bgp.lab.effects.pools import POOLS_AND_FILTERS
from calico_bgp.lab.faults.fault import Fault
from calico_bgp.lab.faults.kinds import FaultKind
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.lab.routing.trouble import Trouble
from calico_bgp.model.peer import Family


def trouble_of(cluster: LabCluster, faults: Collection[Fault]) -> Trouble:
    """What goes wrong with routes; nothing where no fault is one of routes.

    Args:
        cluster: The cluster as it was meant.
        faults: What is broken.
    """
    hidden, kept_back = _announce_nothing(cluster, faults)
    return Trouble(
        hidden=hidden,
        kept_back=kept_back,
        own_lost=_named(faults, FaultKind.OWN_ROUTES_LOST),
        mute=frozenset(_pairs(cluster, faults, FaultKind.EXPORT_REJECTED)),
        poolless=_following(cluster, faults, FaultKind.POOL_DELETED),
        deleted=_named(faults, FaultKind.NODE_DELETED),
        limits=frozenset(_pairs(cluster, faults, FaultKind.IMPORT_LIMIT)),
        shared_blocks=tuple(dict.fromkeys(_shared(faults, FaultKind.BLOCK_TWICE))),
        shared_ids=_with_one_id(cluster, faults),
        kernel_behind=_named(faults, FaultKind.KERNEL_BEHIND),
        written_twice=_following(cluster, faults, FaultKind.PROGRAMMED_TWICE),
        unwritten=_following(cluster, faults, FaultKind.PROGRAMMED_BY_NOBODY),
        plain=_named(faults, FaultKind.NO_GRACEFUL_RESTART),
        switch_is_silent=any(fault.kind is FaultKind.TOR_SILENT for fault in faults),
        switch_is_untold=_following(cluster, faults, FaultKind.TOR_UNTOLD),
    )


def _announce_nothing(cluster: LabCluster, faults: Collection[Fault]) -> tuple[frozenset[str], frozenset[str]]:
    """Who keeps its own blocks from every peer, and who from nodes alone: those whose BIRD follows the resources."""
    kinds = {fault.kind for fault in faults}
    if FaultKind.REFUSED_CONFIG in kinds or kinds.isdisjoint(POOLS_AND_FILTERS):
        return frozenset(), frozenset()
    resources = lab_resources(cluster, faults)
    following = _not_stuck(cluster, faults)
    is_hidden = any(pool.disable_bgp_export for pool in resources.ip_pools)
    is_filtered = any(peer.name == REFLECTOR_PEER and peer.filters for peer in resources.bgp_peers)
    return following if is_hidden else frozenset(), following if is_filtered else frozenset()


def _following(cluster: LabCluster, faults: Collection[Fault], kind: FaultKind) -> frozenset[str]:
    """The nodes whose BIRD does what a setting of the resources says."""
    kinds = {fault.kind for fault in faults}
    return _not_stuck(cluster, faults) if kind in kinds and FaultKind.REFUSED_CONFIG not in kinds else frozenset()


def _not_stuck(cluster: LabCluster, faults: Collection[Fault]) -> frozenset[str]:
    kept = _named(faults, FaultKind.CONFD_STUCK) | _named(faults, FaultKind.NODE_DELETED)
    return frozenset(node.name for node in cluster.nodes) - kept


def _named(faults: Collection[Fault], kind: FaultKind) -> frozenset[str]:
    return frozenset(name for fault in faults if fault.kind is kind for name in fault.nodes)


def _pairs(cluster: LabCluster, faults: Collection[Fault], kind: FaultKind) -> Iterator[tuple[str, str]]:
    """`import-limit:A,B`: A takes nothing from B. `import-limit:A`: nothing from any node."""
    for fault in faults:
        if fault.kind is kind:
            own, *far = fault.nodes
            yield from ((own, name) for name in far or [node.name for node in cluster.nodes])


def _with_one_id(cluster: LabCluster, faults: Collection[Fault]) -> tuple[tuple[str, str], ...]:
    """The pairs with one router ID, which is an IPv4 address: without IPv4 the lab's nodes have none to share."""
    shared = tuple(dict.fromkeys(_shared(faults, FaultKind.DUPLICATE_ROUTER_ID)))
    return shared if Family.IPV4 in cluster.families else ()


def _shared(faults: Collection[Fault], kind: FaultKind) -> Iterator[tuple[str, str]]:
    for fault in faults:
        if fault.kind is kind:
            first, second = fault.nodes
            yield first, second
