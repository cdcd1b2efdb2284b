"""Faults between nodes: cut links, firewalls, and a port that is taken."""

from __future__ import annotations

from calico_bgp.lab.faults.kinds import FaultEntry, FaultKind, Scope

ENTRIES: tuple[FaultEntry, ...] = (
    FaultEntry(
        FaultKind.LINK_CUT,
        Scope.PAIR,
        "packets for BGP pass in neither direction (SSH still works)",
        ("link-cut", "host-network-cut"),
    ),
    FaultEntry(
        FaultKind.ONE_WAY,
        Scope.PAIR,
        "packets from the first node do not arrive (SSH still works)",
        ("one-way", "link-cut", "host-network-cut"),
    ),
    FaultEntry(
        FaultKind.HOST_CUT,
        Scope.NODES,
        "the node's BGP network is cut from all other nodes (SSH still works)",
        ("host-network-cut",),
    ),
    FaultEntry(
        FaultKind.PARTITION,
        Scope.GROUP,
        "these nodes and the rest do not reach each other (SSH still works)",
        ("partition",),
    ),
    FaultEntry(
        FaultKind.PORT_REFUSED,
        Scope.NODES,
        "the node's firewall refuses new connections to BGP's port, in and out (REJECT)",
        ("port-refused",),
    ),
    FaultEntry(
        FaultKind.PORT_RESET,
        Scope.NODES,
        "connections to BGP's port stand, and the node's firewall resets them once data flows",
        ("port-reset",),
    ),
    FaultEntry(
        FaultKind.PORT_DROPPED,
        Scope.NODES,
        "the node's firewall silently drops what goes to BGP's port, in and out (DROP)",
        # With SSH over another network, as in the lab, a node whose BGP network is cut looks the same.
        ("port-dropped", "host-network-cut"),
    ),
    FaultEntry(
        FaultKind.PORT_TAKEN,
        Scope.NODES,
        "another program on the node holds BGP's port: BIRD cannot listen",
        ("port-taken",),
    ),
)
