"""A case of the catalogue: a fault in a topology, the cause that has to come first. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

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
        fixes: Whether the printed commands heal it.
        asks: Shell variable → value, for what the commands ask for.
        without_resources: Whether the tables alone tell as well.
        variant: Tells cases of one fault apart.
    """

    fault: str
    topology: str
    nodes: tuple[str, ...]
    kind: str
    names: frozenset[str]
    fixes: bool = False
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


def both(
    fault: str,
    kind: str,
    mesh: str,
    reflectors: str | None = None,
    *,
    names: str | None = None,
    tables: bool = False,
    fixes: bool = False,
    asks: Mapping[str, str] | None = None,
    variant: str = "",
) -> tuple[Case, ...]:
    """A fault in both topologies; the nodes are at fault where nothing else is named."""
    return tuple(
        one(topology, fault, kind, nodes, names=names, tables=tables, fixes=fixes, asks=asks, variant=variant)
        for topology, nodes in ((MESH, mesh), (REFLECTORS, mesh if reflectors is None else reflectors))
    )


def one(
    topology: str,
    fault: str,
    kind: str,
    nodes: str,
    *,
    names: str | None = None,
    tables: bool = False,
    fixes: bool = False,
    asks: Mapping[str, str] | None = None,
    variant: str = "",
) -> Case:
    """A fault in one topology."""
    listed = tuple(nodes.split())
    named = frozenset((nodes if names is None else names).split())
    return Case(fault, topology, listed, kind, named, fixes, asks or {}, tables, variant)
