"""Faults of the switch outside, and those by which routes are lost while all sessions stand."""

from __future__ import annotations

from calico_bgp.lab.cluster import Topology
from calico_bgp.lab.faults.kinds import FaultEntry, FaultKind, Scope

_REFLECTORS = (Topology.REFLECTORS,)

ENTRIES: tuple[FaultEntry, ...] = (
    FaultEntry(
        FaultKind.TOR_DOWN,
        Scope.CLUSTER,
        "the top-of-rack switch that all nodes peer with is down",
        ("external-peer-down",),
    ),
    FaultEntry(
        FaultKind.TOR_SILENT,
        Scope.CLUSTER,
        "the sessions with the top-of-rack switch stand, and it announces no route to any node",
        ("external-peer-silent",),
    ),
    FaultEntry(
        FaultKind.TOR_UNTOLD,
        Scope.CLUSTER,
        "the BGPPeer of the top-of-rack switch names a BGPFilter that rejects the pods' blocks: it learns of no pod",
        ("peer-told-nothing",),
    ),
    FaultEntry(
        FaultKind.OWN_ROUTES_LOST,
        Scope.NODES,
        "BIRD's static protocol is disabled: the sessions stand, and nobody learns the node's own routes",
        ("own-protocol-down",),
    ),
    FaultEntry(
        FaultKind.IMPORT_LIMIT,
        Scope.PAIR,
        "a limit in the first node's BIRD lets no route in; the session stands",
        ("import-limit-hit",),
    ),
    FaultEntry(
        FaultKind.BLOCK_TWICE,
        Scope.TWO,
        "the second node announces the first one's block as well",
        ("block-announced-twice",),
    ),
    FaultEntry(
        FaultKind.KERNEL_BEHIND,
        Scope.NODES,
        "another program holds the routes to other nodes' pods in the node's kernel, to a next hop of old",
        ("kernel-behind-bird",),
    ),
    FaultEntry(
        FaultKind.POOL_NOT_EXPORTED,
        Scope.CLUSTER,
        "the pods' IPPool has disableBGPExport: the sessions stand, and no node announces its pods",
        ("pool-not-exported",),
    ),
    FaultEntry(
        FaultKind.FILTER_REJECTS,
        Scope.CLUSTER,
        "the BGPPeer names a BGPFilter that rejects the pods' blocks at export; the sessions stand",
        ("filter-rejects-routes",),
        _REFLECTORS,
    ),
    FaultEntry(
        FaultKind.EXPORT_REJECTED,
        Scope.PAIR,
        "an edited template's export filter lets no route out of the first node's BIRD; the session stands",
        ("filter-by-hand",),
    ),
    FaultEntry(
        FaultKind.POOL_DELETED,
        Scope.CLUSTER,
        "the pods' IPPool was deleted and another one made; the pods live on in blocks that are in no pool",
        ("pool-deleted",),
    ),
    FaultEntry(
        FaultKind.NODE_DELETED,
        Scope.NODES,
        "the Node was deleted and its machine runs on: its BIRD keeps its file, and a BGPPeer names its address",
        ("deleted-node-announces",),
        _REFLECTORS,
    ),
    FaultEntry(
        FaultKind.PROGRAMMED_TWICE,
        Scope.CLUSTER,
        "programClusterRoutes lets both BIRD and Felix write the kernel's routes to other nodes",
        ("programmed-twice",),
    ),
    FaultEntry(
        FaultKind.PROGRAMMED_BY_NOBODY,
        Scope.CLUSTER,
        "programClusterRoutes lets neither BIRD nor Felix write the kernel's routes to other nodes",
        ("programmed-by-nobody",),
    ),
    FaultEntry(
        FaultKind.NO_GRACEFUL_RESTART,
        Scope.NODES,
        "an edited template has `graceful restart off`: the node's BIRD offers its peers none",
        (),
    ),
)
