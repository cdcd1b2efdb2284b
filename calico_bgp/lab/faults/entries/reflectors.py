"""Faults of a cluster with route reflectors: labels, cluster IDs, selectors, how reflectors are joined."""

from __future__ import annotations

from calico_bgp.lab.cluster import Topology
from calico_bgp.lab.faults.kinds import FaultEntry, FaultKind, Scope

_NONE_LEFT = ("no-reflector-left",)
_REFLECTORS = (Topology.REFLECTORS,)

ENTRIES: tuple[FaultEntry, ...] = (
    FaultEntry(
        FaultKind.REINSTALLED,
        Scope.REFLECTORS,
        "the reflector was installed anew: label and cluster ID are gone, it is a client like others",
        ("reflector-reinstalled", *_NONE_LEFT),
        _REFLECTORS,
    ),
    FaultEntry(
        FaultKind.LOST_LABEL,
        Scope.REFLECTORS,
        "the reflector lost the label that the BGPPeer selects it by; it has its cluster ID still",
        ("reflector-lost-label", *_NONE_LEFT),
        _REFLECTORS,
    ),
    FaultEntry(
        FaultKind.LOST_CLUSTER_ID,
        Scope.REFLECTORS,
        "the reflector lost its cluster ID: its sessions stand, but it reflects nothing",
        ("reflector-lost-cluster-id", *_NONE_LEFT),
        _REFLECTORS,
    ),
    FaultEntry(
        FaultKind.REFLECTOR_REMOVED,
        Scope.REFLECTORS,
        "the reflector's Node is gone from the datastore, and the machine is off",
        ("reflector-removed", *_NONE_LEFT),
        _REFLECTORS,
    ),
    FaultEntry(
        FaultKind.REPLACED,
        Scope.REFLECTORS,
        "in the reflector's place stands a node with another name, without label and cluster ID",
        ("reflector-reinstalled", "reflector-removed", *_NONE_LEFT),
        _REFLECTORS,
    ),
    FaultEntry(
        FaultKind.SELECTOR_STALE,
        Scope.CLUSTER,
        "the BGPPeer's peerSelector names a label that no node has",
        ("selector-matches-nothing",),
        _REFLECTORS,
    ),
    FaultEntry(
        FaultKind.SELECTOR_NARROW,
        Scope.CLUSTER,
        "the BGPPeer's nodeSelector matches the reflectors alone, not their clients",
        ("selector-matches-wrong-nodes",),
        _REFLECTORS,
    ),
    FaultEntry(
        FaultKind.NODE_UNLABELLED,
        Scope.NODES,
        "the BGPPeer's nodeSelector asks for a label that this node lacks",
        ("node-lost-label",),
        _REFLECTORS,
    ),
    FaultEntry(
        FaultKind.LABEL_ELSEWHERE,
        Scope.REFLECTORS,
        "the reflector's label sits on the last node, which has no cluster ID",
        ("reflector-lost-label", *_NONE_LEFT),
        _REFLECTORS,
    ),
    FaultEntry(
        FaultKind.RACKS_APART,
        Scope.CLUSTER,
        "the nodes of each rack have a reflector of their own, and nothing joins the two",
        ("reflectors-not-joined",),
        _REFLECTORS,
    ),
    FaultEntry(
        FaultKind.EQUAL_IDS,
        Scope.CLUSTER,
        "the reflectors of two racks are joined and have one cluster ID",
        ("reflectors-equal-ids",),
        _REFLECTORS,
    ),
)
