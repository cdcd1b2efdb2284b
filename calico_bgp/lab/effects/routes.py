"""Faults of routes: the sessions stand, and what BIRD or the kernel holds is not what it should be. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from calico_bgp.lab.catalogue import FaultKind
from calico_bgp.lab.cluster import LabCluster
from calico_bgp.lab.faults import Fault
from calico_bgp.lab.routing.trouble import Trouble


def trouble_of(cluster: LabCluster, faults: Collection[Fault]) -> Trouble:
    """What goes wrong with routes; nothing where no fault is one of routes.

    Args:
        cluster: The cluster as it was meant.
        faults: What is broken.
    """
    return Trouble(
        own_lost=_named(faults, FaultKind.OWN_ROUTES_LOST),
        limits=frozenset(_limits(cluster, faults)),
        shared_blocks=tuple(dict.fromkeys(_shared(faults))),
        kernel_behind=_named(faults, FaultKind.KERNEL_BEHIND),
    )


def _named(faults: Collection[Fault], kind: FaultKind) -> frozenset[str]:
    return frozenset(name for fault in faults if fault.kind is kind for name in fault.nodes)


def _limits(cluster: LabCluster, faults: Collection[Fault]) -> Iterator[tuple[str, str]]:
    """`import-limit:A,B`: A takes nothing from B. `import-limit:A`: nothing from any node."""
    for fault in faults:
        if fault.kind is FaultKind.IMPORT_LIMIT:
            own, *far = fault.nodes
            yield from ((own, name) for name in far or [node.name for node in cluster.nodes])


def _shared(faults: Collection[Fault]) -> Iterator[tuple[str, str]]:
    for fault in faults:
        if fault.kind is FaultKind.BLOCK_TWICE:
            first, second = fault.nodes
            yield first, second
