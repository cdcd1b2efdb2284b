"""A fault as users write it, `KIND[:NODE[,NODE]...]`. What can break is in catalogue.py; nothing is broken here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from calico_bgp.errors import CalicoBGPError
from calico_bgp.lab.cluster import LabCluster, Topology
from calico_bgp.lab.faults.catalogue import CATALOGUE, ENTRIES, OF_SWITCH
from calico_bgp.lab.faults.kinds import ALIASES, FaultEntry, FaultKind, Scope

__all__ = ["CATALOGUE", "Fault", "FaultEntry", "FaultError", "FaultKind", "Scope", "kind_of", "parse_fault"]

_PAIR = 2


class FaultError(CalicoBGPError, ValueError):
    """A fault that is not in the catalogue, or that does not fit the cluster."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, with its nodes in the order that its scope means."""

    kind: FaultKind
    nodes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind}:{','.join(self.nodes)}" if self.nodes else str(self.kind)


def kind_of(text: str) -> FaultKind:
    """The kind in `KIND[:NODE[,NODE]...]`.

    Raises:
        FaultError: There is none of that name; with the one that was probably meant.
    """
    name = text.partition(":")[0]
    if name in ALIASES:
        return ALIASES[name]
    try:
        return FaultKind(name)
    except ValueError:
        hint = did_you_mean(name, [*ENTRIES, *ALIASES])
        raise FaultError(f"unknown fault '{name}'.{hint} `calico-bgp lab faults` lists them") from None


def parse_fault(text: str, cluster: LabCluster) -> Fault:
    """Read `KIND[:NODE[,NODE]...]`. Without a node the scope's default is taken.

    Raises:
        FaultError: An unknown kind or node (with the name that was probably meant), or nodes that do not fit the kind.
    """
    kind = kind_of(text)
    entry = ENTRIES[kind]
    names = tuple(node for node in text.partition(":")[2].split(",") if node)
    node_names = [node.name for node in cluster.nodes]
    for node in names:
        if node not in node_names:
            raise FaultError(
                f"fault '{text}': no node '{node}'.{did_you_mean(node, node_names)} Nodes are {_summary(node_names)}"
            )
    if len(set(names)) < len(names):
        raise FaultError(f"fault '{text}': the same node twice")
    _check_place(text, entry, cluster)
    match entry.scope:
        case Scope.CLUSTER:
            if names:
                raise FaultError(f"fault '{text}': {kind} befalls the whole cluster; name no node")
            return Fault(kind)
        case Scope.REFLECTORS:
            return Fault(kind, _reflectors(text, names, cluster))
        case Scope.TWO:
            return Fault(kind, _two(text, names, node_names, first=-2 if kind is FaultKind.ONE_SIDED_CONFIG else 0))
        case Scope.GROUP:
            return Fault(kind, _group(text, names, cluster))
        case Scope.PAIR if len(names) > _PAIR:
            raise FaultError(f"fault '{text}': {kind} takes one node or two, not {len(names)}")
    return Fault(kind, names or (node_names[-1],))


def _check_place(text: str, entry: FaultEntry, cluster: LabCluster) -> None:
    """Refuse a fault that this cluster cannot have, or that nobody could see in it."""
    if entry.kind in OF_SWITCH and cluster.switch is None:
        raise FaultError(f"fault '{text}': this cluster peers with no top-of-rack switch; `lab up --switch` has one")
    if Topology.MESH not in entry.topologies and (
        cluster.topology is not Topology.REFLECTORS or not cluster.reflectors
    ):
        raise FaultError(f"fault '{text}': this cluster has no reflectors")


def _reflectors(text: str, names: Sequence[str], cluster: LabCluster) -> tuple[str, ...]:
    reflectors = [node.name for node in cluster.reflectors]
    for name in names:
        if name not in reflectors:
            raise FaultError(f"fault '{text}': '{name}' is no reflector; reflectors are {_summary(reflectors)}")
    return tuple(names) or tuple(reflectors)


def _two(text: str, names: Sequence[str], node_names: Sequence[str], *, first: int) -> tuple[str, ...]:
    if not names and len(node_names) > 1:
        return node_names[first], node_names[-1]
    if len(names) != _PAIR:
        raise FaultError(f"fault '{text}': it takes two nodes, as in {text.partition(':')[0]}:NODE,NODE")
    return tuple(names)


def _group(text: str, names: Sequence[str], cluster: LabCluster) -> tuple[str, ...]:
    """The nodes named, or those of the last node's zone. Some node must be left."""
    last = cluster.nodes[-1]
    group = tuple(names) or tuple(
        node.name for node in cluster.nodes if node == last or (node.zone is not None and node.zone == last.zone)
    )
    if len(group) == len(cluster.nodes):
        raise FaultError(f"fault '{text}': these are all nodes of the cluster; name some of them")
    return group


def did_you_mean(word: str, words: Collection[str], *, cutoff: float = 0.5) -> str:
    """The end of a message about an unknown word: the one that was probably meant; empty where none is like it."""
    close = get_close_matches(word, words, n=1, cutoff=cutoff)
    return f" Did you mean '{close[0]}'?" if close else ""


def _summary(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 8 else f"{names[0]} to {names[-1]}"
