"""Pairs of nodes of which one has the other as a mesh peer and the other does not: one of the two did not follow.

The node-to-node mesh is on for all nodes but those with a cluster ID, or for none (confd, client.go), and what makes
two nodes mesh peers is the same at both ends. Facts only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from calico_bgp.cluster.sessions.session import End, Session, SessionKey
from calico_bgp.model.peer import PeerType


class MeshRows(NamedTuple):
    """What the rows of both ends say of the mesh.

    Attributes:
        is_on: Whether more pairs have each other as mesh peers than as explicit ones.
        at_one_end: The pairs of which only one end has a mesh peer.
        strays: Node → its pairs of these, where it is the one that is not as most are.
        outside: While the mesh is on, the nodes that have explicit peers alone, most of which have it as such: a node
            with a cluster ID takes no part in the mesh.
    """

    is_on: bool
    at_one_end: frozenset[SessionKey]
    strays: Mapping[str, frozenset[SessionKey]]
    outside: frozenset[str]


def mesh_rows(sessions: Mapping[SessionKey, Session], names: Collection[str]) -> MeshRows:
    """Compare both ends of every pair of nodes whose rows are all there."""
    both_mesh = 0
    both_explicit: list[SessionKey] = []
    at_one_end: dict[SessionKey, Session] = {}
    for key, session in sessions.items():
        if key.a not in names or key.b not in names or not all(end.rows or end.lacks_row for end in session.ends):
            continue
        meshed = [has_mesh_row(end) for end in session.ends]
        if all(meshed):
            both_mesh += 1
        elif any(meshed):
            at_one_end[key] = session
        else:
            both_explicit += [key] if all(end.rows for end in session.ends) else []
    is_on = both_mesh > len(both_explicit)
    outside = _outside(sessions, both_explicit, at_one_end) if is_on else frozenset[str]()
    return MeshRows(is_on, frozenset(at_one_end), _strays(at_one_end.items(), outside, is_on=is_on), outside)


def _outside(
    sessions: Mapping[SessionKey, Session], both_explicit: Iterable[SessionKey], at_one_end: Iterable[SessionKey]
) -> frozenset[str]:
    agreed = Counter(name for key in both_explicit for name in (key.a, key.b))
    differing = Counter(name for key in at_one_end for name in (key.a, key.b))
    meshed = {end.name for session in sessions.values() for end in session.ends if has_mesh_row(end)}
    return frozenset(name for name, number in agreed.items() if number > differing[name] and name not in meshed)


def has_mesh_row(end: End) -> bool:
    """Whether an end has the other one as a mesh peer."""
    return any(row.peer_type is PeerType.MESH for row in end.rows)


def _strays(
    pairs: Iterable[tuple[SessionKey, Session]], outside: frozenset[str], *, is_on: bool
) -> dict[str, frozenset[SessionKey]]:
    """The ends that are not as most are; a pair where the other end only lacks its row may have another reason."""
    by_name: dict[str, set[SessionKey]] = {}
    for key, session in pairs:
        is_meant = is_on and outside.isdisjoint((key.a, key.b))
        for end in session.ends:
            if has_mesh_row(end) is not is_meant:
                by_name.setdefault(end.name, set()).add(key)
    return {name: frozenset(keys) for name, keys in by_name.items()}
