"""What is broken in a probed cluster: all of it leaves the sessions up, or most of them. Values only."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from calico_bgp.model.peer import Family


class FaultKind(StrEnum):
    """Kinds of faults, by what a node's BIRD or kernel is made to do."""

    STATIC_DOWN = "static protocol down"
    KERNEL_DOWN = "kernel protocol down, and what it wrote gone"
    KERNEL_STALE = "kernel protocol down, a route left that BIRD has no more"
    KERNEL_ASTRAY = "another program leads a block to nobody"
    KERNEL_DETOUR = "another program leads a block to a third node"
    KERNEL_LACKS = "kernel protocol down, one route gone"
    IMPORT_LIMIT = "import limit"
    EXPORT_LIMIT = "export limit"
    BLOCK_TWICE = "block announced twice"
    NEXT_HOP_LOST = "next hops that BIRD cannot resolve"
    SESSION_OFF = "session disabled"
    IMPORT_REJECTED = "import filter by hand"


LIMITS = frozenset({FaultKind.IMPORT_LIMIT, FaultKind.EXPORT_LIMIT})
#: Faults of one session of a node.
OF_SESSION = LIMITS | {FaultKind.SESSION_OFF, FaultKind.IMPORT_REJECTED}

#: What the first cause may be called, where the fault costs routes.
CAUSES: Mapping[FaultKind, frozenset[str]] = {
    FaultKind.STATIC_DOWN: frozenset({"own-protocol-down"}),
    FaultKind.KERNEL_DOWN: frozenset({"own-protocol-down"}),
    FaultKind.KERNEL_STALE: frozenset({"own-protocol-down"}),
    FaultKind.KERNEL_LACKS: frozenset({"own-protocol-down"}),
    FaultKind.KERNEL_ASTRAY: frozenset({"kernel-behind-bird"}),
    FaultKind.KERNEL_DETOUR: frozenset({"kernel-behind-bird", "programmed-twice"}),
    FaultKind.IMPORT_LIMIT: frozenset({"import-limit-hit"}),
    FaultKind.EXPORT_LIMIT: frozenset({"export-limit-hit"}),
    FaultKind.NEXT_HOP_LOST: frozenset({"next-hop-unresolved"}),
    FaultKind.IMPORT_REJECTED: frozenset({"filter-by-hand"}),
    FaultKind.SESSION_OFF: frozenset({"disabled-peer"}),
    FaultKind.BLOCK_TWICE: frozenset({"block-announced-twice"}),
}


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        kind: What.
        node: Where.
        other: The other node that it takes: whose block, or at the session's far end.
        families: Which of the node's BIRDs have it.
    """

    kind: FaultKind
    node: str
    other: str
    families: tuple[Family, ...]

    def __str__(self) -> str:
        where = "+".join(family.label for family in self.families)
        return f"{self.kind} at {self.node} ({self.other}, {where})"


def some_faults(
    rng: random.Random, number: int, peers: Mapping[str, tuple[str, ...]], families: tuple[Family, ...], *, racks: bool
) -> tuple[Fault, ...]:
    """Faults at random, each at another node.

    Args:
        rng: The seed.
        number: How many.
        peers: Node → the nodes that it has a session with.
        families: The cluster's.
        racks: Whether there are two racks, so that a next hop can be lost.
    """
    found = []
    for node in rng.sample(sorted(peers), number):
        possible = [kind for kind in FaultKind if _is_possible(kind, peers[node], racks=racks)]
        found.append(_at(rng, rng.choice(possible), node, peers, families))
    return tuple(found)


def fault_of(
    rng: random.Random, kind: FaultKind, peers: Mapping[str, tuple[str, ...]], families: tuple[Family, ...]
) -> Fault:
    """A fault of a kind at a node where it is possible; the arguments are those of `some_faults`."""
    nodes = [name for name in sorted(peers) if _is_possible(kind, peers[name], racks=True)]
    # Where no node peers with another one, as behind switches, another fault has to do.
    return _at(rng, kind if nodes else FaultKind.STATIC_DOWN, rng.choice(nodes or sorted(peers)), peers, families)


def _at(
    rng: random.Random,
    kind: FaultKind,
    node: str,
    peers: Mapping[str, tuple[str, ...]],
    families: tuple[Family, ...],
) -> Fault:
    others = peers[node] if kind in OF_SESSION else sorted(set(peers) - {node})
    return Fault(kind, node, rng.choice(others), tuple(rng.sample(families, rng.randint(1, len(families)))))


def _is_possible(kind: FaultKind, peers: tuple[str, ...], *, racks: bool) -> bool:
    if kind is FaultKind.NEXT_HOP_LOST:
        return racks
    return bool(peers) or kind not in OF_SESSION
