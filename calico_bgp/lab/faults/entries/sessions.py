"""Faults of a session's settings: a peer disabled or missing, AS, password, router ID, address."""

from __future__ import annotations

from calico_bgp.lab.faults.kinds import FaultEntry, FaultKind, Scope

ENTRIES: tuple[FaultEntry, ...] = (
    FaultEntry(
        FaultKind.DISABLED_PEER, Scope.PAIR, "the first node's peer is disabled (`birdcl disable`)", ("disabled-peer",)
    ),
    FaultEntry(
        FaultKind.MISSING_PEER,
        Scope.PAIR,
        "the first node's BIRD has no peer for the second, though the resources ask for one",
        ("confd-stuck",),
    ),
    FaultEntry(
        FaultKind.WRONG_AS,
        Scope.PAIR,
        "NODE has another AS than its peers believe; NODE,NODE: the first believes so",
        ("as-mismatch",),
    ),
    FaultEntry(
        FaultKind.WRONG_PASSWORD, Scope.PAIR, "the first node has another TCP MD5 password", ("password-mismatch",)
    ),
    FaultEntry(
        FaultKind.DUPLICATE_ROUTER_ID, Scope.TWO, "both nodes have the same BGP router ID", ("duplicate-router-id",)
    ),
    FaultEntry(
        FaultKind.WRONG_ADDRESS,
        Scope.NODES,
        "the node's BGP address was autodetected on a Docker bridge: 172.17.0.1",
        ("wrong-address",),
    ),
    FaultEntry(
        FaultKind.DUPLICATE_ADDRESS,
        Scope.TWO,
        "the second node has the first one's BGP address",
        ("duplicate-address",),
    ),
)
