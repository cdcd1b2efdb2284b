"""Which sessions should be there: as Calico's resources say, and without them by the default expectation.

The default expectation rests on the shape alone.

Mesh: every node has every other, once per family. Reflectors: every reflector has every other node, every client has
exactly the
reflectors. Explicit peers only: what one end shows, the other should show.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from calico_bgp.cluster.nodes.apart import apart
from calico_bgp.cluster.nodes.members import Member, Table
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.model.inventory import Role
from calico_bgp.model.peer import Family
from calico_bgp.model.topology import TopologyKind

if TYPE_CHECKING:
    from calico_bgp.cluster.cluster import Cluster


def expected_sessions(cluster: Cluster) -> frozenset[SessionKey]:
    """The sessions that should be there.

    With resources those that they ask for at one end at least, external peers among them; without, those between
    members of every family that has peers.
    """
    if cluster.expectation is not None:
        return frozenset() if cluster.shape.kind is TopologyKind.NO_BGP else frozenset(cluster.expected_peers)
    expected: set[SessionKey] = set()
    for family in cluster.families:
        expected.update(_expected_in(cluster, family))
    return frozenset(expected - _not_known(cluster, expected) if apart(cluster) else expected)


def _not_known(cluster: Cluster, expected: set[SessionKey]) -> set[SessionKey]:
    """Those that no end shows between nodes that may be of two clusters, or of one that has no mesh."""
    group_of = {name: group for group in apart(cluster) for name in group.names}
    return {
        key
        for key in expected
        if key.a in group_of and key.b in group_of and key not in cluster.sessions
        if group_of[key.a] is not group_of[key.b] or not group_of[key.a].is_mesh
    }


def _expected_in(cluster: Cluster, family: Family) -> set[SessionKey]:
    part = [member for member in cluster.members if _should_take_part(cluster, member, family)]
    match cluster.shape.kind:
        # Reflectors take no part in the mesh (confd, client.go) but have every node as a client, so in both shapes each
        # node has each other, once.
        case TopologyKind.MESH | TopologyKind.MIXED if cluster.shape.uniform:
            return _without_idle_reflector_pairs(cluster, _all_pairs(cluster, part, family))
        case TopologyKind.REFLECTORS if cluster.shape.uniform:
            return _reflector_pairs(cluster, part, family)
        case _:
            return set()


def _should_take_part(cluster: Cluster, member: Member, family: Family) -> bool:
    """A node without any peer should have some; one with peers of the other family only may lack an address."""
    if cluster.takes_part(member, family):
        return True
    if cluster.shape.roles.get(member.name) is Role.REFLECTOR and member.table(family) is Table.WHOLE:
        return True
    alone = not any(cluster.takes_part(member, other) for other in Family)
    return alone and member.table(family) is Table.WHOLE


def _all_pairs(cluster: Cluster, part: list[Member], family: Family) -> set[SessionKey]:
    unplaced = frozenset(cluster.identity.unplaced[family])
    placed = [member for member in part if member.name not in unplaced]
    pairs = {SessionKey.between(family, one.name, other.name) for one, other in combinations(placed, 2)}
    others = [member for member in part if member.name in unplaced]
    return pairs | {SessionKey.between(family, one.name, other.name) for one in placed for other in others}


def _reflector_pairs(cluster: Cluster, part: list[Member], family: Family) -> set[SessionKey]:
    reflectors = set(cluster.reflectors)
    pairs = {
        SessionKey.between(family, one.name, other.name)
        for one in part
        if one.name in reflectors
        for other in part
        if other.name != one.name
    }
    return _without_idle_reflector_pairs(cluster, pairs)


def _without_idle_reflector_pairs(cluster: Cluster, pairs: set[SessionKey]) -> set[SessionKey]:
    """Drop the sessions between reflectors where none is shown.

    It is a legitimate design (a quoted `!has(route-reflector)`); rule reflectors-not-peered names it.
    """
    reflectors = set(cluster.reflectors)
    between = {key for key in pairs if key.a in reflectors and key.b in reflectors}
    return pairs if between & cluster.sessions.keys() else pairs - between
