"""What shape the peering has and who the reflectors are, with the evidence.

Told roles win. Otherwise the shape of the sessions shows it, for with `nodeSelector: all()` every peer is `node
specific` and the type alone says nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from calico_bgp.cluster.nodes.members import Member, Table
from calico_bgp.cluster.sessions.mesh_rows import mesh_rows
from calico_bgp.cluster.sessions.session import Session, SessionKey
from calico_bgp.messages.words import count
from calico_bgp.model.inventory import Role
from calico_bgp.model.peer import Family, PeerType
from calico_bgp.model.topology import TopologyKind


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape and the roles.

    Attributes:
        kind: The shape.
        evidence: Why we think so.
        roles: Member name → role, for those that have one.
        role_evidence: Member name → how we know.
        uniform: Whether clients are expected to peer with *every* reflector; False where they visibly use different
            ones.
    """

    kind: TopologyKind
    evidence: str
    roles: dict[str, Role]
    role_evidence: dict[str, str]
    uniform: bool = True


def infer_shape(members: tuple[Member, ...], sessions: Mapping[SessionKey, Session]) -> Shape:
    """Tell mesh, reflectors, both, explicit peers only, and no BGP apart."""
    names = {member.name for member in members}
    given_roles = {
        member.name: member.host.role for member in members if member.host is not None and member.host.role is not None
    }
    if not sessions:
        return _without_peers(members, given_roles)
    meshed, explicit, by_type = _neighbours(sessions, names)
    if Role.REFLECTOR in given_roles.values():
        return _given_shape(members, given_roles, meshed, explicit)
    if not any(explicit.values()):
        if any(PeerType.MESH in session.peer_types for session in sessions.values()):
            return Shape(TopologyKind.MESH, "the peers are node-to-node mesh", {}, {})
        if len(members) == 1:
            return Shape(TopologyKind.UNKNOWN, "one node's table does not show which part it plays", {}, {})
        return Shape(TopologyKind.EXPLICIT, "peers are external only", {}, {})
    return _explicit_shape(names, meshed, explicit, by_type)


def _without_peers(members: tuple[Member, ...], given_roles: Mapping[str, Role]) -> Shape:
    tables = {member.table(family) for member in members for family in Family}
    roles = dict(given_roles)
    evidence = dict.fromkeys(roles, "role= in the inventory")
    if given_roles:
        return Shape(TopologyKind.REFLECTORS, "roles are given in the inventory", roles, evidence)
    if Table.NOT_RUNNING in tables and not tables & {Table.WHOLE, Table.PART, Table.UNREACHABLE}:
        return Shape(TopologyKind.NO_BGP, "BIRD runs on none of the nodes", roles, evidence)
    return Shape(TopologyKind.UNKNOWN, "no node shows a peer", roles, evidence)


Neighbours = dict[str, set[str]]


def _neighbours(
    sessions: Mapping[SessionKey, Session], names: set[str]
) -> tuple[Neighbours, Neighbours, dict[str, Counter[PeerType | str]]]:
    """Who meshes with whom, who peers explicitly with whom (members only), and as which type others show one."""
    meshed: Neighbours = defaultdict(set)
    explicit: Neighbours = defaultdict(set)
    shown_as: dict[str, Counter[PeerType | str]] = defaultdict(Counter)
    compared = mesh_rows(sessions, names)
    for key, session in sessions.items():
        # An unplaced member's session is joined at one end only; what it shows is still evidence about its far end.
        is_between_members = key.a in names and key.b in names
        for end in session.ends:
            for row in end.rows:
                shown_as[key.far(end.name)][row.peer_type] += 1
                did_not_follow = key in compared.at_one_end and (row.peer_type is PeerType.MESH) is not compared.is_on
                if is_between_members and not did_not_follow:
                    neighbours = meshed if row.peer_type is PeerType.MESH else explicit
                    neighbours[key.a].add(key.b)
                    neighbours[key.b].add(key.a)
    for name in () if compared.is_on else compared.strays:
        for far in meshed.pop(name, ()):
            meshed[far].discard(name)
    return meshed, explicit, shown_as


def _given_shape(
    members: tuple[Member, ...], given_roles: Mapping[str, Role], meshed: Neighbours, explicit: Neighbours
) -> Shape:
    """By the roles of the inventory: who is named no reflector is a client."""
    roles = {member.name: given_roles.get(member.name, Role.CLIENT) for member in members}
    evidence = {name: "role= in the inventory" if name in given_roles else "not named a reflector" for name in roles}
    kind = TopologyKind.MIXED if any(meshed.values()) else TopologyKind.REFLECTORS
    hubs = {name for name, role in roles.items() if role is Role.REFLECTOR}
    # Clients that all have some reflector, but in several camps, belong to a design by rack or zone.
    sets = Counter(frozenset(explicit[name] & hubs) for name in roles.keys() - hubs)
    camps = frozenset() not in sets and sum(size > 1 for size in sets.values()) > 1
    uniform = not (camps and not _mostly_one_set(sets, frozenset(hubs))) and not _has_levels(hubs, sets, explicit)
    why = "roles are given in the inventory"
    return Shape(kind, why if uniform else f"{why}; clients use different ones", roles, evidence, uniform)


def _explicit_shape(
    names: set[str], meshed: Neighbours, explicit: Neighbours, shown_as: Mapping[str, Counter[PeerType | str]]
) -> Shape:
    involved = {name for name in names if explicit[name]}
    shown_global = {name for name in involved if shown_as[name][PeerType.GLOBAL]}
    covers = all(explicit[name] <= shown_global for name in involved - shown_global)
    # Clients show reflectors as global (the default expectation), and nobody shows a client so.
    hubs = shown_global if shown_global and shown_global != involved and covers else _hubs(involved, explicit)
    kind = TopologyKind.MIXED if any(meshed.values()) else TopologyKind.REFLECTORS
    # A node with a cluster ID takes no part in the mesh (confd, client.go): one in the mesh is no reflector.
    if kind is TopologyKind.MIXED and (hubs is None or any(meshed[hub] for hub in hubs)):
        return Shape(
            TopologyKind.MESH, "the peers are node-to-node mesh, with some explicit peers between nodes", {}, {}
        )
    if hubs is None:
        why = "nodes peer explicitly, but none of them visibly stand between the others"
        return Shape(TopologyKind.EXPLICIT, why, {}, {}, uniform=False)
    clients = involved - hubs
    roles: dict[str, Role] = dict.fromkeys(hubs, Role.REFLECTOR)
    roles |= dict.fromkeys(names - hubs, Role.CLIENT)
    evidence = {name: _role_evidence(name, hubs, explicit, shown_as, len(names)) for name in names}
    sets = Counter(frozenset(explicit[client] & hubs) for client in clients)
    uniform = _mostly_one_set(sets, frozenset(hubs))
    what = "every session between nodes has a reflector at one end"
    if not uniform:
        what += "; clients use different reflectors, so which of them a client should have is not known without role="
    return Shape(kind, what, roles, evidence, uniform)


def _hubs(involved: set[str], explicit: Neighbours) -> set[str] | None:
    """The reflectors: the fewest best-connected nodes such that every session has one at an end, or None if unclear.

    Clients do not peer with clients, so the reflectors cover all sessions. It is unclear when a node outside is as well
    connected as one inside (two nodes, a full mesh of explicit peers, a ring), or when of equals not all are needed.
    """
    by_degree: dict[int, set[str]] = defaultdict(set)
    for name in involved:
        by_degree[len(explicit[name])].add(name)
    hubs: set[str] = set()
    for _, equals in sorted(by_degree.items(), reverse=True):
        hubs |= equals
        if all(explicit[name] <= hubs for name in involved - hubs):
            return hubs if involved - hubs and all(explicit[name] - hubs for name in equals) else None
    return None


def _mostly_one_set(sets: Counter[frozenset[str]], hubs: frozenset[str]) -> bool:
    """Whether clients use one set of reflectors, all of them. A few strays are findings; two equal camps are a design.

    A camp of one is no camp: a reflector that one client alone lacks is missing there.
    """
    total = sum(sets.values())
    whole = sets.get(hubs, 0)
    if 2 * whole > total:
        return True
    camps = [members for group, members in sets.items() if group != hubs]
    return whole > 0 and max(camps, default=0) <= 1


def _has_levels(hubs: set[str], sets: Counter[frozenset[str]], explicit: Neighbours) -> bool:
    """Whether some reflectors reflect for reflectors only: no client has them, and they peer with each other.

    One that lost its label is a client like any other, and clients do not peer with each other. Of two or more that do
    not either, above two or more that all clients have, it is not known which they are.
    """
    above = hubs - frozenset[str]().union(*sets)
    several = len(above) > 1 and len(hubs - above) > 1
    return bool(hubs - above) and (several or any(explicit[hub] & above for hub in above))


def _role_evidence(
    name: str, hubs: set[str], explicit: Neighbours, shown_as: Mapping[str, Counter[PeerType | str]], total: int
) -> str:
    if name not in hubs:
        if not explicit[name]:
            return "shows no explicit peer"
        return f"peers with {len(explicit[name] & hubs):,} of {count(len(hubs), 'reflector')} and no one else"
    others = total - 1
    if others == 1:
        evidence = "peers with the one other node"
    else:
        evidence = f"peers with {len(explicit[name]):,} of the {count(others, 'other node')}"
    if shown_as[name][PeerType.GLOBAL]:
        evidence += f", which {'shows' if len(explicit[name]) == 1 else 'show'} it as global"
    return evidence
