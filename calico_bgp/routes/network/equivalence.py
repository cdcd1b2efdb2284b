"""Nodes that are alike: swap two of a class, and the network is the same but for their names.

Who learns whose routes is then one answer per pair of classes. 5,000 clients of the same reflectors are one class, and
so is a full mesh.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from calico_bgp.routes.network.sessions import EndSettings, ExternalSession
from calico_bgp.routes.network.wiring import SessionIndex

#: A session as it looks from one end: in which set of sessions, this end's settings, the far end's.
_Look: TypeAlias = tuple[int, EndSettings, EndSettings]
#: Neighbour → all sessions with it.
_Looks: TypeAlias = dict[str, tuple[_Look, ...]]


def twin_classes(
    indexes: Sequence[SessionIndex], externals: Sequence[ExternalSession], names: Sequence[str]
) -> tuple[tuple[str, ...], ...]:
    """Every node in one class, the classes sorted.

    Args:
        indexes: The sessions; with more than one (what is certain, what is possible) twins are twins in all.
        externals: Sessions with unknowns. All unknowns are one to us, so only the settings of the near end count.
        names: The nodes, sorted.
    """
    looks = {name: _looks(name, indexes) for name in names}
    own = _particulars(indexes, externals, names)
    apart: dict[object, list[str]] = defaultdict(list)
    for name in names:
        apart[frozenset(looks[name].items()), own[name]].append(name)
    classes = [tuple(group) for group in apart.values() if len(group) > 1]
    left = [group[0] for group in apart.values() if len(group) == 1]
    return tuple(sorted((*classes, *_joined_twins(left, looks, own))))


def _looks(name: str, indexes: Sequence[SessionIndex]) -> _Looks:
    found: _Looks = {}
    for number, index in enumerate(indexes):
        for _, near, far in index.by_node[name]:
            look = (number, near.settings, far.settings)
            found[far.node] = (*found[far.node], look) if far.node in found else (look,)
    return found


def _joined_twins(
    names: Sequence[str], looks: Mapping[str, _Looks], own: Mapping[str, object]
) -> list[tuple[str, ...]]:
    """Twins that peer with one another: alike once each counts as its own neighbour."""
    groups: dict[object, list[str]] = defaultdict(list)
    for name in names:
        mine = looks[name]
        for kind in set(mine.values()):
            if all(near == far for _, near, far in kind):  # else it does not look the same from both ends
                groups[frozenset((*mine.items(), (name, kind))), own[name]].append(name)
    classes: list[tuple[str, ...]] = []
    done: set[str] = set()
    for group in sorted(groups.values(), key=len, reverse=True):
        if len(group) > 1 and done.isdisjoint(group):
            classes.append(tuple(group))
            done.update(group)
    return classes + [(name,) for name in names if name not in done]


def _particulars(
    indexes: Sequence[SessionIndex], externals: Sequence[ExternalSession], names: Sequence[str]
) -> dict[str, object]:
    """What else tells a node from others: its unknown neighbours; a router ID or address that it shares with another.

    Router IDs and addresses of one's own are no difference: the rules only ask whether two are equal.
    """
    outside: dict[str, set[EndSettings]] = defaultdict(set)
    for session in externals:
        outside[session.near.node].add(session.near.settings)
    router_ids = Counter(indexes[0].router_ids[name] for name in names)
    owners: dict[object, str] = {}
    sharing: set[str] = set()
    for index in indexes:
        for name in names:
            mine = {near.address for _, near, _ in index.by_node[name]}
            for address in mine - {None}:
                other = owners.setdefault(address, name)
                if other != name:
                    sharing |= {other, name}
    shared = {name for name in names if router_ids[indexes[0].router_ids[name]] > 1} | sharing
    return {name: (frozenset(outside.get(name, ())), name if name in shared else None) for name in names}
