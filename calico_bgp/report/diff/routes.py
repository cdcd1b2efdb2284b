"""Whose routes came or went, in few lines: what happened to many nodes alike takes one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from calico_bgp.messages.words import count
from calico_bgp.model.reports.diff import Change, RouteChange

#: Writes many names in few characters.
Names = Callable[[Iterable[str]], str]


class RouteLine(NamedTuple):
    """Nodes to or from which the same routes came or went."""

    change: Change
    text: str


def route_lines(changes: Iterable[RouteChange], names: Names) -> Iterator[RouteLine]:
    """`routes of node3 (IPv4) on 5 nodes: ...`; `routes between 6 nodes: ... (IPv4)` where it is each other's."""
    around: dict[tuple[object, ...], list[RouteChange]] = defaultdict(list)
    for one in changes:
        around[one.change, one.family, frozenset({one.node, *one.origins})].append(one)
    alike: dict[tuple[object, ...], list[RouteChange]] = defaultdict(list)
    for members in around.values():
        first = members[0]
        if len(members) == len(first.origins) + 1:
            everybody = sorted({first.node, *first.origins})
            yield RouteLine(first.change, f"routes between {_counted(everybody, names)} ({first.family.label})")
            continue
        for one in members:
            alike[one.change, one.family, one.origins].append(one)
    for members in alike.values():
        first = members[0]
        learners = _counted([one.node for one in members], names)
        yield RouteLine(
            first.change, f"routes of {_counted(first.origins, names)} ({first.family.label}) on {learners}"
        )


def _counted(nodes: Iterable[str], names: Names) -> str:
    listed = list(nodes)
    return names(listed) if len(listed) == 1 else f"{count(len(listed), 'node')}: {names(listed)}"
