"""Whose routes came or went between two snapshots, by the tables of the nodes. Unknown is not gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from calico_bgp.cluster.cluster import observe
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.diff import Change, Compared, NotCompared, RouteChange
from calico_bgp.model.routes.observed import Missing, NodeRoutes, ObservedRoutes, Stop
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.routes.observed.compare import observed_of

#: Where only a kernel that was read shows it.
_IN_KERNEL = frozenset({Stop.NOT_IN_KERNEL, Stop.KERNEL_ELSEWHERE})


def diff_routes(before: Snapshot, after: Snapshot) -> tuple[tuple[RouteChange, ...], tuple[NotCompared, ...]]:
    """What differs, and of which nodes that were read both times nobody can say it; each sorted by node and family.

    A node's routes to another one came or went where one snapshot shows that they are missing, and the other one that
    they arrive: in BIRD, with a next hop, and in the kernel where that is what differs. Nothing is compared of a family
    whose tables neither snapshot has.
    """
    old, new = _observed(before), _observed(after)
    changes: list[RouteChange] = []
    unknown: list[NotCompared] = []
    for family in Family:
        was, now = old.get(family), new.get(family)
        if was is not None and now is not None:
            changes += _changes(_Side(was), _Side(now))
        if was is not None or now is not None:
            unknown += _not_compared(family, before, after, was, now)
    return (
        tuple(sorted(changes, key=lambda change: (change.node, change.family, change.change))),
        tuple(sorted(unknown, key=lambda change: (change.node, change.family or ""))),
    )


def _observed(snapshot: Snapshot) -> Mapping[Family, ObservedRoutes]:
    return observed_of(observe(snapshot)) if any(reading.tables for reading in snapshot.readings) else {}


@dataclass
class _Side:
    """What one of the two snapshots shows of a family."""

    routes: ObservedRoutes

    @cached_property
    def nodes(self) -> dict[str, NodeRoutes]:
        return {node.node: node for node in self.routes.nodes}

    @cached_property
    def missing(self) -> dict[tuple[str, str], Missing]:
        return {(one.learner, one.origin): one for one in self.routes.missing}

    def shows(self, missing: Missing) -> bool:
        """Whether the routes that are missing in the other snapshot arrive in this one, for certain."""
        learner, origin = self.nodes.get(missing.learner), self.nodes.get(missing.origin)
        if learner is None or origin is None or not origin.own or (missing.learner, missing.origin) in self.missing:
            return False
        if missing.stop in _IN_KERNEL and learner.in_kernel is None:
            return False
        return _is_whole(learner)


def _is_whole(node: NodeRoutes) -> bool:
    """Whether of each block of the others it is known if the node has it."""
    if node.missing is None or node.learned is None:
        return False
    return node.learned + len(node.missing) == node.owned_by_others


def _changes(was: _Side, now: _Side) -> Iterator[RouteChange]:
    for change, having, lacking in ((Change.WENT, was, now), (Change.CAME, now, was)):
        origins: dict[str, list[str]] = {}
        for missing in lacking.routes.missing:
            if having.shows(missing):
                origins.setdefault(missing.learner, []).append(missing.origin)
        for learner, names in origins.items():
            yield RouteChange(change=change, node=learner, family=having.routes.family, origins=tuple(sorted(names)))


def _not_compared(
    family: Family, before: Snapshot, after: Snapshot, was: ObservedRoutes | None, now: ObservedRoutes | None
) -> Iterator[NotCompared]:
    """Nodes that were read both times and have a table of the family in one of the two only."""
    read = {reading.node for reading in before.readings} & {reading.node for reading in after.readings}
    old, new = (set() if side is None else _with_table(side) for side in (was, now))
    for name in sorted(old ^ new):
        if name in read:
            why = f"its table was not read {'before' if name in new else 'after'}"
            yield NotCompared(node=name, family=family, why=why, what=Compared.ROUTES)


def _with_table(side: ObservedRoutes) -> set[str]:
    return {node.node for node in side.nodes if node.missing is not None}
