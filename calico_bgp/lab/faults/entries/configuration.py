"""Faults of Calico's resources, and of what confd makes of them."""

from __future__ import annotations

from calico_bgp.lab.cluster import Topology
from calico_bgp.lab.faults.kinds import FaultEntry, FaultKind, Scope

_MESH = (Topology.MESH,)

ENTRIES: tuple[FaultEntry, ...] = (
    FaultEntry(
        FaultKind.MESH_OFF,
        Scope.CLUSTER,
        "the mesh is switched off, and there is no BGPPeer",
        ("no-peers-configured",),
        _MESH,
    ),
    FaultEntry(
        FaultKind.ONE_SIDED_CONFIG,
        Scope.TWO,
        "a BGPPeer with reversePeering: Manual lets the first node peer with the second, and not the other way round",
        ("one-sided-configuration",),
    ),
    FaultEntry(
        FaultKind.REFUSED_CONFIG,
        Scope.CLUSTER,
        "a BGPPeer without asNumber makes every bird.cfg say `as 0`: BIRD keeps the old file",
        ("refused-configuration",),
    ),
    FaultEntry(
        FaultKind.CONFD_STUCK,
        Scope.NODES,
        "another node became a reflector, and this node's BIRD did not follow",
        ("confd-stuck",),
    ),
)
