"""The catalogue of faults that lab and rig share: names, meaning and the nodes they take. Nothing is broken here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import NamedTuple

from calico_bgp.errors import CalicoBGPError
from calico_bgp.lab.cluster import LabCluster, Topology


class FaultError(CalicoBGPError, ValueError):
    """A fault that is not in the catalogue, or that does not fit the cluster."""


class FaultKind(StrEnum):
    """What can break. The names are the same in the lab and in the rig."""

    NODE_DOWN = "node-down"
    BIRD_DOWN = "bird-down"
    BIRD4_DOWN = "bird4-down"
    BIRD6_DOWN = "bird6-down"
    SOCKET_MISSING = "socket-missing"
    SOCKET4_MISSING = "socket4-missing"
    SOCKET6_MISSING = "socket6-missing"
    FELIX_DOWN = "felix-down"
    RESTARTING = "restarting"
    LINK_CUT = "link-cut"
    ONE_WAY = "one-way"
    DISABLED_PEER = "disabled-peer"
    MISSING_PEER = "missing-peer"
    WRONG_AS = "wrong-as"
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 - the fault's name
    LOST_LABEL = "lost-label"
    CALICOCTL_HUNG = "calicoctl-hung"
    CALICOCTL_MISSING = "calicoctl-missing"
    NO_SUDO = "no-sudo"
    HOST_KEY_CHANGED = "host-key-changed"


class Scope(StrEnum):
    """The nodes that a fault takes."""

    #: Every node named; by default the last one of the cluster.
    NODES = "NODE[,NODE]..."
    #: NODE alone: towards all its peers. NODE,NODE: between the two, the first one being to blame.
    PAIR = "NODE[,NODE]"
    #: Every reflector named; by default all of them.
    REFLECTORS = "REFLECTOR[,REFLECTOR]..."


class FaultEntry(NamedTuple):
    """A line of the catalogue."""

    kind: FaultKind
    scope: Scope
    meaning: str


CATALOGUE: tuple[FaultEntry, ...] = (
    FaultEntry(FaultKind.NODE_DOWN, Scope.NODES, "the node is off: no SSH, and its peers' hold timers ran out"),
    FaultEntry(FaultKind.BIRD_DOWN, Scope.NODES, "BIRD is stopped, for both families"),
    FaultEntry(FaultKind.BIRD4_DOWN, Scope.NODES, "BIRD is stopped for IPv4"),
    FaultEntry(FaultKind.BIRD6_DOWN, Scope.NODES, "BIRD is stopped for IPv6"),
    FaultEntry(FaultKind.SOCKET_MISSING, Scope.NODES, "BIRD runs, but both its control sockets are gone"),
    FaultEntry(FaultKind.SOCKET4_MISSING, Scope.NODES, "BIRD runs, but bird.ctl is gone"),
    FaultEntry(FaultKind.SOCKET6_MISSING, Scope.NODES, "BIRD runs, but bird6.ctl is gone"),
    FaultEntry(FaultKind.FELIX_DOWN, Scope.NODES, "Felix is dead; calicoctl shows nothing more, BIRD goes on"),
    FaultEntry(
        FaultKind.RESTARTING, Scope.NODES, "BIRD is in graceful restart: `wait`, announcing no routes of its own"
    ),
    FaultEntry(FaultKind.LINK_CUT, Scope.PAIR, "packets for BGP pass in neither direction (SSH still works)"),
    FaultEntry(FaultKind.ONE_WAY, Scope.PAIR, "packets from the first node do not arrive (SSH still works)"),
    FaultEntry(FaultKind.DISABLED_PEER, Scope.PAIR, "the first node's peer is disabled (`birdcl disable`)"),
    FaultEntry(FaultKind.MISSING_PEER, Scope.PAIR, "the first node has no peer for the second"),
    FaultEntry(
        FaultKind.WRONG_AS, Scope.PAIR, "NODE has another AS than its peers believe; NODE,NODE: the first believes so"
    ),
    FaultEntry(FaultKind.WRONG_PASSWORD, Scope.PAIR, "the first node has another TCP MD5 password"),
    FaultEntry(
        FaultKind.LOST_LABEL, Scope.REFLECTORS, "the reflector lost its label and cluster ID: a client like others"
    ),
    FaultEntry(FaultKind.CALICOCTL_HUNG, Scope.NODES, "the command never answers"),
    FaultEntry(FaultKind.CALICOCTL_MISSING, Scope.NODES, "no calicoctl on the host; BIRD's socket is asked"),
    FaultEntry(FaultKind.NO_SUDO, Scope.NODES, "the login may not use sudo"),
    FaultEntry(FaultKind.HOST_KEY_CHANGED, Scope.NODES, "the host key is another than in known_hosts"),
)
_SCOPES = {entry.kind: entry.scope for entry in CATALOGUE}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, with the nodes it befalls in the order that its scope means."""

    kind: FaultKind
    nodes: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind}:{','.join(self.nodes)}"


def parse_fault(text: str, cluster: LabCluster) -> Fault:
    """Read `KIND[:NODE[,NODE]...]`. Without a node the scope's default is taken.

    Raises:
        FaultError: An unknown kind or node (with the name that was probably meant), or nodes that do not fit the kind.
    """
    name, _, rest = text.partition(":")
    names = tuple(node for node in rest.split(",") if node)
    if name not in _SCOPES:
        raise FaultError(f"unknown fault '{name}'.{_did_you_mean(name, _SCOPES)} `calico-bgp lab faults` lists them")
    kind = FaultKind(name)
    known = [node.name for node in cluster.nodes]
    for node in names:
        if node not in known:
            raise FaultError(
                f"fault '{text}': no node '{node}'.{_did_you_mean(node, known)} Nodes are {_summary(known)}"
            )
    if len(set(names)) < len(names):
        raise FaultError(f"fault '{text}': the same node twice")
    scope = _SCOPES[kind]
    if scope is Scope.PAIR and len(names) > 2:
        raise FaultError(f"fault '{text}': {kind} takes one node or two, not {len(names)}")
    if scope is Scope.REFLECTORS:
        names = _reflectors(text, names, cluster)
    return Fault(kind, names or (known[-1],))


def _reflectors(text: str, names: Sequence[str], cluster: LabCluster) -> tuple[str, ...]:
    reflectors = [node.name for node in cluster.reflectors]
    if cluster.topology is not Topology.REFLECTORS or not reflectors:
        raise FaultError(f"fault '{text}': this cluster has no reflectors")
    for name in names:
        if name not in reflectors:
            raise FaultError(f"fault '{text}': '{name}' is no reflector; reflectors are {_summary(reflectors)}")
    return tuple(names) or tuple(reflectors)


def _did_you_mean(word: str, known: Collection[str]) -> str:
    close = get_close_matches(word, known, n=1, cutoff=0.5)
    return f" Did you mean '{close[0]}'?" if close else ""


def _summary(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 8 else f"{names[0]} to {names[-1]}"
