"""The catalogue of faults: on which nodes of which topology, the cause that the audit has to name first, what mends it.

Values only. Injectors are in broken_machines.py and broken_resources.py, by the same names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.rig.calico_rig import PEER, TOR, TOR_AS

MESH, REFLECTORS = "mesh", "reflectors"


@dataclass(frozen=True)
class Case:
    """One fault in one topology.

    Attributes:
        fault: Its name in the catalogue that lab and rig share.
        topology: `mesh` or `reflectors`.
        nodes: Whom it befalls, in the order that the injector takes.
        kind: The first cause's.
        names: All that the subjects of the cause name: nodes, both ends of a session, a resource, an address.
        mends: Whether the printed commands heal it.
        asks: Shell variable → value, for what the commands ask for.
        without_resources: Whether the tables alone tell as well.
        variant: Tells cases of one fault apart.
    """

    fault: str
    topology: str
    nodes: tuple[str, ...]
    kind: str
    names: frozenset[str]
    mends: bool = False
    asks: Mapping[str, str] = field(default_factory=dict, hash=False)
    without_resources: bool = False
    variant: str = ""

    def __str__(self) -> str:
        return f"{self.fault}{'-' if self.variant else ''}{self.variant}"


def subject_names(cause: Mapping[str, Any]) -> frozenset[str]:
    """All that the subjects of a cause (JSON) name."""
    found = set()
    for subject in cause["subjects"]:
        found |= {str(subject[key]) for key in ("node", "a", "b", "name", "address") if subject.get(key)}
    return frozenset(found)


def _both(
    fault: str,
    kind: str,
    mesh: str,
    reflectors: str | None = None,
    *,
    names: str | None = None,
    tables: bool = False,
    mends: bool = False,
    asks: Mapping[str, str] | None = None,
    variant: str = "",
) -> tuple[Case, ...]:
    """A fault in both topologies; the nodes are at fault where nothing else is named."""
    return tuple(
        _one(topology, fault, kind, nodes, names=names, tables=tables, mends=mends, asks=asks, variant=variant)
        for topology, nodes in ((MESH, mesh), (REFLECTORS, mesh if reflectors is None else reflectors))
    )


def _one(
    topology: str,
    fault: str,
    kind: str,
    nodes: str,
    *,
    names: str | None = None,
    tables: bool = False,
    mends: bool = False,
    asks: Mapping[str, str] | None = None,
    variant: str = "",
) -> Case:
    listed = tuple(nodes.split())
    named = frozenset((nodes if names is None else names).split())
    return Case(fault, topology, listed, kind, named, mends, asks or {}, tables, variant)


CASES: tuple[Case, ...] = (
    # Machines
    *_both("node-down", "node-down", "node4", "node1", tables=True),
    *_both("rack-down", "rack-down", "node5 node6"),
    *_both("bird-down", "bird-down", "node4", "node1", tables=True, mends=True),
    *_both("bird4-down", "bird-down", "node3", "node4", tables=True, mends=True),
    *_both("bird6-down", "bird-down", "node4", "node3", tables=True, mends=True),
    *_both("socket-missing", "socket-gone", "node4", "node1", tables=True, mends=True),
    *_both("socket4-missing", "socket-gone", "node1", "node4", tables=True, mends=True),
    *_both("socket6-missing", "socket-gone", "node6", "node2", tables=True, mends=True),
    *_both("felix-down", "felix-down", "node4", tables=True, mends=True),
    *_both("restarting", "young-sessions", "node4", names="", tables=True),
    *_both("calicoctl-hung", "node-unreadable-only", "node4", tables=True),
    *_both("host-key-changed", "node-unreadable-only", "node3", tables=True),
    # The network
    *_both("link-cut", "link-cut", "node2 node5", "node1 node4", tables=True),
    # TCP needs both directions: which of them is blocked, or both, no row tells.
    *_both("one-way", "link-cut", "node2 node5", "node4 node1", tables=True),
    *_both("partition", "partition", "node5 node6"),
    *_both("host-cut", "host-network-cut", "node4", "node1", tables=True),
    _one(MESH, "port-refused", "port-refused", "node2", tables=True),
    _one(MESH, "port-reset", "port-reset", "node2", tables=True),
    *_both("port-dropped", "port-dropped", "node2", "node4", tables=True),
    *_both("port-taken", "port-taken", "node4", "node1", tables=True),
    *_both("tor-down", "external-peer-down", "", names=TOR),
    # BIRD's configuration
    *_both("disabled-peer", "disabled-peer", "node2 node5", "node1 node4", mends=True),
    _one(MESH, "missing-peer", "confd-stuck", "node5 node2", names="node5", mends=True),
    # Both ends dial, so that the far end's last error is of its own dialling: it may as well be disabled.
    _one(REFLECTORS, "missing-peer", "disabled-peer", "node4 node1"),
    *_both("confd-stuck", "confd-stuck", "node4", mends=True),
    *_both("wrong-as", "as-mismatch", "node4", "node4", mends=True, tables=True),
    # Not from a reflector: BIRD takes no `rr client` of another AS.
    *_both("wrong-as", "as-mismatch", "node2 node5", "node4 node1", mends=True, variant="pair"),
    *_both("wrong-password", "password-mismatch", "node4", mends=True),
    *_both("duplicate-router-id", "duplicate-router-id", "node2 node5", "node1 node4", tables=True),
    # Calico's resources
    *_both("refused-config", "refused-configuration", "", names="tor", mends=True, asks={"AS_NUMBER": str(TOR_AS)}),
    *_both("one-sided-config", "one-sided-configuration", "node5 node6", "", names=PEER, mends=True),
    *_both("wrong-address", "wrong-address", "node4", mends=True, asks={"PREFIX_LENGTH": "24"}),
    *_both(
        "duplicate-address",
        "duplicate-address",
        "node2 node5",
        mends=True,
        asks={"PREFIX_LENGTH": "24", "ADDRESS": "192.0.2.15"},
    ),
    _one(REFLECTORS, "lost-label", "reflector-lost-label", "node1", mends=True),
    _one(REFLECTORS, "lost-label", "reflector-lost-label", "node1 node2", mends=True, variant="all"),
    _one(REFLECTORS, "lost-cluster-id", "reflector-lost-cluster-id", "node2", mends=True),
    _one(
        REFLECTORS,
        "lost-cluster-id",
        "reflector-lost-cluster-id",
        "node1 node2",
        mends=True,
        asks={"CLUSTER_ID": "244.0.0.1"},
        variant="all",
    ),
    _one(REFLECTORS, "reinstalled", "reflector-reinstalled", "node1", mends=True),
    _one(
        REFLECTORS,
        "reinstalled",
        "no-reflector-left",
        "node1 node2",
        mends=True,
        asks={"CLUSTER_ID": "244.0.0.1"},
        variant="all",
    ),
    _one(REFLECTORS, "reflector-removed", "reflector-removed", "node1"),
    _one(REFLECTORS, "replaced", "reflector-removed", "node1", mends=True, asks={"NODE": "node7"}),
    _one(REFLECTORS, "selector-stale", "selector-matches-nothing", "", names=PEER, mends=True),
)

#: Two faults at once, that have nothing to do with each other.
PAIRS: tuple[tuple[Case, Case], ...] = (
    (
        _one(MESH, "node-down", "node-down", "node3"),
        _one(MESH, "link-cut", "link-cut", "node2 node5"),
    ),
    (
        _one(MESH, "felix-down", "felix-down", "node6"),
        _one(MESH, "disabled-peer", "disabled-peer", "node1 node4"),
    ),
    (
        _one(MESH, "recovering", "graceful-restart", "node4 node6", names="node4"),
        _one(MESH, "node-down", "node-down", "node6"),
    ),
    (
        _one(REFLECTORS, "lost-label", "reflector-lost-label", "node1"),
        _one(REFLECTORS, "bird-down", "bird-down", "node5"),
    ),
    (
        _one(REFLECTORS, "host-cut", "host-network-cut", "node6"),
        _one(REFLECTORS, "socket-missing", "socket-gone", "node3"),
    ),
)
#: Nothing is wrong with BGP: no cause may be named.
HARMLESS = ("calicoctl-missing",)


def once() -> tuple[Case, ...]:
    """Every fault (and variant) in one of its topologies; about as many in each."""
    found: dict[str, list[Case]] = {}
    for case in CASES:
        found.setdefault(str(case), []).append(case)
    return tuple(cases[place % len(cases)] for place, cases in enumerate(found.values()))
