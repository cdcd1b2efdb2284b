"""Pairs of nodes of which one has the other as a mesh peer and the other does not: one of the two did not follow.

The node-to-node mesh is on for all nodes but those with a cluster ID, or for none (confd, client.go), and what makes
two nodes mesh peers is the same at both ends. Facts only.
"""

from __future__ import annotations

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
    """

    is_on: bool
    at_one_end: frozenset[SessionKey]
    strays: Mapping[str, frozenset[SessionKey]]


def mesh_rows(sessions: Mapping[SessionKey, Session], names: Collection[str]) -> MeshRows:
    """Compare both ends of every pair of nodes whose rows are all there."""
    both_mesh = both_explicit = 0
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
            both_explicit += all(end.rows for end in session.ends)
    is_on = both_mesh > both_explicit
    return MeshRows(is_on, frozenset(at_one_end), _strays(at_one_end.items(), is_on=is_on))


def has_mesh_row(end: End) -> bool:
    """Whether an end has the other one as a mesh peer."""
    return any(row.peer_type is PeerType.MESH for row in end.rows)


def _strays(pairs: Iterable[tuple[SessionKey, Session]], *, is_on: bool) -> dict[str, frozenset[SessionKey]]:
    """The ends that are not as most are; a pair where the other end only lacks its row may have another reason."""
    by_name: dict[str, set[SessionKey]] = {}
    for key, session in pairs:
        for end in session.ends:
            if has_mesh_row(end) is not is_on:
                by_name.setdefault(end.name, set()).add(key)
    return {name: frozenset(keys) for name, keys in by_name.items()}
